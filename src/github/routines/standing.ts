import type { RoutineFile, RoutinePlace, Standing } from '../../engine/ports/routines.ts';
import type { InstallationClient } from '../client.ts';
import { nullIfGone } from '../host-errors.ts';
import { actorAt } from '../webhooks/mapping.ts';

/** Pushes to the default branch that are looked through for the one that brought a commit which is not its head. */
const pushesLookedInto = 10;
const perPage = 100;

/**
 * Who stands for the content of a file on the default branch. What a commit says of its author proves nothing, since whoever may push
 * writes what they like there. GitHub itself knows who merged a pull request and who pushed, and nothing else counts:
 *
 * 1. The last commit of the file came by a pull request that was merged into the default branch: whoever merged it.
 * 2. It was pushed: whoever pushed it.
 *
 * Only a person can stand for something. Where that cannot be told, nobody does.
 */
export async function standingOf(client: InstallationClient, place: RoutinePlace, file: RoutineFile): Promise<Standing> {
  const at = { owner: place.repository.owner, repo: place.repository.name };
  const { data: commits } = await client.read(`reading who changed ${file.path}`, (octokit) => octokit.rest.repos.listCommits({ ...at, path: file.path, per_page: 1 }));
  const commit = commits[0]?.sha;
  if (commit === undefined || !(await holds(client, at, file, commit))) return { person: null, why: 'the file changes just now' };
  return (await merged(client, place, commit)) ?? (await pushed(client, place, commit)) ?? { person: null, why: `GitHub does not tell any more who brought commit ${commit.slice(0, 7)} to the default branch` };
}

interface At {
  readonly owner: string;
  readonly repo: string;
}

/** Whether the file is at this commit what was read: the branch may have moved in between. */
async function holds(client: InstallationClient, at: At, { path, digest }: RoutineFile, commit: string): Promise<boolean> {
  const { data } = await client.read(`reading ${path}`, (octokit) => octokit.rest.repos.getContent({ ...at, path, ref: commit }));
  return !Array.isArray(data) && data.sha === digest;
}

async function merged(client: InstallationClient, { repository }: RoutinePlace, commit: string): Promise<Standing | null> {
  const at = { owner: repository.owner, repo: repository.name };
  const { data: pulls } = await client.read('reading the pull requests of a commit', (octokit) => octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: commit, per_page: perPage }));
  const found = pulls.find((pull) => pull.merged_at !== null && pull.base.ref === repository.defaultBranch);
  if (found === undefined) return null;
  const { data: pull } = await client.read(`reading pull request #${found.number}`, (octokit) => octokit.rest.pulls.get({ ...at, pull_number: found.number }));
  const by = actorAt(pull, 'merged_by');
  if (by?.kind === 'person') return { person: by.login, how: `${by.login} merged pull request #${found.number}` };
  return { person: null, why: `pull request #${found.number} was merged by ${by === null ? 'nobody known' : `the bot ${by.login}`}` };
}

async function pushed(client: InstallationClient, { repository }: RoutinePlace, commit: string): Promise<Standing | null> {
  const at = { owner: repository.owner, repo: repository.name };
  const pushes = await orNone(async () => (await client.read('reading the pushes to the default branch', (octokit) => octokit.rest.repos.listActivities({ ...at, ref: repository.defaultBranch, per_page: perPage }))).data);
  let push = pushes.find(({ after }) => after === commit);
  for (const one of pushes.slice(0, pushesLookedInto)) {
    if (push !== undefined) break;
    if (await brought(client, at, one, commit)) push = one;
  }
  const by = actorAt(push, 'actor');
  if (push === undefined || by === null) return null;
  return by.kind === 'person' ? { person: by.login, how: `${by.login} pushed it` } : { person: null, why: `the bot ${by.login} pushed it` };
}

/** Whether a commit is among those that a push added. */
async function brought(client: InstallationClient, at: At, { before, after }: { readonly before: string; readonly after: string }, commit: string): Promise<boolean> {
  if (/^0+$/.test(before) || /^0+$/.test(after)) return false;
  const commits = await orNone(async () => (await client.read('reading what a push added', (octokit) => octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${before}...${after}`, per_page: perPage }))).data.commits);
  return commits.some(({ sha }) => sha === commit);
}

/** A commit that was pushed over may be gone; some GitHub Enterprise Servers list no activity. What is not told proves nothing. */
async function orNone<T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  return (await nullIfGone(read)) ?? [];
}
