import { DelayedError, WaitingError, Worker } from 'bullmq';
import type { Job as BullJob } from 'bullmq';

import type { Log } from '../engine/ports/log.ts';
import type { Consumer, ConsumerOptions, JobHandler, JobKind, JobPayloads } from '../engine/ports/queue.ts';
import type { Connections } from './backend.ts';
import { storableError } from './job-request.ts';
import { settledWithin } from './queue-unavailable.ts';
import { ABORT_TIMEOUT_MS, GIVE_BACK_TIMEOUT_MS, MAX_STALLED_COUNT, RUN_RETRY_DELAY_MS } from './settings.ts';

export interface ConsumerSettings {
  readonly queueName: string;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  readonly log: Log;
}

type StoredJob<K extends JobKind> = BullJob<JobPayloads[K], void>;

interface Running {
  readonly abort: AbortController;
  /** Resolves when the consumer no longer waits for the handler. */
  readonly abandoned: Promise<'abandoned'>;
  abandon(): void;
}

/** Thrown into a handler's signal: the process stops, the job goes back to the queue. */
export class ConsumerClosing extends Error {
  override readonly name = 'ConsumerClosing';
  readonly code = 'consumer_closing';

  constructor(kind: JobKind) {
    super(`This process stops; the ${kind} job goes back to the queue.`);
  }
}

/**
 * One BullMQ worker for one kind of job. A worker whose backend was out of reach when it started never recovers by
 * itself, so it is replaced until one has started.
 */
export function startConsumer<K extends JobKind>(
  kind: K,
  handler: JobHandler<K>,
  { concurrency }: ConsumerOptions,
  connections: Connections,
  settings: ConsumerSettings,
): Consumer {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new TypeError(`consume(${kind}): concurrency must be a whole number from 1, found ${concurrency}.`);
  }
  const { log } = settings;
  const running = new Set<Running>();
  let closing: Promise<void> | undefined;
  let restart: NodeJS.Timeout | undefined;
  let worker = start();

  function start(): { close(force?: boolean): Promise<void> } {
    const started = new Worker(settings.queueName, (job: StoredJob<K>, token?: string) => process(job, token ?? ''), {
      connection: connections.forWorkers,
      concurrency,
      lockDuration: settings.lockDurationMs,
      stalledInterval: settings.stalledIntervalMs,
      maxStalledCount: MAX_STALLED_COUNT,
      runRetryDelay: RUN_RETRY_DELAY_MS,
      removeOnComplete: connections.keepCompleted,
      removeOnFail: connections.keepFailed,
    }, connections.factory);
    started.on('error', (error) => log.warn(`The consumer of ${kind} jobs met an error: ${error.message}`, { kind }));
    started.on('stalled', (key) => log.warn(`Job ${kind}/${key} was left by a process that died or froze; it is handed out again.`, { kind, key }));
    started.on('failed', (job, error) => reportFailure(job, error));
    started.waitUntilReady().catch((error: unknown) => {
      if (closing !== undefined) return;
      log.warn(`The consumer of ${kind} jobs could not start (${String(error)}); it tries again.`, { kind });
      void started.close(true);
      restart = setTimeout(() => (worker = start()), RUN_RETRY_DELAY_MS);
    });
    return started;
  }

  async function process(job: StoredJob<K>, token: string): Promise<void> {
    const entry = newRunning();
    running.add(entry);
    try {
      const key = job.id ?? '';
      const previousRuns = Math.max(0, job.attemptsStarted - 1);
      const outcome = await Promise.race([handler({ kind, key, payload: job.data, previousRuns }, entry.abort.signal), entry.abandoned]);
      if (outcome === 'abandoned') throw entry.abort.signal.reason;
      if (outcome.outcome === 'done') return;
      await job.moveToDelayed(Date.now() + outcome.delayMs, token);
      throw new DelayedError();
    } catch (error) {
      if (error instanceof DelayedError) throw error;
      if (!entry.abort.signal.aborted) throw storableError(error);
      // Stopping is not the job's fault: whatever the handler made of the abort, it is no failure.
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      running.delete(entry);
    }
  }

  function reportFailure(job: StoredJob<K> | undefined, error: Error): void {
    const key = job?.id ?? '';
    const runs = job?.attemptsMade ?? 0;
    const last = job === undefined || runs >= (job.opts.attempts ?? 1);
    if (last) log.error(`Job ${kind}/${key} failed for good and is kept as a dead letter: ${error.message}`, { kind, key, runs });
    else log.warn(`Job ${kind}/${key} failed (try ${runs}) and is tried again: ${error.message}`, { kind, key, runs });
  }

  async function close(graceMs: number): Promise<void> {
    clearTimeout(restart);
    // Closing stops the intake at once, and settles when the running jobs have.
    const closed = worker.close();
    if (await settledWithin(graceMs, closed)) return;
    for (const entry of running) entry.abort.abort(new ConsumerClosing(kind));
    if (await settledWithin(ABORT_TIMEOUT_MS, closed)) return;
    log.warn(`${running.size} ${kind} jobs ignore that the process stops; they are given back to the queue.`, { kind, jobs: running.size });
    for (const entry of running) entry.abandon();
    if (await settledWithin(GIVE_BACK_TIMEOUT_MS, closed)) return;
    log.error(`The backend does not answer; running ${kind} jobs will be found as stalled.`, { kind });
  }

  return {
    close(graceMs: number): Promise<void> {
      closing ??= close(graceMs);
      return closing;
    },
  };
}

function newRunning(): Running {
  let abandon: () => void = () => {};
  const abandoned = new Promise<'abandoned'>((resolve) => {
    abandon = () => resolve('abandoned');
  });
  return { abort: new AbortController(), abandoned, abandon };
}
