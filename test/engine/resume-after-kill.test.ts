import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readPolicy } from '../../src/config/read-policy.ts';
import type { Definition, FanOut } from '../../src/core/mission/definition.ts';
import { evolve } from '../../src/core/mission/evolve.ts';
import type { Signal } from '../../src/core/mission/signal.ts';
import { isMission, isOver } from '../../src/core/mission/state.ts';
import type { Mission, MissionState } from '../../src/core/mission/state.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { StepError } from '../../src/steps/step-type.ts';
import type { StepType } from '../../src/steps/step-type.ts';
import type { Database } from '../../src/store/database.ts';
import { createStore } from '../../src/store/store.ts';
import { LanguageRules } from '../simulation/language-rules.ts';
import { definition, oneApproval, phase, task } from '../support/definitions.ts';
import { emptyDatabase } from '../support/embedded-databases.ts';
import { silentLog } from '../support/engine-world.ts';
import { fakeHost, rememberingProjector } from '../support/fake-host.ts';
import { handClock, handQueue, memoryWorkspaces } from '../support/hand-driven.ts';
import { person, source } from '../support/pure-world.ts';

/** Reports what it used up, and fails in its first attempt where it is told to. */
const probe: StepType = {
  name: 'probe',
  summary: 'Uses tokens.',
  needsWorkspace: false,
  effects: ['none'],
  parameters: { type: 'object', additionalProperties: false, properties: { fails: { type: 'boolean' } } },
  examples: [],
  async run({ parameters, attempt }) {
    if (parameters['fails'] === true && attempt === 1) throw new StepError('work', 'the first attempt fails');
    return { summary: 'done', outputs: {}, artifacts: [], usage: { tokens: 10 } };
  },
};

const fan = (over: FanOut['over'], more: Partial<FanOut> = {}): FanOut => ({ over, mode: 'parallel', maxParallel: 2, failFast: true, minSuccess: 1, collect: 'concat', schema: null, ...more });
const fails = { uses: 'command', with: { run: ['make', '1'] } };

/** Every feature of the language that decides what is attempted. */
const succeeding: Definition = {
  ...definition(
    [
      phase('prepare', [task('list', { outputs: { list: '${{ ["x", "y", "z"] }}' } }), task('no', { if: 'inputs.deep' }), task('behind', { needs: ['no'] })], { gate: null, timeoutSeconds: 36_000 }),
      phase(
        'work',
        [
          task('write', { uses: 'file.write', with: { path: 'docs/${{ item }}.md', content: '${{ item }}' }, outputs: { page: '${{ item }}' }, strategy: fan({ forEach: 'tasks.list.outputs.list' }), scope: ['docs/**'] }),
          task('steps', { strategy: fan({ matrix: [{ n: 1 }, { n: 2 }, { n: 3 }] }, { mode: 'iterative', maxParallel: 1 }), outputs: { n: '${{ matrix.n }}' }, until: { condition: 'result.n >= 2', maxRounds: 5 } }),
          task('some', { uses: 'command', with: { run: ['make', '${{ item }}'] }, strategy: fan({ forEach: '[0, 1]' }, { mode: 'partial', failFast: false, collect: 'vote' }) }),
          task('rounds', { needs: ['write'], outputs: { n: '${{ round }}' }, until: { condition: 'round == 3', maxRounds: 4 } }),
          task('again', { uses: 'probe', with: { fails: true }, maxAttempts: 3, retry: { on: ['work'], initialSeconds: 1 } }),
          task('excused', { ...fails, continueOnError: true }),
          task('tidy', { needs: ['excused', 'some'], if: 'always()' }),
        ],
        { needs: ['prepare'], gate: oneApproval },
      ),
      phase('loop', [task('spend', { uses: 'probe' }), task('more', { uses: 'probe', needs: ['spend'] })], { needs: ['work'], gate: null, mode: 'iterative', until: { condition: 'round == 2', maxRounds: 2 }, budget: { tokens: 15 } }),
      phase('skipped', [task('never')], { needs: ['loop'], if: 'inputs.deep', gate: null }),
    ],
    { maxParallel: 3 },
  ),
  inputs: { deep: false },
  outputs: { pages: '${{ tasks.write.outputs.items }}', steps: '${{ tasks.steps.outputs.items }}', rounds: '${{ tasks.rounds.outputs.n }}' },
};

