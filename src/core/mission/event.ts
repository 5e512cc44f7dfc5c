import type { Json } from '../../kit/json.ts';
import type { Actor } from './actor.ts';
import type { Ownership, Standing } from '../gate/approvals.ts';
import type { RepositoryPolicy } from '../gate/policy.ts';
import type { Verdict } from '../gate/verdict.ts';
import type { ReviewWish } from './assignment.ts';
import type { Contributors } from './contributors.ts';
import type { MergeGroup } from './judged-group.ts';
import type { Budget, Problem } from './definition.ts';
import type { ApprovalVia, AttemptEvidence, BudgetShare, GuardReport, Usage } from './evidence.ts';
import type { FailureKind } from './failure-kind.ts';
import type { OutsideCommit } from './outside-commit.ts';
import type { Plan, PlannedTask } from './plan.ts';
import type { MissionSource } from './source.ts';
import type { Outputs, SkipCause } from './task-state.ts';
import type { Measure } from './waiver.ts';

export type { ApprovalVia, ArtifactRef, AttemptEvidence, BudgetShare, DiffStat, Finding, FindingsRef, GuardReport, Usage } from './evidence.ts';

/** One rubric line, judged. */
export interface RubricLine {
  readonly rule: string;
  readonly expected: string;
  readonly measured: string;
  readonly passed: boolean;
  /** In words, for lines that failed: `tests_failed_max exceeded: 2 > 0`. */
  readonly reason: string | null;
  /** It did not pass, and a waiver covers it until then; milliseconds since the epoch. */
  readonly waived?: { readonly waiver: number; readonly until: number };
}

/** One item of a group: how it is called in the checklist, and what `matrix` or `item` means in it. */
export interface ExpandedItem {
  readonly title: string;
  readonly value: Json;
}

/** Why a command, label, button or edit had no effect, or what it did; rendered by `github/messages`. */
export interface Answer {
  readonly code: string;
  readonly facts: { readonly [name: string]: Json };
}

/** When a command was written, by GitHub's clock (whole seconds), and in which comment: the order in which people spoke. */
export interface Said {
  readonly at: number;
  readonly comment: number;
}

