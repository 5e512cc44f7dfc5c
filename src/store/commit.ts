import { chainEntry } from '../core/ledger/chain.ts';
import { isMission } from '../core/mission/state.ts';
import type { MissionState } from '../core/mission/state.ts';
import type { MissionBatch, OutboxRow } from '../engine/ports/store.ts';
import type { Sql } from './database.ts';
import { runState, touchedPhases, touchedTasks } from './mission-rows.ts';
import type { CarriedResult } from './own-signals.ts';

/**
 * Everything that advances of some missions leave, in one statement: events (hash-chained), run, phases, tasks, plan,
 * evidence packs, settled and deferred signals, outbox, timers, taken and cancelled leases. One round trip whatever the
 * number of rows and missions.
 *
 * `ok` is the guard: only missions whose row still has the version that was read are written; the others are as if they had
 * not been asked for. A row that somebody else is writing just now counts as changed instead of being waited for: waiting
 * for several rows at once could end in a deadlock. Where results come along, their leases (`lk`) must all still be held.
 */
function guard(withResults: boolean): string {
  return `ok AS (
  SELECT r.id AS run_id, m.now, m.seen
  FROM json_to_recordset($1::json) AS m(run_id text, version integer, now timestamptz, seen bigint[], results integer)
  JOIN runs r ON r.id = m.run_id AND r.version = m.version
  ${withResults ? 'WHERE m.results = (SELECT count(*) FROM lk WHERE lk.run_id = m.run_id)' : ''}
  FOR UPDATE OF r SKIP LOCKED
)`;
}

/**
 * Results that are stored by the commit that decides them: their leases, locked so that nobody can mark them lost meanwhile.
 * (Written with NOT IN, or the planner takes the index of all leases that may run out for the shorter way.)
 */
const heldLeases = `lk AS MATERIALIZED (
  SELECT l.run_id, l.subject, l.attempt
  FROM json_to_recordset($results::json) AS x(run_id text, subject text, attempt integer, owner text)
  JOIN leases l ON l.run_id = x.run_id AND l.subject = x.subject AND l.attempt = x.attempt AND l.owner = x.owner AND l.status NOT IN ('settled', 'lost')
  FOR UPDATE OF l SKIP LOCKED
)`;

/**
 * What is done with each list of rows, which takes the place of `$rows`. Every list is a parameter of its own, so that none is
 * read twice; one that is empty costs nothing, because its part is left out.
 */
