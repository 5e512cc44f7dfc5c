import type { Json } from '../kit/json.ts';
import { genesisHash } from '../core/ledger/chain.ts';
import type { EventBody, MissionEvent } from '../core/mission/event.ts';
import { evolve } from '../core/mission/evolve.ts';
import type { Plan } from '../core/mission/plan.ts';
import type { Signal } from '../core/mission/signal.ts';
import type { MissionState, PhaseState, TaskState } from '../core/mission/state.ts';
import type { HeldMission, StoredSignal } from '../engine/ports/store.ts';
import type { Clock } from '../kit/time.ts';
import { writeBatch } from './commit.ts';
import type { Database, Sql } from './database.ts';
import { missionFromRows } from './mission-rows.ts';

/** Signals handed out in one hold; the rest waits for the next. */
const signalsPerHold = 200;
/** States kept in memory; a state that fell out is put together from its rows again. */
const cachedMissions = 200;
/** Behind by more events than this, a cached state is read anew instead of being evolved. */
const longestCatchUp = 1000;

interface Cached {
  readonly state: MissionState | null;
  readonly headHash: string;
  readonly seq: number;
}

interface RunRow {
  seq: string;
  head_hash: string;
  plan_hash: string | null;
  state: Json;
  sync_wanted: boolean;
}

interface SignalRow {
  id: string;
  meaning: string;
  payload: Json;
  received_at: Date;
  look_at: Date;
  tries: number;
}

export interface MissionRows {
  hold<T>(missionId: string, work: (held: HeldMission) => Promise<T>): Promise<T>;
  read(missionId: string): Promise<{ readonly state: MissionState; readonly headHash: string } | null>;
}

/**
 * Access to missions with one writer at a time: the `runs` row is locked for the length of a hold, on a server against other
 * processes, on the embedded database by its single session. Several holds of one process for one mission queue up here, so
 * that they do not occupy connections while they wait.
 */
export function missionRows(database: Database, clock: Clock): MissionRows {
  const cache = new Map<string, Cached>();
  const queues = new Map<string, Promise<unknown>>();

  async function hold<T>(missionId: string, work: (held: HeldMission) => Promise<T>): Promise<T> {
    const previous = queues.get(missionId) ?? Promise.resolve();
    const turn = previous.then(() => holdNow(missionId, work));
    const settled = turn.catch(() => undefined);
    queues.set(missionId, settled);
    try {
      return await turn;
    } finally {
      if (queues.get(missionId) === settled) queues.delete(missionId);
    }
  }

  async function holdNow<T>(missionId: string, work: (held: HeldMission) => Promise<T>): Promise<T> {
    let after: Cached | null = null;
    const result = await database.transaction(async (sql) => {
      const run = await lockRun(sql, missionId, new Date(clock.now()));
      const current = await currentState(sql, missionId, run);
      const pending = await pendingSignals(sql, missionId, new Date(clock.now()));
      let committed = false;
      return work({
        missionId,
        state: current.state,
        headHash: current.headHash,
        syncWanted: run.sync_wanted,
        pending,
        pendingFull: pending.length === signalsPerHold,
        async commit(batch) {
          if (committed) throw new Error(`commit of mission ${missionId}: a hold commits once`);
          committed = true;
          const headHash = await writeBatch(sql, missionId, current.state, current.headHash, batch);
          const last = batch.events.at(-1);
          if (last) after = { state: batch.state, headHash, seq: last.seq };
        },
      });
    });
    // Only now is it true: a state that was not committed is never remembered.
    if (after) remember(missionId, after);
    return result;
  }

  async function currentState(sql: Sql, missionId: string, run: RunRow): Promise<Cached> {
    const seq = Number(run.seq);
    if (seq === 0) return { state: null, headHash: genesisHash, seq: 0 };
    const known = cache.get(missionId);
    if (known && known.seq === seq && known.headHash === run.head_hash) return known;
    const current = (known && (await catchUp(sql, missionId, known, run))) ?? (await readState(sql, missionId, run));
    remember(missionId, current);
    return current;
  }

  function remember(missionId: string, cached: Cached): void {
    cache.delete(missionId);
    cache.set(missionId, cached);
    for (const oldest of cache.keys()) {
      if (cache.size <= cachedMissions) break;
      cache.delete(oldest);
    }
  }

  return {
    hold,
    async read(missionId) {
      const { rows } = await database.query<RunRow>('SELECT seq, head_hash, plan_hash, state, sync_wanted FROM runs WHERE id = $1', [missionId]);
      const run = rows[0];
      if (!run || Number(run.seq) === 0) return null;
      const known = cache.get(missionId);
      if (known && known.headHash === run.head_hash && known.state) return { state: known.state, headHash: known.headHash };
      // Events never change, so catching up needs no lock; only rows that must belong together do.
      const current = (known && (await catchUp(database, missionId, known, run))) ?? (await database.transaction((sql) => readConsistently(sql, missionId)));
      if (current && current.seq > (cache.get(missionId)?.seq ?? 0)) remember(missionId, current);
      return current?.state ? { state: current.state, headHash: current.headHash } : null;
    },
  };
}

