/** WAL written since the last checkpoint after which one is made, in bytes: keeps the folder small and reopening fast. */
const CHECKPOINT_WAL_BYTES = 16 * 1024 * 1024;
/** Dead or changed rows of one table after which it is vacuumed and analysed. */
const VACUUM_ROWS = 2_000;

const WAL_SINCE_CHECKPOINT =
  'SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::bigint FROM pg_catalog.pg_control_checkpoint()';

// System catalogs included: BullMQ creates and drops temporary tables, which leaves dead rows there.
const TABLES_TO_VACUUM = `
  SELECT quote_ident(schemaname) || '.' || quote_ident(relname)
    FROM pg_catalog.pg_stat_all_tables
   WHERE schemaname !~ '^pg_(toast|temp)'
     AND (n_dead_tup > ${VACUUM_ROWS} OR n_mod_since_analyze > ${VACUUM_ROWS})
   ORDER BY n_dead_tup DESC`;

/** The session that maintenance runs on: only called while no transaction is open. */
export interface MaintainedSession {
  statement(sql: string): Uint8Array;
}

/**
 * What a server's background processes do and an embedded database has nobody for: checkpoints (else the WAL grows
 * without limit) and vacuuming (else dead rows do). Returns the statements that are due, so that the caller can run them
 * one by one with other work between them: each takes milliseconds, not seconds.
 */
export function dueMaintenance(session: MaintainedSession): string[] {
  // Counters are published about once a second; what is due now should not have to wait for the next look.
  session.statement('SELECT pg_catalog.pg_stat_force_next_flush()');
  const tables = textRows(session.statement(TABLES_TO_VACUUM)).map((table) => `VACUUM (ANALYZE) ${table}`);
  const wal = Number(textRows(session.statement(WAL_SINCE_CHECKPOINT))[0] ?? 0);
  // The checkpoint comes last, so that it also covers what vacuuming wrote.
  return wal > CHECKPOINT_WAL_BYTES ? [...tables, 'CHECKPOINT'] : tables;
}

/** The first column of every DataRow message of an answer to a simple query, as text. */
function textRows(answer: Uint8Array): string[] {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  const rows: string[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    if (bytes[at] !== 'D'.charCodeAt(0)) continue;
    const length = bytes.readInt32BE(at + 7);
    if (length >= 0) rows.push(bytes.toString('utf8', at + 11, at + 11 + length));
  }
  return rows;
}
