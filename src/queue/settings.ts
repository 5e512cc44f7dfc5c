/** The numbers of the queue room, with their reasons. All times in milliseconds unless the name says otherwise. */

/** A job whose process died is free again after lock + up to two checks: about 20 s. Renewed at half this time. */
export const LOCK_DURATION_MS = 15_000;
export const STALLED_INTERVAL_MS = 5_000;
/**
 * How often a job may lose its process before it counts as failed. High, because agents run for hours and processes are
 * replaced meanwhile, and leases in the store decide how often an attempt is really made; not endless, so that a job that
 * kills every process that takes it ends as a dead letter.
 */
export const MAX_STALLED_COUNT = 25;
/** Pause of a consumer after the backend refused the connection. BullMQ's own 15 s would idle long after it is back. */
export const RUN_RETRY_DELAY_MS = 1_000;

/** A handler that throws is tried this often in all: after about 1, 2, 4 and 8 s, each shortened by up to half at random. */
export const ATTEMPTS = 5;
export const RETRY_DELAY_MS = 1_000;
export const RETRY_JITTER = 0.5;

/**
 * How long a completed job's key is remembered, in seconds: long enough to cover a relay that died between adding a job
 * and noting that it had, short enough that finished jobs do not fill the backend. A key added again later runs again,
 * which is harmless by design.
 */
export const COMPLETED_KEPT_SECONDS = 15 * 60;
/** Dead letters are for people, who come back after a holiday. */
export const FAILED_KEPT_SECONDS = 30 * 24 * 3600;
/** Upper limits by number, on Redis only, where memory is what runs out. (On PostgreSQL such a limit costs a scan per job.) */
export const COMPLETED_KEPT_ON_REDIS = 20_000;
export const FAILED_KEPT_ON_REDIS = 10_000;

/** Length of BullMQ's event stream per queue. Nothing here reads it; it is kept short. */
export const EVENT_STREAM_LENGTH = 100;

/** A producer that has no answer after this time rejects. The caller keeps the request (outbox) and adds it again. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** After aborting the running handlers, a closing consumer waits this long for them before it gives their jobs back. */
export const ABORT_TIMEOUT_MS = 1_000;
/** A closing consumer waits this long for the backend before it leaves its jobs to be found as stalled. */
export const GIVE_BACK_TIMEOUT_MS = 5_000;
