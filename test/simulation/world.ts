import { createPrivateKey } from 'node:crypto';

import { verifyChain, ledgerLine, chainEntry } from '../../src/core/ledger/chain.ts';
import { evolve } from '../../src/core/mission/evolve.ts';
import type { MissionState } from '../../src/core/mission/state.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Running } from '../../src/engine/engine.ts';
import type { StoredEvent } from '../../src/engine/ports/store.ts';
import { startReconciliation } from '../../src/engine/reconcile.ts';
import { createAppCredentials } from '../../src/github/credentials.ts';
import { createDeliveryLog } from '../../src/github/delivery-log.ts';
import { createObserver } from '../../src/github/observer/observer.ts';
import { createProjector } from '../../src/github/projector/projector.ts';
import { createRepositoryHost } from '../../src/github/repository-host.ts';
import { mayMean, signalsOf } from '../../src/github/webhooks/signals-of.ts';
import { createDefinitionReader } from '../../src/main/definition-reader.ts';
import { BrokenWorld } from './broken-world.ts';
import { Chance } from './chance.ts';
import type { Weather } from './chance.ts';
import { fetchForOctokit } from './github/fetch-for-octokit.ts';
import type { Outcome as Answer, RequestHook } from './github/fetch-for-octokit.ts';
import type { Delivery } from './github/records.ts';
import { SimulatedGitHub } from './github/simulated-github.ts';
import { brokenConnection, leaseMs, pacing, tellEvent } from './habits.ts';
import { Invariants, isAtAnEnd, Violation } from './invariants.ts';
import { MemoryJobs, memoryQueue } from './memory-queue.ts';
import { memoryStore, MemoryTables, MissionLocks } from './memory-store.ts';
import { memoryWatches, WatchTables } from './memory-watches.ts';
import { memoryWorkspaces } from './memory-workspaces.ts';
import type { WrittenMission } from './missions.ts';
import { outcomeOf } from './outcome.ts';
import { cast, PeopleOfAMission } from './people.ts';
import { plain } from './plain-state.ts';
import { brokenPromise } from './promises.ts';
import { rememberingReader } from './remembering-reader.ts';
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

const restCheckMs = 10_000;
/** A world at rest stays at rest for this long before it is believed: where webhooks are lost, until everything was read again. */
const restMs = 10_000;
const restWithLostWebhooksMs = 130_000;
/** After so much simulated time a world that is not at rest never will be. */
const longestMs = 5 * 3_600_000;

/** Read once: ten thousand worlds have one App. */
const appKey = createPrivateKey(new SimulatedGitHub({ now: () => 0 }).app.privateKey);
const reader = rememberingReader(createDefinitionReader(steps));

/** One simulated world: several processes of the product, one GitHub, people, and trouble. */
export class World {
  readonly timeline: Timeline;
  readonly gitHub: SimulatedGitHub;
  readonly tables = new MemoryTables();
  readonly #setting: Setting;
  readonly #watches = new WatchTables(this.tables);
  readonly #locks = new MissionLocks();
  readonly #jobs: MemoryJobs;
  readonly #chance: Chance;
  readonly #invariants: Invariants;
  readonly #people: PeopleOfAMission;
  readonly #lives = new Map<string, { readonly life: Life; readonly running: readonly Running[] }>();
  readonly #ingress = new Map<string, (delivery: Delivery) => void>();
  /** Deliveries on their way or to be made again. */
  #underway = 0;
  /** Deliveries that nobody took yet, and how often they were asked for again. */
  readonly #untaken = new Map<string, number>();
  readonly #taken = new Set<string>();
  #owners = 0;
  #writes = 0;
  #restSince: number | null = null;
  #restMs = restMs;
  #broken: Violation | null = null;

