import type { IncomingSignal, Store } from '../engine/ports/store.ts';
import { batchCalls } from './batch-calls.ts';
import type { Database, Sql } from './database.ts';

type Received = Awaited<ReturnType<Store['receive']>>;

const nothing: Received = { stored: 0, missions: [] };
/** Signals of one process in one statement, and statements at once. */
const signalsTogether = { atOnce: 2, heaviest: 100 };

/** The inbox: what arrives in the same moment is made durable together. */
export function inbox(database: Database): Pick<Store, 'receive'> {
  const insert = batchCalls((groups: readonly (readonly IncomingSignal[])[]) => insertSignals(database, groups), { ...signalsTogether, weigh: (signals) => signals.length });
  return {
    async receive(signals) {
      if (signals.length === 0) return nothing;
      // What is compared with other signals must not be stored by the same statement as they: it would not see them.
      if (signals.some(({ aliases, nth }) => aliases !== undefined || nth !== undefined)) return (await insertSignals(database, [signals]))[0] ?? nothing;
      return insert(signals);
    },
  };
}

/** Inserts groups of signals; says for each group how many were new, and for which missions. */
async function insertSignals(sql: Sql, groups: readonly (readonly IncomingSignal[])[]): Promise<readonly Received[]> {
  const { rows } = await sql.query<{ run_id: string; source: string; meaning: string }>(
    `INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
     SELECT s.run_id, s.source, s.meaning, s.kind, s.payload::json, s.at, s.at
     FROM json_to_recordset($1::json) AS s(run_id text, source text, meaning text, kind text, payload text, at timestamptz, aliases json, nth json)
     WHERE (s.aliases IS NULL OR NOT EXISTS (
       SELECT 1 FROM signals k WHERE k.run_id = s.run_id AND k.meaning IN (SELECT json_array_elements_text(s.aliases))))
     AND (s.nth IS NULL OR (s.nth->>'n')::integer > (
       SELECT count(*) FROM signals k WHERE k.run_id = s.run_id
         AND EXISTS (SELECT 1 FROM json_array_elements_text(s.nth->'of') AS o(prefix) WHERE starts_with(k.meaning, o.prefix))))
     ON CONFLICT DO NOTHING RETURNING run_id, source, meaning`,
    [
      JSON.stringify(
        groups.flat().map(({ missionId, source, meaning, aliases, nth, signal, receivedAt }) => ({
          run_id: missionId,
          source,
          meaning,
          kind: signal.kind,
          payload: JSON.stringify(signal),
          at: new Date(receivedAt),
          ...(aliases === undefined || aliases.length === 0 ? {} : { aliases }),
          ...(nth === undefined ? {} : { nth }),
        })),
      ),
    ],
  );
  const fresh = new Set(rows.map((row) => keyOf(row.run_id, row.source, row.meaning)));
  // Of equal signals in several groups the first one was stored.
  return groups.map((signals): Received => {
    const stored = signals.filter(({ missionId, source, meaning }) => fresh.delete(keyOf(missionId, source, meaning)));
    return { stored: stored.length, missions: [...new Set(stored.map(({ missionId }) => missionId))] };
  });
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
