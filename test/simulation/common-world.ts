import type { Anchor } from '../../src/core/ledger/anchor.ts';
import { chainEntry, ledgerLine } from '../../src/core/ledger/chain.ts';
import { verifyMission } from '../../src/core/ledger/verify.ts';
import { evolve } from '../../src/core/mission/evolve.ts';
import type { MissionState } from '../../src/core/mission/state.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine, EngineParts, Running } from '../../src/engine/engine.ts';
import type { Log } from '../../src/engine/ports/log.ts';
import type { Clock } from '../../src/kit/time.ts';
import { knownSigner } from '../support/signers.ts';
import { BrokenWorld } from './broken-world.ts';
import { Chance } from './chance.ts';
import type { Weather } from './chance.ts';
import { brokenConnection, leaseMs, pacing, tellEvent } from './habits.ts';
import { Invariants, isAtAnEnd, Violation } from './invariants.ts';
import type { WitnessOfGitHub } from './invariants.ts';
import { MemoryJobs, memoryQueue } from './memory-queue.ts';
import { memoryStore, MemoryTables, MissionLocks } from './memory-store.ts';
import { memoryWorkspaces } from './memory-workspaces.ts';
import type { WorkerRepository } from './memory-workspaces.ts';
import type { WrittenMission } from './missions.ts';
import { cast } from './people.ts';
import { plain } from './plain-state.ts';
import { brokenPromise } from './promises.ts';
import { checkSeals } from './seal-rules.ts';
import { ProcessLife } from './simulated-process.ts';
import { simulatedSteps as steps } from './simulated-steps.ts';
import { Timeline } from './timeline.ts';
import type { Life } from './timeline.ts';

export type WorldKind = 'whole' | 'bare';

/** Everything that a seed decides about a world before it begins. */
export interface Setting {
  readonly seed: number;
  /** `bare`: without GitHub (see bare-world.ts). */
  readonly kind: WorldKind;
  readonly written: WrittenMission;
  readonly weather: Weather;
  readonly apps: number;
  readonly workers: number;
  readonly disturbances: number;
  /** Milliseconds of trouble. */
  readonly troubleMs: number;
  /** No longer than that git fails: who fetches is tried again a few times only. */
  readonly gitTroubleMs: number;
  /** The installation has a key: ledgers are sealed, heads signed. */
  readonly signs: boolean;
}

/** What came of a world. */
export interface Ending {
  readonly fingerprint: string;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly status: string;
  /** What people can see in the end, without ids, times, commits and conversation: by name, to be compared. */
  readonly outcome: object;
}

/** Calls that would drown the story: they change nothing by themselves. */
const quietCalls: ReadonlySet<string> = new Set(['hold', 'read', 'outbox', 'take outbox', 'missions with signals', 'expected jobs', 'expire leases', 'fire timers', 'next timer', 'objects', 'notices', 'events', 'evidence pack', 'artifact', 'heartbeat', 'extend sync', 'remove outbox']);

/** The key of every installation that has one. */
const signer = knownSigner();

/** One process of the product, alive. */
export interface SimulatedProcess {
  readonly life: Life;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly running: readonly Running[];
}

/** What a kind of world gives to each process that starts in it. */
export type SurroundingsOfProcess = Pick<EngineParts, 'host' | 'projector' | 'reader'>;

/**
 * What worlds of both kinds have in common: time, tables, queue, processes and what befalls them, and what must hold whether or not the
 * mission is shown anywhere. Everything that is drawn by chance is drawn in the order of the calls below.
 */
export abstract class CommonWorld {
  readonly timeline: Timeline;
  readonly tables = new MemoryTables();
  protected readonly setting: Setting;
  protected readonly jobs: MemoryJobs;
  protected readonly chance: Chance;
  protected readonly invariants: Invariants;
  protected restSince: number | null = null;
  readonly #locks = new MissionLocks();
  readonly #processes = new Map<string, SimulatedProcess>();
  #owners = 0;
  #broken: Violation | null = null;

  constructor(setting: Setting, tellStory: boolean, github: (world: CommonWorld) => Omit<WitnessOfGitHub, 'roleOf'>) {
    this.setting = setting;
    this.timeline = new Timeline(setting.seed, tellStory);
    this.chance = new Chance(this.timeline, setting.weather, { until: this.timeline.started + setting.troubleMs, gitUntil: this.timeline.started + setting.gitTroubleMs });
    this.jobs = new MemoryJobs(this.timeline);
    this.invariants = new Invariants(this.tables, { roleOf: (login) => cast[login] ?? 'none', ...github(this) }, () => this.timeline.now + setting.weather.skewMs);
    const key = setting.signs ? signer.publicKey : null;
    this.tables.watchers.push(this.invariants, {
      committed: (missionId, events) => {
        this.restSince = null;
        checkSeals(events, key);
        for (const { seq, body } of events) this.timeline.tell('ledger', `${missionId} ${seq} ${tellEvent(body)}`);
      },
    });
    this.timeline.beforeStep = (life) => this.#strike(life);
  }

