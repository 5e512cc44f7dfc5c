import { evolve } from '../../src/core/mission/evolve.ts';
import type { Signal } from '../../src/core/mission/signal.ts';
import { missionIdOf } from '../../src/core/mission/source.ts';
import { isMission } from '../../src/core/mission/state.ts';
import type { MissionState } from '../../src/core/mission/state.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine, Running } from '../../src/engine/engine.ts';
import type { DefinitionReader } from '../../src/engine/facts.ts';
import { createDefinitionReader } from '../../src/main/definition-reader.ts';
import { bareHost, BareRepository } from './bare-repository.ts';
import { PeopleWithoutGitHub } from './bare-people.ts';
import { Chance } from './chance.ts';
import { BrokenWorld } from './broken-world.ts';
import { brokenConnection, leaseMs, pacing, tellEvent } from './habits.ts';
import { Invariants, isAtAnEnd, Violation } from './invariants.ts';
import { MemoryJobs, memoryQueue } from './memory-queue.ts';
import { memoryStore, MemoryTables, MissionLocks } from './memory-store.ts';
import { memoryWorkspaces } from './memory-workspaces.ts';
import { cast } from './people.ts';
import { ProcessLife } from './simulated-process.ts';
import { simulatedSteps as steps } from './simulated-steps.ts';
import { plain } from './plain-state.ts';
import { brokenPromise } from './promises.ts';
import { rememberingReader } from './remembering-reader.ts';
import { Timeline } from './timeline.ts';
import type { Life } from './timeline.ts';
import type { Ending, Setting } from './world.ts';

const restMs = 10_000;
/** After so much simulated time a world that is not at rest never will be. */
const longestMs = 3 * 3_600_000;
/** What no process took is sent again after so long, as by GitHub's log of deliveries. */
const sentAgainMs = 3_000;

const reader = rememberingReader(neverMerging(createDefinitionReader(steps)));

/**
 * A world with everything but GitHub's objects: the same core, engine, steps, simulated store, queue and processes, and
 * people whose signals come doubled, late and in any order — but the mission is shown nowhere, so that nothing is rendered
 * and written. Costs an eighth of a whole world; most seeds are such worlds.
 */
export class BareWorld {
  readonly timeline: Timeline;
  readonly tables = new MemoryTables();
  readonly #setting: Setting;
  readonly #repository: BareRepository;
  readonly #locks = new MissionLocks();
  readonly #jobs: MemoryJobs;
  readonly #chance: Chance;
  readonly #invariants: Invariants;
  readonly #people: PeopleWithoutGitHub;
  readonly #missionId: string;
  readonly #lives = new Map<string, { readonly life: Life; readonly running: readonly Running[]; readonly engine: Engine }>();
  /** Who pressed the button of which gate in which round. */
  readonly #presses = new Set<string>();
  #underway = 0;
  #owners = 0;
  #serial = 0;
  #broken: Violation | null = null;
  #restSince: number | null = null;

