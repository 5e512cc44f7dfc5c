import type { Consumer, Job, JobHandler, JobKind, JobOutcome, JobRequest, Queue, QueueCounts } from '../../src/engine/ports/queue.ts';
import type { ProcessLife } from './simulated-process.ts';
import type { Life, Timeline } from './timeline.ts';

interface QueuedJob {
  readonly request: JobRequest;
  status: 'waiting' | 'active' | 'completed' | 'failed';
  due: number;
  runs: number;
  tries: number;
  /** Names the run that may settle the job; a run that took too long is no longer it. */
  token: number;
  holder: Life | null;
  heldSince: number;
}

interface Subscription {
  readonly kind: JobKind;
  readonly process: ProcessLife;
  readonly handler: JobHandler<JobKind>;
  readonly concurrency: number;
  readonly running: Set<AbortController>;
  closed: boolean;
}

/** The numbers of the real queue (src/queue/settings.ts), in milliseconds. */
const lockMs = 15_000;
const stalledCheckMs = 10_000;
const rememberedMs = 15 * 60_000;
const attempts = 5;
const retryMs = 1_000;

/** Jobs in memory with the promises of the port: at least once, equal keys once, never early, a dead holder's job again. */
export class MemoryJobs {
  readonly #timeline: Timeline;
  readonly #jobs = new Map<string, QueuedJob>();
  readonly #subscriptions: Subscription[] = [];
  #pumpAt = Number.POSITIVE_INFINITY;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#checkStalled();
  }

  add(requests: readonly JobRequest[]): void {
    for (const request of requests) {
      const name = nameOf(request);
      if (this.#jobs.has(name)) continue;
      this.#jobs.set(name, { request, status: 'waiting', due: this.#timeline.now + Math.max(0, request.delayMs ?? 0), runs: 0, tries: 0, token: 0, holder: null, heldSince: 0 });
    }
    this.#pump();
  }

  /** Everything is forgotten, as when a Redis without persistence is started anew. */
  flush(): void {
    this.#jobs.clear();
  }

  /** Jobs that wait, run or failed for good. */
  open(): readonly { readonly request: JobRequest; readonly status: 'waiting' | 'active' | 'failed'; readonly due: number }[] {
    return [...this.#jobs.values()].flatMap(({ request, status, due }) => (status === 'completed' ? [] : [{ request, status, due }]));
  }

  counts(kind: JobKind): QueueCounts {
    const counts = { waiting: 0, active: 0, delayed: 0, failed: 0 };
    for (const { request, status, due } of this.#jobs.values()) {
      if (request.kind !== kind || status === 'completed') continue;
      if (status === 'waiting' && due > this.#timeline.now) counts.delayed += 1;
      else counts[status] += 1;
    }
    return counts;
  }

  subscribe(process: ProcessLife, kind: JobKind, handler: JobHandler<JobKind>, concurrency: number): Consumer {
    const subscription: Subscription = { kind, process, handler, concurrency, running: new Set(), closed: false };
    this.#subscriptions.push(subscription);
    this.#pump();
    return {
      close: async (graceMs) => {
        subscription.closed = true;
        const started = process.clock.now();
        while (subscription.running.size > 0 && process.clock.now() - started < graceMs) await process.clock.sleep(100);
        for (const running of subscription.running) running.abort(new Error('This process stops; the job goes back to the queue.'));
        const aborted = process.clock.now();
        while (subscription.running.size > 0 && process.clock.now() - aborted < 1_000) await process.clock.sleep(100);
      },
    };
  }

  /** Hands out what is due to consumers with room, at the next moment something is due. */
  #pump(): void {
    const timeline = this.#timeline;
    let next = Number.POSITIVE_INFINITY;
    for (const job of this.#jobs.values()) if (job.status === 'waiting') next = Math.min(next, job.due);
    const at = Math.max(next, timeline.now);
    if (at >= this.#pumpAt && this.#pumpAt >= timeline.now) return;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#pumpAt = at;
    timeline.schedule(at - timeline.now + timeline.between(0, 5), null, 'pump', () => {
      this.#pumpAt = Number.POSITIVE_INFINITY;
      this.#handOut();
      this.#pump();
    }, true);
  }

  #handOut(): void {
    const timeline = this.#timeline;
    for (const [name, job] of this.#jobs) {
      if (job.status !== 'waiting' || job.due > timeline.now) continue;
      const ready = this.#subscriptions.filter((subscription) => subscription.kind === job.request.kind && !subscription.closed && isAwake(subscription.process.life, timeline) && subscription.running.size < subscription.concurrency);
      if (ready.length === 0) {
        // Looked at again when somebody has room, started or woke.
        job.due = timeline.now + 250;
        continue;
      }
      this.#run(name, job, timeline.pick(ready));
    }
  }

  #run(name: string, job: QueuedJob, subscription: Subscription): void {
    const timeline = this.#timeline;
    const { process } = subscription;
    job.status = 'active';
    job.holder = process.life;
    job.heldSince = timeline.now;
    job.token += 1;
    job.runs += 1;
    const { token } = job;
    const running = new AbortController();
    subscription.running.add(running);
    const handed: Job = { kind: job.request.kind, key: job.request.key, payload: job.request.payload, previousRuns: job.runs - 1 };
    timeline.schedule(timeline.between(0, 3), process.life, 'take job', () => {
      timeline.tell(process.life.process, `takes ${job.request.kind} ${job.request.key}${job.runs > 1 ? ` (run ${job.runs})` : ''}`);
      const settle = (outcome: JobOutcome | { readonly outcome: 'failed'; readonly reason: string }): void => {
        timeline.schedule(timeline.between(0, 3), process.life, 'settle job', () => {
          subscription.running.delete(running);
          const isAborted = running.signal.aborted;
          if (job.token !== token || this.#jobs.get(name) !== job) return;
          this.#settle(name, job, isAborted && outcome.outcome !== 'done' ? { outcome: 'again', delayMs: 0 } : outcome);
        });
      };
      subscription.handler(handed, running.signal).then(settle, (error: unknown) => settle({ outcome: 'failed', reason: String(error) }));
    });
  }

  #settle(name: string, job: QueuedJob, outcome: JobOutcome | { readonly outcome: 'failed'; readonly reason: string }): void {
    const timeline = this.#timeline;
    job.holder = null;
    if (outcome.outcome === 'done') {
      job.status = 'completed';
      timeline.schedule(rememberedMs, null, 'forget job', () => {
        if (this.#jobs.get(name) === job) this.#jobs.delete(name);
      }, true);
      return;
    }
    if (outcome.outcome === 'failed') {
      job.tries += 1;
      timeline.tell('queue', `${job.request.kind} ${job.request.key} failed: ${outcome.reason}`);
      if (job.tries >= attempts) {
        job.status = 'failed';
        return;
      }
      this.#wait(job, retryMs * 2 ** (job.tries - 1));
      return;
    }
    this.#wait(job, outcome.delayMs);
  }

  #wait(job: QueuedJob, delayMs: number): void {
    job.status = 'waiting';
    job.due = this.#timeline.now + Math.max(0, delayMs);
    this.#pump();
  }

  /** A holder that is alive keeps its jobs; the job of one that died or froze is handed out again. */
  #checkStalled(): void {
    const timeline = this.#timeline;
    timeline.schedule(stalledCheckMs, null, 'look for stalled jobs', () => {
      for (const job of this.#jobs.values()) {
        if (job.status !== 'active' || job.holder === null) continue;
        if (isAwake(job.holder, timeline)) job.heldSince = timeline.now;
        else if (timeline.now - job.heldSince >= lockMs) this.#wait(job, 0);
      }
      this.#subscriptions.splice(0, this.#subscriptions.length, ...this.#subscriptions.filter(({ process }) => process.life.alive));
      this.#checkStalled();
    }, true);
  }
}

function isAwake(life: Life, timeline: Timeline): boolean {
  return life.alive && life.frozenUntil <= timeline.now;
}

function nameOf({ kind, key }: JobRequest): string {
  return `${kind} ${key}`;
}

/** The queue as one process sees it. */
export function memoryQueue(jobs: MemoryJobs, process: ProcessLife): Queue {
  return {
    add: (requests) => process.call('queue', `add ${requests.map(({ kind, key }) => `${kind} ${key}`).join(', ')}`, () => jobs.add(requests)),
    consume: (kind, handler, { concurrency }) => jobs.subscribe(process, kind, handler as unknown as JobHandler<JobKind>, concurrency),
    counts: (kind) => process.call('queue', `count ${kind}`, () => jobs.counts(kind), true),
    deadLetters: async () => [],
    ping: async () => undefined,
    close: async () => undefined,
  };
}
