import { gateSubject } from '../core/mission/state.ts';
import type { EvidencePack } from '../core/evidence/pack.ts';
import type { EventBody } from '../core/mission/event.ts';
import { againIn, attemptJob, integrateJob, lookJob, syncJob } from '../engine/jobs.ts';
import type { JobRequest } from '../engine/ports/queue.ts';
import type { Watches } from '../engine/ports/observer.ts';
import type { Routines } from '../engine/ports/routines.ts';
import type { OutboxRow, Store } from '../engine/ports/store.ts';
import type { Json } from '../kit/json.ts';
import type { Clock } from '../kit/time.ts';
import { batchCalls } from './batch-calls.ts';
import type { Database } from './database.ts';
import { leases, resultWriter, storeCarried } from './leases.ts';
import { missionRows } from './missions.ts';
import { objectRecords, objectRecordsInTurn } from './object-records.ts';
import { OwnSignals } from './own-signals.ts';
import { inbox } from './signals.ts';
import { routines } from './routines.ts';
import { syncTurns } from './sync-turns.ts';
import { watches } from './watches.ts';

/** The store over a migrated database. Closing the store closes the database. */
export function createStore(database: Database, clock: Clock): Store & { readonly watches: Watches; readonly routines: Routines } {
  const fresh = new FreshRows();
  const own = new OwnSignals();
  const settle = resultWriter(database);
  const missions = missionRows({ database, clock, own, storeAlone: (carried) => storeCarried(settle, carried), written: (missionId, rows) => fresh.add(missionId, rows) });
  return {
    hold: (missionId, work, reading) => missions.hold(missionId, work, reading),
    read: (missionId) => missions.read(missionId),
    ...inbox(database, own),
    ...leases(database, missions, own, settle),
    ...syncTurns(database, missions),
    ...outbox(database, fresh),
    ...lookups(database),
    objects: objectRecords(database),
    objectsInTurn: (owner) => objectRecordsInTurn(database, owner),
    watches: watches(database),
    routines: routines(database),

    async fireTimers(now, id) {
      const { rows } = await database.query<{ run_id: string }>(
        `WITH fired AS (
           UPDATE timers SET fired_at = $1 WHERE fired_at IS NULL AND fire_at <= $1 AND ($2::text IS NULL OR id = $2)
           RETURNING id, run_id, purpose
         ), told AS (
           INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
           SELECT run_id, 'timer:' || id, 'timer:' || id, 'timer.fired', json_build_object('kind', 'timer.fired', 'purpose', purpose), $1, $1
           FROM fired ON CONFLICT DO NOTHING
         )
         SELECT DISTINCT run_id FROM fired`,
        [new Date(now), id ?? null],
      );
      return rows.map((row) => row.run_id);
    },

    async nextTimer() {
      const { rows } = await database.query<{ fire_at: Date }>('SELECT fire_at FROM timers WHERE fired_at IS NULL ORDER BY fire_at LIMIT 1');
      return rows[0]?.fire_at.getTime() ?? null;
    },

    async missionsWithSignals(before, limit) {
      const { rows } = await database.query<{ run_id: string }>(
        `SELECT run_id FROM signals WHERE status = 'pending' AND look_at <= $1 GROUP BY run_id ORDER BY min(id) LIMIT $2`,
        [new Date(before), limit],
      );
      return rows.map((row) => row.run_id);
    },

    async ping() {
      await database.query('SELECT 1');
    },

    close: () => database.close(),
  };
}

/** Outbox rows that this process wrote and has not removed: they need not be asked for. */
class FreshRows {
  readonly #rows = new Map<string, readonly OutboxRow[]>();

  add(missionId: string, rows: readonly OutboxRow[]): void {
    this.#rows.set(missionId, [...this.of(missionId), ...rows]);
  }

  of(missionId: string): readonly OutboxRow[] {
    return this.#rows.get(missionId) ?? [];
  }

  /** Forgets the rows of a mission that are being handed out: whoever takes them over finds them in the table otherwise. */
  take(missionId: string): readonly OutboxRow[] {
    const rows = this.of(missionId);
    this.#rows.delete(missionId);
    return rows;
  }
}

