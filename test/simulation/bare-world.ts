import type { Signal } from '../../src/core/mission/signal.ts';
import { missionIdOf } from '../../src/core/mission/source.ts';
import { isMission } from '../../src/core/mission/state.ts';
import type { Running } from '../../src/engine/engine.ts';
import type { DefinitionReader } from '../../src/engine/facts.ts';
import { createDefinitionReader } from '../../src/main/definition-reader.ts';
import { bareHost, BareRepository } from './bare-repository.ts';
import { PeopleWithoutGitHub } from './bare-people.ts';
import { CommonWorld } from './common-world.ts';
import type { Ending, Setting, SurroundingsOfProcess } from './common-world.ts';
import { Violation } from './invariants.ts';
import type { WorkerRepository } from './memory-workspaces.ts';
import { rememberingReader } from './remembering-reader.ts';
import type { ProcessLife } from './simulated-process.ts';
import { simulatedSteps as steps } from './simulated-steps.ts';

const restMs = 10_000;
/** What no process took is sent again after so long, as by GitHub's log of deliveries. */
const sentAgainMs = 3_000;

const reader = rememberingReader(neverMerging(createDefinitionReader(steps)));

/**
 * A world with everything but GitHub's objects: the same core, engine, steps, simulated store, queue and processes, and
 * people whose signals come doubled, late and in any order — but the mission is shown nowhere, so that nothing is rendered
 * and written. Costs an eighth of a whole world; most seeds are such worlds.
 */
export class BareWorld extends CommonWorld {
  protected readonly missionId: string;
  protected readonly patience = { lookEveryMs: 5_000, longestMs: 3 * 3_600_000 };
  readonly #repository: BareRepository;
  readonly #people: PeopleWithoutGitHub;
  /** Who pressed the button of which gate in which round. */
  readonly #presses = new Set<string>();
  #underway = 0;
  #serial = 0;

  constructor(setting: Setting, tellStory: boolean) {
    const repository = new BareRepository(setting.written.files);
    super(setting, tellStory, () => ({ authorsBetween: (base, head) => repository.authorsBetween(base, head), patchOf: (head) => repository.patchOf(head) }));
    const { timeline } = this;
    this.#repository = repository;
    this.missionId = missionIdOf(repository.source.repository.id, repository.source.issue.number);
    this.tables.watchers.push({
      committed: (_missionId, events) => {
        for (const { body } of events) if (body.type === 'gate.approved' && body.via === 'button' && !this.#presses.has(`${body.by.login} ${body.phase} ${body.round}`)) throw new Violation(`round ${body.round} of gate ${body.phase} was approved by a button of another round`);
      },
    });
    this.startProcesses();
    this.#people = new PeopleWithoutGitHub({
      timeline,
      repository,
      written: setting.written,
      disturbances: setting.disturbances,
      mission: () => {
        const state = this.tables.read(this.missionId)?.state ?? null;
        return isMission(state) ? state : null;
      },
      say: (meaning, signal) => this.#say(meaning, signal),
    });
    this.startWatching();
  }

  /** Lets everything happen until nothing more does. Rejects with `BrokenWorld` when a promise of the product was broken. */
  async run(): Promise<Ending> {
    await this.told(async () => {
      await this.untilAtRest(restMs);
      this.#checkTheEnd();
    });
    return this.ending(this.#outcome());
  }

  protected surround(process: ProcessLife): SurroundingsOfProcess {
    return {
      host: bareHost(this.#repository, process, (action) => this.guard(action)),
      projector: { project: async () => Promise.reject(new Violation('a mission that is shown nowhere was to be shown')) },
      reader,
    };
  }

  protected startMore(): readonly Running[] {
    return [];
  }

  protected repositoryOf(): WorkerRepository {
    const repository = this.#repository;
    return { writeCommit: (parent, files, message) => repository.write(parent, files, message), push: (branch, commit) => this.guard(() => repository.push(branch, commit)), patchOf: (head) => repository.patchOf(head) };
  }

  protected unrestOutside(): string | null {
    if (!this.#people.isAtRest) return 'people';
    return this.#underway > 0 ? 'a signal on its way' : null;
  }

  /** Sends a signal on its way: once, twice, late — and again until a process has stored it. */
  #say(meaning: string, signal: Signal): void {
    this.#serial += 1;
    if (signal.kind === 'button.pressed') this.#presses.add(`${signal.actor.login} ${signal.phase} ${signal.round}`);
    const delivery = `d${this.#serial}`;
    const arrivals = this.chance.arrivals();
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
      const { engine, life } = timeline.pick(this.apps());
      if (!life.alive || life.frozenUntil > timeline.now) return again();
      let isTaken = false;
      engine.receive([{ missionId: this.missionId, source: delivery, meaning, signal, receivedAt: timeline.now }]).then(
        () => (isTaken = true),
        () => undefined,
      );
      timeline.schedule(10_000, null, 'no answer to a webhook', () => {
        if (!isTaken) return again();
        this.#underway -= 1;
      });
    });
  }

  #checkTheEnd(): void {
    this.checkCommonEnd();
    for (const commit of this.#repository.mergedIntoTrunk()) if (!this.invariants.isProduced(this.missionId, commit)) throw new Violation(`${commit.slice(0, 8)} was merged into the trunk, which no accepted attempt produced`);
    for (const { state } of this.tables.runs()) {
      if (isMission(state) && state.status !== 'cancelled' && state.trunk.head !== this.#repository.trunkHead()) throw new Violation(`the trunk stands at ${this.#repository.trunkHead().slice(0, 8)}, the mission believes at ${state.trunk.head.slice(0, 8)}`);
    }
  }

  #outcome(): Ending['outcome'] {
    const state = this.tables.read(this.missionId)?.state ?? null;
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
