import pg from 'pg';

import { exportMission } from '../../src/engine/export-mission.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { openPostgresDatabase } from '../../src/store/postgres-database.ts';
import { createStore } from '../../src/store/store.ts';

/** What is left of a run, read once everything stands still: the judge sees nothing else. */
export interface ChaosRecord {
  readonly missions: readonly { readonly id: string; readonly status: string; readonly ledger: readonly string[] }[];
  readonly tasks: readonly { readonly mission: string; readonly task: string; readonly status: string }[];
  readonly leases: readonly LeaseRow[];
  /** Results that the inbox took. */
  readonly results: readonly { readonly mission: string; readonly subject: string; readonly attempt: number; readonly outcome: string }[];
  /** Signals nobody decided. */
  readonly undecided: number;
  /** Jobs nobody handed to the queue. */
  readonly unsent: number;
}

export interface LeaseRow {
  readonly mission: string;
  readonly subject: string;
  readonly attempt: number;
  readonly status: string;
  readonly claimedAt: number;
  /** When its right ended: with the result, or when it ran out. */
  readonly endedAt: number;
}

/** Reads the record of every mission in the database. */
export async function readRecord(databaseUrl: string): Promise<ChaosRecord> {
  const store = createStore(openPostgresDatabase({ url: databaseUrl, applicationName: 'chaos-judge' }), systemClock);
  const client = await connectTo(databaseUrl);
  try {
    const missions: ChaosRecord['missions'][number][] = [];
    for (const { missionId, status } of await store.missions(10_000)) {
      let ledger = '';
      for await (const file of exportMission(store, missionId)) if (file.path === 'ledger.jsonl') ledger += file.text;
      missions.push({ id: missionId, status, ledger: ledger.split('\n').filter((line) => line !== '') });
    }
    const rows = async <Row extends object>(sql: string): Promise<readonly Row[]> => (await client.query<Row>(sql)).rows;
    const [counts] = await rows<{ undecided: string; unsent: string }>(`SELECT (SELECT count(*) FROM signals WHERE status = 'pending') AS undecided, (SELECT count(*) FROM outbox) AS unsent`);
    return {
      missions,
      tasks: await rows(`SELECT run_id AS mission, task_id AS task, status FROM tasks ORDER BY run_id, task_id`),
      leases: await leasesOf(client),
      results: await rows(
        `SELECT run_id AS mission, payload->>'subject' AS subject, (payload->>'attempt')::int AS attempt, payload->'result'->>'outcome' AS outcome
         FROM signals WHERE kind = 'attempt.finished'`,
      ),
      undecided: Number(counts?.undecided),
      unsent: Number(counts?.unsent),
    };
  } finally {
    await client.end();
    await store.close();
  }
}

/** Every lease there was, ordered by task and attempt. */
export async function readLeases(databaseUrl: string): Promise<readonly LeaseRow[]> {
  const client = await connectTo(databaseUrl);
  try {
    return await leasesOf(client);
  } finally {
    await client.end();
  }
}

async function leasesOf(client: pg.Client): Promise<readonly LeaseRow[]> {
  const { rows } = await client.query<Omit<LeaseRow, 'claimedAt' | 'endedAt'> & { claimed_at: Date; ended_at: Date }>(
    `SELECT run_id AS mission, subject, attempt, status, claimed_at, CASE status WHEN 'settled' THEN heartbeat_at ELSE expires_at END AS ended_at
     FROM leases ORDER BY run_id, subject, attempt`,
  );
  return rows.map(({ claimed_at, ended_at, ...lease }) => ({ ...lease, claimedAt: claimed_at.getTime(), endedAt: ended_at.getTime() }));
}

/** How far the missions are; null while the database does not answer. */
export async function progressOf(databaseUrl: string): Promise<{ readonly done: number; readonly tasks: number; readonly finishedMissions: number; readonly missions: number } | null> {
  let client: pg.Client | undefined;
  try {
    client = await connectTo(databaseUrl);
    const { rows } = await client.query<{ done: string; tasks: string; finished: string; missions: string }>(
      `SELECT (SELECT count(*) FROM tasks WHERE status = 'done') AS done, (SELECT count(*) FROM tasks) AS tasks,
         (SELECT count(*) FROM runs WHERE status IN ('completed', 'failed', 'cancelled')) AS finished, (SELECT count(*) FROM runs WHERE seq > 0) AS missions`,
    );
    const [row] = rows;
    return row ? { done: Number(row.done), tasks: Number(row.tasks), finishedMissions: Number(row.finished), missions: Number(row.missions) } : null;
  } catch {
    return null;
  } finally {
    await client?.end().catch(() => undefined);
  }
}

/** A connection that sees the product's tables. */
export async function connectTo(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c search_path=missiongate -c timezone=UTC', connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
