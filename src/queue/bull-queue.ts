import { Queue as BullMqQueue } from 'bullmq';
import type { Job as BullJob, IQueueBackend } from 'bullmq';

import type { Log } from '../engine/ports/log.ts';
import type { Consumer, ConsumerOptions, JobHandler, JobKind, JobRequest, Queue, QueueCounts } from '../engine/ports/queue.ts';
import type { JsonObject } from '../kit/json.ts';
import type { Connections, QueueBackend } from './backend.ts';
import { connect } from './backend.ts';
import { startConsumer } from './consumer.ts';
import { checkRequest, storable } from './job-request.ts';
import { answered } from './queue-unavailable.ts';
import { ANSWER_TIMEOUT_MS, ATTEMPTS, EVENT_STREAM_LENGTH, LOCK_DURATION_MS, RETRY_DELAY_MS, RETRY_JITTER, STALLED_INTERVAL_MS } from './settings.ts';

export interface BullQueueOptions {
  readonly backend: QueueBackend;
  /** Separates several installations (or tests) on one backend; letters, digits, `-` and `_`. Default `missiongate`. */
  readonly prefix?: string;
  /** Told about retries, dead letters, stalled jobs and lost connections; default: silence. */
  readonly log?: Log;
  /** How long a job stays taken without a sign of life from its process; default 15,000 ms. */
  readonly lockDurationMs?: number;
  /** How often jobs of dead processes are looked for; default 5,000 ms. */
  readonly stalledIntervalMs?: number;
  /** Pause before the first retry of a failed job, doubled each time; default 1,000 ms. */
  readonly retryDelayMs?: number;
}

const KINDS = Object.keys({
  'run-attempt': true,
  integrate: true,
  'sync-github': true,
  timer: true,
} satisfies Record<JobKind, true>) as readonly JobKind[];

type BullQueue = BullMqQueue<unknown, void, string, unknown, void, string, IQueueBackend>;

const SILENCE: Log = { debug() {}, info() {}, warn() {}, error() {} };
const PREFIX = /^[A-Za-z0-9_-]{1,60}$/;

/**
 * The `Queue` port over BullMQ, on Redis, on a PostgreSQL server or on the embedded database. Each job kind is a queue of
 * its own, so that kinds do not wait for each other; all of them share the process's connections.
 *
 * Resolves once the backend answers and its schema is in place; rejects with `QueueUnavailable` otherwise.
 *
 * What `add` promises: when it resolves, the jobs are stored (on Redis as durably as its persistence is configured).
 * It is not one transaction: when it rejects, some of the jobs may have been stored. It never waits for a backend that is
 * down longer than 10 s; the caller keeps the requests (outbox) and adds them again, which the keys make harmless.
 * A key is remembered while its job waits, runs or is a dead letter, and for 15 minutes after it is done. So a key names
 * one wanted run, not a subject: wanting the same thing again takes a new key.
 */
export async function createBullQueue(options: BullQueueOptions): Promise<Queue> {
  const prefix = options.prefix ?? 'missiongate';
  if (!PREFIX.test(prefix)) throw new TypeError(`Queue prefix ${JSON.stringify(prefix)} is not allowed: use 1 to 60 letters, digits, "-" and "_".`);
  const log = options.log ?? SILENCE;
  const connections = await connect(options.backend, (error) => log.warn(`Queue connection: ${error.message}`, {}));
  const queues = new Map(KINDS.map((kind) => [kind, openQueue(kind, nameOf(prefix, kind), options.retryDelayMs ?? RETRY_DELAY_MS, connections, log)]));
  try {
    await answered('opening', ANSWER_TIMEOUT_MS, Promise.all([...queues.values()].map((queue) => queue.waitUntilReady())));
  } catch (error) {
    await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
    await connections.close();
    throw error;
  }
  return overQueues(queues, connections, (kind) => ({
    queueName: nameOf(prefix, kind),
    lockDurationMs: options.lockDurationMs ?? LOCK_DURATION_MS,
    stalledIntervalMs: options.stalledIntervalMs ?? STALLED_INTERVAL_MS,
    log,
  }));
}

