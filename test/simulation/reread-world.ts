import { createEngine } from '../../src/engine/engine.ts';
import type { Observer } from '../../src/engine/ports/observer.ts';
import { startReconciliation } from '../../src/engine/reconcile.ts';
import { createAppCredentials } from '../../src/github/credentials.ts';
import { createDeliveryLog } from '../../src/github/delivery-log.ts';
import { createObserver } from '../../src/github/observer/observer.ts';
import { createProjector } from '../../src/github/projector/projector.ts';
import { createRepositoryHost } from '../../src/github/repository-host.ts';
import { signalsOf } from '../../src/github/webhooks/signals-of.ts';
import { createDefinitionReader } from '../../src/main/definition-reader.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { answered, fetchForOctokit } from './github/fetch-for-octokit.ts';
import type { Delivery } from './github/records.ts';
import { SimulatedGitHub } from './github/simulated-github.ts';
import { MemoryJobs, memoryQueue } from './memory-queue.ts';
import { memoryStore, MemoryTables, MissionLocks } from './memory-store.ts';
import { memoryWatches, WatchTables } from './memory-watches.ts';
import { memoryWorkspaces } from './memory-workspaces.ts';
import { ProcessLife } from './simulated-process.ts';
import { Timeline } from './timeline.ts';

const blind: Observer = {
  installations: async (memory) => ({ signals: [], memory, quiet: true, found: [], over: false }),
  repository: async (memory) => ({ signals: [], memory, quiet: true, found: [], over: false }),
  mission: async (_, memory) => ({ signals: [], memory, quiet: true, found: [], over: false }),
};

export interface RereadOptions {
  /** What becomes of a webhook when it is sent for the n-th time (1 …): taken, refused with a status, or lost without a trace. */
  readonly fate: (delivery: Delivery, nth: number) => 'taken' | 'lost' | number;
  /** False: only GitHub's log of deliveries is read. */
  readonly observes?: boolean;
}

/** One process of the product over a calm world, in which only the webhooks fail; what they would have told it must read again. */
export class RereadWorld {
  readonly timeline = new Timeline(1, true);
  readonly gitHub = new SimulatedGitHub({ now: () => this.timeline.now });
  readonly tables = new MemoryTables();
  /** Method, route and status of every call, in short. */
  readonly calls: string[] = [];
  /** Warnings and errors of the product. */
  readonly logged: string[] = [];
  readonly #fate: RereadOptions['fate'];
  readonly #times = new Map<string, number>();
  readonly #take: (delivery: Delivery) => void;

  constructor({ fate, observes = true }: RereadOptions) {
    const { timeline, gitHub, tables } = this;
    this.#fate = fate;
    const process = new ProcessLife({ timeline, name: 'app', faults: { fate: () => 'done', latency: () => 5 }, broken: (party, what) => new Error(`${party} ${what}`), skewMs: 0 });
    const { clock } = process;
    gitHub.observe = ({ method, route, answer }) => this.calls.push(`${method} ${route} ${answer.status}`);
    const turn = <T>(what: string, action: () => T): Promise<T> => process.call('database', what, action);
    const store = memoryStore({ tables, locks: new MissionLocks(), process: process.life, turn, now: () => clock.now() });
    const { app } = gitHub;
    const fetch = fetchForOctokit(gitHub, () => new Promise((resolve) => timeline.schedule(5, null, 'call', () => resolve(answered))));
    const credentials = createAppCredentials({ appId: app.appId, privateKey: app.privateKey, apiUrl: gitHub.apiUrl, clock, fetch, limits: { writeSpacingMs: 50 } });
    const ourBot = { login: app.botLogin, appId: app.appId };
    const note = (message: string, facts?: unknown): void => void this.logged.push(`${message} ${JSON.stringify(facts ?? null)}`);
    const log = { debug: () => undefined, info: () => undefined, warn: note, error: note };
    const steps = createStepRegistry(builtInSteps);
    let owners = 0;
    const newId = (): string => `app-${(owners += 1)}`;
    const projector = createProjector({ credentials, clock, ourBot, redact: (text) => text });
    const engine = createEngine({ store, queue: memoryQueue(new MemoryJobs(timeline), process), host: createRepositoryHost({ credentials, botLogin: app.botLogin }), projector, reader: createDefinitionReader(steps), clock, log, newId });
    engine.startSupervision();
    engine.startApp();
    const workspaces = memoryWorkspaces(process, timeline, { writeCommit: (parent, files, message) => gitHub.commit({ parent, files, message }), push: (branch, commit) => void gitHub.push(branch, commit) });
    engine.startWorker({ workspaces, steps, agent: null, worker: 'worker', identity: { name: app.botLogin, email: `${app.botLogin}@users.noreply.github.com` }, redact: (text) => text, leaseMs: 30_000, concurrency: 2 });
    startReconciliation({
      store,
      watches: memoryWatches(new WatchTables(tables), turn),
      observer: observes ? createObserver({ credentials, ourBot, clock }) : blind,
      deliveries: createDeliveryLog(credentials, clock),
      receive: (signals) => engine.receive(signals),
      clock,
      log,
      newOwner: newId,
      everyMs: 30_000,
    });
    this.#take = ({ id, name, payload }) => {
      const signals = signalsOf({ id, name, payload }, { ourBot }).map((mapped, index) => ({ ...mapped, source: `${id}#${index}`, receivedAt: clock.now() }));
      if (signals.length > 0) void engine.receive(signals);
    };
    this.#sendWebhooks();
  }

  #sendWebhooks(): void {
    this.timeline.schedule(1000, null, 'webhooks', () => {
      for (const delivery of [...this.gitHub.takeDeliveries(), ...this.gitHub.takeRedeliveries()]) this.#send(delivery);
      this.#sendWebhooks();
    });
  }

  #send(delivery: Delivery): void {
    const nth = (this.#times.get(delivery.id) ?? 0) + 1;
    this.#times.set(delivery.id, nth);
    const fate = this.#fate(delivery, nth);
    if (fate === 'lost') return;
    if (fate === 'taken') this.#take(delivery);
    this.gitHub.noteAttempt(delivery, fate === 'taken' ? 202 : fate);
  }

  /** How often the webhooks of this kind were sent, each. */
  timesSent(name: string): readonly number[] {
    return this.gitHub.deliveries.flatMap((delivery) => (delivery.name === name && delivery.sender !== this.gitHub.app.botLogin ? [this.#times.get(delivery.id) ?? 0] : []));
  }

  /** Lets time pass until it is so. Rejects when it is not within three simulated hours. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const from = this.timeline.now;
    await this.timeline.run(() => {
      if (this.timeline.now - from > 3 * 3_600_000) throw new Error(`it never came to this: ${what}`);
      return isSo();
    });
  }

  async pass(ms: number): Promise<void> {
    const end = this.timeline.now + ms;
    await this.timeline.run(() => this.timeline.now >= end);
  }
}
