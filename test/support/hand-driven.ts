import { readPolicy } from '../../src/config/read-policy.ts';
import type { Definition } from '../../src/core/mission/definition.ts';
import type { Signal } from '../../src/core/mission/signal.ts';
import type { ChecklistIntent } from '../../src/core/mission/request.ts';
import type { Mission } from '../../src/core/mission/state.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Log } from '../../src/engine/ports/log.ts';
import type { JobHandler, JobKind, JobRequest, Queue } from '../../src/engine/ports/queue.ts';
import type { Projector } from '../../src/engine/ports/projector.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import type { AttemptWorkspace, Workspaces } from '../../src/engine/ports/workspaces.ts';
import { sha256 } from '../../src/kit/hash.ts';
import type { Clock } from '../../src/kit/time.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import type { CommandOutcome } from '../../src/steps/step-type.ts';
import { createStore } from '../../src/store/store.ts';
import { emptyDatabase } from './embedded-databases.ts';
import { fakeHost, rememberingProjector } from './fake-host.ts';
import { missionId, person, source } from './pure-world.ts';

/** A clock that stands still until a test moves it; who sleeps is woken by the abort alone. */
export function handClock(): Clock & { at: number } {
  return {
    at: 1_900_000_000_000,
    now() {
      return this.at;
    },
    sleep: (_ms, signal) => new Promise((_resolve, reject) => (signal?.aborted ? reject(signal.reason as Error) : signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))),
  };
}

/** A queue whose jobs run when a test says so, one after the other; equal keys are one job. */
export function handQueue(clock: { now(): number }): Queue & { readonly waiting: (JobRequest & { due: number })[]; run(kinds?: readonly JobKind[]): Promise<void>; readonly stop: AbortController } {
  const handlers = new Map<JobKind, JobHandler<JobKind>>();
  const known = new Set<string>();
  const waiting: (JobRequest & { due: number })[] = [];
  const stop = new AbortController();
  return {
    waiting,
    stop,
    async add(requests) {
      for (const request of requests) {
        if (known.has(`${request.kind} ${request.key}`)) continue;
        known.add(`${request.kind} ${request.key}`);
        waiting.push({ ...request, due: clock.now() + (request.delayMs ?? 0) });
      }
    },
    consume(kind, handler) {
      handlers.set(kind, handler as unknown as JobHandler<JobKind>);
      return { close: async () => void handlers.delete(kind) };
    },
    async run(kinds = ['run-attempt', 'integrate', 'sync-github', 'timer']) {
      for (;;) {
        const at = waiting.findIndex((job) => job.due <= clock.now() && kinds.includes(job.kind) && handlers.has(job.kind));
        const [job] = at < 0 ? [] : waiting.splice(at, 1);
        if (!job) return;
        const outcome = await handlers.get(job.kind)!({ kind: job.kind, key: job.key, payload: job.payload, previousRuns: 0 }, stop.signal);
        if (outcome.outcome === 'again') waiting.push({ ...job, due: clock.now() + Math.max(1, outcome.delayMs) });
      }
    },
    counts: async (kind) => ({ waiting: waiting.filter((job) => job.kind === kind).length, active: 0, delayed: 0, failed: 0 }),
    deadLetters: async () => [],
    ping: async () => undefined,
    close: async () => undefined,
  };
}

