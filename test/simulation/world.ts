import { createPrivateKey } from 'node:crypto';

import type { Anchor } from '../../src/core/ledger/anchor.ts';
import { verifyChain, ledgerLine, chainEntry } from '../../src/core/ledger/chain.ts';
import type { Engine, EngineParts, Running } from '../../src/engine/engine.ts';
import type { Log } from '../../src/engine/ports/log.ts';
import { startReconciliation } from '../../src/engine/reconcile.ts';
import { createAppCredentials } from '../../src/github/credentials.ts';
import type { AppCredentials } from '../../src/github/credentials.ts';
import { createDeliveryLog } from '../../src/github/delivery-log.ts';
import { createObserver } from '../../src/github/observer/observer.ts';
import { createProjector } from '../../src/github/projector/projector.ts';
import { createRepositoryHost } from '../../src/github/repository-host.ts';
import { mayMean, signalsOf } from '../../src/github/webhooks/signals-of.ts';
import { createDefinitionReader } from '../../src/main/definition-reader.ts';
import { CommonWorld } from './common-world.ts';
import type { Ending, Setting, SimulatedProcess, SurroundingsOfProcess } from './common-world.ts';
import { fetchForOctokit } from './github/fetch-for-octokit.ts';
import type { Outcome as Answer, RequestHook } from './github/fetch-for-octokit.ts';
import type { Delivery } from './github/records.ts';
import { SimulatedGitHub } from './github/simulated-github.ts';
import { Violation } from './invariants.ts';
import { memoryWatches, WatchTables } from './memory-watches.ts';
import type { WorkerRepository } from './memory-workspaces.ts';
import { outcomeOf } from './outcome.ts';
import { cast, PeopleOfAMission } from './people.ts';
import { ShownRules } from './shown-rules.ts';
import { rememberingReader } from './remembering-reader.ts';
import type { ProcessLife } from './simulated-process.ts';
import { simulatedSteps as steps } from './simulated-steps.ts';

/** A world at rest stays at rest for this long before it is believed: where webhooks are lost, until everything was read again. */
const restMs = 10_000;
const restWithLostWebhooksMs = 130_000;

/** Read once: ten thousand worlds have one App. */
const appKey = createPrivateKey(new SimulatedGitHub({ now: () => 0 }).app.privateKey);
const reader = rememberingReader(createDefinitionReader(steps));

/** One simulated world: several processes of the product, one GitHub, people, and trouble. */
export class World extends CommonWorld {
  readonly gitHub: SimulatedGitHub;
  protected readonly patience = { lookEveryMs: 10_000, longestMs: 5 * 3_600_000 };
  readonly #watches = new WatchTables(this.tables);
  readonly #people: PeopleOfAMission;
  readonly #shown: ShownRules;
  readonly #credentials = new Map<ProcessLife, AppCredentials>();
  /** Deliveries on their way or to be made again. */
  #underway = 0;
  /** Deliveries that nobody took yet, and how often they were asked for again. */
  readonly #untaken = new Map<string, number>();
  readonly #taken = new Set<string>();
  #writes = 0;

