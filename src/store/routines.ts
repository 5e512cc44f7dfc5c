import type { RoutineRevision, RoutineRun, Routines, StoredRoutine } from '../engine/ports/routines.ts';
import type { Json } from '../kit/json.ts';
import type { Database } from './database.ts';

interface RoutineRow {
  repository_id: string;
  name: string;
  place: Json;
  revision: number;
  digest: string;
  definition: Json;
  problems: Json;
  removed: boolean;
  activated_by: string | null;
  standing: string;
  paused_by: string | null;
  next_due: Date | null;
}

interface RunRow {
  id: string;
  repository_id: string;
  routine: string;
  key: string;
  trigger: RoutineRun['trigger'];
  due_at: Date;
  revision: number;
  decided: RoutineRun['decided'];
  detail: string;
  issue: number | null;
  mission_id: string | null;
  mission_status: string | null;
  created_at: Date;
}

const routineColumns = 'repository_id, name, place, revision, digest, definition, problems, removed, activated_by, standing, paused_by, next_due';
const runColumns = 'r.id, r.repository_id, r.routine, r.key, r.trigger, r.due_at, r.revision, r.decided, r.detail, r.issue, r.mission_id, m.status AS mission_status, r.created_at';
/** What is to be inserted for each of some runs. */
const newRuns = 'json_to_recordset($1::json) AS n(key text, trigger text, due_at timestamptz, decided text, detail text)';