/** Files in memory; programs exit with the code that their first argument names. */
export function memoryWorkspaces(): Workspaces & { readonly pushed: string[] } {
  const pushed: string[] = [];
  return {
    pushed,
    sweep: async () => undefined,
    async open(request): Promise<AttemptWorkspace> {
      const files = new Map<string, string>();
      const diff = () => ({ files: [...files.keys()].map((path) => ({ path, status: 'added' as const, additions: 1, deletions: 0 })), additions: files.size, deletions: 0, patch: [...files].join('\n'), truncated: false });
      return {
        root: '/nowhere',
        baseCommit: request.baseCommit,
        readFile: async (path) => files.get(path) ?? '',
        writeFile: async (path, content) => void files.set(path, content),
        removeFile: async (path) => void files.delete(path),
        async run({ argv }): Promise<CommandOutcome> {
          return { exitCode: Number(argv[1] ?? 0), signal: null, endedBy: null, output: { text: `ran ${argv.join(' ')}`, truncatedBytes: 0 }, durationMs: 1 };
        },
        commitAll: async (message) => (files.size === 0 ? null : { commit: sha256(request.name + message).slice(0, 40), diff: diff() }),
        diffFrom: async () => diff(),
        async push(branch, confirm) {
          if (!(await confirm())) return 'refused';
          pushed.push(branch);
          return 'pushed';
        },
        dispose: async () => undefined,
      };
    },
  };
}

/** The engine on a real embedded database, its surroundings in memory, everything moved by hand. */
export async function handDrivenEngine(parts: { readonly definition: Definition; readonly projector?: Projector; readonly log?: Log }) {
  const clock = handClock();
  const queue = handQueue(clock);
  const database = await emptyDatabase();
  const store = createStore(database, clock);
  const host = fakeHost();
  const projector = rememberingProjector();
  const workspaces = memoryWorkspaces();
  const messages: string[] = [];
  const note = (message: string) => void messages.push(message);
  const log: Log = parts.log ?? { debug: note, info: note, warn: note, error: note };
  const intents: ChecklistIntent[] = [];
  let owners = 0;

  /** One process of the product; several share database and surroundings. */
  function process(change: { readonly store?: Store; readonly host?: Partial<typeof host>; readonly clock?: Clock } = {}): Engine {
    const engine = createEngine({
      store: change.store ?? store,
      queue,
      host: Object.assign(Object.create(host) as typeof host, change.host),
      projector: parts.projector ?? projector,
      reader: { readIssue: async (issue) => ({ ok: true, definition: parts.definition, definedIn: `issue #${issue.number}`, items: null }), intents: () => intents, readPolicy },
      clock: change.clock ?? clock,
      log,
      newId: () => `owner-${(owners += 1)}`,
    });
    return engine;
  }
  const engine = process();
  engine.startApp();
  const worker = { workspaces, steps: createStepRegistry(builtInSteps), agent: null, worker: 'w1', identity: { name: 'bot', email: 'bot@example.test' }, redact: (text: string) => text.replaceAll('hunter2', '[redacted]'), leaseMs: 30_000, concurrency: 1 };
  engine.startWorker(worker);
  let serial = 0;
  return {
    clock, queue, database, store, host, projector, workspaces, messages, engine, process, intents, worker,
    async send(signal: Signal, to = missionId): Promise<void> {
      serial += 1;
      await store.receive([{ missionId: to, source: `s${serial}`, meaning: `s${serial}`, signal, receivedAt: clock.now() }]);
    },
    async begin(to = missionId): Promise<void> {
      await this.send({ kind: 'mission.requested', source, title: 't', body: '', actor: person('author') }, to);
      await this.send({ kind: 'mission.queue-requested', source, actor: person('author') }, to);
      await engine.advance(to);
    },
    say(login: string, name: string, ...words: readonly string[]): Promise<void> {
      serial += 1;
      return this.send({ kind: 'command.given', source, conversation: 7, commentId: serial, actor: person(login), command: { name, arguments: words, text: words.slice(1).join(' '), problem: null } });
    },
    async mission(of = missionId): Promise<Mission> {
      const current = await store.read(of);
      if (!current || !('tasks' in current.state)) throw new Error('there is no mission');
      return current.state;
    },
    /** Runs what is due, then lets time pass to the next job or deferred signal, for so many steps. */
    async pass(steps = 20, stepMs = 5_000): Promise<void> {
      for (let step = 0; step < steps; step += 1) {
        await queue.run();
        clock.at += stepMs;
        await engine.superviseOnce();
      }
      await queue.run();
    },
    close: () => store.close(),
  };
}

