import type { LeaseKey, Store } from '../engine/ports/store.ts';
import type { Signal } from '../core/mission/signal.ts';
import { isMission, phaseOfSubject } from '../core/mission/state.ts';
import { batchCalls } from './batch-calls.ts';
import type { Database, Sql } from './database.ts';
import { headOf } from './mission-heads.ts';
import type { Head, HeadRow } from './mission-heads.ts';
import type { MissionRows } from './missions.ts';
import type { CarriedResult, Finish, OwnSignals } from './own-signals.ts';

type Leases = Pick<Store, 'claim' | 'heartbeat' | 'finish' | 'expireLeases'>;

/** Claims and results of one process in one statement, and statements at once. */
const claimsTogether = { atOnce: 1, heaviest: 100 };
const resultsTogether = { atOnce: 1, heaviest: 100 };

interface Claim {
  readonly key: LeaseKey;
  readonly owner: string;
  readonly ttlMs: number;
  readonly now: number;
}

/** Settles a lease and stores its result; null when the lease was lost. */
export type StoreResult = (result: Finish) => Promise<{ readonly signalId: string | null } | null>;

/** Results of one process that come in the same moment are stored by one statement. */
export function resultWriter(database: Database): StoreResult {
  return batchCalls((results: readonly Finish[]) => settleLeases(database, results), {
    ...resultsTogether,
    keyOf: ({ lease }) => keyOf(lease),
    weigh: ({ artifacts }) => 1 + artifacts.reduce((sum, { text }) => sum + text.length, 0) / 10_000,
  });
}

/** Stores results that no commit took along. */
export async function storeCarried(settle: StoreResult, carried: readonly CarriedResult[]): Promise<void> {
  await Promise.all(
    carried.map(async (result) => {
      try {
        result.settle((await settle(result.finish)) === null ? 'lost' : 'recorded');
      } catch (error) {
        result.fail(error);
      }
    }),
  );
}

/**
 * Leases are rows with owner and expiry (advisory locks mean nothing on the embedded database). One row per attempt, for
 * ever: an attempt that had a lease never gets another, so a zombie can never come back under a newer one. A lease ends when
 * it is settled or marked lost, not by the clock alone: who could not be heard because the database was away is not taken
 * for dead as soon as it is back.
 */
