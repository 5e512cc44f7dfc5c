import { List, Map } from 'immutable';

import type { Actor } from './actor.ts';
import type { ApprovalVia, AttemptEvidence, GuardReport, RubricLine, Said } from './event.ts';
import type { FailureKind } from './failure-kind.ts';
import type { Plan, PlanIndex } from './plan.ts';
import type { MissionSource } from './source.ts';

/**
 * Life of a task:
 *
 *     pending ─▶ ready ─▶ queued ─▶ running ─▶ integrating ─▶ done
 *        ▲         ▲        │          │            │
 *        │         └────────┴─ retrying ◀───────────┤  (a failure worth another attempt)
 *        └─ blocked (a need failed)                 └────▶ failed
 *
 * `skipped` (removed by a person) and `done` satisfy dependents; `failed` does so only with continue-on-error.
 */
export type TaskStatus = 'pending' | 'ready' | 'queued' | 'running' | 'integrating' | 'retrying' | 'done' | 'failed' | 'blocked' | 'skipped';

export const taskStatuses = ['pending', 'ready', 'queued', 'running', 'integrating', 'retrying', 'done', 'failed', 'blocked', 'skipped'] as const satisfies readonly TaskStatus[];

export type TaskCounts = { readonly [status in TaskStatus]: number };

export const noCounts: TaskCounts = { pending: 0, ready: 0, queued: 0, running: 0, integrating: 0, retrying: 0, done: 0, failed: 0, blocked: 0, skipped: 0 };

/** Attempts queued, running or being merged. */
export function activeCount(counts: TaskCounts): number {
  return counts.queued + counts.running + counts.integrating;
}

export interface TaskState {
  readonly id: string;
  readonly status: TaskStatus;
  /** Number of the latest attempt, also its fencing number; 0 before the first. */
  readonly attempt: number;
  /** Needs that are not yet satisfied. */
  readonly openNeeds: number;
  /** Attempts since the last `/retry` that failed for a reason that counts. */
  readonly failures: number;
  /** Attempts since the last `/retry` whose worker was lost. */
  readonly losses: number;
  readonly reason: string | null;
  readonly failure: FailureKind | null;
  readonly base: string | null;
  readonly commit: string | null;
  readonly worker: string | null;
  readonly evidence: AttemptEvidence | null;
  readonly doneBy: Actor | null;
  /** Milliseconds since the epoch. */
  readonly queuedAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly retryAt: number | null;
  /** Event number at which it became ready: ready tasks start in this order. */
  readonly readyAt: number | null;
}

export type PhaseStatus = 'pending' | 'running' | 'gate' | 'complete' | 'failed';

export interface Approval {
  readonly by: Actor;
  readonly role: string;
  readonly via: ApprovalVia;
  readonly at: number;
  readonly head: string;
  readonly evidenceDigest: string;
  readonly policyDigest: string;
}

/**
 * `closed` before the tasks are done; `evaluating` while guards run; `awaiting` when the rubric passed and people are
 * asked; `failed` when it did not pass or could not be evaluated; `rejected` by a person; `open` for good.
 */
export type GateStatus = 'closed' | 'evaluating' | 'awaiting' | 'failed' | 'rejected' | 'open';

export interface GateState {
  readonly status: GateStatus;
  readonly round: number;
  readonly attempt: number;
  readonly losses: number;
  readonly head: string | null;
  readonly lines: readonly RubricLine[];
  readonly reports: readonly GuardReport[];
  readonly metrics: { readonly [name: string]: number };
  readonly evidenceDigest: string | null;
  readonly policyDigest: string | null;
  readonly approvals: readonly Approval[];
  /** Why approvals given earlier no longer count; null when none were lost. */
  readonly voided: string | null;
  readonly rejectedBy: Actor | null;
  readonly reason: string | null;
  readonly evaluatedAt: number | null;
  readonly retryAt: number | null;
}

export interface PhaseState {
  readonly id: string;
  readonly status: PhaseStatus;
  /** Tasks not yet satisfied. */
  readonly open: number;
  /** Tasks that failed for good and are not excused by continue-on-error. */
  readonly failed: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly gate: GateState;
}

