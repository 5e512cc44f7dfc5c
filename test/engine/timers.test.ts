import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Store } from '../../src/engine/ports/store.ts';
import { timerJob } from '../../src/engine/jobs.ts';
import { leasePatience } from '../../src/engine/lease-patience.ts';
import { supervise, usualPacing } from '../../src/engine/supervise.ts';
import { fireTimer } from '../../src/engine/watch-timers.ts';
import type { Database } from '../../src/store/database.ts';
import { createStore } from '../../src/store/store.ts';
import { emptyDatabase } from '../support/embedded-databases.ts';
import { silentLog } from '../support/engine-world.ts';
import { handQueue } from '../support/hand-driven.ts';
import { seeded } from '../support/random.ts';
import { TwoClocks } from '../support/two-clocks.ts';

const begin = 1_900_000_000_000;
const spanMs = 60_000;
const timers = 1_000;
/** A supervising process sleeps in two places: between rounds and between looks at the timers. */
const sleepersOfAProcess = 2;

let database: Database;
beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(() => database.close());

/** A stretch of the steady clock during which the wall clock was ahead by the same, and somebody was watching or nobody. */
interface Stretch {
  readonly from: number;
  readonly ahead: number;
  readonly watched: boolean;
}

/** A thousand timers, one a mission, with processes that are started, stopped and put through changes of the clock. */
class TimerWorld {
  readonly clock = new TwoClocks(begin);
  readonly queue = handQueue(this.clock);
  readonly due = new Map<string, number>();
  readonly fired: { readonly missionId: string; readonly wall: number; readonly steady: number }[] = [];
  readonly advanced = new Set<string>();
  readonly #running: { readonly stop: AbortController; readonly done: Promise<void> }[] = [];
  readonly #stretches: Stretch[] = [];
  readonly #store: Store;

