import type { Json } from '../kit/json.ts';
import type { Signal } from '../core/mission/signal.ts';
import type { StoredSignal } from '../engine/ports/store.ts';
import type { Sql } from './database.ts';

/** Signals handed out in one hold; the rest waits for the next. */
export const signalsPerHold = 200;

/** Where a mission stands: enough to tell whether what is in memory is still true. */
export interface Head {
  readonly seq: number;
  readonly headHash: string;
  /** Counts every write of the mission, also those without events. */
  readonly version: number;
  readonly syncWanted: boolean;
}

/** A mission as a hold finds it. */
export interface OpenedMission extends Head {
  readonly pending: readonly StoredSignal[];
}

export interface HeadRow {
  id: string;
  seq: string;
  head_hash: string;
  version: number;
  sync_wanted: boolean;
}

interface SignalRow {
  id: string;
  meaning: string;
  payload: Json;
  received_at: number;
  look_at: number;
  tries: number;
}

/** Heads and pending signals of some missions, in one snapshot; undefined for those without a row. */
export async function openMissions(sql: Sql, missionIds: readonly string[], now: number): Promise<readonly (OpenedMission | undefined)[]> {
  // Deferred signals come last, so that however many they are they keep nothing else from being decided.
  const { rows } = await sql.query<HeadRow & { pending: SignalRow[] | null }>(
    `SELECT r.id, r.seq, r.head_hash, r.version, r.sync_wanted, (
       SELECT json_agg(s) FROM (
         SELECT id::text AS id, meaning, payload, (extract(epoch FROM received_at) * 1000)::bigint AS received_at, (extract(epoch FROM look_at) * 1000)::bigint AS look_at, tries
         FROM signals WHERE run_id = r.id AND status = 'pending' ORDER BY signals.look_at > $2, signals.id LIMIT ${signalsPerHold}) s
     ) AS pending
     FROM runs r WHERE r.id = ANY($1)`,
    [missionIds, new Date(now)],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return missionIds.map((missionId) => {
    const row = found.get(missionId);
    return row && { ...headOf(row), pending: (row.pending ?? []).map(signalOf) };
  });
}

export async function headsOf(sql: Sql, missionIds: readonly string[]): Promise<readonly (Head | undefined)[]> {
  const { rows } = await sql.query<HeadRow>('SELECT id, seq, head_hash, version, sync_wanted FROM runs WHERE id = ANY($1)', [[...new Set(missionIds)]]);
  const found = new Map(rows.map((row) => [row.id, headOf(row)]));
  return missionIds.map((missionId) => found.get(missionId));
}

export function headOf(row: HeadRow): Head {
  return { seq: Number(row.seq), headHash: row.head_hash, version: row.version, syncWanted: row.sync_wanted };
}

function signalOf({ id, meaning, payload, received_at: receivedAt, look_at: lookAt, tries }: SignalRow): StoredSignal {
  return { id, meaning, signal: payload as unknown as Signal, receivedAt, lookAt, tries };
}

