/**
 * Places where a process may die: before or after everything that outlives it. In production nobody watches them and nothing is
 * wrapped; the crash matrix kills the process at each of them (`MISSIONGATE_FAULT`, see `main/fault.ts`).
 */
export type FaultPoint = (place: FaultPlace) => Promise<void> | void;

/** Calls of our own ports that leave something behind: in the database, in the queue, on the disk, in the repository. */
export const durableCalls = [
  'store.receive',
  'store.commit',
  'store.commit-evidence',
  'store.commit-seal',
  'store.removeOutbox',
  'store.claim',
  'store.heartbeat',
  'store.finish',
  'store.expireLeases',
  'store.fireTimers',
  'store.beginSync',
  'store.extendSync',
  'store.endSync',
  'store.wantSync',
  'store.failSync',
  'objects.put',
  'watches.add',
  'watches.addMissions',
  'watches.hasten',
  'watches.take',
  'watches.put',
  'watches.remove',
  'watches.noteRedelivery',
  'watches.forgetRedeliveries',
  'deliveries.redeliver',
  'queue.add',
  'queue.job',
  'workspace.open',
  'workspace.commitAll',
  'workspace.push',
  'workspace.dispose',
] as const;

export type DurableCall = (typeof durableCalls)[number];

/** A commit of a mission, by the most important thing it makes durable: a seal of the ledger, the evidence of a gate, anything else. */
export type DurableCommit = Extract<DurableCall, `store.commit${string}`>;

const commits: ReadonlySet<string> = new Set<DurableCommit>(['store.commit', 'store.commit-evidence', 'store.commit-seal']);

/** Every kind of write that the product makes through GitHub's API. Git's own write, the push, is `workspace.push`. */
export const gitHubWrites = [
  'comment',
  'comment-edit',
  'check',
  'check-update',
  'annotations',
  'retired-check',
  'group-check',
  'pull',
  'pull-edit',
  'pull-ready',
  'pull-draft',
  'pull-merge',
  'issue',
  'issue-edit',
  'issue-body',
  'issue-state',
  'label-removal',
  'assignees',
  'assignees-removal',
  'review-request',
  'review-request-removal',
  'reaction',
  'acknowledgement',
  'branch',
  'tag',
  'tag-ref',
  'merge',
] as const;

export type GitHubWrite = (typeof gitHubWrites)[number];

/**
 * `before` the call; `during` it: the other side has done it (GitHub answered, the database took the statement) but nobody here
 * knows; `after` it: it was answered, and nothing was made of the answer.
 */
export type FaultPlace = `${'before' | 'after'} ${DurableCall}` | `during ${DurableCommit}` | `${'before' | 'during' | 'after'} github.${GitHubWrite}`;

export const faultPlaces: readonly FaultPlace[] = [
  ...durableCalls.flatMap((call): FaultPlace[] => (isCommit(call) ? [`before ${call}`, `during ${call}`, `after ${call}`] : [`before ${call}`, `after ${call}`])),
  ...gitHubWrites.flatMap((kind): FaultPlace[] => [`before github.${kind}`, `during github.${kind}`, `after github.${kind}`]),
];

function isCommit(call: DurableCall): call is DurableCommit {
  return commits.has(call);
}

export const noFault: FaultPoint = () => undefined;
