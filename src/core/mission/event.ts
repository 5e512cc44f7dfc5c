import type { Json } from '../../kit/json.ts';
import type { Actor } from './actor.ts';
import type { Problem } from './definition.ts';
import type { FailureKind } from './failure-kind.ts';
import type { Plan, PlannedTask } from './plan.ts';
import type { MissionSource } from './source.ts';

/** Reference to a piece of evidence kept in the store under its SHA-256. */
export interface ArtifactRef {
  readonly name: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: number;
}

export interface DiffStat {
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

/** What one attempt leaves behind for judging it. */
export interface AttemptEvidence {
  readonly summary: string;
  readonly artifacts: readonly ArtifactRef[];
  readonly diff: DiffStat | null;
  readonly durationMs: number;
  /** Tool or agent that did the work, with version. */
  readonly producer: string;
}

/** One guard's report about a phase's work. */
export interface GuardReport {
  readonly guard: string;
  readonly uses: string;
  readonly passed: boolean;
  readonly summary: string;
  readonly metrics: { readonly [name: string]: number };
  readonly artifacts: readonly ArtifactRef[];
}

/** One rubric line, judged. */
export interface RubricLine {
  readonly rule: string;
  readonly expected: string;
  readonly measured: string;
  readonly passed: boolean;
  /** In words, for lines that failed: `tests_failed_max exceeded: 2 > 0`. */
  readonly reason: string | null;
}

export type ApprovalVia = 'comment' | 'review' | 'button';

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
  | { readonly type: 'mission.planned'; readonly source: MissionSource; readonly plan: Plan; readonly requestedBy: Actor; readonly baseCommit: string; readonly definedIn: string; readonly adopted: readonly { readonly taskId: string; readonly line: number }[] | null }
  | { readonly type: 'mission.refused'; readonly source: MissionSource; readonly requestedBy: Actor; readonly problems: readonly Problem[]; readonly code: 'problems' | 'permission'; readonly reason: string }
  | { readonly type: 'mission.queued'; readonly by: Actor }
  | { readonly type: 'mission.paused'; readonly by: Actor; /** The label `mission` was taken off. */ readonly why?: 'unlabelled'; readonly said?: Said }
  | { readonly type: 'mission.resumed'; readonly by: Actor; readonly said?: Said }
  | { readonly type: 'mission.cancelled'; readonly by: Actor; readonly reason: string }
  | { readonly type: 'mission.failed'; readonly reason: string }
  | { readonly type: 'mission.completed' }
  | { readonly type: 'phase.started'; readonly phase: string }
  | { readonly type: 'phase.completed'; readonly phase: string }
  | { readonly type: 'phase.failed'; readonly phase: string; readonly tasks: readonly string[] }
  | { readonly type: 'task.queued'; readonly task: string; readonly attempt: number; readonly base: string }
  | { readonly type: 'task.started'; readonly task: string; readonly attempt: number; readonly worker: string }
  | { readonly type: 'task.produced'; readonly task: string; readonly attempt: number; readonly branch: string; readonly commit: string; readonly evidence: AttemptEvidence }
  | { readonly type: 'task.completed'; readonly task: string; readonly attempt: number; readonly commit: string | null; readonly evidence: AttemptEvidence; readonly outputs: { readonly [name: string]: Json } }
  | { readonly type: 'task.completed-by-hand'; readonly task: string; readonly by: Actor }
  | { readonly type: 'task.failed'; readonly task: string; readonly attempt: number; readonly failure: FailureKind; readonly reason: string; readonly evidence: AttemptEvidence | null; readonly final: boolean; readonly retryAt: number | null }
  | { readonly type: 'task.retry-due'; readonly task: string; readonly attempt: number }
  | { readonly type: 'task.retried'; readonly task: string; readonly by: Actor }
  | { readonly type: 'tasks.blocked'; readonly tasks: readonly string[]; readonly cause: string }
  | { readonly type: 'tasks.released'; readonly tasks: readonly string[]; readonly cause: string }
  | { readonly type: 'task.skipped'; readonly task: string; readonly by: Actor; readonly reason: string }
  | { readonly type: 'task.added'; readonly task: PlannedTask; readonly by: Actor }
  | { readonly type: 'task.renamed'; readonly task: string; readonly title: string; readonly by: Actor }
  | { readonly type: 'trunk.moved'; readonly head: string; readonly by: Actor; readonly cause: 'task' | 'push'; readonly authors: readonly string[] }
  | { readonly type: 'gate.evaluation-started'; readonly phase: string; readonly round: number; readonly attempt: number; readonly head: string; readonly reason: string }
  | { readonly type: 'gate.evaluated'; readonly phase: string; readonly round: number; readonly head: string; readonly passed: boolean; readonly lines: readonly RubricLine[]; readonly reports: readonly GuardReport[]; readonly metrics: { readonly [name: string]: number }; readonly evidenceDigest: string; readonly policyDigest: string }
  | { readonly type: 'gate.evaluation-failed'; readonly phase: string; readonly round: number; readonly attempt: number; readonly failure: FailureKind; readonly reason: string; readonly final: boolean; readonly retryAt: number | null }
  | { readonly type: 'gate.retry-due'; readonly phase: string; readonly attempt: number }
  | { readonly type: 'gate.approved'; readonly phase: string; readonly round: number; readonly by: Actor; readonly role: string; readonly via: ApprovalVia; readonly head: string; readonly evidenceDigest: string; readonly policyDigest: string }
  | { readonly type: 'gate.approvals-voided'; readonly phase: string; readonly round: number; readonly reason: string }
  | { readonly type: 'gate.rejected'; readonly phase: string; readonly round: number; readonly by: Actor; readonly via: ApprovalVia; readonly reason: string }
  | { readonly type: 'gate.opened'; readonly phase: string; readonly round: number; readonly head: string }
  | { readonly type: 'pull.opened'; readonly number: number }
  | { readonly type: 'pull.merged'; readonly by: Actor; readonly commit: string | null }
  | { readonly type: 'pull.closed'; readonly by: Actor }
  | { readonly type: 'merge.refused'; readonly reason: string }
  | { readonly type: 'answer.given'; readonly key: string; readonly to: Actor; readonly where: AnswerPlace; readonly accepted: boolean; readonly answer: Answer }
  | { readonly type: 'label.consumed'; readonly label: string; readonly key: string };

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
