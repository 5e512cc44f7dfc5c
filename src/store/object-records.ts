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

export function objectRecords(database: Database): ObjectRecords {
  return {
    async all(missionId) {
      const { rows } = await database.query<ObjectRow>('SELECT key, state, remote_id, rendered, memory, intended_at FROM github_objects WHERE run_id = $1', [missionId]);
      return rows.map((row) => ({
        key: row.key,
        state: row.state,
        remoteId: row.remote_id === null ? null : Number(row.remote_id),
        rendered: row.rendered,
        memory: row.memory,
        intendedAt: row.intended_at.getTime(),
      }));
    },

    async put(missionId, record) {
      await database.query(
        `INSERT INTO github_objects (run_id, key, state, remote_id, rendered, memory, intended_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (run_id, key) DO UPDATE SET state = excluded.state, remote_id = excluded.remote_id, rendered = excluded.rendered,
           memory = excluded.memory, intended_at = excluded.intended_at`,
        [missionId, record.key, record.state, record.remoteId, record.rendered, record.memory, new Date(record.intendedAt)],
      );
    },
  };
}