/** Locks the mission's row, creating it for a mission that is not known yet. */
async function lockRun(sql: Sql, missionId: string, now: Date): Promise<RunRow> {
  const lock = 'SELECT seq, head_hash, plan_hash, state, sync_wanted FROM runs WHERE id = $1 FOR UPDATE';
  const found = (await sql.query<RunRow>(lock, [missionId])).rows[0];
  if (found) return found;
  await sql.query('INSERT INTO runs (id, created_at, updated_at) VALUES ($1, $2, $2) ON CONFLICT DO NOTHING', [missionId, now]);
  const created = (await sql.query<RunRow>(lock, [missionId])).rows[0];
  if (!created) throw new Error(`mission ${missionId}: its row vanished while it was being locked`);
  return created;
}

/** Reads a state outside a hold: the row is share-locked so that its parts belong together. */
async function readConsistently(sql: Sql, missionId: string): Promise<Cached | null> {
  const { rows } = await sql.query<RunRow>('SELECT seq, head_hash, plan_hash, state, sync_wanted FROM runs WHERE id = $1 FOR SHARE', [missionId]);
  return rows[0] ? readState(sql, missionId, rows[0]) : null;
}

async function readState(sql: Sql, missionId: string, run: RunRow): Promise<Cached> {
  const plan = run.plan_hash === null ? null : ((await sql.query<{ plan: Json }>('SELECT plan FROM plans WHERE run_id = $1 AND plan_hash = $2', [missionId, run.plan_hash])).rows[0]?.plan ?? null);
  const phases = await sql.query<{ state: Json }>('SELECT state FROM phases WHERE run_id = $1', [missionId]);
  const tasks = await sql.query<{ state: Json }>('SELECT state FROM tasks WHERE run_id = $1', [missionId]);
  const state = missionFromRows(
    run.state,
    plan as unknown as Plan | null,
    phases.rows.map((row) => row.state as unknown as PhaseState),
    tasks.rows.map((row) => row.state as unknown as TaskState),
  );
  return { state, headHash: run.head_hash, seq: Number(run.seq) };
}

/** Brings a cached state up to date by the events that other processes recorded meanwhile. */
async function catchUp(sql: Sql, missionId: string, known: Cached, run: RunRow): Promise<Cached | null> {
  const behind = Number(run.seq) - known.seq;
  if (behind <= 0 || behind > longestCatchUp) return null;
  const { rows } = await sql.query<{ seq: string; at: Date; body: Json }>('SELECT seq, at, body FROM events WHERE run_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq', [missionId, known.seq, run.seq]);
  let { state } = known;
  for (const row of rows) {
    const event: MissionEvent = { missionId, seq: Number(row.seq), at: row.at.getTime(), body: row.body as unknown as EventBody };
    state = evolve(state, event);
  }
  return { state, headHash: run.head_hash, seq: Number(run.seq) };
}

/** Deferred signals come last, so that however many they are they keep nothing else from being decided. */
async function pendingSignals(sql: Sql, missionId: string, now: Date): Promise<readonly StoredSignal[]> {
  const { rows } = await sql.query<SignalRow>(
    `SELECT id, meaning, payload, received_at, look_at, tries FROM signals WHERE run_id = $1 AND status = 'pending' ORDER BY look_at > $2, id LIMIT ${signalsPerHold}`,
    [missionId, now],
  );
  return rows.map((row) => ({
    id: row.id,
    meaning: row.meaning,
    signal: row.payload as unknown as Signal,
    receivedAt: row.received_at.getTime(),
    lookAt: row.look_at.getTime(),
    tries: row.tries,
  }));
}
