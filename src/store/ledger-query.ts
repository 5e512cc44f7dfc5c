import type { AuditFilter } from '../core/ledger/audit.ts';
import { chainEntry } from '../core/ledger/chain.ts';
import type { LedgerEntry } from '../core/ledger/chain.ts';
import { kindOfType } from '../core/ledger/kinds.ts';
import type { EventBody } from '../core/mission/event.ts';
import type { Json } from '../kit/json.ts';
import type { Sql } from './database.ts';

const rowsPerPage = 500;

/**
 * Entries of all missions (or one), by kind and time, mission by mission and in their order; read in pages, by the primary key. An entry of
 * a type that this version does not know has no kind here and is found when no kinds are named.
 */
export async function* queryLedger(sql: Sql, missionId: string | null, { kinds, since, until }: AuditFilter): AsyncGenerator<LedgerEntry> {
  const types = kinds === undefined ? null : Object.entries(kindOfType).flatMap(([type, kind]) => (kinds.includes(kind) ? [type] : []));
  const moment = (ms: number | undefined) => (ms === undefined || !Number.isFinite(ms) ? null : new Date(ms));
  for (let after: readonly [string, string] = ['', '0']; ; ) {
    const { rows } = await sql.query<{ run_id: string; seq: string; at: Date; body: Json; prev_hash: string }>(
      `SELECT run_id, seq, at, body, prev_hash FROM events
       WHERE (run_id, seq) > ($1, $2::bigint) AND ($3::text IS NULL OR run_id = $3) AND ($4::text[] IS NULL OR type = ANY($4))
         AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
       ORDER BY run_id, seq LIMIT ${rowsPerPage}`,
      [after[0], after[1], missionId, types, moment(since), moment(until)],
    );
    for (const row of rows) yield chainEntry({ missionId: row.run_id, seq: Number(row.seq), at: row.at.getTime(), body: row.body as unknown as EventBody }, row.prev_hash);
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerPage) return;
    after = [last.run_id, last.seq];
  }
}