/** Routines and their runs: one row for each due time, under a key that exists once. */
export function routines(database: Database): Routines {
  return {
    async ofRepository(repositoryId) {
      const { rows } = await database.query<RoutineRow>(`SELECT ${routineColumns} FROM routines WHERE repository_id = $1 ORDER BY name`, [repositoryId]);
      return rows.map(routineOf);
    },

    async all() {
      const { rows } = await database.query<RoutineRow>(`SELECT ${routineColumns} FROM routines ORDER BY repository_id, name`);
      return rows.map(routineOf);
    },

    async put(routine, now) {
      const { rows } = await database.query(
        `WITH put AS (
           INSERT INTO routines (repository_id, name, place, revision, digest, definition, problems, removed, activated_by, standing, paused_by, next_due, updated_at)
           SELECT $1, $2, $3::json, $4, $5, $6::json, $7::json, $8, $9, $10, $11, $12, $13
           WHERE $4 = 1 OR EXISTS (SELECT 1 FROM routines WHERE repository_id = $1 AND name = $2)
           ON CONFLICT (repository_id, name) DO UPDATE SET place = excluded.place, revision = excluded.revision, digest = excluded.digest, definition = excluded.definition,
             problems = excluded.problems, removed = excluded.removed, activated_by = excluded.activated_by, standing = excluded.standing, paused_by = excluded.paused_by,
             next_due = excluded.next_due, updated_at = excluded.updated_at
           WHERE routines.revision = excluded.revision - 1
           RETURNING repository_id, name, revision, digest, definition, removed, activated_by, standing, updated_at
         )
         INSERT INTO routine_revisions (repository_id, name, revision, digest, definition, removed, activated_by, standing, at)
         SELECT repository_id, name, revision, digest, definition, removed, activated_by, standing, updated_at FROM put
         RETURNING revision`,
        [
          routine.repositoryId,
          routine.name,
          JSON.stringify(routine.place),
          routine.revision,
          routine.digest,
          routine.definition === null ? null : JSON.stringify(routine.definition),
          JSON.stringify(routine.problems),
          routine.removed,
          routine.activatedBy,
          routine.standing,
          routine.pausedBy,
          dateOf(routine.nextDue),
          new Date(now),
        ],
      );
      return rows.length > 0;
    },

    async steer(routine, now) {
      const { rows } = await database.query(
        `UPDATE routines SET activated_by = $4, standing = $5, paused_by = $6, next_due = $7, updated_at = $8
         WHERE repository_id = $1 AND name = $2 AND revision = $3 RETURNING name`,
        [routine.repositoryId, routine.name, routine.revision, routine.activatedBy, routine.standing, routine.pausedBy, dateOf(routine.nextDue), new Date(now)],
      );
      return rows.length > 0;
    },

    async revisions({ repositoryId, name }, limit) {
      const { rows } = await database.query<{ revision: number; digest: string; removed: boolean; activated_by: string | null; standing: string; at: Date }>(
        'SELECT revision, digest, removed, activated_by, standing, at FROM routine_revisions WHERE repository_id = $1 AND name = $2 ORDER BY revision DESC LIMIT $3',
        [repositoryId, name, limit],
      );
      return rows.map((row): RoutineRevision => ({ revision: row.revision, digest: row.digest, removed: row.removed, activatedBy: row.activated_by, standing: row.standing, at: row.at.getTime() }));
    },

    async due(now, limit) {
      const { rows } = await database.query<RoutineRow>(`SELECT ${routineColumns} FROM routines WHERE next_due <= $1 ORDER BY next_due LIMIT $2`, [new Date(now), limit]);
      return rows.map(routineOf);
    },

    async decide(routine, runs, next, now) {
      const { rows } = await database.query(
        `WITH decided AS (
           UPDATE routines SET next_due = $5 WHERE repository_id = $2 AND name = $3 AND revision = $4 AND next_due = $6 RETURNING repository_id, name, revision
         ), added AS (
           INSERT INTO routine_runs (repository_id, routine, key, trigger, due_at, revision, decided, detail, created_at, updated_at, look_at)
           SELECT d.repository_id, d.name, n.key, n.trigger, n.due_at, d.revision, n.decided, n.detail, $7, $7, $7 FROM decided d, ${newRuns}
           ON CONFLICT DO NOTHING
         )
         SELECT name FROM decided`,
        [JSON.stringify(runs.map(runRow)), routine.repositoryId, routine.name, routine.revision, dateOf(next), dateOf(routine.nextDue), new Date(now)],
      );
      return rows.length > 0;
    },

    async add(routine, run, now) {
      const { rows } = await database.query(
        `INSERT INTO routine_runs (repository_id, routine, key, trigger, due_at, revision, decided, detail, created_at, updated_at, look_at)
         SELECT $2, $3, n.key, n.trigger, n.due_at, $4, n.decided, n.detail, $5, $5, $5 FROM ${newRuns}
         ON CONFLICT DO NOTHING RETURNING id`,
        [JSON.stringify([runRow(run)]), routine.repositoryId, routine.name, routine.revision, new Date(now)],
      );
      return rows.length > 0;
    },

    async take(owner, ttlMs, now, limit) {
      const { rows } = await database.query<RunRow>(
        `WITH due AS (
           SELECT id FROM routine_runs WHERE decided = 'queued' AND look_at <= $3 AND (owner IS NULL OR owner_until <= $3)
           ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED
         ), r AS (
           UPDATE routine_runs t SET owner = $1, owner_until = $2 FROM due WHERE t.id = due.id RETURNING t.*
         )
         SELECT ${runColumns} FROM r LEFT JOIN runs m ON m.id = r.mission_id ORDER BY r.id`,
        [owner, new Date(now + ttlMs), new Date(now), limit],
      );
      return rows.map(runOf);
    },

    async hold(owner, runId, ttlMs, now) {
      const { rows } = await database.query('UPDATE routine_runs SET owner_until = $3 WHERE id = $2 AND owner = $1 RETURNING id', [owner, runId, new Date(now + ttlMs)]);
      return rows.length > 0;
    },

    async settle(owner, runId, { decided, detail, issue, missionId }, now) {
      await database.query('UPDATE routine_runs SET decided = $3, detail = $4, issue = $5, mission_id = $6, updated_at = $7, owner = NULL, owner_until = NULL WHERE id = $2 AND owner = $1', [
        owner,
        runId,
        decided,
        detail,
        issue,
        missionId,
        new Date(now),
      ]);
    },

    async putOff(owner, runId, lookAt, detail, now) {
      await database.query('UPDATE routine_runs SET look_at = $3, detail = $4, updated_at = $5, owner = NULL, owner_until = NULL WHERE id = $2 AND owner = $1', [owner, runId, new Date(lookAt), detail, new Date(now)]);
    },

    async runs({ repositoryId, name }, limit) {
      const { rows } = await database.query<RunRow>(
        `SELECT ${runColumns} FROM routine_runs r LEFT JOIN runs m ON m.id = r.mission_id WHERE r.repository_id = $1 AND r.routine = $2 ORDER BY r.id DESC LIMIT $3`,
        [repositoryId, name, limit],
      );
      return rows.map(runOf);
    },
  };
}

function runRow({ key, trigger, due, decided, detail }: Parameters<Routines['add']>[1]) {
  return { key, trigger, due_at: new Date(due).toISOString(), decided, detail };
}

function dateOf(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

function routineOf(row: RoutineRow): StoredRoutine {
  return {
    repositoryId: Number(row.repository_id),
    name: row.name,
    place: row.place as unknown as StoredRoutine['place'],
    revision: row.revision,
    digest: row.digest,
    // One that was stored before there were pushes names none.
    definition: row.definition === null ? null : ({ push: null, ...(row.definition as object) } as unknown as StoredRoutine['definition']),
    problems: row.problems as unknown as StoredRoutine['problems'],
    removed: row.removed,
    activatedBy: row.activated_by,
    standing: row.standing,
    pausedBy: row.paused_by,
    nextDue: row.next_due?.getTime() ?? null,
  };
}

function runOf(row: RunRow): RoutineRun {
  return {
    id: row.id,
    repositoryId: Number(row.repository_id),
    name: row.routine,
    key: row.key,
    trigger: row.trigger,
    due: row.due_at.getTime(),
    revision: row.revision,
    decided: row.decided,
    detail: row.detail,
    issue: row.issue,
    missionId: row.mission_id,
    missionStatus: row.mission_status,
    createdAt: row.created_at.getTime(),
  };
}