  constructor(setting: Setting, tellStory: boolean) {
    super(setting, tellStory, () => ({ authorsBetween: (base, head) => this.#people.authorsBetween(base, head) }));
    const { written, disturbances } = setting;
    const { timeline } = this;
    this.gitHub = new SimulatedGitHub({ now: () => timeline.now, people: cast, ...(written.files === undefined ? {} : { files: { 'README.md': '# Project\n', ...written.files } }) });
    this.#shown = new ShownRules(this.gitHub, this.tables);
    this.startProcesses();
    this.#people = new PeopleOfAMission({ timeline, gitHub: this.gitHub, written, disturbances, acted: () => this.#deliver() });
    this.startWatching();
  }

  /** Lets everything happen until nothing more does. Rejects with `BrokenWorld` when a promise of the product was broken. */
  async run(): Promise<Ending> {
    await this.told(async () => {
      await this.untilAtRest(this.#losesWebhooks ? restWithLostWebhooksMs : restMs);
      await this.#lookOnceMore();
      this.#checkTheEnd();
    });
    return this.ending(outcomeOf(this.gitHub, this.#people.issue, (commit) => this.invariants.isProduced(this.missionId, commit)));
  }

  protected get missionId(): string {
    return this.#people.missionId;
  }

  get #losesWebhooks(): boolean {
    return this.setting.weather.webhooks.dropped > 0;
  }

  /** Where no webhook is lost without a trace, reading again now and then is enough. */
  get #rereadMs(): number {
    return this.#losesWebhooks ? 20_000 : 300_000;
  }

  get #ourBot(): { readonly login: string; readonly appId: number } {
    const { app } = this.gitHub;
    return { login: app.botLogin, appId: app.appId };
  }

  /** Level-triggered: a pass over a view that stands already writes nothing. */
  async #lookOnceMore(): Promise<void> {
    const before = this.#writes;
    this.#people.leave();
    for (const run of this.tables.runs()) {
      this.tables.wantSync(run.id);
      this.jobs.add([{ kind: 'sync-github', key: `${run.id}.once-more`, payload: { missionId: run.id } }]);
    }
    this.restSince = null;
    await this.untilAtRest(restMs);
    if (this.#writes > before) throw new Violation(`a pass over a view that stood already wrote ${this.#writes - before} times`);
  }

  protected surround(process: ProcessLife): SurroundingsOfProcess {
    const { clock } = process;
    const { app, apiUrl } = this.gitHub;
    const credentials = createAppCredentials({ appId: app.appId, privateKey: appKey, apiUrl, clock, fetch: fetchForOctokit(this.gitHub, this.#hook(process)), limits: { writeSpacingMs: 50 } });
    this.#credentials.set(process, credentials);
    return { host: createRepositoryHost({ credentials, botLogin: app.botLogin }), projector: createProjector({ credentials, clock, ourBot: this.#ourBot, redact: (text) => text }), reader };
  }

  /** Apps read again what webhooks may not have told. */
  protected startMore(process: ProcessLife, { engine, store, log }: { readonly engine: Engine; readonly store: EngineParts['store']; readonly log: Log }): readonly Running[] {
    const { clock, life } = process;
    const credentials = this.#credentials.get(process);
    if (credentials === undefined || !life.process.startsWith('app')) return [];
    return [
      startReconciliation({
        store,
        watches: memoryWatches(this.#watches, (what, action) => process.call('database', what, () => this.guard(action), true)),
        observer: createObserver({ credentials, ourBot: this.#ourBot, clock }),
        deliveries: createDeliveryLog(credentials, clock),
        receive: (signals) => engine.receive(signals),
        clock,
        log,
        newOwner: () => this.newOwner(life.process),
        everyMs: this.#rereadMs,
        tickMs: this.#rereadMs,
      }),
    ];
  }

  protected override anchorsOf(missionId: string): readonly Anchor[] {
    return this.#shown.anchorsOf(missionId, this.#people.issue);
  }

  protected repositoryOf(): WorkerRepository {
    return { writeCommit: (parent, files, message) => this.gitHub.commit({ parent, files, message }), push: (branch, commit) => void this.guard(() => this.gitHub.push(branch, commit)) };
  }

  /** Faults on the way to GitHub and back; and after every write, what must hold there. */
  #hook(process: ProcessLife): RequestHook {
    const { timeline } = this;
    return ({ method, path, body }) =>
      new Promise<Answer>((resolve) => {
        const what = `${method} ${path}`;
        const fate = this.chance.fate('GitHub');
        const refusal = fate === 'done' ? this.chance.refusal() : null;
        timeline.schedule(this.chance.latency('GitHub'), null, what, () => {
          timeline.tell(process.life.process, `GitHub: ${what}${refusal ? ` — ${refusal.status}` : fate === 'done' ? '' : ` — ${fate}`}`, method === 'GET' && fate === 'done' && refusal === null);
          const after = new Promise<void>((answer) => {
            timeline.schedule(0, null, `after ${what}`, () => {
              if (!isWrite(method, path, body)) return;
              this.#writes += 1;
              this.restSince = null;
              this.guard(() => this.#checkGitHub());
              this.#deliver();
            }, true);
            timeline.schedule(this.chance.latency('GitHub'), process.life, `answer to ${what}`, answer);
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
      if (delivery.sender !== this.gitHub.app.botLogin) for (const after of this.chance.arrivals()) this.#send(after, delivery);
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
      this.#receive(this.timeline.pick(this.apps()), delivery);
    });
  }

  /** An app takes a delivery. One that could not be stored is in GitHub's log, from where the re-reading has it sent again. */
  #receive({ life, engine, clock }: SimulatedProcess, delivery: Delivery): void {
    if (!life.alive || life.frozenUntil > this.timeline.now) return this.#note(delivery, 502);
    const signals = signalsOf({ id: delivery.id, name: delivery.name, payload: delivery.payload }, { ourBot: this.#ourBot }).map((mapped, index) => ({ ...mapped, source: `${delivery.id}#${index}`, receivedAt: clock.now() }));
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

  /** What must hold on GitHub at every moment: nothing is green, and nothing merged, that the ledger did not open for that very commit. */
  #checkGitHub(): void {
    const { missionId } = this.#people;
    for (const run of this.gitHub.checkRuns()) {
      if (run.conclusion !== 'success') continue;
      if (run.name.startsWith('gate/') && !this.invariants.wasOpened(missionId, run.name.slice('gate/'.length), run.headSha)) throw new Violation(`the check ${run.name} is green on a commit for which the gate was never opened`);
      if (run.name === 'missiongate' && !this.invariants.wasAllOpen(missionId, run.headSha)) throw new Violation('the check missiongate is green on a commit for which not every gate was open');
    }
    for (const pull of this.gitHub.pulls()) if (pull.state === 'open' && !pull.draft && !this.invariants.wasEverAllOpen(missionId)) throw new Violation(`pull request #${pull.number} is ready although its gates were never all open`);
    for (const pull of this.gitHub.pulls()) if (pull.merged && !this.invariants.wasAllOpen(missionId, pull.head)) throw new Violation(`pull request #${pull.number} was merged before every gate was open`);
    for (const commit of this.gitHub.mergedInto(`mission/${this.#people.issue}/trunk`)) if (!this.invariants.isProduced(missionId, commit)) throw new Violation(`${commit.slice(0, 8)} was merged into the trunk, which no accepted attempt produced`);
    const doubles = this.gitHub.doubles();
    if (doubles.length > 0) throw new Violation(`on GitHub twice: ${doubles.join('; ')}`);
    this.#shown.check();
  }

  protected override beforeLooking(): void {
    this.#deliver();
  }

  protected unrestOutside(): string | null {
    if (!this.#people.isAtRest) return 'people';
    if (this.#underway > 0) return 'a webhook';
    if (this.#untaken.size > 0) return 'a webhook that nobody took';
    for (const run of this.tables.runs()) if (run.syncWanted || run.syncOwner !== null) return `a sync of ${run.id}`;
    return null;
  }

  #checkTheEnd(): void {
    this.#checkGitHub();
    this.#shown.checkEnd();
    this.checkCommonEnd();
    const isOver = this.invariants.statusOf(this.#people.missionId);
    if (this.setting.signs && isOver === 'completed' && this.gitHub.tags().size === 0) throw new Violation('the mission is completed, and its ledger is anchored in no tag');
    for (const pull of this.gitHub.pulls()) {
      if (pull.state === 'open' && isOver === 'completed' && pull.draft) throw new Violation(`pull request #${pull.number} is a draft although every gate is open`);
      if (pull.state === 'open' && !pull.draft && (isOver === 'failed' || isOver === 'partially-failed' || this.invariants.isStuckAtGate(this.#people.missionId))) throw new Violation(`pull request #${pull.number} is ready although not every gate is open`);
    }
    const labels = this.gitHub.issue(this.#people.issue).labels;
    if (this.invariants.hasStarted(this.#people.missionId) && [...labels].includes('mission:queue')) throw new Violation('the label mission:queue stays although it was obeyed');
    const plannedAt = this.invariants.plannedAt(this.#people.missionId);
    const comments = new Map(this.gitHub.comments(this.#people.issue).map((comment) => [comment.id, comment]));
    for (const { comment, at, text } of this.#people.said) {
      if (plannedAt !== null && at > plannedAt && comments.get(comment)?.reactions.length === 0) throw new Violation(`nobody answered: ${text}`);
    }
    for (const run of this.tables.runs()) {
      const report = verifyChain(run.events.map((event) => ledgerLine(chainEntry(event, event.prevHash))));
      if (report.fault) throw new Violation(`the ledger of ${run.id} does not verify: ${report.fault.message}`);
    }
  }
}

/** Whether a call changes what people see. */
function isWrite(method: string, path: string, body: string | undefined): boolean {
  if (method === 'GET' || path.endsWith('/access_tokens') || path.startsWith('/app/hook')) return false;
  return path !== '/graphql' || body?.includes('mutation') === true;
}