/** Facts about a mission; names are noun + past verb (STYLE 8). Recorded once, never changed. */
export type EventBody =
  | { readonly type: 'conversation.opened'; readonly source: MissionSource }
  /** What a group of the merge queue rests on, looked at once more. */
  | { readonly type: 'merge-group.judged'; readonly group: MergeGroup; readonly verdict: Verdict }
  | { readonly type: 'merge-group.ended'; readonly reason: string }
  /** What is said of a commit that pull requests of no mission offer. */
  | ({ readonly type: 'outside-pull.judged' } & OutsideCommit)
  | { readonly type: 'outside-pull.left'; readonly pull: number }
  | { readonly type: 'mission.planned'; readonly source: MissionSource; readonly plan: Plan; readonly requestedBy: Actor; readonly baseCommit: string; readonly definedIn: string; readonly adopted: readonly { readonly taskId: string; readonly line: number }[] | null }
  | { readonly type: 'mission.refused'; readonly source: MissionSource; readonly requestedBy: Actor; readonly problems: readonly Problem[]; readonly code: 'problems' | 'permission'; readonly reason: string }
  | { readonly type: 'mission.queued'; readonly by: Actor }
  | { readonly type: 'mission.paused'; readonly by: Actor; /** The label `mission` was taken off. */ readonly why?: 'unlabelled' | 'budget'; /** The budget that is used up. */ readonly scope?: string; readonly said?: Said }
  | { readonly type: 'mission.resumed'; readonly by: Actor; readonly said?: Said }
  | { readonly type: 'mission.cancelled'; readonly by: Actor; readonly reason: string }
  | { readonly type: 'mission.failed'; readonly reason: string; /** Something succeeded, and the mission was told to go on after failures. */ readonly partially?: boolean; readonly outputs?: Outputs }
  | { readonly type: 'mission.timed-out'; readonly limitSeconds: number }
  | { readonly type: 'mission.completed'; readonly outputs?: Outputs }
  | { readonly type: 'phase.started'; readonly phase: string }
  | { readonly type: 'phase.completed'; readonly phase: string }
  | { readonly type: 'phase.failed'; readonly phase: string; readonly tasks: readonly string[]; /** Why, when no task is to blame. */ readonly reason?: string }
  | { readonly type: 'phase.skipped'; readonly phase: string; readonly reason: string }
  | { readonly type: 'phase.repeated'; readonly phase: string; readonly round: number }
  | { readonly type: 'phase.retried'; readonly phase: string; readonly by: Actor }
  | { readonly type: 'phase.timed-out'; readonly phase: string; readonly limitSeconds: number }
  | { readonly type: 'task.queued'; readonly task: string; readonly attempt: number; readonly base: string }
  | { readonly type: 'task.started'; readonly task: string; readonly attempt: number; readonly worker: string }
  | { readonly type: 'task.produced'; readonly task: string; readonly attempt: number; readonly branch: string; readonly commit: string; readonly evidence: AttemptEvidence; readonly outputs?: Outputs }
  | { readonly type: 'task.completed'; readonly task: string; readonly attempt: number; readonly commit: string | null; readonly evidence: AttemptEvidence; readonly outputs: Outputs }
  | { readonly type: 'task.repeated'; readonly task: string; readonly attempt: number; /** The round that begins. */ readonly round: number; readonly commit: string | null; readonly evidence: AttemptEvidence; readonly outputs: Outputs }
  | { readonly type: 'approval.requested'; readonly task: string; readonly attempt: number; readonly question: string; readonly count: number; readonly from: readonly string[]; readonly allowRequester: boolean; /** When it is too late to answer. */ readonly deadline: number }
  | { readonly type: 'approval.given'; readonly task: string; readonly attempt: number; readonly by: Actor; readonly role: string; readonly via: ApprovalVia }
  | { readonly type: 'approval.refused'; readonly task: string; readonly attempt: number; readonly by: Actor; readonly role: string; readonly via: ApprovalVia; readonly reason: string }
  | { readonly type: 'wait.started'; readonly task: string; readonly attempt: number; readonly until: number }
  | { readonly type: 'notice.given'; readonly task: string; readonly attempt: number; /** Which of the attempt's notices. */ readonly number: number; readonly text: string }
  | { readonly type: 'task.expanded'; readonly task: string; readonly items: readonly ExpandedItem[] }
  | { readonly type: 'task.completed-by-hand'; readonly task: string; readonly by: Actor }
  | { readonly type: 'task.failed'; readonly task: string; readonly attempt: number; readonly failure: FailureKind; readonly reason: string; readonly evidence: AttemptEvidence | null; readonly final: boolean; readonly retryAt: number | null }
  | { readonly type: 'task.retry-due'; readonly task: string; readonly attempt: number }
  | { readonly type: 'task.retried'; readonly task: string; readonly by: Actor }
  | { readonly type: 'tasks.blocked'; readonly tasks: readonly string[]; readonly cause: string; /** They need not need what failed: the mission starts nothing more. */ readonly why?: 'fail-fast' }
  | { readonly type: 'tasks.released'; readonly tasks: readonly string[]; readonly cause: string }
  | { readonly type: 'task.skipped'; readonly task: string; readonly by: Actor; readonly reason: string; /** Absent when a person did it. */ readonly why?: SkipCause }
  | { readonly type: 'tasks.skipped'; readonly tasks: readonly string[]; readonly cause: string; readonly why: SkipCause; readonly reason: string }
  | { readonly type: 'task.added'; readonly task: PlannedTask; readonly by: Actor }
  | { readonly type: 'task.renamed'; readonly task: string; readonly title: string; readonly by: Actor }
  | { readonly type: 'trunk.moved'; readonly head: string; readonly by: Actor; readonly cause: 'task' | 'push'; readonly authors: readonly string[]; /** The same people by what they did; absent in events of an earlier version. */ readonly contributors?: Contributors }
  | { readonly type: 'gate.evaluation-started'; readonly phase: string; readonly round: number; readonly attempt: number; readonly head: string; readonly reason: string }
  | { readonly type: 'gate.evaluated'; readonly phase: string; readonly round: number; readonly head: string; readonly passed: boolean; readonly lines: readonly RubricLine[]; readonly reports: readonly GuardReport[]; readonly metrics: { readonly [name: string]: number }; readonly evidenceDigest: string; readonly policyDigest: string; /** What the change does to the base branch, wherever it stands; null when it could not be told. */ readonly patchId?: string | null; /** The repository's policy, where there is one. */ readonly policy?: RepositoryPolicy; /** Who owns the touched files, where the rule asks. */ readonly ownership?: Ownership }
  | { readonly type: 'gate.evaluation-failed'; readonly phase: string; readonly round: number; readonly attempt: number; readonly failure: FailureKind; readonly reason: string; readonly final: boolean; readonly retryAt: number | null }
  | { readonly type: 'gate.retry-due'; readonly phase: string; readonly attempt: number }
  | { readonly type: 'gate.approved'; readonly phase: string; readonly round: number; readonly by: Actor; readonly role: string; readonly via: ApprovalVia; readonly head: string; readonly evidenceDigest: string; readonly policyDigest: string; readonly standing?: Standing; /** The review that says so. */ readonly review?: number; /** As looked up for this decision. */ readonly ownership?: Ownership }
  /** They do not count until the new round has been judged. */
  | { readonly type: 'gate.approvals-held'; readonly phase: string; readonly round: number; readonly reason: string }
  /** Patch, policy and verdicts are the same in the new round: the approval stands for the new commit. */
  | { readonly type: 'gate.approval-kept'; readonly phase: string; readonly round: number; readonly by: Actor; readonly fromHead: string; readonly head: string; readonly fromEvidence: string; readonly evidenceDigest: string; readonly policyDigest: string }
  | { readonly type: 'gate.approval-withdrawn'; readonly phase: string; readonly round: number; /** Whose approval it was. */ readonly of: Actor; /** Who took it back. */ readonly by: Actor; readonly reason: string }
  | { readonly type: 'gate.approvals-voided'; readonly phase: string; readonly round: number; readonly reason: string }
  | { readonly type: 'gate.rejected'; readonly phase: string; readonly round: number; readonly by: Actor; readonly via: ApprovalVia; readonly reason: string }
  | { readonly type: 'gate.opened'; readonly phase: string; readonly round: number; readonly head: string }
  | { readonly type: 'criterion.met'; readonly phase: string; readonly round: number; readonly criterion: string; readonly by: Actor; readonly role: string; readonly via: ApprovalVia; readonly head: string; readonly patchId: string | null }
  | { readonly type: 'gate.shut'; readonly phase: string; readonly round: number; /** What it stood on is gone: a waiver. */ readonly reason: string }
  | { readonly type: 'healing.started'; readonly phase: string; /** Of the gate. */ readonly round: number; /** 1, 2, 3 … in a row. */ readonly number: number; readonly maximum: number; readonly tasks: readonly string[] }
  | { readonly type: 'healing.stopped'; readonly phase: string; readonly rounds: number; readonly reason: string }
  | { readonly type: 'healing.reset'; readonly phase: string; readonly by: Actor }
  | { readonly type: 'waiver.requested'; readonly phase: string; readonly waiver: number; readonly rule: string; readonly by: Actor; readonly reason: string; readonly control: string; readonly until: number; readonly expected: string; readonly measured: string; readonly seen: Measure; readonly round: number; readonly head: string | null }
  | { readonly type: 'waiver.approved'; readonly phase: string; readonly waiver: number; readonly rule: string; readonly by: Actor; readonly role: string; readonly via: ApprovalVia; /** Whole days left, rounded up. */ readonly daysLeft: number }
  | { readonly type: 'waiver.withdrawn'; readonly phase: string; readonly waiver: number; readonly rule: string; readonly by: Actor }
  | { readonly type: 'waiver.counted-down'; readonly phase: string; readonly waiver: number; readonly daysLeft: number }
  | { readonly type: 'waiver.expired'; readonly phase: string; readonly waiver: number; readonly rule: string }
  | { readonly type: 'budget.warned'; readonly scope: string; readonly share: BudgetShare; readonly spent: Usage & { readonly minutes: number }; readonly budget: Budget }
  | { readonly type: 'budget.exceeded'; readonly scope: string; readonly spent: Usage & { readonly minutes: number }; readonly budget: Budget }
  | { readonly type: 'budget.raised'; readonly scope: string; readonly budget: Budget; readonly by: Actor }
  | { readonly type: 'rollback.started'; readonly reason: string; /** In the order in which they are undone. */ readonly tasks: readonly string[] }
  | { readonly type: 'rollback.finished'; readonly undone: readonly string[]; readonly failed: readonly string[] }
  | { readonly type: 'pull.opened'; readonly number: number }
  | { readonly type: 'pull.retargeted'; readonly from: string; readonly to: string; readonly by: Actor }
  | { readonly type: 'pull.merged'; readonly by: Actor; readonly commit: string | null }
  | { readonly type: 'pull.closed'; readonly by: Actor }
  | { readonly type: 'merge.refused'; readonly reason: string }
  /** Done on GitHub once; what people change there afterwards stands. */
  | { readonly type: 'people.assigned'; /** New assignees of the issue. */ readonly people: readonly string[]; readonly review: ReviewWish | null; readonly by: Actor }
  | { readonly type: 'people.unassigned'; readonly people: readonly string[]; readonly review: ReviewWish | null; readonly by: Actor }
  | { readonly type: 'answer.given'; readonly key: string; readonly to: Actor; readonly where: AnswerPlace; readonly accepted: boolean; readonly answer: Answer }
  | { readonly type: 'label.consumed'; readonly label: string; readonly key: string }
  /** The installation's signature over all entries before this one (`core/ledger/signed-head.ts`). */
  | { readonly type: 'ledger.sealed'; readonly size: number; readonly head: string; readonly keyId: string; readonly signature: string };

/** Where an answer is shown: by a reaction on the comment, by a reply, or by both. */
export interface AnswerPlace {
  /** Issue or pull-request number whose conversation the answer belongs to. */
  readonly conversation: number;
  /** Comment to react on; null when a label, button, review or edit is answered. */
  readonly commentId: number | null;
  /** False: a reaction alone says enough. */
  readonly reply: boolean;
}

/** An event in its place in the mission's ledger. */
export interface MissionEvent {
  readonly missionId: string;
  /** 1, 2, 3 … without gaps within a mission. */
  readonly seq: number;
  /** Milliseconds since the epoch when it was decided. */
  readonly at: number;
  readonly body: EventBody;
}
