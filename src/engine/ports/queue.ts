import type { JsonObject } from '../../kit/json.ts';

/**
 * The job kinds of the product, with their payloads. A payload holds identifiers only: never a token, never text that
 * people wrote (it is read from the store when the job runs, so that a job is harmless when it runs twice or late).
 */
export interface JobPayloads {
  /** Run one attempt of a task, or the guards of a gate. */
  'run-attempt': { missionId: string; subject: string; attempt: number };
  /** Merge what an attempt produced into the mission's trunk. */
  'integrate': { missionId: string; subject: string; attempt: number };
  /** Bring GitHub to the mission's desired view. `look`: also when nothing changed on our side, because something may have on GitHub's. */
  'sync-github': { missionId: string; look?: true };
  /** Deliver a timer that is due. */
  'timer': { timerId: string };
}

export type JobKind = keyof JobPayloads;

export interface JobRequest<K extends JobKind = JobKind> {
  readonly kind: K;
  /**
   * Idempotency key: a second job with the same key is not added while the first is known to the queue.
   * Letters, digits, `-`, `_`, `.` only (BullMQ refuses `:` and integers).
   */
  readonly key: string;
  readonly payload: JobPayloads[K];
  /** Earliest start, in milliseconds from now; 0 or absent means at once. */
  readonly delayMs?: number;
  /** 1 (first) … 2,097,152 (last); absent means first come, first served, before all prioritised jobs. */
  readonly priority?: number;
}

export interface Job<K extends JobKind = JobKind> {
  readonly kind: K;
  readonly key: string;
  readonly payload: JobPayloads[K];
  /** How often this job has been handed out before: > 0 after a stall or a failed run. */
  readonly previousRuns: number;
}

/** What a handler may say besides success: run the same job again later, without counting as a failure. */
export type JobOutcome = { readonly outcome: 'done' } | { readonly outcome: 'again'; readonly delayMs: number };

export type JobHandler<K extends JobKind> = (job: Job<K>, signal: AbortSignal) => Promise<JobOutcome>;

export interface ConsumerOptions {
  /** Jobs of this kind handled at the same time in this process. */
  readonly concurrency: number;
}

export interface Consumer {
  /** Stops taking jobs, waits for running ones up to `graceMs`, then aborts their signals and gives them back to the queue. */
  close(graceMs: number): Promise<void>;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/**
 * At-least-once delivery of jobs to any number of processes. Promises: an acknowledged `add` survives the death of every
 * process; a job whose process died is handed out again; a delayed job is never early.
 * A handler that throws is retried with exponential backoff; after the last try the job is kept as failed (dead letter).
 */
export interface Queue {
  add(requests: readonly JobRequest[]): Promise<void>;
  consume<K extends JobKind>(kind: K, handler: JobHandler<K>, options: ConsumerOptions): Consumer;
  counts(kind: JobKind): Promise<QueueCounts>;
  /** Failed jobs of a kind, newest first, for operators. */
  deadLetters(kind: JobKind, limit: number): Promise<readonly (JsonObject & { key: string; reason: string })[]>;
  /** Resolves when the backend answers; rejects with the connection error otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