function overQueues(
  queues: ReadonlyMap<JobKind, BullQueue>,
  connections: Connections,
  settings: (kind: JobKind) => Parameters<typeof startConsumer>[4],
): Queue {
  const consumers = new Set<Consumer>();
  let closing: Promise<void> | undefined;

  function queueOf(kind: JobKind): BullQueue {
    const queue = queues.get(kind);
    if (queue === undefined) throw new TypeError(`Unknown job kind ${JSON.stringify(kind)}.`);
    return queue;
  }

  async function close(): Promise<void> {
    await Promise.allSettled([...consumers].map((consumer) => consumer.close(0)));
    await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
    await connections.close();
  }

  return {
    async add(requests: readonly JobRequest[]): Promise<void> {
      for (const request of requests) checkRequest(request);
      for (const [kind, ofKind] of groupByKind(requests)) {
        await answered(`adding ${ofKind.length} ${kind} jobs`, ANSWER_TIMEOUT_MS, addAll(queueOf(kind), ofKind));
      }
    },

    consume<K extends JobKind>(kind: K, handler: JobHandler<K>, options: ConsumerOptions): Consumer {
      queueOf(kind);
      if (closing !== undefined) throw new Error('The queue is closed.');
      const consumer = startConsumer(kind, handler, options, connections, settings(kind));
      consumers.add(consumer);
      return {
        async close(graceMs: number): Promise<void> {
          await consumer.close(graceMs);
          consumers.delete(consumer);
        },
      };
    },

    async counts(kind: JobKind): Promise<QueueCounts> {
      const states = queueOf(kind).getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
      const counts = await answered(`counting ${kind} jobs`, ANSWER_TIMEOUT_MS, states);
      return {
        waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
        active: counts['active'] ?? 0,
        delayed: counts['delayed'] ?? 0,
        failed: counts['failed'] ?? 0,
      };
    },

    async deadLetters(kind: JobKind, limit: number): Promise<readonly (JsonObject & { key: string; reason: string })[]> {
      if (limit < 1) return [];
      const jobs = await answered(`listing failed ${kind} jobs`, ANSWER_TIMEOUT_MS, queueOf(kind).getFailed(0, limit - 1));
      return jobs.map((job) => deadLetter(kind, job));
    },

    async ping(): Promise<void> {
      await answered('ping', ANSWER_TIMEOUT_MS, connections.ping());
    },

    close(): Promise<void> {
      closing ??= close();
      return closing;
    },
  };
}

function openQueue(kind: JobKind, name: string, retryDelayMs: number, connections: Connections, log: Log): BullQueue {
  const queue = new BullMqQueue<unknown, void, string, unknown, void, string, IQueueBackend>(
    name,
    {
      connection: connections.forProducers,
      defaultJobOptions: { attempts: ATTEMPTS, backoff: { type: 'exponential', delay: retryDelayMs, jitter: RETRY_JITTER }, stackTraceLimit: 1 },
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
    },
    connections.factory,
  );
  queue.on('error', (error) => log.warn(`The queue of ${kind} jobs met an error: ${error.message}`, { kind }));
  return queue;
}

/** One name per kind and prefix on every backend, because BullMQ's own prefix means nothing on PostgreSQL. */
function nameOf(prefix: string, kind: JobKind): string {
  return `${prefix}-${kind}`;
}

/** Requests of one kind in their order, the first of each key. */
function groupByKind(requests: readonly JobRequest[]): Map<JobKind, JobRequest[]> {
  const groups = new Map<JobKind, Map<string, JobRequest>>();
  for (const request of requests) {
    const group = groups.get(request.kind) ?? new Map<string, JobRequest>();
    if (!group.has(request.key)) group.set(request.key, request);
    groups.set(request.kind, group);
  }
  return new Map([...groups].map(([kind, group]) => [kind, [...group.values()]]));
}

async function addAll(queue: BullQueue, requests: readonly JobRequest[]): Promise<void> {
  const jobs = requests.map((request) => ({
    name: request.kind,
    data: storable(request.payload),
    opts: {
      jobId: request.key,
      ...(request.delayMs === undefined ? {} : { delay: Math.ceil(request.delayMs) }),
      ...(request.priority === undefined ? {} : { priority: request.priority }),
    },
  }));
  const [only] = jobs;
  // One job goes by a cheaper statement than a batch.
  if (only !== undefined && jobs.length === 1) await queue.add(only.name, only.data, only.opts);
  else if (jobs.length > 1) await queue.addBulk(jobs);
}

function deadLetter(kind: JobKind, job: BullJob): JsonObject & { key: string; reason: string } {
  return {
    kind,
    key: job.id ?? '',
    reason: job.failedReason ?? '',
    payload: job.data as JsonObject,
    runs: job.attemptsMade,
    failedAt: job.finishedOn === undefined ? undefined : new Date(job.finishedOn).toISOString(),
  };
}