const parts = {
  events: `ev AS (
  INSERT INTO events (run_id, seq, type, at, body, prev_hash, hash)
  SELECT ok.run_id, e.seq, e.type, e.at, e.body::json, e.prev, e.hash
  FROM json_to_recordset($rows::json) AS e(run_id text, seq bigint, type text, at timestamptz, body text, prev text, hash text) JOIN ok USING (run_id)
)`,
  runs: `run AS (
  UPDATE runs r SET
    seq = u.seq, head_hash = u.head, status = u.status, state = u.state::json, updated_at = ok.now,
    name = u.name, plan_hash = u.plan_hash, repository_id = u.repository_id, owner = u.owner, repository = u.repository,
    issue = u.issue, installation_id = u.installation_id, version = r.version + 1,
    sync_wanted = r.sync_wanted OR u.sync, sync_wanted_at = CASE WHEN u.sync AND NOT r.sync_wanted THEN ok.now ELSE r.sync_wanted_at END
  FROM json_to_recordset($rows::json) AS u(run_id text, seq bigint, head text, status text, state text, name text, plan_hash text,
    repository_id bigint, owner text, repository text, issue integer, installation_id bigint, sync boolean) JOIN ok USING (run_id)
  WHERE r.id = ok.run_id
)`,
  untouched: `un AS (
  UPDATE runs r SET version = r.version + 1,
    sync_wanted = r.sync_wanted OR u.sync, sync_wanted_at = CASE WHEN u.sync AND NOT r.sync_wanted THEN ok.now ELSE r.sync_wanted_at END
  FROM json_to_recordset($rows::json) AS u(run_id text, sync boolean) JOIN ok USING (run_id) WHERE r.id = ok.run_id
)`,
  plans: `pl AS (
  INSERT INTO plans (run_id, plan_hash, plan, created_at)
  SELECT ok.run_id, p.hash, p.plan::json, ok.now FROM json_to_recordset($rows::json) AS p(run_id text, hash text, plan text) JOIN ok USING (run_id)
  ON CONFLICT DO NOTHING
)`,
  phases: `ph AS (
  INSERT INTO phases (run_id, phase_id, status, gate_status, gate_attempt, state, updated_at)
  SELECT ok.run_id, p.id, p.status, p.gate_status, p.gate_attempt, p.state::json, ok.now
  FROM json_to_recordset($rows::json) AS p(run_id text, id text, status text, gate_status text, gate_attempt integer, state text) JOIN ok USING (run_id)
  ON CONFLICT (run_id, phase_id) DO UPDATE SET status = excluded.status, gate_status = excluded.gate_status,
    gate_attempt = excluded.gate_attempt, state = excluded.state, updated_at = excluded.updated_at
)`,
  tasks: `ta AS (
  INSERT INTO tasks (run_id, task_id, phase_id, status, attempt, state, updated_at)
  SELECT ok.run_id, t.id, t.phase, t.status, t.attempt, t.state::json, ok.now
  FROM json_to_recordset($rows::json) AS t(run_id text, id text, phase text, status text, attempt integer, state text) JOIN ok USING (run_id)
  ON CONFLICT (run_id, task_id) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, state = excluded.state,
    updated_at = excluded.updated_at
)`,
  packs: `pk AS (
  INSERT INTO evidence_packs (run_id, phase_id, round, digest, pack, created_at)
  SELECT ok.run_id, p.phase, p.round, p.digest, p.pack::json, ok.now
  FROM json_to_recordset($rows::json) AS p(run_id text, phase text, round integer, digest text, pack text) JOIN ok USING (run_id)
  ON CONFLICT DO NOTHING
)`,
  settled: `se AS (
  UPDATE signals s SET status = 'settled', settled_at = ok.now, note = x.note
  FROM json_to_recordset($rows::json) AS x(run_id text, id bigint, note text) JOIN ok USING (run_id) WHERE s.run_id = ok.run_id AND s.id = x.id AND s.status = 'pending'
)`,
  deferred: `de AS (
  UPDATE signals s SET look_at = x.until, tries = s.tries + 1
  FROM json_to_recordset($rows::json) AS x(run_id text, id bigint, until timestamptz) JOIN ok USING (run_id) WHERE s.run_id = ok.run_id AND s.id = x.id
)`,
  timers: `ti AS (
  INSERT INTO timers (id, run_id, purpose, fire_at)
  SELECT t.id, ok.run_id, t.purpose::json, t.fire_at
  FROM json_to_recordset($rows::json) AS t(run_id text, id text, purpose text, fire_at timestamptz) JOIN ok USING (run_id)
  ON CONFLICT DO NOTHING
)`,
  results: `fi AS (
  UPDATE leases l SET status = 'settled', heartbeat_at = ok.now
  FROM lk JOIN ok USING (run_id) WHERE l.run_id = lk.run_id AND l.subject = lk.subject AND l.attempt = lk.attempt
), to_tell AS (
  INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at, tries, status, settled_at, note)
  SELECT ok.run_id, x.meaning, x.meaning, x.kind, x.signal::json, x.at, coalesce(x.until, x.at), CASE WHEN x.until IS NULL THEN 0 ELSE 1 END,
    CASE WHEN x.note IS NULL THEN 'pending' ELSE 'settled' END, CASE WHEN x.note IS NULL THEN NULL ELSE ok.now END, x.note
  FROM json_to_recordset($rows::json) AS x(run_id text, meaning text, kind text, signal text, at timestamptz, until timestamptz, note text) JOIN ok USING (run_id)
  ON CONFLICT DO NOTHING
)`,
  artifacts: `ar AS (
  INSERT INTO artifacts (run_id, digest, name, media_type, content, subject, attempt, created_at)
  SELECT ok.run_id, f.digest, f.name, f.media_type, f.content, f.subject, f.attempt, ok.now
  FROM json_to_recordset($rows::json) AS f(run_id text, subject text, attempt integer, digest text, name text, media_type text, content text) JOIN ok USING (run_id)
  ON CONFLICT DO NOTHING
)`,
  cancels: `ca AS (
  UPDATE leases l SET status = 'cancelled'
  FROM json_to_recordset($rows::json) AS c(run_id text) JOIN ok USING (run_id) WHERE l.run_id = ok.run_id AND l.status = 'held' $settled
)`,
  leases: `le AS (
  INSERT INTO leases (run_id, subject, attempt, owner, claimed_at, heartbeat_at, expires_at)
  SELECT ok.run_id, l.subject, l.attempt, l.owner, ok.now, ok.now, l.until
  FROM json_to_recordset($rows::json) AS l(run_id text, subject text, attempt integer, owner text, until timestamptz) JOIN ok USING (run_id)
)`,
  jobs: `ob AS (
  INSERT INTO outbox (run_id, job, created_at)
  SELECT ok.run_id, o.job::json, ok.now FROM json_to_recordset($rows::json) AS o(run_id text, n integer, job text) JOIN ok USING (run_id)
  ORDER BY o.n
  RETURNING id, run_id
)`,
} as const;

