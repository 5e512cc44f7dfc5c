import type { MergeGroup } from '../core/mission/judged-group.ts';
import type { MissionSource } from '../core/mission/source.ts';
import type { PullAtHead, PullsOfGroup } from '../engine/ports/repository-host.ts';
import type { InstallationClient } from './client.ts';
import { nullIfAbsent } from './host-errors.ts';

const commitsPerPage = 100;
/** More commits than this in one group cannot be looked through; then nobody can say what would be merged. */
const maximumCommits = 500;
/** GitHub is asked commit by commit where a message does not tell. */
const maximumQuestions = 100;

/** `refs/heads/gh-readonly-queue/main/pr-12-<commit>`: the pull request that the group was made for. */
export function pullOfQueueRef(ref: string): number | null {
  const match = /^(?:refs\/heads\/)?gh-readonly-queue\/.+\/pr-([1-9][0-9]{0,9})-[0-9a-f]{40,64}$/.exec(ref);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** What the queue writes into the commits it makes: `Merge pull request #12 from …`, `Title (#12)`. */
function pullInMessage(message: string): number | null {
  const subject = message.split('\n', 1)[0] ?? '';
  const match = /^Merge pull request #([1-9][0-9]{0,9}) from /.exec(subject) ?? /\(#([1-9][0-9]{0,9})\)$/.exec(subject.trimEnd());
  return match?.[1] === undefined ? null : Number(match[1]);
}

interface GroupCommit {
  readonly sha: string;
  readonly commit: { readonly message: string };
  readonly parents?: readonly unknown[];
}

/**
 * The pull requests of a merge group: the one its branch is named after, and those that its commits belong to, by GitHub's word or
 * the queue's own messages. A message may name too many, and where the queue rebases it is its author's, who may name another pull
 * request than the one it came with. So what a message names is added, but vouches for nothing but a merge: commits that GitHub knows of
 * no pull request make the group unknown when they are more than those found could have brought.
 */
export async function findPullsOfGroup(client: InstallationClient, { repository }: MissionSource, group: MergeGroup): Promise<PullsOfGroup> {
  const at = { owner: repository.owner, repo: repository.name };
  const own = pullOfQueueRef(group.ref);
  if (own === null) return { known: false, reason: `the branch of the group (${group.ref.slice(0, 200)}) names no pull request` };
  const commits: GroupCommit[] = [];
  for (let page = 1; ; page += 1) {
    const { data } = await client.read('listing the commits of a merge group', (octokit) => octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${group.base}...${group.head}`, per_page: commitsPerPage, page }));
    if (data.total_commits > maximumCommits) return { known: false, reason: `the group has ${data.total_commits} commits, more than the ${maximumCommits} that are looked through` };
    commits.push(...data.commits);
    if (data.commits.length === 0 || commits.length >= data.total_commits) break;
  }
  const named = new Set([own, ...commits.flatMap(({ commit }) => pullInMessage(commit.message) ?? [])]);
  const untold = commits.filter(({ commit, parents = [] }) => parents.length < 2 || pullInMessage(commit.message) === null);
  let unattributed = Math.max(0, untold.length - maximumQuestions);
  for (const { sha } of untold.slice(0, maximumQuestions)) {
    const { data } = await client.read('asking which pull request a commit belongs to', (octokit) => octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: sha, per_page: 100 }));
    const open = data.filter((pull) => pull.state === 'open');
    if (open.length === 0) unattributed += 1;
    for (const pull of open) named.add(pull.number);
  }
  const pulls: PullAtHead[] = [];
  let theirs = 0;
  for (const number of [...named].sort((one, other) => one - other)) {
    const pull = await openPull(client, at, number);
    if (pull === null && number === own) return { known: false, reason: `pull request #${number} of the group is not open` };
    if (pull === null) continue;
    theirs += pull.commits;
    pulls.push({ number, head: pull.head.sha, branch: pull.head.ref, isOurs: pull.head.repo?.id === repository.id });
  }
  if (unattributed > theirs) return { known: false, reason: `${unattributed} commits of the group belong to no pull request that GitHub names` };
  return { known: true, pulls };
}

/** The open pull requests that stand on a commit, as GitHub shows them now. */
export async function findPullsAt(client: InstallationClient, { repository }: MissionSource, commit: string): Promise<readonly PullAtHead[]> {
  const at = { owner: repository.owner, repo: repository.name };
  const { data } = await client.read('asking which pull requests stand on a commit', (octokit) => octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: commit, per_page: 100 }));
  return data.filter((pull) => pull.state === 'open' && pull.head.sha === commit).map(({ number, head }) => ({ number, head: head.sha, branch: head.ref, isOurs: (head.repo as { readonly id: number } | null)?.id === repository.id }));
}

interface OpenPull {
  readonly state: string;
  readonly commits: number;
  readonly head: { readonly sha: string; readonly ref: string; readonly repo: { readonly id: number } | null };
}

/** Null for one that is not open, and for a number in a message that is an issue's or nobody's. */
async function openPull(client: InstallationClient, at: { readonly owner: string; readonly repo: string }, number: number): Promise<OpenPull | null> {
  const found = await nullIfAbsent(() => client.read(`reading pull request #${number}`, (octokit) => octokit.rest.pulls.get({ ...at, pull_number: number })));
  return found?.data.state === 'open' ? found.data : null;
}
