import type { EventBody, MissionEvent } from '../core/mission/event.ts';
import { noticeTypes } from '../engine/ports/projector.ts';
import type { Store, SyncBeginning } from '../engine/ports/store.ts';
import type { Json } from '../kit/json.ts';
import type { Database } from './database.ts';
import type { MissionRows } from './missions.ts';

type SyncTurns = Pick<Store, 'beginSync' | 'extendSync' | 'endSync' | 'failSync' | 'wantSync'>;

/**
 * One process at a time writes a mission's view to GitHub. The wish (`sync_wanted`) is cleared when a turn begins and read
 * again, in the same statement that would give the right back, when it ends: a change in between is never overlooked. Setting and
 * clearing the wish count as writes of the mission: what a process remembers of the wish is true as long as the version is.
 */
export function syncTurns(database: Database, missions: MissionRows): SyncTurns {
  return {
    async beginSync(missionId, owner, ttlMs, now) {
      const { rows } = await database.query<{ notices_seq: string }>(
        `UPDATE runs SET sync_owner = $2, sync_until = $4, sync_wanted = false, version = version + 1
         WHERE id = $1 AND (sync_owner = $2 OR (sync_owner IS NULL AND sync_wanted) OR (sync_owner IS NOT NULL AND sync_until <= $3))
         RETURNING notices_seq`,
        [missionId, owner, new Date(now), new Date(now + ttlMs)],
      );
      const turn = rows[0];
      if (!turn) return takenOrNothing(database, missionId);
      const current = await missions.read(missionId);
      if (!current) {
        await database.query('UPDATE runs SET sync_owner = NULL WHERE id = $1 AND sync_owner = $2', [missionId, owner]);
        return { outcome: 'nothing' };
      }
      const notices = await database.query<{ seq: string; at: Date; body: Json }>(
        `SELECT seq, at, body FROM events WHERE run_id = $1 AND seq > $2 AND seq <= $3
         AND type IN (${noticeTypes.map((type) => `'${type}'`).join(', ')}) ORDER BY seq`,
        [missionId, turn.notices_seq, current.state.seq],
      );
      return {
        outcome: 'turn',
        turn: {
          ...current,
          notices: notices.rows.map((row): MissionEvent => ({ missionId, seq: Number(row.seq), at: row.at.getTime(), body: row.body as unknown as EventBody })),
          noticesUpTo: current.state.seq,
        },
      };
    },

    async extendSync(missionId, owner, ttlMs, now) {
      const { rowCount } = await database.query('UPDATE runs SET sync_until = $4 WHERE id = $1 AND sync_owner = $2 AND sync_until > $3', [missionId, owner, new Date(now), new Date(now + ttlMs)]);
      return rowCount > 0;
    },

    async endSync(missionId, owner, noticesUpTo) {
      const { rows } = await database.query<{ sync_wanted: boolean }>(
        `UPDATE runs SET notices_seq = greatest(notices_seq, $3), sync_owner = CASE WHEN sync_wanted THEN sync_owner END
         WHERE id = $1 AND sync_owner = $2 RETURNING sync_wanted`,
        [missionId, owner, noticesUpTo],
      );
      return rows[0]?.sync_wanted ?? false;
    },

    async wantSync(missionId) {
      await database.query('UPDATE runs SET sync_wanted = true, version = version + 1 WHERE id = $1 AND seq > 0', [missionId]);
    },

    async failSync(missionId, owner) {
      await database.query('UPDATE runs SET sync_owner = NULL, sync_wanted = true, version = version + 1 WHERE id = $1 AND sync_owner = $2', [missionId, owner]);
    },
  };
}

async function takenOrNothing(database: Database, missionId: string): Promise<SyncBeginning> {
  const { rows } = await database.query<{ sync_until: Date }>('SELECT sync_until FROM runs WHERE id = $1 AND sync_owner IS NOT NULL', [missionId]);
  return rows[0] ? { outcome: 'taken', until: rows[0].sync_until.getTime() } : { outcome: 'nothing' };
}