export function leases(database: Database, missions: Pick<MissionRows, 'stateAt'>, own: OwnSignals, settle: StoreResult): Leases {
  const take = batchCalls((claims: readonly Claim[]) => takeLeases(database, claims), { ...claimsTogether, keyOf: ({ key }) => keyOf(key) });
  /** What this process stored itself it need not read before deciding it. */
  function remember(missionId: string, id: string | null, signal: Signal, meaning: string, now: number): void {
    if (id !== null) own.add(missionId, { id, meaning, signal, receivedAt: now, lookAt: now, tries: 0 });
  }

  return {
    async claim(key, owner, ttlMs, now) {
      const taken = await take({ key, owner, ttlMs, now });
      if (taken) {
        remember(key.missionId, taken.signalId, { kind: 'attempt.started', subject: key.subject, attempt: key.attempt, worker: owner }, startedMeaning(key), now);
        // The lease is taken, whatever happens to the database now: the state can be read later.
        const state = await missions.stateAt(key.missionId, taken.head).catch(() => null);
        return { outcome: 'claimed', lease: { ...key, owner, expiresAt: now + ttlMs }, mission: isMission(state) ? state : null };
      }
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

    async finish(lease, signal, artifacts, now, decide) {
      const result = { lease, signal, artifacts, now };
      const carried = decide === undefined ? null : own.carry(result);
      if (carried !== null) {
        await decide?.();
        if (!own.takeBack(carried)) return carried.outcome;
      }
      const settled = await settle(result);
      if (settled) remember(lease.missionId, settled.signalId, signal.signal, signal.meaning, now);
      await decide?.();
      return settled ? 'recorded' : 'lost';
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

function keyOf({ missionId, subject, attempt }: LeaseKey): string {
  return `${missionId} ${subject} ${attempt}`;
}

function startedMeaning({ subject, attempt }: LeaseKey): string {
  return `attempt:${subject}:${attempt}:started`;
}

/** A lease that was taken: the mission's head, read in the same snapshot, and the signal that tells of it. */
interface Taken {
  readonly head: Head;
  readonly signalId: string | null;
}

/** Takes the leases that are free and expected, and records `attempt.started` for each. The keys must differ. */
async function takeLeases(sql: Sql, claims: readonly Claim[]): Promise<readonly (Taken | undefined)[]> {
  const asked = claims.map(({ key, owner, ttlMs, now }) => {
    const phase = phaseOfSubject(key.subject);
    return {
      run_id: key.missionId,
      subject: key.subject,
      phase,
      attempt: key.attempt,
      owner,
      now: new Date(now),
      until: new Date(now + ttlMs),
      meaning: startedMeaning(key),
      signal: JSON.stringify({ kind: 'attempt.started', subject: key.subject, attempt: key.attempt, worker: owner }),
    };
  });
  const { rows } = await sql.query<HeadRow & { subject: string; attempt: number; signal_id: string | null }>(
    `WITH asked AS (
       SELECT a.*, r.id, r.seq, r.head_hash, r.version, r.sync_wanted
       FROM json_to_recordset($1::json) AS a(run_id text, subject text, phase text, attempt integer, owner text, now timestamptz, until timestamptz, meaning text, signal text)
       JOIN runs r ON r.id = a.run_id
       LEFT JOIN tasks t ON t.run_id = a.run_id AND t.task_id = a.subject AND a.phase IS NULL
       LEFT JOIN phases p ON p.run_id = a.run_id AND p.phase_id = a.phase
       WHERE r.status <> 'cancelled' AND ((t.status = 'queued' AND t.attempt = a.attempt) OR (p.gate_status = 'evaluating' AND p.gate_attempt = a.attempt))
     ), taken AS (
       INSERT INTO leases (run_id, subject, attempt, owner, claimed_at, heartbeat_at, expires_at)
       SELECT run_id, subject, attempt, owner, now, now, until FROM asked
       ON CONFLICT DO NOTHING RETURNING run_id, subject, attempt
     ), told AS (
       INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
       SELECT run_id, meaning, meaning, 'attempt.started', signal::json, now, now FROM asked JOIN taken USING (run_id, subject, attempt)
       ON CONFLICT DO NOTHING RETURNING id, run_id, meaning
     )
     SELECT a.id, subject, attempt, seq, head_hash, version, sync_wanted, told.id AS signal_id
     FROM asked a JOIN taken USING (run_id, subject, attempt) LEFT JOIN told USING (run_id, meaning)`,
    [JSON.stringify(asked)],
  );
  const taken = new Map(rows.map((row) => [keyOf({ missionId: row.id, subject: row.subject, attempt: row.attempt }), { head: headOf(row), signalId: row.signal_id }]));
  return claims.map(({ key }) => taken.get(keyOf(key)));
}

/** Settles leases that are still held and records the results with their artifacts; null for lost ones. The keys must differ. */
async function settleLeases(sql: Sql, results: readonly Finish[]): Promise<readonly (Pick<Taken, 'signalId'> | null)[]> {
  const asked = results.map(({ lease, signal, now }) => ({
    run_id: lease.missionId,
    subject: lease.subject,
    attempt: lease.attempt,
    owner: lease.owner,
    now: new Date(now),
    meaning: signal.meaning,
    kind: signal.signal.kind,
    signal: JSON.stringify(signal.signal),
  }));
  const artifacts = results.flatMap(({ lease, artifacts: left }) =>
    left.map(({ digest, name, mediaType, text }) => ({ run_id: lease.missionId, subject: lease.subject, attempt: lease.attempt, digest, name, media_type: mediaType, content: text })),
  );
  const kept =
    artifacts.length === 0
      ? ''
      : `, kept AS (
       INSERT INTO artifacts (run_id, digest, name, media_type, content, subject, attempt, created_at)
       SELECT run_id, f.digest, f.name, f.media_type, f.content, subject, attempt, settled.now
       FROM json_to_recordset($2::json) AS f(run_id text, subject text, attempt integer, digest text, name text, media_type text, content text)
       JOIN settled USING (run_id, subject, attempt)
       ON CONFLICT DO NOTHING
     )`;
  const { rows } = await sql.query<{ run_id: string; subject: string; attempt: number; signal_id: string | null }>(
    `WITH settled AS (
       UPDATE leases l SET status = 'settled', heartbeat_at = a.now
       FROM json_to_recordset($1::json) AS a(run_id text, subject text, attempt integer, owner text, now timestamptz, meaning text, kind text, signal text)
       WHERE l.run_id = a.run_id AND l.subject = a.subject AND l.attempt = a.attempt AND l.owner = a.owner AND l.status NOT IN ('settled', 'lost')
       RETURNING l.run_id, l.subject, l.attempt, a.now, a.meaning, a.kind, a.signal
     )${kept}, told AS (
       INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
       SELECT run_id, meaning, meaning, kind, signal::json, now, now FROM settled ON CONFLICT DO NOTHING RETURNING id, run_id, meaning
     )
     SELECT run_id, subject, attempt, told.id AS signal_id FROM settled LEFT JOIN told USING (run_id, meaning)`,
    [JSON.stringify(asked), ...(artifacts.length === 0 ? [] : [JSON.stringify(artifacts)])],
  );
  const settled = new Map(rows.map((row) => [keyOf({ missionId: row.run_id, subject: row.subject, attempt: row.attempt }), { signalId: row.signal_id }]));
  return results.map(({ lease }) => settled.get(keyOf(lease)) ?? null);
}
