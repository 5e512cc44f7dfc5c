import type { Watch, Watches } from '../engine/ports/observer.ts';
import type { Json } from '../kit/json.ts';
import type { Database } from './database.ts';

interface WatchRow {
  subject: string;
  memory: Json;
  quiet: number;
}

/** The agenda of the re-reading: rows with owner and expiry, so that a process that dies blocks nothing for longer than its term. */
export function watches(database: Database): Watches {
  return {
    async add(subjects) {
      if (subjects.length === 0) return;
      await database.query(
        `INSERT INTO watches (subject, memory, look_at)
         SELECT s.subject, s.memory, s.look_at::timestamptz FROM json_to_recordset($1::json) AS s(subject text, memory json, look_at text)
         ON CONFLICT DO NOTHING`,
        [JSON.stringify(subjects.map(({ subject, memory, lookAt }) => ({ subject, memory, look_at: new Date(lookAt).toISOString() })))],
      );
    },

    async addMissions(since, lookAt) {
      await database.query(
        `INSERT INTO watches (subject, look_at)
         SELECT 'mission:' || id, $2 FROM runs
         WHERE seq > 0 AND installation_id > 0
           AND (status IN ('planned', 'running', 'paused', 'failed', 'partially-failed', 'refused') OR (status IN ('completed', 'cancelled') AND updated_at > $1))
         ON CONFLICT DO NOTHING`,
        [new Date(since), new Date(lookAt)],
      );
    },

    async hasten(now, subject) {
      await database.query('UPDATE watches SET look_at = $1 WHERE look_at > $1 AND ($2::text IS NULL OR subject = $2)', [new Date(now), subject ?? null]);
    },

    async take(owner, ttlMs, now, limit) {
      const { rows } = await database.query<WatchRow>(
        `WITH due AS (
           SELECT subject FROM watches WHERE look_at <= $3 AND (owner IS NULL OR owner_until <= $3)
           ORDER BY look_at, subject LIMIT $4 FOR UPDATE SKIP LOCKED
         ), taken AS (
           UPDATE watches w SET owner = $1, owner_until = $2 FROM due WHERE w.subject = due.subject
           RETURNING w.subject, w.memory, w.quiet, w.look_at
         )
         SELECT subject, memory, quiet FROM taken ORDER BY look_at, subject`,
        [owner, new Date(now + ttlMs), new Date(now), limit],
      );
      return rows.map((row): Watch => ({ subject: row.subject, memory: row.memory, quiet: row.quiet }));
    },

    async put(owner, { subject, memory, quiet }, lookAt) {
      await database.query('UPDATE watches SET memory = $3::json, quiet = $4, look_at = $5, owner = NULL, owner_until = NULL WHERE subject = $2 AND owner = $1', [
        owner,
        subject,
        JSON.stringify(memory),
        quiet,
        new Date(lookAt),
      ]);
    },

    async remove(owner, subject) {
      await database.query('DELETE FROM watches WHERE subject = $2 AND owner = $1', [owner, subject]);
    },

    async redelivered(guids) {
      if (guids.length === 0) return new Map();
      const { rows } = await database.query<{ guid: string; tries: number; asked_at: Date }>('SELECT guid, tries, asked_at FROM redeliveries WHERE guid = ANY($1::text[])', [guids]);
      return new Map(rows.map((row) => [row.guid, { tries: row.tries, askedAt: row.asked_at.getTime() }]));
    },

    async noteRedelivery(guid, now) {
      await database.query(
        `INSERT INTO redeliveries (guid, tries, asked_at) VALUES ($1, 1, $2)
         ON CONFLICT (guid) DO UPDATE SET tries = redeliveries.tries + 1, asked_at = excluded.asked_at`,
        [guid, new Date(now)],
      );
    },

    async forgetRedeliveries(before) {
      await database.query('DELETE FROM redeliveries WHERE asked_at < $1', [new Date(before)]);
    },
  };
}