  constructor(setting: Setting, tellStory: boolean) {
    this.#setting = setting;
    this.timeline = new Timeline(setting.seed, tellStory);
    this.#chance = new Chance(this.timeline, setting.weather, this.timeline.started + setting.troubleMs);
    this.#jobs = new MemoryJobs(this.timeline);
    this.gitHub = new SimulatedGitHub({ now: () => this.timeline.now, people: cast, ...(setting.written.files === undefined ? {} : { files: { 'README.md': '# Project\n', ...setting.written.files } }) });
    this.#invariants = new Invariants(this.tables, { roleOf: (login) => cast[login] ?? 'none', authorsBetween: (base, head) => this.#people.authorsBetween(base, head) }, () => this.timeline.now + setting.weather.skewMs);
    this.tables.watchers.push(this.#invariants, { committed: (missionId, events) => this.#tellEvents(missionId, events) });
    this.timeline.beforeStep = (life) => this.#strike(life);
    for (let index = 1; index <= setting.apps; index += 1) this.#start(`app-${index}`, setting.workers === 0);
    for (let index = 1; index <= setting.workers; index += 1) this.#start(`worker-${index}`, true);
    this.#people = new PeopleOfAMission({ timeline: this.timeline, gitHub: this.gitHub, written: setting.written, disturbances: setting.disturbances, acted: () => this.#deliver() });
    this.#flushSometimes();
    this.#lookWhetherAtRest();
  }

  /** Lets everything happen until nothing more does. Rejects with `BrokenWorld` when a promise of the product was broken. */
  async run(): Promise<Ending> {
    try {
      this.#restMs = this.#losesWebhooks ? restWithLostWebhooksMs : restMs;
      await this.#untilAtRest();
      this.#restMs = restMs;
      await this.#lookOnceMore();
      this.#checkTheEnd();
    } catch (error) {
      throw new BrokenWorld(`seed ${this.#setting.seed} (${this.#setting.weather.name}, ${this.#setting.written.name}): ${error instanceof Error ? error.message : String(error)}`, this.timeline, error);
    }
    const { missionId } = this.#people;
    return {
      fingerprint: fingerprintOf(this.timeline),
      steps: this.timeline.steps,
      simulatedMs: this.timeline.now - this.timeline.started,
      status: this.#invariants.statusOf(missionId),
      outcome: outcomeOf(this.gitHub, this.#people.issue),
    };
  }

  #tellEvents(missionId: string, events: readonly StoredEvent[]): void {
    this.#restSince = null;
    for (const { seq, body } of events) this.timeline.tell('ledger', `${missionId} ${seq} ${tellEvent(body)}`);
  }

  get #losesWebhooks(): boolean {
    return this.#setting.weather.webhooks.dropped > 0;
  }