  /** The only mission. */
  protected abstract readonly missionId: string;
  /** How often it is looked whether anything still goes on, and after how much simulated time a world that is not at rest never will be. */
  protected abstract readonly patience: { readonly lookEveryMs: number; readonly longestMs: number };
  /** The first half of a new process: what it is surrounded by. */
  protected abstract surround(process: ProcessLife): SurroundingsOfProcess;
  /** The second half: what else a process of this name starts. */
  protected abstract startMore(process: ProcessLife, parts: { readonly engine: Engine; readonly store: EngineParts['store']; readonly log: Log }): readonly Running[];
  protected abstract repositoryOf(process: ProcessLife): WorkerRepository;
  /** What is on its way outside of the product, or null. */
  protected abstract unrestOutside(): string | null;
  /** Called every now and then, before it is looked whether anything goes on. */
  protected beforeLooking(): void {
    return;
  }

  protected startProcesses(): void {
    const { apps, workers } = this.setting;
    for (let index = 1; index <= apps; index += 1) this.#start(`app-${index}`);
    for (let index = 1; index <= workers; index += 1) this.#start(`worker-${index}`);
  }

  /** The queue forgets, and somebody looks whether all is over. */
  protected startWatching(): void {
    this.#flushSometimes();
    this.#lookWhetherAtRest();
  }

