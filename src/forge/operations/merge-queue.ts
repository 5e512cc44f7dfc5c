import { readCommit, writeCommit } from '../git/commits.ts';
import { mergeTree } from '../git/merge.ts';
import { gitHubTime } from '../model/github-time.ts';
import type { Account, Issue, Pull, QueueEntry, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { Problem } from '../rest/problem.ts';
import { checksOf } from './mergeability.ts';
import { forgeSignature } from './merging.ts';
import { moveRef } from './refs.ts';

/**
 * Puts a pull request into the merge queue of its base branch: a temporary commit on top of what is queued before it, which Apps are
 * asked to check. GitHub offers this on its pages and in GraphQL alone.
 */
export async function enqueuePull(world: World, repository: Repository, issue: Issue, pull: Pull, by: Account): Promise<QueueEntry> {
  if (issue.state !== 'open' || pull.draft) throw new Problem(422, 'Only an open pull request that is no draft can be queued.');
  if (repository.mergeQueue.some((entry) => entry.issue === issue)) throw new Problem(422, 'The pull request is queued already.');
  if ((repository.protections.get(pull.baseRef)?.requiredChecks ?? null) === null) throw new Problem(422, 'The base branch has no merge queue: it requires no checks.');
  const entry: QueueEntry = { issue, pull, by, head: '', base: '', ref: '', pullHead: pull.headSha };
  if (!(await form(world, repository, entry))) throw new Problem(422, 'The pull request cannot be merged.');
  repository.mergeQueue.push(entry);
  announce(world, repository, entry, 'checks_requested', await describe(repository, entry));
  return entry;
}

/** What follows from a check or a push: the first groups whose checks stand are merged, those that failed or moved leave the queue. */
export async function advanceMergeQueue(world: World, repository: Repository): Promise<void> {
  for (;;) {
    const [first] = repository.mergeQueue;
    if (first === undefined) return;
    const base = await repository.git.branch(first.pull.baseRef);
    const moved = first.pullHead !== first.pull.headSha || first.issue.state !== 'open' || first.pull.draft;
    const state = moved ? 'failed' : base === first.base ? checksOf(repository, first.pull.baseRef, first.head) : 'stale';
    if (state === 'pending') return;
    repository.mergeQueue.shift();
    if (state === 'passed') {
      await moveRef(world, repository, first.by, { ref: `refs/heads/${first.pull.baseRef}`, before: first.base, after: first.head });
      await leave(world, repository, first, 'merged');
    } else {
      await leave(world, repository, first, moved ? 'dequeued' : 'invalidated');
      await formAgain(world, repository);
    }
  }
}

/** Takes a pull request out of the queue, as a person does or as GitHub does after an hour without checks. */
export async function dequeuePull(world: World, repository: Repository, issue: Issue): Promise<void> {
  const entry = repository.mergeQueue.find((one) => one.issue === issue);
  if (entry === undefined) return;
  repository.mergeQueue.splice(repository.mergeQueue.indexOf(entry), 1);
  await leave(world, repository, entry, 'dequeued');
  await formAgain(world, repository);
}

/** Everything behind a group that left is made anew. */
async function formAgain(world: World, repository: Repository): Promise<void> {
  const rest = repository.mergeQueue.splice(0);
  for (const entry of rest) {
    await leave(world, repository, entry, 'invalidated');
    if (!(await form(world, repository, entry))) continue;
    repository.mergeQueue.push(entry);
    announce(world, repository, entry, 'checks_requested', await describe(repository, entry));
  }
}

async function form(world: World, repository: Repository, entry: QueueEntry): Promise<boolean> {
  const { pull, issue } = entry;
  const before = repository.mergeQueue.findLast((one) => one.pull.baseRef === pull.baseRef);
  const base = before?.head ?? (await repository.git.branch(pull.baseRef));
  const tree = base === null ? null : await mergeTree(repository.git, base, pull.headSha);
  if (base === null || tree === null) return false;
  const signature = forgeSignature(world);
  const owner = world.repositoryById(pull.headRepositoryId)?.owner.login ?? repository.owner.login;
  const head = await writeCommit(repository.git, { tree, parents: [base, pull.headSha], message: `Merge pull request #${issue.number} from ${owner}/${pull.headRef}\n\n${issue.title}`, author: signature, committer: signature });
  entry.base = base;
  entry.head = head;
  entry.pullHead = pull.headSha;
  entry.ref = `refs/heads/gh-readonly-queue/${pull.baseRef}/pr-${issue.number}-${base}`;
  await repository.git.run(['update-ref', entry.ref, head]);
  return true;
}

async function leave(world: World, repository: Repository, entry: QueueEntry, reason: 'merged' | 'invalidated' | 'dequeued'): Promise<void> {
  const group = await describe(repository, entry);
  await repository.git.run(['update-ref', '-d', entry.ref]);
  announce(world, repository, entry, 'destroyed', group, { reason });
}

async function describe(repository: Repository, { head, base, ref, pull }: QueueEntry): Promise<Record<string, unknown>> {
  const commit = await readCommit(repository.git, head);
  const person = ({ name, email }: { name: string; email: string }) => ({ name, email });
  return {
    head_sha: head,
    head_ref: ref,
    base_sha: base,
    base_ref: `refs/heads/${pull.baseRef}`,
    head_commit: { id: head, tree_id: commit.tree, message: commit.message, timestamp: gitHubTime(Date.parse(commit.committer.date)), author: person(commit.author), committer: person(commit.committer) },
  };
}

function announce(world: World, repository: Repository, { by }: QueueEntry, action: 'checks_requested' | 'destroyed', group: Record<string, unknown>, more: Record<string, unknown> = {}): void {
  world.emit({ event: 'merge_group', action, repository, sender: by, payload: { merge_group: group, ...more } });
}