  constructor(setting: Setting, tellStory: boolean) {
    this.#setting = setting;
    this.#repository = new BareRepository(setting.written.files);
    this.timeline = new Timeline(setting.seed, tellStory);
    this.#chance = new Chance(this.timeline, setting.weather, this.timeline.started + setting.troubleMs);
    this.#jobs = new MemoryJobs(this.timeline);
    this.#missionId = missionIdOf(this.#repository.source.repository.id, this.#repository.source.issue.number);
    this.#invariants = new Invariants(this.tables, { roleOf: (login) => cast[login] ?? 'none', authorsBetween: (base, head) => this.#repository.authorsBetween(base, head), patchOf: (head) => this.#repository.patchOf(head) }, () => this.timeline.now + setting.weather.skewMs);
    this.tables.watchers.push(this.#invariants, {
      committed: (missionId, events) => {
        this.#restSince = null;
        for (const { seq, body } of events) {
          this.timeline.tell('ledger', `${missionId} ${seq} ${tellEvent(body)}`);
          if (body.type === 'gate.approved' && body.via === 'button' && !this.#presses.has(`${body.by.login} ${body.phase} ${body.round}`)) throw new Violation(`round ${body.round} of gate ${body.phase} was approved by a button of another round`);
        }
      },
    });
    this.timeline.beforeStep = (life) => this.#strike(life);
    for (let index = 1; index <= setting.apps; index += 1) this.#start(`app-${index}`, setting.workers === 0);
    for (let index = 1; index <= setting.workers; index += 1) this.#start(`worker-${index}`, true);
    this.#people = new PeopleWithoutGitHub({
      timeline: this.timeline,
      repository: this.#repository,
      written: setting.written,
      disturbances: setting.disturbances,
      mission: () => {
        const state = this.tables.read(this.#missionId)?.state ?? null;
        return isMission(state) ? state : null;
      },
      say: (meaning, signal) => this.#say(meaning, signal),
    });
    this.#flushSometimes();
    this.#lookWhetherAtRest();
  }

  /** Lets everything happen until nothing more does. Rejects with `BrokenWorld` when a promise of the product was broken. */
  async run(): Promise<Ending> {
    try {
      await this.timeline.run(() => this.#broken !== null || (this.#restSince !== null && this.timeline.now - this.#restSince >= restMs));
      if (this.#broken) throw this.#broken;
      this.#checkTheEnd();
    } catch (error) {
      throw new BrokenWorld(`seed ${this.#setting.seed} (bare, ${this.#setting.weather.name}, ${this.#setting.written.name}): ${error instanceof Error ? error.message : String(error)}`, this.timeline, error);
    }
    const { timeline } = this;
    return { fingerprint: timeline.fingerprint.toString(16).padStart(8, '0'), steps: timeline.steps, simulatedMs: timeline.now - timeline.started, status: this.#invariants.statusOf(this.#missionId), outcome: this.#outcome() };
  }

  #start(name: string, isWorker: boolean): void {
    const { timeline } = this;
    const { skewMs } = this.#setting.weather;
    const process = new ProcessLife({ timeline, name, faults: this.#chance, broken: brokenConnection, skewMs: timeline.between(-skewMs, skewMs) });
    const { clock, life } = process;
    timeline.tell(name, 'starts');
    const guarded = <T>(action: () => T): T => this.#guard(action);
    const store = memoryStore({ tables: this.tables, locks: this.#locks, process: life, turn: (what, action) => process.call('database', what, () => guarded(action)), now: () => clock.now() });
    const note = (level: string) => (message: string, facts?: unknown) => timeline.tell(name, `${level}: ${message} ${facts === undefined ? '' : JSON.stringify(facts)}`, level === 'info');
    const engine = createEngine({
      store,
      queue: memoryQueue(this.#jobs, process),
      host: bareHost(this.#repository, process, guarded),
      projector: { project: async () => Promise.reject(new Violation('a mission that is shown nowhere was to be shown')) },
      reader,
      clock,
      log: { debug: () => undefined, info: () => undefined, warn: note('warn'), error: note('error') },
      newId: () => `${name}-${(this.#owners += 1)}`,
      turnMs: leaseMs,
      pacing,
    });
    const running: Running[] = [engine.startSupervision()];
    if (name.startsWith('app')) running.push(engine.startApp());
    if (isWorker) {
      const workspaces = memoryWorkspaces(process, timeline, { writeCommit: (parent, files, message) => this.#repository.write(parent, files, message), push: (branch, commit) => guarded(() => this.#repository.push(branch, commit)), patchOf: (head) => this.#repository.patchOf(head) });
      running.push(engine.startWorker({ workspaces, steps, agent: null, worker: `${name}-${(this.#owners += 1)}`, identity: { name: 'bot', email: 'bot@example.com' }, redact: (text) => text, leaseMs, concurrency: 2 }));
    }
    this.#lives.set(name, { life, running, engine });
  }

  /** Sends a signal on its way: once, twice, late — and again until a process has stored it. */
  #say(meaning: string, signal: Signal): void {
    this.#serial += 1;
    if (signal.kind === 'button.pressed') this.#presses.add(`${signal.actor.login} ${signal.phase} ${signal.round}`);
    const delivery = `d${this.#serial}`;
    const arrivals = this.#chance.arrivals();
    for (const after of arrivals.length > 0 ? arrivals : [this.timeline.between(20_000, 60_000)]) this.#send(after, delivery, meaning, signal);
  }

  #send(afterMs: number, delivery: string, meaning: string, signal: Signal): void {
    const { timeline } = this;
    this.#underway += 1;
    timeline.schedule(afterMs, null, 'webhook', () => {
      timeline.tell('people', `signal ${signal.kind} ${delivery}`);
      const again = (): void => {
        this.#underway -= 1;
        this.#send(sentAgainMs, delivery, meaning, signal);
      };
      const { engine, life } = timeline.pick([...this.#lives].filter(([name]) => name.startsWith('app')).map(([, each]) => each));
      if (!life.alive || life.frozenUntil > timeline.now) return again();
      let isTaken = false;
      engine.receive([{ missionId: this.#missionId, source: delivery, meaning, signal, receivedAt: timeline.now }]).then(
        () => (isTaken = true),
        () => undefined,
      );
      timeline.schedule(10_000, null, 'no answer to a webhook', () => {
        if (!isTaken) return again();
        this.#underway -= 1;
      });
    });
  }

  #strike(life: Life): void {
    const blow = this.#chance.strike();
    if (blow === null) return;
    const { timeline } = this;
    if (blow === 'freeze') {
      life.frozenUntil = timeline.now + timeline.between(5_000, 80_000);
      timeline.tell(life.process, `is frozen for ${Math.round((life.frozenUntil - timeline.now) / 1000)} s`);
    } else if (blow === 'restart') {
      timeline.tell(life.process, 'is asked to end');
      const running = this.#lives.get(life.process)?.running ?? [];
      void Promise.all(running.map((part) => part.close(5_000))).then(() => this.#kill(life, 'has ended'));
    } else this.#kill(life, 'is killed');
  }

  #kill(life: Life, how: string): void {
    if (!life.alive) return;
    life.alive = false;
    this.#locks.forget(life);
    this.timeline.tell(life.process, how);
    this.timeline.schedule(this.timeline.between(200, 20_000), null, 'start again', () => this.#start(life.process, life.process.startsWith('worker') || this.#setting.workers === 0));
  }

  #flushSometimes(): void {
    if (this.#setting.weather.flush === 0) return;
    this.timeline.schedule(10_000, null, 'flush?', () => {
      if (this.#chance.isOver) return;
      if (this.timeline.chance(this.#setting.weather.flush)) {
        this.timeline.tell('queue', 'forgets everything');
        this.#jobs.flush();
      }
      this.#flushSometimes();
    });
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof Violation) this.#broken ??= error;
      throw error;
    }
  }

  #lookWhetherAtRest(): void {
    this.timeline.schedule(5_000, null, 'look whether at rest', () => {
      const reason = this.#unrest();
      if (reason !== null) this.#restSince = null;
      else this.#restSince ??= this.timeline.now;
      if (this.timeline.now - this.timeline.started > longestMs) this.#broken ??= new Violation(`the world does not come to rest: ${reason ?? 'it just did'}`);
      this.#lookWhetherAtRest();
    }, true);
  }

  /** What is still going on, or null. */
  #unrest(): string | null {
    if (!this.#chance.isOver) return 'trouble';
    if (!this.#people.isAtRest) return 'people';
    if (this.#underway > 0) return 'a signal on its way';
    const [signal] = this.tables.pendingSignals();
    if (signal) return `a pending signal (${signal.signal.kind})`;
    if (this.tables.outbox({}).length > 0) return 'the outbox';
    for (const lease of this.tables.leases()) if (lease.status === 'held' || lease.status === 'cancelled') return `the lease of ${lease.subject} ${lease.attempt}`;
    const job = this.#jobs.open().find(({ status }) => status !== 'failed');
    if (job && !(job.status === 'waiting' && job.due > this.timeline.now + 600_000)) return `the job ${job.request.kind} ${job.request.key}`;
    const status = this.#invariants.statusOf(this.#missionId);
    // Where people have it waived it is not stuck for long.
    if (this.#setting.written.waives !== true && this.#invariants.isStuckAtGate(this.#missionId)) return null;
    return isAtAnEnd(status) ? null : `the mission is ${status}`;
  }

  #checkTheEnd(): void {
    const { death, freeze, restart, slow, refused, answerLost } = this.#setting.weather;
    const mayLose = death + freeze + restart + slow + refused.database + answerLost.database > 0;
    if (!mayLose && this.#invariants.losses > 0) throw new Violation(`${this.#invariants.losses} attempt(s) were lost although every process was well`);
    for (const commit of this.#repository.mergedIntoTrunk()) if (!this.#invariants.isProduced(this.#missionId, commit)) throw new Violation(`${commit.slice(0, 8)} was merged into the trunk, which no accepted attempt produced`);
    const { written, disturbances } = this.#setting;
    const broken = disturbances > 0 || written.countsAttempts === true || written.promised === undefined ? null : brokenPromise(written.promised, this.tables.read(this.#missionId)?.state ?? null);
    if (broken !== null) throw new Violation(broken);
    for (const run of this.tables.runs()) {
      let replayed: MissionState | null = null;
      for (const event of run.events) replayed = evolve(replayed, event);
      if (plain(replayed) !== plain(run.state)) throw new Violation(`the state of ${run.id} is not what its events say`);
      if (isMission(run.state) && run.state.status !== 'cancelled' && run.state.trunk.head !== this.#repository.trunkHead()) throw new Violation(`the trunk stands at ${this.#repository.trunkHead().slice(0, 8)}, the mission believes at ${run.state.trunk.head.slice(0, 8)}`);
    }
  }

  #outcome(): Ending['outcome'] {
    const state = this.tables.read(this.#missionId)?.state ?? null;
    if (!isMission(state)) return { status: state?.status ?? 'none' };
    return {
      status: state.status,
      tasks: [...state.tasks.values()].map(({ id, status }) => `${id} ${status}`).sort(),
      phases: [...state.phases.values()].map(({ id, status, gate }) => `${id} ${status} ${gate.status}`).sort(),
      files: this.#repository.filesOfTrunk(),
      outputs: state.outputs ?? null,
    };
  }
}

/** Where nothing is shown there is no pull request to merge. */
function neverMerging(real: DefinitionReader): DefinitionReader {
  return {
    ...real,
    async readIssue(issue, readFile) {
      const reading = await real.readIssue(issue, readFile);
      return reading.ok ? { ...reading, definition: { ...reading.definition, settings: { ...reading.definition.settings, merge: 'none' } } } : reading;
    },
  };
}
