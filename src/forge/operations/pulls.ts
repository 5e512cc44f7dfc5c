import { countCommits } from '../git/commits.ts';
import type { Account, App, Issue, Pull, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { validationFailed } from '../rest/problem.ts';
import { announceIssue, recordEvent } from './announce.ts';
import { addIssueRecord, reopenIssue } from './issues.ts';
import { keepPullRef } from './refs.ts';
import { checkBody, checkTitle } from './text-rules.ts';

export interface NewPull {
  readonly title: string | undefined;
  readonly body: string | null;
  /** `branch`, or `owner:branch` for a fork. */
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
  readonly maintainerCanModify: boolean;
  readonly user: Account;
  readonly viaApp: App | null;
}

/** The repository and branch that `head` names: the repository itself, or the fork of the owner before the colon. */
export function headOf(world: World, repository: Repository, head: string): { from: Repository; branch: string } | null {
  const colon = head.indexOf(':');
  if (colon < 0) return { from: repository, branch: head };
  const owner = head.slice(0, colon).toLowerCase();
  const branch = head.slice(colon + 1);
  if (owner === repository.owner.login.toLowerCase()) return { from: repository, branch };
  const from = [...world.repositories.values()].find((one) => one.parentId === repository.id && one.owner.login.toLowerCase() === owner);
  return from === undefined ? null : { from, branch };
}

/** Opens a pull request, with GitHub's refusals: unknown branches, nothing to merge, one that exists already. */
export async function createPull(world: World, repository: Repository, given: NewPull): Promise<{ issue: Issue; pull: Pull }> {
  checkTitle('PullRequest', given.title);
  checkBody('PullRequest', given.body);
  const baseSha = await repository.git.branch(given.base);
  if (baseSha === null) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const head = headOf(world, repository, given.head);
  const headSha = head === null ? null : await head.from.git.branch(head.branch);
  if (head === null || headSha === null) throw validationFailed({ resource: 'PullRequest', field: 'head', code: 'invalid' });

  const open = world.pullsFrom(head.from, head.branch).find((one) => one.repository.id === repository.id && one.issue.state === 'open' && one.pull.baseRef === given.base);
  if (open !== undefined) {
    throw validationFailed({ resource: 'PullRequest', field: '', code: 'custom', message: `A pull request already exists for ${head.from.owner.login}:${head.branch}.` });
  }
  if (head.from.id !== repository.id) await repository.git.fetchFrom(head.from.git, `refs/heads/${head.branch}`, `refs/pull/${repository.nextNumber}/head`);
  if ((await countCommits(repository.git, [`^${baseSha}`, headSha])) === 0) {
    throw validationFailed({ resource: 'PullRequest', field: '', code: 'custom', message: `No commits between ${given.base} and ${given.head}` });
  }
  const issue = addIssueRecord(world, repository, given, (number) => ({
    id: world.ids.next('pull'),
    number,
    headRepositoryId: head.from.id,
    headRef: head.branch,
    headSha,
    baseRef: given.base,
    baseSha,
    draft: given.draft,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    requestedReviewers: [],
    maintainerCanModify: given.maintainerCanModify,
    reviews: [],
    mergeabilityAsked: null,
  }));
  const pull = issue.pull as Pull;
  await keepPullRef(repository, pull, head.from);
  await announceIssue(world, repository, issue, given.user, 'opened');
  return { issue, pull };
}

/** Points a pull request at another base branch. */
export async function changeBase(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, base: string): Promise<void> {
  if (base === pull.baseRef) return;
  const sha = await repository.git.branch(base);
  if (sha === null) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const changes = { base: { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } } };
  pull.baseRef = base;
  pull.baseSha = sha;
  issue.updatedAt = world.clock.now();
  recordEvent(world, issue, sender, 'base_ref_changed');
  await announceIssue(world, repository, issue, sender, 'edited', { changes });
}

/** Reopens a pull request whose head branch still exists and which was not merged. */
export async function reopenPull(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account): Promise<void> {
  if (issue.state === 'open') return;
  const from = world.repositoryById(pull.headRepositoryId);
  const headSha = from === undefined ? null : await from.git.branch(pull.headRef);
  if (pull.mergedAt !== null || from === undefined || headSha === null) {
    throw validationFailed({ resource: 'PullRequest', field: 'state', code: 'invalid', message: 'state cannot be changed. The pull request cannot be reopened.' });
  }
  pull.headSha = headSha;
  await keepPullRef(repository, pull, from);
  await reopenIssue(world, repository, issue, sender);
}

/** Draft to ready for review, or back. Harmless when it is that already. */
export async function setDraft(world: World, repository: Repository, issue: Issue, pull: Pull, sender: Account, draft: boolean): Promise<void> {
  if (pull.draft === draft) return;
  pull.draft = draft;
  issue.updatedAt = world.clock.now();
  recordEvent(world, issue, sender, draft ? 'convert_to_draft' : 'ready_for_review');
  await announceIssue(world, repository, issue, sender, draft ? 'converted_to_draft' : 'ready_for_review');
}