  /** Processes that take webhooks. */
  protected apps(): readonly SimulatedProcess[] {
    return [...this.#processes].flatMap(([name, process]) => (name.startsWith('app') ? [process] : []));
  }

  protected newOwner(name: string): string {
    return `${name}-${(this.#owners += 1)}`;
  }

  /** Runs an action of the world; a broken promise ends the world instead of being an error of the caller's. */
  protected guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof Violation) this.#broken ??= error;
      throw error;
    }
  }

  /** The same where nobody waits for what comes of it. */
  #judge(check: () => void): void {
    try {
      this.guard(check);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
    }
  }

  /** Lets things happen until nothing has for so long; since it was last looked, somebody may have begun to do something. */
  protected async untilAtRest(forMs: number): Promise<void> {
    await this.timeline.run(() => this.#broken !== null || (this.restSince !== null && this.timeline.now - this.restSince >= forMs && this.#unrest() === null));
    if (this.#broken) throw this.#broken;
  }

  protected async told(work: () => Promise<void>): Promise<void> {
    const { seed, kind, weather, written } = this.setting;
    try {
      await work();
    } catch (error) {
      throw new BrokenWorld(`seed ${seed} (${kind === 'bare' ? 'bare, ' : ''}${weather.name}, ${written.name}): ${error instanceof Error ? error.message : String(error)}`, this.timeline, error);
    }
  }

  protected ending(outcome: object): Ending {
    const { timeline } = this;
    return { fingerprint: timeline.fingerprint.toString(16).padStart(8, '0'), steps: timeline.steps, simulatedMs: timeline.now - timeline.started, status: this.invariants.statusOf(this.missionId), outcome };
  }

  /** What must hold in the end whether or not the mission is shown. */
  protected checkCommonEnd(): void {
    const { written, disturbances, weather } = this.setting;
    const { death, freeze, restart, slow, refused, answerLost } = weather;
    const mayLose = death + freeze + restart + slow + refused.database + answerLost.database > 0;
    if (!mayLose && this.invariants.losses > 0) throw new Violation(`${this.invariants.losses} attempt(s) were lost although every process was well`);
    const broken = disturbances > 0 || written.countsAttempts === true || written.promised === undefined ? null : brokenPromise(written.promised, this.tables.read(this.missionId)?.state ?? null);
    if (broken !== null) throw new Violation(broken);
    if (this.setting.signs) this.#checkLedgers();
    for (const run of this.tables.runs()) {
      let replayed: MissionState | null = null;
      for (const event of run.events) replayed = evolve(replayed, event);
      if (plain(replayed) !== plain(run.state)) throw new Violation(`the state of ${run.id} is not what its events say`);
    }
  }

  /** Where a mission's ledger was ever seen outside. */
  protected anchorsOf(_missionId: string): readonly Anchor[] {
    return [];
  }

  /** Every ledger verifies with the public key, and goes on from wherever it was anchored. */
  #checkLedgers(): void {
    for (const run of this.tables.runs()) {
      if (run.events.length === 0) continue;
      const keysAreGiven = run.events.some(({ body }) => body.type === 'ledger.sealed');
      const ledger = run.events.map((event) => ledgerLine(chainEntry(event, event.prevHash)));
      const { faults } = verifyMission({ ledger, packs: [], artifacts: [], ledgerOnly: true, expectedHead: null, anchors: this.anchorsOf(run.id), keys: [{ ...signer.publicKey, state: 'active' }], keysAreGiven });
      if (faults.length > 0) throw new Violation(`the ledger of ${run.id} does not verify: ${faults.join('; ')}`);
    }
  }

  #start(name: string): void {
    const { timeline } = this;
    const { skewMs } = this.setting.weather;
    const process = new ProcessLife({ timeline, name, faults: this.chance, broken: brokenConnection, skewMs: timeline.between(-skewMs, skewMs) });
    const { clock, life } = process;
    timeline.tell(name, 'starts');
    const store = memoryStore({ tables: this.tables, locks: this.#locks, process: life, turn: (what, action) => process.call('database', what, () => this.guard(action), quietCalls.has(what)), now: () => clock.now() });
    const note = (level: string) => (message: string, facts?: unknown) => timeline.tell(name, `${level}: ${message} ${facts === undefined ? '' : JSON.stringify(facts)}`, level === 'info');
    const log = { debug: () => undefined, info: note('info'), warn: note('warn'), error: note('error') };
    const engine = createEngine({ store, queue: memoryQueue(this.jobs, process), ...this.surround(process), clock, log, newId: () => this.newOwner(name), signer: this.setting.signs ? signer : null, turnMs: leaseMs, pacing });
    const running: Running[] = [engine.startSupervision()];
    if (name.startsWith('app')) running.push(engine.startApp());
    running.push(...this.startMore(process, { engine, store, log }));
    if (name.startsWith('worker') || this.setting.workers === 0) {
      const workspaces = memoryWorkspaces(process, timeline, this.repositoryOf(process));
      running.push(engine.startWorker({ workspaces, steps, agent: null, worker: this.newOwner(name), identity: { name: 'missiongate[bot]', email: 'missiongate[bot]@users.noreply.github.com' }, redact: (text) => text, leaseMs, concurrency: 2 }));
    }
    this.#processes.set(name, { life, clock, running, engine });
  }

  #strike(life: Life): void {
    const blow = this.chance.strike();
    if (blow === null) return;
    const { timeline } = this;
    if (blow === 'freeze') {
      life.frozenUntil = timeline.now + timeline.between(5_000, 80_000);
      timeline.tell(life.process, `is frozen for ${Math.round((life.frozenUntil - timeline.now) / 1000)} s`);
    } else if (blow === 'restart') {
      timeline.tell(life.process, 'is asked to end');
      const running = this.#processes.get(life.process)?.running ?? [];
      void Promise.all(running.map((part) => part.close(5_000))).then(() => this.#kill(life, 'has ended'));
    } else this.#kill(life, 'is killed');
  }

  #kill(life: Life, how: string): void {
    if (!life.alive) return;
    life.alive = false;
    this.#locks.forget(life);
    this.timeline.tell(life.process, how);
    // What a dead process left behind must be as good as what a living one does.
    if (this.setting.signs) this.#judge(() => this.#checkLedgers());
    this.timeline.schedule(this.timeline.between(200, 20_000), null, 'start again', () => this.#start(life.process));
  }

  #flushSometimes(): void {
    const { flush } = this.setting.weather;
    if (flush === 0) return;
    this.timeline.schedule(10_000, null, 'flush?', () => {
      if (this.chance.isOver) return;
      if (this.timeline.chance(flush)) {
        this.timeline.tell('queue', 'forgets everything');
        this.jobs.flush();
      }
      this.#flushSometimes();
    });
  }

  #lookWhetherAtRest(): void {
    const { lookEveryMs, longestMs } = this.patience;
    this.timeline.schedule(lookEveryMs, null, 'look whether at rest', () => {
      this.beforeLooking();
      const reason = this.#unrest();
      if (reason !== null) this.restSince = null;
      else this.restSince ??= this.timeline.now;
      if (this.timeline.now - this.timeline.started > longestMs) this.#broken ??= new Violation(`the world does not come to rest: ${reason ?? 'it just did'}`);
      this.#lookWhetherAtRest();
    }, true);
  }

  /** What is still going on, or null. */
  #unrest(): string | null {
    if (!this.chance.isOver) return 'trouble';
    const outside = this.unrestOutside();
    if (outside !== null) return outside;
    const [signal] = this.tables.pendingSignals();
    if (signal) return `a pending signal (${signal.signal.kind})`;
    if (this.tables.outbox({}).length > 0) return 'the outbox';
    for (const lease of this.tables.leases()) if (lease.status === 'held' || lease.status === 'cancelled') return `the lease of ${lease.subject} ${lease.attempt}`;
    const job = this.jobs.open().find(({ status }) => status !== 'failed');
    if (job && !(job.status === 'waiting' && job.due > this.timeline.now + 600_000)) return `the job ${job.request.kind} ${job.request.key}`;
    const status = this.invariants.statusOf(this.missionId);
    // Where people have it waived it is not stuck for long.
    if (this.setting.written.waives !== true && this.invariants.isStuckAtGate(this.missionId)) return null;
    return status === 'refused' || isAtAnEnd(status) ? null : `the mission is ${status}`;
  }
}