/** One that is undone. */
const failing: Definition = definition(
  [
    phase('make', [task('a', { uses: 'file.write', with: { path: 'a.txt', content: 'a' }, compensate: { uses: 'file.write', with: { path: 'a.txt', content: 'gone' } } }), task('g', { needs: ['a'], strategy: fan({ matrix: [{ n: 1 }, { n: 2 }] }, { mode: 'sequential', maxParallel: 1 }) })], { gate: null }),
    phase('break', [task('b', { compensate: fails }), task('c', { ...fails, maxAttempts: 2, needs: ['b'] }), task('d', { needs: ['c'] }), task('tell', { needs: ['c'], if: 'failure()' })], { needs: ['make'], gate: null }),
    phase('sweep', [task('last')], { needs: ['break'], if: 'failure()', gate: null }),
  ],
  { onFailure: 'rollback' },
);

class Killed extends Error {}

/** A process with nothing in its memory yet. It dies when it has made so many durable writes that belong to events and leases. */
class Life {
  readonly engine: Engine;
  readonly queue: ReturnType<typeof handQueue>;
  /** Rejects when it dies. */
  readonly death: Promise<never>;
  writes = 0;
  #isDead = false;
  #die: (error: Killed) => void = () => undefined;

  constructor(place: Place, written: Definition, killAfter: number) {
    this.death = new Promise((_, reject) => (this.#die = reject));
    this.death.catch(() => undefined);
    this.queue = handQueue(place.clock);
    const store = this.#mortal(createStore(place.database, place.clock), killAfter);
    this.engine = createEngine({
      store,
      queue: this.queue,
      host: place.host,
      projector: rememberingProjector(),
      reader: { readIssue: async () => ({ ok: true, definition: written, definedIn: 'issue', items: null }), intents: () => [], readPolicy },
      clock: place.clock,
      log: silentLog,
      newId: () => `owner-${(place.owners += 1)}`,
    });
    this.engine.startApp();
    const worker = `w${(place.owners += 1)}`;
    this.engine.startWorker({ workspaces: memoryWorkspaces(), steps: createStepRegistry([...builtInSteps, probe]), agent: null, worker, identity: { name: 'bot', email: 'bot@example.test' }, redact: (text) => text, leaseMs: 30_000, concurrency: 1 });
  }

  /** What is done is durable; the answer is never heard. */
  #mortal(store: Store, killAfter: number): Store {
    const counted = new Set(['hold', 'claim', 'finish']);
    return new Proxy(store, {
      get: (target, name, receiver) => {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]): Promise<unknown> => {
          if (this.#isDead) throw new Killed();
          const answer: unknown = await Reflect.apply(value, target, given);
          if (counted.has(String(name))) this.writes += 1;
          if (this.writes >= killAfter) {
            this.#isDead = true;
            this.#die(new Killed());
          }
          if (this.#isDead) throw new Killed();
          return answer;
        };
      },
    });
  }

  /** Rejects with `Killed` when the process dies meanwhile. */
  do<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return Promise.race([work, this.death]);
  }
}

interface Place {
  readonly database: Database;
  readonly clock: ReturnType<typeof handClock>;
  readonly host: ReturnType<typeof fakeHost>;
  /** Reads and writes from outside, as webhooks do. */
  readonly store: Store;
  owners: number;
}

