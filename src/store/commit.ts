import { chainEntry } from '../core/ledger/chain.ts';
import { isMission } from '../core/mission/state.ts';
import type { MissionState } from '../core/mission/state.ts';
import type { MissionBatch } from '../engine/ports/store.ts';
import type { Sql } from './database.ts';
import { runState, touchedPhases, touchedTasks } from './mission-rows.ts';

/**
 * Everything that one advance leaves, in one statement: events (hash-chained), run, phases, tasks, plan, evidence packs,
 * settled and deferred signals, outbox, timers, cancelled leases. One round trip whatever the number of rows.
 */
const commitSql = `
WITH input AS (SELECT $1::text AS run_id, $2::timestamptz AS now, $3::json AS doc),
ev AS (
  INSERT INTO events (run_id, seq, type, at, body, prev_hash, hash)
  SELECT i.run_id, e.seq, e.type, e.at::timestamptz, e.body::json, e.prev, e.hash
  FROM input i, json_to_recordset(i.doc->'events') AS e(seq bigint, type text, at text, body text, prev text, hash text)
), run AS (
  UPDATE runs r SET
    seq = u.seq, head_hash = u.head, status = u.status, state = u.state::json, updated_at = i.now,
    name = u.name, plan_hash = u.plan_hash, repository_id = u.repository_id, owner = u.owner, repository = u.repository,
    issue = u.issue, installation_id = u.installation_id, version = r.version + 1,
    sync_wanted = r.sync_wanted OR u.sync, sync_wanted_at = CASE WHEN u.sync AND NOT r.sync_wanted THEN i.now ELSE r.sync_wanted_at END
  FROM input i, json_to_record(i.doc->'run') AS u(seq bigint, head text, status text, state text, name text, plan_hash text,
    repository_id bigint, owner text, repository text, issue integer, installation_id bigint, sync boolean)
  WHERE r.id = i.run_id AND u.seq IS NOT NULL
), sy AS (
  UPDATE runs r SET sync_wanted = true, sync_wanted_at = CASE WHEN r.sync_wanted THEN r.sync_wanted_at ELSE i.now END
  FROM input i WHERE r.id = i.run_id AND (i.doc->>'syncOnly')::boolean
), pl AS (
  INSERT INTO plans (run_id, plan_hash, plan, created_at)
  SELECT i.run_id, p.hash, p.plan::json, i.now FROM input i, json_to_record(i.doc->'plan') AS p(hash text, plan text)
  WHERE p.hash IS NOT NULL
  ON CONFLICT DO NOTHING
), ph AS (
  INSERT INTO phases (run_id, phase_id, status, gate_status, gate_attempt, state, updated_at)
  SELECT i.run_id, p.id, p.status, p.gate_status, p.gate_attempt, p.state::json, i.now
  FROM input i, json_to_recordset(i.doc->'phases') AS p(id text, status text, gate_status text, gate_attempt integer, state text)
  ON CONFLICT (run_id, phase_id) DO UPDATE SET status = excluded.status, gate_status = excluded.gate_status,
    gate_attempt = excluded.gate_attempt, state = excluded.state, updated_at = excluded.updated_at
), ta AS (
  INSERT INTO tasks (run_id, task_id, phase_id, status, attempt, state, updated_at)
  SELECT i.run_id, t.id, t.phase, t.status, t.attempt, t.state::json, i.now
  FROM input i, json_to_recordset(i.doc->'tasks') AS t(id text, phase text, status text, attempt integer, state text)
  ON CONFLICT (run_id, task_id) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, state = excluded.state,
    updated_at = excluded.updated_at
), pk AS (
  INSERT INTO evidence_packs (run_id, phase_id, round, digest, pack, created_at)
  SELECT i.run_id, p.phase, p.round, p.digest, p.pack::json, i.now
  FROM input i, json_to_recordset(i.doc->'packs') AS p(phase text, round integer, digest text, pack text)
  ON CONFLICT DO NOTHING
), se AS (
  UPDATE signals s SET status = 'settled', settled_at = i.now, note = x.note
  FROM input i, json_to_recordset(i.doc->'settled') AS x(id bigint, note text) WHERE s.id = x.id
), de AS (
  UPDATE signals s SET look_at = x.until::timestamptz, tries = s.tries + 1
  FROM input i, json_to_recordset(i.doc->'deferred') AS x(id bigint, until text) WHERE s.id = x.id
), ti AS (
  INSERT INTO timers (id, run_id, purpose, fire_at)
  SELECT t.id, i.run_id, t.purpose::json, t.fire_at::timestamptz
  FROM input i, json_to_recordset(i.doc->'timers') AS t(id text, purpose text, fire_at text)
  ON CONFLICT DO NOTHING
), ca AS (
  UPDATE leases l SET status = 'cancelled' FROM input i
  WHERE l.run_id = i.run_id AND l.status = 'held' AND (i.doc->>'cancel')::boolean
)
INSERT INTO outbox (run_id, job, created_at)
SELECT i.run_id, o.job::json, i.now FROM input i, json_to_recordset(i.doc->'jobs') AS o(job text)`;

/** Writes a batch for a held mission; returns the head hash after it. */
export async function writeBatch(sql: Sql, missionId: string, before: MissionState | null, headHash: string, batch: MissionBatch): Promise<string> {
  let head = headHash;
  const events = batch.events.map((event) => {
    const entry = chainEntry(event, head);
    head = entry.hash;
    return { seq: entry.seq, type: entry.type, at: entry.at, body: JSON.stringify(entry.body), prev: entry.prev, hash: entry.hash };
  });
  const { state } = batch;
  const mission = isMission(state) ? state : null;
  const doc = {
    events,
    run: state === null || events.length === 0 ? {} : { ...runRow(state, head), sync: batch.sync },
    plan: mission !== null && (!isMission(before) || before.plan !== mission.plan) ? { hash: mission.plan.planHash, plan: JSON.stringify(mission.plan) } : {},
    phases:
      mission === null
        ? []
        : touchedPhases(before, mission).map((phase) => ({ id: phase.id, status: phase.status, gate_status: phase.gate.status, gate_attempt: phase.gate.attempt, state: JSON.stringify(phase) })),
    tasks:
      mission === null
        ? []
        : touchedTasks(before, mission, batch.events).map((task) => ({ id: task.id, phase: mission.index.tasks.get(task.id)?.phase ?? '', status: task.status, attempt: task.attempt, state: JSON.stringify(task) })),
    packs: batch.packs.map((pack) => ({ ...pack, pack: JSON.stringify(pack.pack) })),
    settled: batch.settled,
    deferred: batch.deferred.map(({ id, until }) => ({ id, until: new Date(until).toISOString() })),
    timers: batch.timers.map((timer) => ({ id: timer.id, purpose: JSON.stringify(timer.purpose), fire_at: new Date(timer.fireAt).toISOString() })),
    jobs: batch.jobs.map((job) => ({ job: JSON.stringify(job) })),
    cancel: batch.cancelAttempts,
    syncOnly: batch.sync && events.length === 0,
  };
  await sql.query(commitSql, [missionId, new Date(batch.now), JSON.stringify(doc)]);
  return head;
}

function runRow(state: MissionState, head: string) {
  const mission = isMission(state) ? state : null;
  const { source } = state;
  return {
    seq: state.seq,
    head,
    status: state.status,
    state: JSON.stringify(runState(state)),
    name: mission?.plan.name ?? '',
    plan_hash: mission?.plan.planHash ?? null,
    repository_id: source.repository.id,
    owner: source.repository.owner,
    repository: source.repository.name,
    issue: source.issue.number,
    installation_id: source.installationId,
  };
}
