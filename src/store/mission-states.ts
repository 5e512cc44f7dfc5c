import type { Json } from '../kit/json.ts';
import { genesisHash } from '../core/ledger/chain.ts';
import type { EventBody, MissionEvent } from '../core/mission/event.ts';
import { evolve } from '../core/mission/evolve.ts';
import type { Plan } from '../core/mission/plan.ts';
import type { MissionState, PhaseState, TaskState } from '../core/mission/state.ts';
import type { Database, Sql } from './database.ts';
import { headsOf } from './mission-heads.ts';
import type { Head } from './mission-heads.ts';
import { missionFromRows } from './mission-rows.ts';

/** States kept in memory; a state that fell out is put together from its rows again. */
const cachedMissions = 200;
/** Behind by more events than this, a cached state is read anew instead of being evolved. */
const longestCatchUp = 1000;

/** A mission's state with the head it belongs to. */
export interface Standing extends Head {
  readonly state: MissionState | null;
}

export interface MissionStates {
  /** What this process knows; possibly out of date. */
  known(missionId: string): Standing | undefined;
  /** The state at a head that was just read, or a later one; null for a mission without a row. */
  at(missionId: string, head: Head): Promise<Standing | null>;
  /** The state at the head of a mission whose row is locked in this transaction. */
  locked(sql: Sql, missionId: string, head: Head): Promise<Standing>;
  remember(missionId: string, standing: Standing): void;
}

/** States in memory, brought up to date by events, or put together from their rows. */
export function missionStates(database: Database): MissionStates {
  const cache = new Map<string, Standing>();

  /** The state in memory, when it belongs to this head or can be brought there by the events recorded meanwhile. */
  async function follow(sql: Sql, missionId: string, head: Head): Promise<Standing | null> {
    if (head.seq === 0) return { ...head, state: null, headHash: genesisHash };
    const cached = cache.get(missionId);
    const behind = head.seq - (cached?.seq ?? 0);
    if (!cached?.state || behind < 0 || behind > longestCatchUp) return null;
    if (behind === 0) return { ...head, state: cached.state };
    const { rows } = await sql.query<{ seq: string; at: Date; body: Json }>('SELECT seq, at, body FROM events WHERE run_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq', [missionId, cached.seq, head.seq]);
    let state: MissionState | null = cached.state;
    for (const row of rows) {
      const event: MissionEvent = { missionId, seq: Number(row.seq), at: row.at.getTime(), body: row.body as unknown as EventBody };
      state = evolve(state, event);
    }
    return { ...head, state };
  }

  function remember(missionId: string, standing: Standing): void {
    cache.delete(missionId);
    cache.set(missionId, standing);
    for (const oldest of cache.keys()) {
      if (cache.size <= cachedMissions) break;
      cache.delete(oldest);
    }
  }

  return {
    known: (missionId) => cache.get(missionId),
    async at(missionId, head) {
      const cached = cache.get(missionId);
      if (cached && cached.version >= head.version) return cached;
      // Events never change, so following them needs no lock; only rows that must belong together do.
      const current = (await follow(database, missionId, head)) ?? (await database.transaction((sql) => readConsistently(sql, missionId)));
      if (current && current.version >= (cache.get(missionId)?.version ?? 0)) remember(missionId, current);
      return current;
    },
    async locked(sql, missionId, head) {
      return (await follow(sql, missionId, head)) ?? readState(sql, missionId, head);
    },
    remember,
  };
}

/** Reads a state outside a hold: the row is share-locked so that its parts belong together. */
async function readConsistently(sql: Sql, missionId: string): Promise<Standing | null> {
  await sql.query('SELECT FROM runs WHERE id = $1 FOR SHARE', [missionId]);
  const [head] = await headsOf(sql, [missionId]);
  return head ? readState(sql, missionId, head) : null;
}

/** The state put together from its rows; the mission's row must be locked. */
async function readState(sql: Sql, missionId: string, head: Head): Promise<Standing> {
  const run = (await sql.query<{ plan_hash: string | null; state: Json }>('SELECT plan_hash, state FROM runs WHERE id = $1', [missionId])).rows[0];
  if (!run) throw new Error(`mission ${missionId}: its locked row vanished`);
  const plan = run.plan_hash === null ? null : ((await sql.query<{ plan: Json }>('SELECT plan FROM plans WHERE run_id = $1 AND plan_hash = $2', [missionId, run.plan_hash])).rows[0]?.plan ?? null);
  const phases = await sql.query<{ state: Json }>('SELECT state FROM phases WHERE run_id = $1', [missionId]);
  const tasks = await sql.query<{ state: Json }>('SELECT state FROM tasks WHERE run_id = $1', [missionId]);
  const state = missionFromRows(
    run.state,
    plan as unknown as Plan | null,
    phases.rows.map((row) => row.state as unknown as PhaseState),
    tasks.rows.map((row) => row.state as unknown as TaskState),
  );
  return { ...head, state };
}
