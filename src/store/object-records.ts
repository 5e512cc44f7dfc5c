import type { ObjectRecord, ObjectRecords } from '../engine/ports/projector.ts';
import type { Database } from './database.ts';

interface ObjectRow {
  key: string;
  state: ObjectRecord['state'];
  remote_id: string | null;
  rendered: string | null;
  memory: string | null;
  intended_at: Date;
}

const columns = 'run_id, key, state, remote_id, rendered, memory, intended_at';

const orReplace = `ON CONFLICT (run_id, key) DO UPDATE SET state = excluded.state, remote_id = excluded.remote_id, rendered = excluded.rendered,
  memory = excluded.memory, intended_at = excluded.intended_at`;

/** Records that nobody takes turns at. */
export function objectRecords(database: Database): ObjectRecords {
  return {
    all: (missionId) => allOf(database, missionId),

    async put(missionId, record) {
      await database.query(`INSERT INTO github_objects (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7) ${orReplace}`, valuesOf(missionId, record));
      return true;
    },
  };
}

/**
 * Records that are put only while `owner` has the mission's turn. The lock on the mission's row is what makes that sure: a turn that is
 * being taken over waits for the record, or the record is refused.
 */
export function objectRecordsInTurn(database: Database, owner: string): ObjectRecords {
  return {
    all: (missionId) => allOf(database, missionId),

    async put(missionId, record) {
      const { rowCount } = await database.query(
        `WITH turn AS (SELECT 1 FROM runs WHERE id = $1 AND sync_owner = $8 FOR SHARE)
         INSERT INTO github_objects (${columns}) SELECT $1, $2, $3, $4::bigint, $5, $6, $7::timestamptz FROM turn ${orReplace}`,
        [...valuesOf(missionId, record), owner],
      );
      return rowCount > 0;
    },
  };
}

async function allOf(database: Database, missionId: string): Promise<readonly ObjectRecord[]> {
  const { rows } = await database.query<ObjectRow>('SELECT key, state, remote_id, rendered, memory, intended_at FROM github_objects WHERE run_id = $1', [missionId]);
  return rows.map((row) => ({
    key: row.key,
    state: row.state,
    remoteId: row.remote_id === null ? null : Number(row.remote_id),
    rendered: row.rendered,
    memory: row.memory,
    intendedAt: row.intended_at.getTime(),
  }));
}

function valuesOf(missionId: string, { key, state, remoteId, rendered, memory, intendedAt }: ObjectRecord) {
  return [missionId, key, state, remoteId, rendered, memory, new Date(intendedAt)];
}
