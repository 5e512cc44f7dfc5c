import type { IncomingSignal, Store } from '../engine/ports/store.ts';
import { phaseOfSubject } from '../core/mission/state.ts';
import type { Database, Sql } from './database.ts';

type Leases = Pick<Store, 'claim' | 'heartbeat' | 'finish' | 'expireLeases'>;

/**
 * Leases are rows with owner and expiry (advisory locks mean nothing on the embedded database). One row per attempt, for
 * ever: an attempt that had a lease never gets another, so a zombie can never come back under a newer one. A lease ends when
 * it is settled or marked lost, not by the clock alone: who could not be heard because the database was away is not taken
 * for dead as soon as it is back.
 */
export function leases(database: Database): Leases {
  return {
    async claim(key, owner, ttlMs, now) {
      const phase = phaseOfSubject(key.subject);
      const runs = `EXISTS (SELECT 1 FROM runs WHERE id = $1 AND status <> 'cancelled')`;
      const expected =
        phase === null
          ? `EXISTS (SELECT 1 FROM tasks WHERE run_id = $1 AND task_id = $2 AND attempt = $3 AND status = 'queued') AND ${runs}`
          : `EXISTS (SELECT 1 FROM phases WHERE run_id = $1 AND phase_id = substr($2, 6) AND gate_attempt = $3 AND gate_status = 'evaluating') AND ${runs}`;
      const at = new Date(now);
      const until = new Date(now + ttlMs);
      const started = { kind: 'attempt.started', subject: key.subject, attempt: key.attempt, worker: owner };
      const meaning = `attempt:${key.subject}:${key.attempt}:started`;
      const { rows } = await database.query<{ run_id: string }>(
        `WITH taken AS (
           INSERT INTO leases (run_id, subject, attempt, owner, claimed_at, heartbeat_at, expires_at)
           SELECT $1, $2, $3, $4, $5, $5, $6 WHERE ${expected}
           ON CONFLICT DO NOTHING RETURNING run_id
         ), told AS (
           INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
           SELECT run_id, $7, $7, 'attempt.started', $8::json, $5, $5 FROM taken ON CONFLICT DO NOTHING
         )
         SELECT run_id FROM taken`,
        [key.missionId, key.subject, key.attempt, owner, at, until, meaning, JSON.stringify(started)],
      );
      if (rows.length > 0) return { outcome: 'claimed', lease: { ...key, owner, expiresAt: until.getTime() } };
      const held = await database.query<{ status: string; expires_at: Date }>('SELECT status, expires_at FROM leases WHERE run_id = $1 AND subject = $2 AND attempt = $3', [key.missionId, key.subject, key.attempt]);
      const lease = held.rows[0];
      if (lease && (lease.status === 'held' || lease.status === 'cancelled')) return { outcome: 'held', until: lease.expires_at.getTime() };
      return { outcome: 'over' };
    },

    async heartbeat(lease, ttlMs, now) {
      // A lease taken in the instant of the cancellation was not there to be marked; the mission itself tells.
      const { rows } = await database.query<{ status: string }>(
        `UPDATE leases SET heartbeat_at = $5, expires_at = $6
         WHERE run_id = $1 AND subject = $2 AND attempt = $3 AND owner = $4 AND status IN ('held', 'cancelled')
         RETURNING CASE WHEN EXISTS (SELECT 1 FROM runs WHERE id = $1 AND status = 'cancelled') THEN 'cancelled' ELSE status END AS status`,
        [lease.missionId, lease.subject, lease.attempt, lease.owner, new Date(now), new Date(now + ttlMs)],
      );
      const row = rows[0];
      if (!row) return 'lost';
      return row.status === 'cancelled' ? 'cancelled' : 'held';
    },

    async finish(lease, signal, artifacts, now) {
      const at = new Date(now);
      const { rows } = await database.query<{ run_id: string }>(
        `WITH settled AS (
           UPDATE leases SET status = 'settled', heartbeat_at = $5
           WHERE run_id = $1 AND subject = $2 AND attempt = $3 AND owner = $4 AND status IN ('held', 'cancelled')
           RETURNING run_id
         ), kept AS (
           INSERT INTO artifacts (run_id, digest, name, media_type, content, subject, attempt, created_at)
           SELECT settled.run_id, a.digest, a.name, a.media_type, a.content, $2, $3, $5
           FROM settled, json_to_recordset($9::json) AS a(digest text, name text, media_type text, content text)
           ON CONFLICT DO NOTHING
         ), told AS (
           INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
           SELECT run_id, $6, $6, $7, $8::json, $5, $5 FROM settled ON CONFLICT DO NOTHING
         )
         SELECT run_id FROM settled`,
        [
          lease.missionId,
          lease.subject,
          lease.attempt,
          lease.owner,
          at,
          signal.meaning,
          signal.signal.kind,
          JSON.stringify(signal.signal),
          JSON.stringify(artifacts.map((artifact) => ({ digest: artifact.digest, name: artifact.name, media_type: artifact.mediaType, content: artifact.text }))),
        ],
      );
      return rows.length > 0 ? 'recorded' : 'lost';
    },

    async expireLeases(now) {
      const { rows } = await database.query<{ run_id: string }>(
        `WITH lost AS (
           UPDATE leases SET status = 'lost' WHERE status IN ('held', 'cancelled') AND expires_at <= $1
           RETURNING run_id, subject, attempt, owner
         ), told AS (
           INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
           SELECT run_id, m.meaning, m.meaning, 'attempt.lost',
             json_build_object('kind', 'attempt.lost', 'subject', subject, 'attempt', attempt, 'reason', 'worker ' || owner || ' went silent'), $1, $1
           FROM lost, LATERAL (SELECT 'attempt:' || subject || ':' || attempt || ':lost' AS meaning) m
           ON CONFLICT DO NOTHING
         )
         SELECT DISTINCT run_id FROM lost`,
        [new Date(now)],
      );
      return rows.map((row) => row.run_id);
    },
  };
}