  /** Where no webhook is lost without a trace, reading again now and then is enough. */
  get #rereadMs(): number {
    return this.#losesWebhooks ? 20_000 : 300_000;
  }

  async #untilAtRest(): Promise<void> {
    await this.timeline.run(() => this.#broken !== null || this.#isAtRest());
    if (this.#broken) throw this.#broken;
  }

  /** Level-triggered: a pass over a view that stands already writes nothing. */
  async #lookOnceMore(): Promise<void> {
    const before = this.#writes;
    for (const run of this.tables.runs()) {
      this.tables.wantSync(run.id);
      this.#jobs.add([{ kind: 'sync-github', key: `${run.id}.once-more`, payload: { missionId: run.id } }]);
    }
    this.#restSince = null;
    await this.#untilAtRest();
    if (this.#writes > before) throw new Violation(`a pass over a view that stood already wrote ${this.#writes - before} times`);
  }

  #start(name: string, isWorker: boolean): void {
    const { timeline } = this;
    const { skewMs } = this.#setting.weather;
    const process = new ProcessLife({ timeline, name, faults: this.#chance, broken: brokenConnection, skewMs: timeline.between(-skewMs, skewMs) });
    const { clock, life } = process;
    timeline.tell(name, 'starts');
    const guarded = <T>(action: () => T): T => this.#guard(action);
    const store = memoryStore({
      tables: this.tables,
      locks: this.#locks,
      process: life,
      turn: (what, action) => process.call('database', what, () => guarded(action), quietCalls.has(what)),
      now: () => clock.now(),
    });
    const queue = memoryQueue(this.#jobs, process);
    const { app } = this.gitHub;
    const credentials = createAppCredentials({ appId: app.appId, privateKey: appKey, apiUrl: this.gitHub.apiUrl, clock, fetch: fetchForOctokit(this.gitHub, this.#hook(process)), limits: { writeSpacingMs: 50 } });
    const ourBot = { login: app.botLogin, appId: app.appId };
    const host = createRepositoryHost({ credentials, botLogin: app.botLogin });
    const note = (level: string) => (message: string, facts?: unknown) => timeline.tell(name, `${level}: ${message} ${facts === undefined ? '' : JSON.stringify(facts)}`, level === 'info');
    const log = { debug: () => undefined, info: note('info'), warn: note("warn"), error: note('error') };
    const engine = createEngine({
      store,
      queue,
      host,
      projector: createProjector({ credentials, clock, ourBot, redact: (text) => text }),
      reader,
      clock,
      log,
      newId: () => `${name}-${(this.#owners += 1)}`,
      turnMs: leaseMs,
      pacing,
    });
    const running: Running[] = [engine.startSupervision()];
    if (name.startsWith('app')) {
      running.push(engine.startApp());
      running.push(
        startReconciliation({
          store,
          watches: memoryWatches(this.#watches, (what, action) => process.call('database', what, () => guarded(action), true)),
          observer: createObserver({ credentials, ourBot, clock }),
          deliveries: createDeliveryLog(credentials, clock),
          receive: (signals) => engine.receive(signals),
          clock,
          log,
          newOwner: () => `${name}-${(this.#owners += 1)}`,
          everyMs: this.#rereadMs,
          tickMs: this.#rereadMs,
        }),
      );
      this.#ingress.set(name, (delivery) => this.#receive(process, engine, delivery));
    }
    if (isWorker) {
      const workspaces = memoryWorkspaces(process, timeline, { writeCommit: (parent, files, message) => this.gitHub.commit({ parent, files, message }), push: (branch, commit) => void guarded(() => this.gitHub.push(branch, commit)) });
      running.push(engine.startWorker({ workspaces, steps, agent: null, worker: `${name}-${(this.#owners += 1)}`, identity: { name: app.botLogin, email: `${app.botLogin}@users.noreply.github.com` }, redact: (text) => text, leaseMs, concurrency: 2 }));
    }
    this.#lives.set(name, { life, running });
  }

  /** Faults on the way to GitHub and back; and after every write, what must hold there. */
  #hook(process: ProcessLife): RequestHook {
    const { timeline } = this;
    return ({ method, path, body }) =>
      new Promise<Answer>((resolve) => {
        const what = `${method} ${path}`;
        const fate = this.#chance.fate('GitHub');
        const refusal = fate === 'done' ? this.#chance.refusal() : null;
        timeline.schedule(this.#chance.latency('GitHub'), null, what, () => {
          timeline.tell(process.life.process, `GitHub: ${what}${refusal ? ` — ${refusal.status}` : fate === 'done' ? '' : ` — ${fate}`}`, method === 'GET' && fate === 'done' && refusal === null);
          const after = new Promise<void>((answer) => {
            timeline.schedule(0, null, `after ${what}`, () => {
              if (!isWrite(method, path, body)) return;
              this.#writes += 1;
              this.#restSince = null;
              this.#guard(() => this.#checkGitHub());
              this.#deliver();
            }, true);
            timeline.schedule(this.#chance.latency('GitHub'), process.life, `answer to ${what}`, answer);
          });
          if (refusal) resolve({ kind: 'refused', answer: { status: refusal.status, headers: refusal.headers, body: { message: refusal.message } }, after });
          else if (fate === 'refused') resolve({ kind: 'unreachable', after });
          else resolve(fate === 'done' ? { kind: 'answered', after } : { kind: 'answer-lost', after });
        });
      });
  }

  /** Sends what GitHub has to tell on its way. */
  #deliver(): void {
    for (const delivery of this.gitHub.takeDeliveries()) {
      if (delivery.sender !== this.gitHub.app.botLogin) for (const after of this.#chance.arrivals()) this.#send(after, delivery);
    }
    for (const delivery of this.gitHub.takeRedeliveries()) {
      this.#untaken.set(delivery.id, (this.#untaken.get(delivery.id) ?? 0) + 1);
      this.#send(1_000, delivery);
    }
  }

  #send(afterMs: number, delivery: Delivery): void {
    this.#underway += 1;
    this.timeline.schedule(afterMs, null, 'webhook', () => {
      this.#underway -= 1;
      this.timeline.tell('GitHub', `webhook ${delivery.name}.${delivery.action ?? ''} ${delivery.id.slice(-4)}`);
      this.timeline.pick([...this.#ingress.values()])(delivery);
    });
  }

  /** An app takes a delivery. One that could not be stored is in GitHub's log, from where the re-reading has it sent again. */
  #receive(process: ProcessLife, engine: { receive: ReturnType<typeof createEngine>['receive'] }, delivery: Delivery): void {
    if (!process.life.alive || process.life.frozenUntil > this.timeline.now) return this.#note(delivery, 502);
    const ourBot = { login: this.gitHub.app.botLogin, appId: this.gitHub.app.appId };
    const signals = signalsOf({ id: delivery.id, name: delivery.name, payload: delivery.payload }, { ourBot }).map((mapped, index) => ({ ...mapped, source: `${delivery.id}#${index}`, receivedAt: process.clock.now() }));
    if (signals.length === 0) return this.#note(delivery, 202);
    let isTaken = false;
    engine.receive(signals).then(
      () => (isTaken = true),
      () => undefined,
    );
    // GitHub waits ten seconds for an answer.
    this.timeline.schedule(10_000, null, 'no answer to a webhook', () => {
      this.#note(delivery, isTaken ? 202 : 504);
    });
  }

  /** GitHub's log of deliveries gets a line; what nobody took is to be asked for again, three times at most. */
  #note(delivery: Delivery, status: number): void {
    this.gitHub.noteAttempt(delivery, status);
    const asked = this.#untaken.get(delivery.id) ?? 0;
    if (status < 300) this.#taken.add(delivery.id);
    if (this.#taken.has(delivery.id) || asked >= 3 || !mayMean(delivery.name, delivery.action)) this.#untaken.delete(delivery.id);
    else this.#untaken.set(delivery.id, asked);
  }

  #strike(life: Life): void {
    const blow = this.#chance.strike();
    if (blow === null) return;
    const { timeline } = this;
    if (blow === 'freeze') {
      life.frozenUntil = timeline.now + timeline.between(5_000, 80_000);
      timeline.tell(life.process, `is frozen for ${Math.round((life.frozenUntil - timeline.now) / 1000)} s`);
      return;
    }
    if (blow === 'restart') {
      timeline.tell(life.process, 'is asked to end');
      const running = this.#lives.get(life.process)?.running ?? [];
      void Promise.all(running.map((part) => part.close(5_000))).then(() => this.#kill(life, 'has ended'));
      return;
    }
    this.#kill(life, 'is killed');
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

  /** Runs an action of the world; a broken promise ends the world instead of being an error of the caller's. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof Violation) this.#broken ??= error;
      throw error;
    }
  }

  /** What must hold on GitHub at every moment: nothing is green, and nothing merged, that the ledger did not open for that very commit. */
  #checkGitHub(): void {
    const { missionId } = this.#people;
    for (const run of this.gitHub.checkRuns()) {
      if (run.conclusion !== 'success') continue;
      if (run.name.startsWith('gate/') && !this.#invariants.wasOpened(missionId, run.name.slice('gate/'.length), run.headSha)) throw new Violation(`the check ${run.name} is green on a commit for which the gate was never opened`);
      if (run.name === 'missiongate' && !this.#invariants.wasAllOpen(missionId, run.headSha)) throw new Violation('the check missiongate is green on a commit for which not every gate was open');
    }
    for (const pull of this.gitHub.pulls()) if (pull.state === 'open' && !pull.draft && !this.#invariants.wasEverAllOpen(missionId)) throw new Violation(`pull request #${pull.number} is ready although its gates were never all open`);
    for (const pull of this.gitHub.pulls()) if (pull.merged && !this.#invariants.wasAllOpen(missionId, pull.head)) throw new Violation(`pull request #${pull.number} was merged before every gate was open`);
    for (const commit of this.gitHub.mergedInto(`mission/${this.#people.issue}/trunk`)) if (!this.#invariants.isProduced(missionId, commit)) throw new Violation(`${commit.slice(0, 8)} was merged into the trunk, which no accepted attempt produced`);
    const doubles = this.gitHub.doubles();
    if (doubles.length > 0) throw new Violation(`on GitHub twice: ${doubles.join('; ')}`);
  }

  #lookWhetherAtRest(): void {
    this.timeline.schedule(restCheckMs, null, 'look whether at rest', () => {
      this.#deliver();
      const reason = this.#unrest();
      if (reason !== null) this.#restSince = null;
      else this.#restSince ??= this.timeline.now;
      if (this.timeline.now - this.timeline.started > longestMs) this.#broken ??= new Violation(`the world does not come to rest: ${reason ?? 'it just did'}`);
      this.#lookWhetherAtRest();
    }, true);
  }

  #isAtRest(): boolean {
    return this.#restSince !== null && this.timeline.now - this.#restSince >= this.#restMs;
  }

  /** What is still going on, or null. */
  #unrest(): string | null {
    if (!this.#chance.isOver) return 'trouble';
    if (!this.#people.isAtRest) return 'people';
    if (this.#underway > 0) return 'a webhook';
    if (this.#untaken.size > 0) return 'a webhook that nobody took';
    const [signal] = this.tables.pendingSignals();
    if (signal) return `a pending signal (${signal.signal.kind})`;
    if (this.tables.outbox({}).length > 0) return 'the outbox';
    for (const lease of this.tables.leases()) if (lease.status === 'held' || lease.status === 'cancelled') return `the lease of ${lease.subject} ${lease.attempt}`;
    for (const run of this.tables.runs()) if (run.syncWanted || run.syncOwner !== null) return `a sync of ${run.id}`;
    const job = this.#jobs.open().find(({ status }) => status !== 'failed');
    if (job && !(job.status === "waiting" && job.due > this.timeline.now + 600_000)) return `the job ${job.request.kind} ${job.request.key}`;
    const status = this.#invariants.statusOf(this.#people.missionId);
    // Where people have it waived it is not stuck for long.
    if (this.#setting.written.waives !== true && this.#invariants.isStuckAtGate(this.#people.missionId)) return null;
    return status === 'refused' || isAtAnEnd(status) ? null : `the mission is ${status}`;
  }

  #checkTheEnd(): void {
    this.#checkGitHub();
    const { death, freeze, restart, slow, refused, answerLost } = this.#setting.weather;
    const mayLose = death + freeze + restart + slow + refused.database + answerLost.database > 0;
    if (!mayLose && this.#invariants.losses > 0) throw new Violation(`${this.#invariants.losses} attempt(s) were lost although every process was well`);
    const isOver = this.#invariants.statusOf(this.#people.missionId);
    for (const pull of this.gitHub.pulls()) {
      if (pull.state === 'open' && isOver === 'completed' && pull.draft) throw new Violation(`pull request #${pull.number} is a draft although every gate is open`);
      if (pull.state === 'open' && !pull.draft && (isOver === 'failed' || isOver === 'partially-failed' || this.#invariants.isStuckAtGate(this.#people.missionId))) throw new Violation(`pull request #${pull.number} is ready although not every gate is open`);
    }
    const labels = this.gitHub.issue(this.#people.issue).labels;
    if (this.#invariants.hasStarted(this.#people.missionId) && [...labels].includes('mission:queue')) throw new Violation('the label mission:queue stays although it was obeyed');
    const plannedAt = this.#invariants.plannedAt(this.#people.missionId);
    const comments = new Map(this.gitHub.comments(this.#people.issue).map((comment) => [comment.id, comment]));
    for (const { comment, at, text } of this.#people.said) {
      if (plannedAt !== null && at > plannedAt && comments.get(comment)?.reactions.length === 0) throw new Violation(`nobody answered: ${text}`);
    }
    const { written, disturbances } = this.#setting;
    const broken = disturbances > 0 || written.countsAttempts === true || written.promised === undefined ? null : brokenPromise(written.promised, this.tables.read(this.#people.missionId)?.state ?? null);
    if (broken !== null) throw new Violation(broken);
    for (const run of this.tables.runs()) {
      const report = verifyChain(run.events.map((event) => ledgerLine(chainEntry(event, event.prevHash))));
      if (report.fault) throw new Violation(`the ledger of ${run.id} does not verify: ${report.fault.message}`);
      let replayed: MissionState | null = null;
      for (const event of run.events) replayed = evolve(replayed, event);
      if (plain(replayed) !== plain(run.state)) throw new Violation(`the state of ${run.id} is not what its events say`);
    }
  }
}

/** Whether a call changes what people see. */
function isWrite(method: string, path: string, body: string | undefined): boolean {
  if (method === 'GET' || path.endsWith('/access_tokens') || path.startsWith('/app/hook')) return false;
  return path !== '/graphql' || body?.includes('mutation') === true;
}

function fingerprintOf(timeline: Timeline): string {
  return timeline.fingerprint.toString(16).padStart(8, '0');
}
