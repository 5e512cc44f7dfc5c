import { Map } from 'immutable';

import type { Ownership, Standing } from '../gate/approvals.ts';
import type { RepositoryPolicy } from '../gate/policy.ts';
import type { Actor } from './actor.ts';
import type { Asked } from './assignment.ts';
import type { Contributors } from './contributors.ts';
import type { Budget } from './definition.ts';
import type { ApprovalVia, GuardReport, RubricLine, Said } from './event.ts';
import type { MetCriterion } from './met-criterion.ts';
import type { HealState } from './heal.ts';
import type { Lanes } from './lanes.ts';
import type { JudgedGroup } from './judged-group.ts';
import type { OutsideCommit } from './outside-commit.ts';
import type { Plan } from './plan.ts';
import type { PlanIndex } from './plan-index.ts';
import type { MissionSource } from './source.ts';
import type { Spending } from './spending.ts';
import type { Outputs, TaskCounts, TaskState } from './task-state.ts';
import type { Waiver } from './waiver.ts';

export { isActive } from './lanes.ts';
export { noCounts, taskStatuses } from './task-state.ts';
export type { GroupState, ItemState, Outputs, SkipCause, TaskCounts, TaskState, TaskStatus, WaitState } from './task-state.ts';

/** Attempts queued, running or being merged. */
export function activeCount(counts: TaskCounts): number {
  return counts.queued + counts.running + counts.integrating;
}

/** `skipped`: its condition did not hold. */
export type PhaseStatus = 'pending' | 'running' | 'gate' | 'complete' | 'failed' | 'skipped';

export interface Approval {
  readonly by: Actor;
  readonly role: string;
  readonly via: ApprovalVia;
  readonly at: number;
  readonly head: string;
  readonly evidenceDigest: string;
  readonly policyDigest: string;
  /** What was looked up of the person; absent in approvals of an earlier version, which count by their role. */
  readonly standing?: Standing;
  /** The review it was given in; taken back when that is dismissed. */
  readonly review?: number;
  /** The round it was given in, where it was kept in later ones. */
  readonly keptFrom?: { readonly head: string; readonly evidenceDigest: string };
}

/** Approvals of the round before, and what they were bound to: they do not count until the new round has been judged. */
export interface HeldApprovals {
  readonly approvals: readonly Approval[];
  readonly head: string;
  readonly evidenceDigest: string;
  readonly policyDigest: string;
  readonly patchId: string | null;
  readonly lines: readonly RubricLine[];
  /** Why there is a new round, in words. */
  readonly reason: string;
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
  readonly held?: HeldApprovals;
  /** What the change does to the base branch, wherever it stands; null or absent when it could not be told. */
  readonly patchId?: string | null;
  /** The repository's policy as the evaluation found it; absent where there is none. */
  readonly policy?: RepositoryPolicy;
  /** Who owns the touched files, as last looked up; absent where nobody asked. */
  readonly ownership?: Ownership;
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
  /** Which repetition of `until` this is; 1 when absent. */
  readonly round?: number;
  /** Why it failed by itself, or was skipped. */
  readonly reason?: string;
  /** When its time is over; milliseconds since the epoch. */
  readonly deadline?: number;
  readonly spent?: Spending;
  /** Criteria that people confirmed, of this round and of earlier ones. */
  readonly criteria?: readonly MetCriterion[];
  /** Exceptions to rules of its gate, oldest first; they outlive the gate's rounds. */
  readonly waivers?: readonly Waiver[];
  readonly healing?: HealState;
}

/** `partially-failed`: it went on after failures, as it was told to, and something succeeded. */
export type MissionStatus = 'planned' | 'running' | 'paused' | 'completed' | 'failed' | 'partially-failed' | 'cancelled';