  constructor(change: Partial<Store> = {}) {
    const store = Object.assign(Object.create(createStore(database, this.clock)) as Store, change);
    this.#store = Object.assign(Object.create(store) as Store, {
      fireTimers: async (now: number, id?: string) => {
        const { steady } = this.clock;
        const missions = await store.fireTimers(now, id);
        this.fired.push(...missions.map((missionId) => ({ missionId, wall: now, steady })));
        return missions;
      },
    } satisfies Partial<Store>);
  }

  /** Sets the timers, spread evenly over the time that follows. */
  async set(spreadMs: number): Promise<void> {
    await database.query('DELETE FROM timers');
    await database.query('DELETE FROM signals');
    const random = seeded(7);
    for (let index = 0; index < timers; index += 1) this.due.set(`r1-i${index}`, begin + 100 * Math.floor((random() * spreadMs) / 100));
    const rows = [...this.due].map(([missionId, due]) => ({ id: `timer-${missionId}`, run_id: missionId, fire_at: new Date(due).toISOString() }));
    await database.query(
      `INSERT INTO timers (id, run_id, purpose, fire_at)
       SELECT t.id, t.run_id, '{"kind":"retry-task","task":"a","attempt":1}', t.fire_at::timestamptz FROM json_to_recordset($1::json) AS t(id text, run_id text, fire_at text)`,
      [JSON.stringify(rows)],
    );
    await this.queue.add([...this.due].map(([missionId, due]) => timerJob(`timer-${missionId}`, due - begin)));
    const parts = { store: this.#store, clock: this.clock, advance: this.#advance };
    this.queue.consume('timer', (job) => fireTimer(parts, job.payload.timerId), { concurrency: 1 });
  }

  readonly #advance = async (missionId: string): Promise<void> => void this.advanced.add(missionId);

  startProcess(): void {
    const stop = new AbortController();
    // Rounds are rare here, so that what is seen is the watch and not a round that happens to come.
    const pacing = { ...usualPacing, everyMs: 30_000 };
    this.#running.push({ stop, done: supervise({ store: this.#store, queue: this.queue, clock: this.clock, log: silentLog, advance: this.#advance, patience: leasePatience(pacing.holdersHeardMs, pacing.everyMs), pacing }, stop.signal) });
    this.#note();
  }

  async stopProcesses(): Promise<void> {
    for (const { stop } of this.#running) stop.abort(new Error('stopped'));
    await Promise.all(this.#running.splice(0).map(({ done }) => done));
    this.#note();
  }

  putClock(byMs: number): void {
    this.clock.put(byMs);
    this.#note();
  }

  /** Time passes, from one waking to the next, for so long on the steady clock. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.steady + ms;
    for (;;) {
      await this.clock.quiet(this.#running.length * sleepersOfAProcess);
      await this.queue.run();
      const next = Math.min(this.clock.nextWaking, ...this.queue.waiting.map(({ due }) => this.clock.steady + Math.max(1, due - this.clock.now())));
      if (next > end) return this.clock.passTo(end);
      this.clock.passTo(next);
    }
  }

  /** Puts what happened against what was due; empty when every timer kept its promise. */
  async faults(): Promise<string[]> {
    const { rows } = await database.query<{ run_id: string; told: string }>(`SELECT run_id, count(*) AS told FROM signals WHERE kind = 'timer.fired' GROUP BY run_id`);
    const told = new Map(rows.map((row) => [row.run_id, Number(row.told)]));
    return [...this.due].flatMap(([missionId, due]) => {
      const firings = this.fired.filter((one) => one.missionId === missionId);
      const [firing] = firings;
      if (firing === undefined) return [`${missionId} never fired`];
      if (firings.length > 1 || told.get(missionId) !== 1) return [`${missionId} fired ${firings.length} times and was told of ${told.get(missionId) ?? 0} times`];
      const lateMs = firing.steady - this.#chance(due);
      return [
        ...(firing.wall < due ? [`${missionId} fired ${due - firing.wall} ms early`] : []),
        ...(lateMs > 1_000 ? [`${missionId} fired ${lateMs} ms late`] : []),
        ...(this.advanced.has(missionId) ? [] : [`${missionId} was not advanced`]),
      ];
    });
  }

  /** The first moment, on the steady clock, at which the wall clock showed `due` and somebody could see it. */
  #chance(due: number): number {
    for (const [index, { from, ahead, watched }] of this.#stretches.entries()) {
      const at = Math.max(from, due - ahead);
      if (watched && at < (this.#stretches[index + 1]?.from ?? Infinity)) return at;
    }
    return Infinity;
  }

  #note(): void {
    this.#stretches.push({ from: this.clock.steady, ahead: this.clock.now() - this.clock.steady, watched: this.#running.length > 0 });
  }
}

const tenDays = 10 * 24 * 3_600_000;
const oneHour = 3_600_000;

const stories: readonly (readonly [string, number, (world: TimerWorld) => Promise<void>])[] = [
  ['nothing in particular', spanMs, async (world) => {
    world.startProcess();
    await world.pass(spanMs + 2_000);
  }],
  ['a queue that was emptied', spanMs, async (world) => {
    world.startProcess();
    await world.pass(1_000);
    world.queue.waiting.length = 0;
    await world.pass(spanMs + 2_000);
  }],
  ['restarts, with nobody there in between', spanMs, async (world) => {
    world.queue.waiting.length = 0;
    for (let turn = 0; turn < 6; turn += 1) {
      world.startProcess();
      await world.pass(7_000);
      await world.stopProcesses();
      world.clock.passTo(world.clock.steady + 5_000);
    }
    world.startProcess();
    await world.pass(2_000);
  }],
  ['a clock put forward by ten days', tenDays, async (world) => {
    world.queue.waiting.length = 0;
    world.startProcess();
    await world.pass(20_000);
    world.putClock(tenDays);
    await world.pass(2_000);
  }],
  ['a clock put back by an hour', spanMs, async (world) => {
    world.queue.waiting.length = 0;
    world.startProcess();
    await world.pass(20_000);
    world.putClock(-oneHour);
    await world.pass(oneHour + spanMs);
  }],
  ['two processes that race', spanMs, async (world) => {
    world.startProcess();
    world.startProcess();
    await world.pass(spanMs + 2_000);
  }],
];

describe('timers', () => {
  it.each(stories)('fire once, within a second, never early: %s', async (_, spreadMs, story) => {
    const world = new TimerWorld();
    await world.set(spreadMs);
    await story(world);
    await world.stopProcesses();
    expect(await world.faults()).toEqual([]);
  });

  it.each([
    ['a second early', { fireTimers: (now: number, id?: string) => createStore(database, new TwoClocks(0)).fireTimers(now + 1_000, id) }, /early/],
    ['by the round alone', { nextTimer: async () => null }, /late/],
  ])('would be seen to fire %s', async (_, change, expected) => {
    const world = new TimerWorld(change);
    await world.set(spanMs);
    world.queue.waiting.length = 0;
    world.startProcess();
    await world.pass(spanMs + 2_000);
    await world.stopProcesses();
    expect((await world.faults()).filter((fault) => expected.test(fault)).length).toBeGreaterThan(100);
  });
});