function outbox(database: Database, fresh: FreshRows): Pick<Store, 'takeOutbox' | 'outboxOf' | 'removeOutbox' | 'expectedJobs'> {
  const remove = batchCalls(
    async (groups: readonly (readonly string[])[]) => {
      await database.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [groups.flat()]);
      return groups.map(() => undefined);
    },
    { atOnce: 1, heaviest: 1000, weigh: (ids) => ids.length },
  );
  return {
    async takeOutbox(limit, olderThan) {
      const { rows } = await database.query<{ id: string; job: Json }>('SELECT id, job FROM outbox WHERE created_at <= $1 ORDER BY id LIMIT $2', [new Date(olderThan), limit]);
      return rows.map((row) => ({ id: row.id, job: row.job as unknown as JobRequest }));
    },

    async outboxOf(missionId) {
      // Every row is handed out from memory once, right after its commit; what fails then is found in the table.
      const written = fresh.take(missionId);
      if (written.length > 0) return written;
      const { rows } = await database.query<{ id: string; job: Json }>('SELECT id, job FROM outbox WHERE run_id = $1 ORDER BY id', [missionId]);
      return rows.map((row) => ({ id: row.id, job: row.job as unknown as JobRequest }));
    },

    async removeOutbox(ids) {
      if (ids.length > 0) await remove(ids);
    },

    async expectedJobs(olderThan, limit) {
      const at = new Date(olderThan);
      const tasks = await database.query<{ run_id: string; task_id: string; attempt: number; status: string }>(
        `SELECT t.run_id, t.task_id, t.attempt, t.status FROM tasks t JOIN runs r ON r.id = t.run_id
         WHERE t.updated_at <= $1 AND r.status <> 'cancelled' AND (t.status = 'integrating' OR (t.status = 'queued' AND NOT EXISTS (
           SELECT 1 FROM leases l WHERE l.run_id = t.run_id AND l.subject = t.task_id AND l.attempt = t.attempt)))
         ORDER BY t.updated_at LIMIT $2`,
        [at, limit],
      );
      const gates = await database.query<{ run_id: string; phase_id: string; gate_attempt: number }>(
        `SELECT p.run_id, p.phase_id, p.gate_attempt FROM phases p JOIN runs r ON r.id = p.run_id
         WHERE p.gate_status = 'evaluating' AND p.updated_at <= $1 AND r.status <> 'cancelled' AND NOT EXISTS (
           SELECT 1 FROM leases l WHERE l.run_id = p.run_id AND l.subject = 'gate/' || p.phase_id AND l.attempt = p.gate_attempt)
         ORDER BY p.updated_at LIMIT $2`,
        [at, limit],
      );
      const syncs = await database.query<{ id: string; seq: string }>(
        `SELECT id, seq FROM runs WHERE (sync_wanted AND sync_wanted_at <= $1) OR (sync_owner IS NOT NULL AND sync_until <= $1) ORDER BY sync_wanted_at LIMIT $2`,
        [at, limit],
      );
      // A mission that runs although every phase is complete waits for its merge, which something on GitHub's side holds up.
      const merges = await database.query<{ id: string }>(
        `SELECT id FROM runs r WHERE status = 'running' AND updated_at <= $1 AND NOT EXISTS (SELECT 1 FROM phases p WHERE p.run_id = r.id AND p.status NOT IN ('complete', 'skipped')) ORDER BY updated_at LIMIT $2`,
        [at, limit],
      );
      // One more try a minute at most, however many processes look.
      const again = againIn(olderThan);
      return [
        ...tasks.rows.map((row) => (row.status === 'queued' ? attemptJob(row.run_id, row.task_id, row.attempt, again) : integrateJob(row.run_id, row.task_id, row.attempt, again))),
        ...gates.rows.map((row) => attemptJob(row.run_id, gateSubject(row.phase_id), row.gate_attempt, again)),
        ...syncs.rows.map((row) => syncJob(row.id, `${row.seq}${again}`)),
        ...merges.rows.map((row) => lookJob(row.id, again)),
      ];
    },
  };
}

function lookups(database: Database): Pick<Store, 'events' | 'evidencePack' | 'evidencePacks' | 'artifact' | 'missions' | 'missionsAt' | 'missionsOf'> {
  return {
    async events(missionId, afterSeq, limit) {
      const { rows } = await database.query<{ seq: string; at: Date; body: Json; prev_hash: string; hash: string }>(
        'SELECT seq, at, body, prev_hash, hash FROM events WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
        [missionId, afterSeq, limit],
      );
      return rows.map((row) => ({ missionId, seq: Number(row.seq), at: row.at.getTime(), body: row.body as unknown as EventBody, prevHash: row.prev_hash, hash: row.hash }));
    },

    async evidencePack(missionId, phase, round) {
      const { rows } = await database.query<{ pack: Json }>('SELECT pack FROM evidence_packs WHERE run_id = $1 AND phase_id = $2 AND round = $3', [missionId, phase, round]);
      return (rows[0]?.pack as unknown as EvidencePack | undefined) ?? null;
    },

    async evidencePacks(missionId) {
      const { rows } = await database.query<{ phase_id: string; round: number; digest: string; pack: Json }>(
        'SELECT phase_id, round, digest, pack FROM evidence_packs WHERE run_id = $1 ORDER BY created_at, phase_id, round',
        [missionId],
      );
      return rows.map((row) => ({ phase: row.phase_id, round: row.round, digest: row.digest, pack: row.pack as unknown as EvidencePack }));
    },

    async artifact(missionId, digest) {
      const { rows } = await database.query<{ name: string; media_type: string; content: string }>('SELECT name, media_type, content FROM artifacts WHERE run_id = $1 AND digest = $2', [missionId, digest]);
      const row = rows[0];
      return row ? { digest, name: row.name, mediaType: row.media_type, text: row.content } : null;
    },

    async missionsAt(repositoryId, commit) {
      const { rows } = await database.query<{ id: string }>(
        `SELECT id FROM runs WHERE repository_id = $1 AND id IN (SELECT run_id FROM events WHERE type = 'trunk.moved' AND body ->> 'head' = $2) ORDER BY id`,
        [repositoryId, commit],
      );
      return rows.map(({ id }) => id);
    },

    async missionsOf(repositoryId) {
      const { rows } = await database.query<{ id: string }>(
        `SELECT id FROM runs WHERE repository_id = $1 AND seq > 0 AND CASE status
           WHEN 'refused' THEN false
           WHEN 'cancelled' THEN false
           WHEN 'none' THEN state #> '{outside,pulls,0}' IS NOT NULL
           ELSE coalesce(state #>> '{pull,state}', 'open') = 'open'
         END ORDER BY updated_at DESC LIMIT 2000`,
        [repositoryId],
      );
      return rows.map(({ id }) => id);
    },

    async missions(limit) {
      const { rows } = await database.query<{ id: string; status: string; name: string; owner: string; repository: string; issue: number; seq: string }>(
        `SELECT id, status, name, owner, repository, issue, seq FROM runs WHERE seq > 0 ORDER BY updated_at DESC LIMIT $1`,
        [limit],
      );
      return rows.map((row) => ({ missionId: row.id, status: row.status, name: row.name, owner: row.owner, repository: row.repository, issue: row.issue, seq: Number(row.seq) }));
    },
  };
}