/** What succeeded is being undone, or was. */
export interface RollbackState {
  /** Why the mission failed. */
  readonly reason: string;
  /** Tasks in the order in which they are undone. */
  readonly tasks: readonly string[];
  readonly finished: boolean;
}

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
  readonly trunk: { readonly head: string; readonly base: string; readonly authors: readonly string[]; readonly contributors?: Contributors };
  readonly pull: { readonly number: number; readonly state: 'open' | 'merged' | 'closed'; /** The branch it goes into, where somebody chose another one than the default. */ readonly base?: string } | null;
  readonly mergeRefused: string | null;
  readonly tasks: Map<string, TaskState>;
  readonly phases: Map<string, PhaseState>;
  /** For every phase its ready tasks and how much of it is under way. */
  readonly ready: Lanes;
  /** How many tasks are in each status. */
  readonly counts: TaskCounts;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly spent?: Spending;
  /** Bounds that people raised: by `mission`, `phase/<id>` or `task/<id>`. */
  readonly raised?: { readonly [scope: string]: Budget };
  /** Paused because this budget is used up: the scope. */
  readonly pausedFor?: string;
  /** When its time is over; milliseconds since the epoch. */
  readonly deadline?: number;
  readonly rollback?: RollbackState;
  readonly outputs?: Outputs;
  /** Whom `/assign` asked, in that order. */
  readonly asked?: readonly Asked[];
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
  /** It is about a group of the merge queue. */
  readonly merge?: JudgedGroup;
  /** It is about a commit that pull requests of no mission offer. */
  readonly outside?: OutsideCommit;
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

/** The gate subject of an attempt: guards run under the same lease rules as tasks. */
export function gateSubject(phase: string): string {
  return `gate/${phase}`;
}

/** The phase of a gate subject, or null when the subject is a task. */
export function phaseOfSubject(subject: string): string | null {
  return subject.startsWith('gate/') ? subject.slice('gate/'.length) : null;
}

/** True when its phase need not wait for this task any longer. */
export function isSatisfied(task: TaskState, continueOnError: boolean): boolean {
  return task.status === 'done' || task.status === 'skipped' || (task.status === 'failed' && continueOnError);
}

/** True when tasks that need it may start. */
export function letsDependentsStart(task: TaskState, continueOnError: boolean): boolean {
  return task.status === 'skipped' ? task.skip === undefined : isSatisfied(task, continueOnError);
}

/**
 * True when nothing more happens to it unless a person asks for it, however it went. What is blocked may still be skipped, as
 * long as it is not known how all of its needs went.
 */
export function isSettled({ status, unsettled = 0 }: Pick<TaskState, 'status' | 'unsettled'>): boolean {
  return status === 'done' || status === 'skipped' || status === 'failed' || (status === 'blocked' && unsettled === 0);
}

/** True when nothing more will be done in this phase. */
export function isPassed(phase: PhaseState | null): boolean {
  return phase?.status === 'complete' || phase?.status === 'skipped';
}

/** True when every phase is behind the mission. */
export function allPassed(mission: Mission): boolean {
  return mission.plan.phases.every((phase) => isPassed(phaseOf(mission, phase.id)));
}

/** True when the change is where it was to go, or there is none to go: nothing is kept back any more. */
export function hasLanded(mission: Mission): boolean {
  return mission.pull?.state === 'merged' || (mission.status === 'completed' && mission.trunk.head === mission.trunk.base);
}

/** True when the issue has become a mission: it has a plan, tasks and phases. */
export function isMission(state: MissionState | null): state is Mission {
  return state !== null && state.status !== 'refused' && state.status !== 'none';
}

/** True when nothing can happen to the mission any more but `/retry` (failed). */
export function isOver(mission: Mission): boolean {
  return mission.status === 'completed' || mission.status === 'cancelled' || hasFailed(mission);
}

/** True when it ended because something failed; then it can be tried again. */
export function hasFailed(mission: Mission): boolean {
  return mission.status === 'failed' || mission.status === 'partially-failed';
}

export function taskOf(mission: Mission, id: string): TaskState | null {
  return mission.tasks.get(id) ?? null;
}

export function phaseOf(mission: Mission, id: string): PhaseState | null {
  return mission.phases.get(id) ?? null;
}