/** Runs a mission to its end; the process dies after so many writes, and another one goes on. Returns how many writes the first made. */
async function run(place: Place, written: Definition, missionId: string, killAfter: number, keepsQueue: boolean): Promise<number> {
  const { clock, store } = place;
  let said = 0;
  const send = async (signal: Signal) => {
    said += 1;
    await store.receive([{ missionId, source: `${missionId} ${said}`, meaning: `said ${said}`, signal, receivedAt: clock.now() }]);
  };
  const say = (name: string, ...words: readonly string[]) => send({ kind: 'command.given', source, conversation: 7, commentId: said + 1, actor: person('reviewer'), command: { name, arguments: words, text: '', problem: null } });
  await send({ kind: 'mission.requested', source, title: 't', body: '', actor: person('author') });
  await send({ kind: 'mission.queue-requested', source, actor: person('author') });
  const first = new Life(place, written, killAfter);
  let life = first;
  for (let step = 0; step < 200; step += 1) {
    try {
      await life.do(life.engine.advance(missionId));
      await life.do(life.queue.run());
      await life.do(life.engine.superviseOnce());
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      const left = life.queue.waiting;
      life = new Life(place, written, Infinity);
      if (keepsQueue) await life.queue.add(left);
    }
    clock.at += 5_000;
    const mission = await missionOf(place, missionId);
    if (mission && isOver(mission)) return first.writes;
    if ([...(mission?.phases.values() ?? [])].some(({ gate }) => gate.status === 'awaiting')) await say('approve-gate');
    if (mission?.pausedFor !== undefined) await say('budget', 'loop', '1000');
  }
  throw new Error(`${missionId} did not come to its end: ${JSON.stringify(await outcomeOf(place, missionId))}`);
}

async function missionOf({ store }: Place, missionId: string): Promise<Mission | null> {
  const state = (await store.read(missionId))?.state ?? null;
  return isMission(state) ? state : null;
}

/** What came of it, whatever happened on the way. */
async function outcomeOf(place: Place, missionId: string): Promise<unknown> {
  const mission = await missionOf(place, missionId);
  if (!mission) return null;
  return {
    status: mission.status,
    outputs: mission.outputs,
    tasks: [...mission.tasks.values()].map(({ id, status, round, skip, outputs }) => [id, status, round ?? 1, skip ?? '', JSON.stringify(outputs?.['duration-ms'] === undefined ? outputs : {})].join(' ')).sort(),
    phases: [...mission.phases.values()].map(({ id, status, round }) => `${id} ${status} ${round ?? 1}`).sort(),
    undone: mission.rollback?.tasks.length,
  };
}

function plain(state: MissionState | null): unknown {
  if (!isMission(state)) return null;
  const { index: _index, ready: _ready, tasks, phases, ...rest } = state;
  return JSON.parse(JSON.stringify({ ...rest, tasks: tasks.toJS(), phases: phases.toJS() }));
}

/** The ledger obeys the rules of the language, no attempt was begun beside another one, and it says what the rows say. */
async function checkLedger(place: Place, missionId: string): Promise<void> {
  const rules = new LanguageRules();
  const attempts = new Map<string, number>();
  let replayed: MissionState | null = null;
  for (const event of await place.store.events(missionId, 0, 10_000)) {
    rules.event(event);
    replayed = evolve(replayed, event);
    if (event.body.type !== 'task.queued') continue;
    expect(event.body.attempt).toBe((attempts.get(event.body.task) ?? 0) + 1);
    attempts.set(event.body.task, event.body.attempt);
  }
  expect(plain(replayed)).toEqual(plain(await missionOf({ ...place, store: createStore(place.database, place.clock) }, missionId)));
}

describe('a mission whose process is killed', () => {
  let place: Place;
  beforeAll(async () => {
    const clock = handClock();
    const database = await emptyDatabase();
    place = { database, clock, host: fakeHost(), store: createStore(database, clock), owners: 0 };
  });
  afterAll(() => place.store.close());

  it.each([
    { name: 'rich', written: succeeding, status: 'completed' },
    { name: 'undone', written: failing, status: 'failed' },
  ])('after any of its writes comes to the same end, and nothing is attempted twice at once: $name', async ({ name, written, status }) => {
    const writes = await run(place, written, `${name}-calm`, Infinity, true);
    const calm = await outcomeOf(place, `${name}-calm`);
    expect(calm).toMatchObject({ status });
    await checkLedger(place, `${name}-calm`);
    expect(writes).toBeGreaterThan(20);
    for (let killAfter = 1; killAfter <= writes; killAfter += 1) {
      const missionId = `${name}-${killAfter}`;
      await run(place, written, missionId, killAfter, killAfter % 2 === 0);
      expect(await outcomeOf(place, missionId), `killed after write ${killAfter}`).toEqual(calm);
      await checkLedger(place, missionId);
    }
  }, 120_000);
});
