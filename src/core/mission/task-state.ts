import type { Json } from '../../kit/json.ts';
import type { Actor } from './actor.ts';
import type { ApprovalVia, AttemptEvidence } from './evidence.ts';
import type { FailureKind } from './failure-kind.ts';
import type { Spending } from './spending.ts';

/**
 * Life of a task:
 *
 *     pending ─▶ ready ─▶ queued ─▶ running ─▶ integrating ─▶ done
 *        ▲         ▲        │          │            │
 *        │         └────────┴─ retrying ◀───────────┤  (a failure worth another attempt)
 *        └─ blocked (a need failed)                 └────▶ failed
 *
 * A task that needs people or time is `waiting` instead of queued and running: no worker has it, and it takes no place among
 * the attempts under way. A task with a strategy is a group: instead of being queued it is `expanded` into items, which are tasks themselves, and
 * `done` or `failed` when they are settled. `done` and `skipped` by a person satisfy dependents; `failed` does so only with
 * continue-on-error; `skipped` by a condition skips dependents that do not ask for it.
 */
export const taskStatuses = ['pending', 'ready', 'queued', 'running', 'integrating', 'retrying', 'waiting', 'expanded', 'done', 'failed', 'blocked', 'skipped'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export type TaskCounts = { readonly [status in TaskStatus]: number };

export const noCounts: TaskCounts = { pending: 0, ready: 0, queued: 0, running: 0, integrating: 0, retrying: 0, waiting: 0, expanded: 0, done: 0, failed: 0, blocked: 0, skipped: 0 };

/** Why a task was skipped other than by a person: its condition, a need that was skipped, a failure beside it, its phase, or because what was wanted is reached. */
export type SkipCause = 'condition' | 'need' | 'fail-fast' | 'phase' | 'reached';

export type Outputs = { readonly [name: string]: Json };

/** How far the items of a group are. Items that wait for their turn are counted nowhere. */
export interface GroupState {
  readonly size: number;
  /** Index of the first item that was not given its turn yet. */
  readonly next: number;
  /** Items that had their turn and are not settled. */
  readonly live: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What makes a task an item of a group. */
export interface ItemState {
  readonly group: string;
  readonly index: number;
  readonly title: string;
  /** What `matrix` or `item` means in it. */
  readonly value: Json;
}

/** What a waiting task waits for; kept afterwards, so that people can be told how it went. */
export type WaitState =
  | {
      readonly for: 'people';
      readonly attempt: number;
      readonly question: string;
      readonly count: number;
      /** `role:write`, `@login`. */
      readonly from: readonly string[];
      readonly allowRequester: boolean;
      readonly deadline: number;
      readonly approvals: readonly { readonly by: Actor; readonly role: string; readonly via: ApprovalVia; readonly at: number }[];
      readonly refusedBy: Actor | null;
    }
  | { readonly for: 'time'; readonly attempt: number; readonly until: number };

export interface TaskState {
  readonly id: string;
  readonly status: TaskStatus;
  /** Number of the latest attempt, also its fencing number; 0 before the first. */
  readonly attempt: number;
  /** Needs that are not yet satisfied. */
  readonly openNeeds: number;
  /** Needs of which nobody knows yet how they went; only in missions with conditions. */
  readonly unsettled?: number;
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
  /** What the latest successful attempt gave; what later tasks may read. */
  readonly outputs?: Outputs;
  /** Number of the event by which it was done: what is undone, is undone in reverse order. */
  readonly doneSeq?: number;
  /** Which repetition of `until` this is; 1 when absent. */
  readonly round?: number;
  /** Why it was skipped; absent when a person did it. */
  readonly skip?: SkipCause;
  readonly spent?: Spending;
  readonly wait?: WaitState;
  readonly group?: GroupState;
  readonly item?: ItemState;
  /** For an attempt to undo: the task whose work it undoes. */
  readonly undoes?: string;
}