/** Inserts signals; says how many were new, and for which missions. */
export async function insertSignals(sql: Sql, signals: readonly IncomingSignal[]): Promise<{ readonly stored: number; readonly missions: readonly string[] }> {
  if (signals.length === 0) return { stored: 0, missions: [] };
  const { rows } = await sql.query<{ run_id: string }>(
    `INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
     SELECT s.run_id, s.source, s.meaning, s.kind, s.payload::json, s.at::timestamptz, s.at::timestamptz
     FROM json_to_recordset($1::json) AS s(run_id text, source text, meaning text, kind text, payload text, at text, aliases json, nth json)
     WHERE (s.aliases IS NULL OR NOT EXISTS (
       SELECT 1 FROM signals k WHERE k.run_id = s.run_id AND k.meaning IN (SELECT json_array_elements_text(s.aliases))))
     AND (s.nth IS NULL OR (s.nth->>'n')::integer > (
       SELECT count(*) FROM signals k WHERE k.run_id = s.run_id
         AND EXISTS (SELECT 1 FROM json_array_elements_text(s.nth->'of') AS o(prefix) WHERE starts_with(k.meaning, o.prefix))))
     ON CONFLICT DO NOTHING RETURNING run_id`,
    [
      JSON.stringify(
        signals.map(({ missionId, source, meaning, aliases, nth, signal, receivedAt }) => ({
          run_id: missionId,
          source,
          meaning,
          kind: signal.kind,
          payload: JSON.stringify(signal),
          at: new Date(receivedAt).toISOString(),
          ...(aliases === undefined || aliases.length === 0 ? {} : { aliases }),
          ...(nth === undefined ? {} : { nth }),
        })),
      ),
    ],
  );
  return { stored: rows.length, missions: [...new Set(rows.map((row) => row.run_id))] };
}