export type MissionStatus = 'planned' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';

export interface Mission {
  readonly missionId: string;
  /** Number of the latest event. */
  readonly seq: number;
  readonly status: MissionStatus;
  readonly source: MissionSource;
  readonly plan: Plan;
  readonly index: PlanIndex;
  readonly definedIn: string;
  readonly adopted: readonly { readonly taskId: string; readonly line: number }[] | null;
  readonly requestedBy: Actor;
  /** A person asked for it to be started; while it is paused that waits. */
  readonly queued: boolean;
  readonly pausedBy: Actor | null;
  /** Paused because the label `mission` was taken off: putting it on again resumes. */
  readonly unlabelled?: boolean;
  /** The latest `/pause` or `/resume` that was obeyed. */
  readonly steered?: Said;
  readonly reason: string | null;
  readonly trunk: { readonly head: string; readonly base: string; readonly authors: readonly string[] };
  readonly pull: { readonly number: number; readonly state: 'open' | 'merged' | 'closed' } | null;
  readonly mergeRefused: string | null;
  readonly tasks: Map<string, TaskState>;
  readonly phases: Map<string, PhaseState>;
  /** Tasks in the order in which they became ready; entries that are no longer ready are passed over. */
  readonly ready: List<string>;
  /** How many tasks are in each status. */
  readonly counts: TaskCounts;
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/** A request that could not become a mission yet; kept so that an edit of the issue can try again. */
export interface RefusedMission {
  readonly missionId: string;
  readonly seq: number;
  readonly status: 'refused';
  readonly source: MissionSource;
  readonly requestedBy: Actor;
  /** Milliseconds since the epoch. */
  readonly refusedAt: number;
  /** Digest of what was wrong; absent in missions refused by an earlier version. */
  readonly refusal?: string;
}

/** An issue in which somebody spoke to us although it is no mission; holds nothing but the record of the answers. */
export interface Conversation {
  readonly missionId: string;
  readonly seq: number;
  readonly status: 'none';
  readonly source: MissionSource;
}

export type MissionState = Mission | RefusedMission | Conversation;

export const closedGate: GateState = {
  status: 'closed',
  round: 0,
  attempt: 0,
  losses: 0,
  head: null,
  lines: [],
  reports: [],
  metrics: {},
  evidenceDigest: null,
  policyDigest: null,
  approvals: [],
  voided: null,
  rejectedBy: null,
  reason: null,
  evaluatedAt: null,
  retryAt: null,
};

export const noTasks: Map<string, TaskState> = Map();
export const noPhases: Map<string, PhaseState> = Map();
export const nothingReady: List<string> = List();

/** The gate subject of an attempt: guards run under the same lease rules as tasks. */
export function gateSubject(phase: string): string {
  return `gate/${phase}`;
}

/** The phase of a gate subject, or null when the subject is a task. */
export function phaseOfSubject(subject: string): string | null {
  return subject.startsWith('gate/') ? subject.slice('gate/'.length) : null;
}

/** True while an attempt of this task holds or may soon hold a lease. */
export function isActive(status: TaskStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'integrating';
}

/** True when dependents need not wait for this task any longer. */
export function isSatisfied(task: TaskState, continueOnError: boolean): boolean {
  return task.status === 'done' || task.status === 'skipped' || (task.status === 'failed' && continueOnError);
}

/** True when the issue has become a mission: it has a plan, tasks and phases. */
export function isMission(state: MissionState | null): state is Mission {
  return state !== null && state.status !== 'refused' && state.status !== 'none';
}

/** True when nothing can happen to the mission any more but `/retry` (failed). */
export function isOver(mission: Mission): boolean {
  return mission.status === 'completed' || mission.status === 'failed' || mission.status === 'cancelled';
}

export function taskOf(mission: Mission, id: string): TaskState | null {
  return mission.tasks.get(id) ?? null;
}

export function phaseOf(mission: Mission, id: string): PhaseState | null {
  return mission.phases.get(id) ?? null;
}