type List = keyof typeof parts;
const lists = Object.keys(parts) as readonly List[];

/** A statement changes a row once: what it settles it does not cancel. */
const notSettled = 'AND NOT EXISTS (SELECT 1 FROM lk WHERE lk.run_id = l.run_id AND lk.subject = l.subject AND lk.attempt = l.attempt)';

/** The statement for these lists; lists come in a fixed order, so that there are few different statements. */
function statementFor(present: readonly List[]): string {
  const withResults = present.includes('results');
  const part = (list: List, index: number) => parts[list].replace('$rows', `$${index + 2}`).replace('$settled', withResults ? notSettled : '');
  const locks = withResults ? [heldLeases.replace('$results', `$${present.indexOf('results') + 2}`)] : [];
  const outbox = present.includes('jobs') ? '(SELECT array_agg(ob.id ORDER BY ob.id) FROM ob WHERE ob.run_id = ok.run_id)' : 'NULL::bigint[]';
  return `WITH ${[...locks, guard(withResults), ...present.map(part)].join(', ')}
SELECT ok.run_id, ${outbox} AS outbox,
  ok.seen IS NOT NULL AND EXISTS (
    SELECT 1 FROM signals s WHERE s.run_id = ok.run_id AND s.status = 'pending' AND s.look_at <= ok.now AND s.id <> ALL (ok.seen)
  ) AS unread
FROM ok`;
}

/** What is to be written for a mission, and what it was read as. */
export interface Commit {
  readonly missionId: string;
  /** The row's version when the mission was read; written only if it is still the same. */
  readonly version: number;
  readonly before: MissionState | null;
  readonly headHash: string;
  readonly batch: MissionBatch;
  /** Ids of the pending signals that were looked at; null when all were. */
  readonly seen: readonly string[] | null;
  /** Results that are decided before they are stored. */
  readonly carried: readonly CarriedResult[];
}

/**
 * `changed`: somebody else wrote the mission meanwhile, and nothing of this was written. `unread`: there are pending signals
 * that were not looked at.
 */
export type Written = { readonly outcome: 'written'; readonly headHash: string; readonly outbox: readonly OutboxRow[]; readonly unread: boolean } | { readonly outcome: 'changed' };

/** Writes commits of different missions; each one whole or not at all. */
export async function writeCommits(sql: Sql, commits: readonly Commit[]): Promise<readonly Written[]> {
  const prepared = commits.map(prepare);
  const present = lists.filter((list) => prepared.some(({ rows }) => rows[list].length > 0));
  const values = (['missions', ...present] as const).map((list) => JSON.stringify(prepared.flatMap(({ rows }): readonly object[] => rows[list])));
  const { rows } = await sql.query<{ run_id: string; outbox: string[] | null; unread: boolean }>(statementFor(present), values);
  const written = new Map(rows.map((row) => [row.run_id, row]));
  return commits.map(({ missionId, batch }, index): Written => {
    const row = written.get(missionId);
    if (row === undefined) return { outcome: 'changed' };
    const outbox = batch.jobs.map((job, position): OutboxRow => ({ id: row.outbox?.[position] ?? '', job }));
    return { outcome: 'written', headHash: prepared[index]?.head ?? '', outbox, unread: row.unread };
  });
}

/** Rows that a commit writes, roughly. */
export function weightOf({ before, batch, carried }: Commit): number {
  const { state } = batch;
  const tasks = isMission(state) && (!isMission(before) || before.plan !== state.plan) ? state.tasks.size : 0;
  return 1 + carried.length + batch.events.length + batch.settled.length + batch.jobs.length + tasks;
}

function prepare({ missionId, version, before, headHash, batch, seen, carried }: Commit) {
  const { events, head } = chained(batch, headHash);
  const isCarried = new Set(carried.map(({ signal }) => signal.id));
  const { state, now } = batch;
  const mission = isMission(state) ? state : null;
  const changes = state !== null && events.length > 0;
  const of = <Row extends object>(row: Row): Row & { run_id: string } => ({ run_id: missionId, ...row });
  const rows = {
    missions: [of({ version, now: new Date(now), seen, results: carried.length })],
    events: events.map(of),
    runs: changes ? [of({ ...runRow(state, head), sync: batch.sync })] : [],
    untouched: changes ? [] : [of({ sync: batch.sync })],
    plans: mission !== null && (!isMission(before) || before.plan !== mission.plan) ? [of({ hash: mission.plan.planHash, plan: JSON.stringify(mission.plan) })] : [],
    phases:
      mission === null
        ? []
        : touchedPhases(before, mission).map((phase) => of({ id: phase.id, status: phase.status, gate_status: phase.gate.status, gate_attempt: phase.gate.attempt, state: JSON.stringify(phase) })),
    tasks:
      mission === null
        ? []
        : touchedTasks(before, mission, batch.events).map((task) => of({ id: task.id, phase: mission.index.tasks.get(task.id)?.phase ?? '', status: task.status, attempt: task.attempt, state: JSON.stringify(task) })),
    packs: batch.packs.map((pack) => of({ ...pack, pack: JSON.stringify(pack.pack) })),
    settled: batch.settled.filter(({ id }) => !isCarried.has(id)).map(of),
    deferred: batch.deferred.filter(({ id }) => !isCarried.has(id)).map(({ id, until }) => of({ id, until: new Date(until) })),
    timers: batch.timers.map((timer) => of({ id: timer.id, purpose: JSON.stringify(timer.purpose), fire_at: new Date(timer.fireAt) })),
    results: carried.map((result) => of(resultRow(result, batch))),
    artifacts: carried.flatMap(({ finish: { lease, artifacts } }) =>
      artifacts.map(({ digest, name, mediaType, text }) => of({ subject: lease.subject, attempt: lease.attempt, digest, name, media_type: mediaType, content: text })),
    ),
    cancels: batch.cancelAttempts ? [of({})] : [],
    leases: (batch.leases ?? []).map(({ subject, attempt, owner, expiresAt }) => of({ subject, attempt, owner, until: new Date(expiresAt) })),
    jobs: batch.jobs.map((job, n) => of({ n, job: JSON.stringify(job) })),
  };
  return { head, rows };
}

function chained(batch: MissionBatch, headHash: string) {
  let head = headHash;
  const events = batch.events.map((event) => {
    const entry = chainEntry(event, head);
    head = entry.hash;
    return { seq: entry.seq, type: entry.type, at: entry.at, body: JSON.stringify(entry.body), prev: entry.prev, hash: entry.hash };
  });
  return { events, head };
}

/** A result with what was decided about it: settled with a note, or to be looked at again. */
function resultRow({ finish: { lease, signal, now }, signal: { id } }: CarriedResult, batch: MissionBatch) {
  const until = batch.deferred.find((other) => other.id === id)?.until;
  return {
    subject: lease.subject,
    attempt: lease.attempt,
    owner: lease.owner,
    meaning: signal.meaning,
    kind: signal.signal.kind,
    signal: JSON.stringify(signal.signal),
    at: new Date(now),
    until: until === undefined ? null : new Date(until),
    note: batch.settled.find((other) => other.id === id)?.note ?? null,
  };
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
