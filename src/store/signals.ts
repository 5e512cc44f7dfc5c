import type { IncomingSignal, Store, StoredSignal } from '../engine/ports/store.ts';
import { batchCalls } from './batch-calls.ts';
import type { Database, Sql } from './database.ts';
import type { OwnSignals } from './own-signals.ts';

type Received = Awaited<ReturnType<Store['receive']>>;

const nothing: Received = { stored: 0, missions: [] };
/** Signals of one process in one statement, and statements at once. */
const signalsTogether = { atOnce: 1, heaviest: 100 };

/** The inbox: what arrives in the same moment is made durable together. */
export function inbox(database: Database, own: OwnSignals): Pick<Store, 'receive'> {
  const insert = batchCalls((groups: readonly (readonly IncomingSignal[])[]) => insertSignals(database, groups), { ...signalsTogether, weigh: (signals) => signals.length });
  return {
    async receive(signals) {
      if (signals.length === 0) return nothing;
      // What is compared with other signals must not be stored by the same statement as they: it would not see them.
      const alone = signals.some(({ aliases, nth }) => aliases !== undefined || nth !== undefined);
      const fresh = alone ? ((await insertSignals(database, [signals]))[0] ?? []) : await insert(signals);
      for (const { missionId, stored } of fresh) own.add(missionId, stored);
      return { stored: fresh.length, missions: [...new Set(fresh.map(({ missionId }) => missionId))] };
    },
  };
}

interface Fresh {
  readonly missionId: string;
  readonly stored: StoredSignal;
}

/** Inserts groups of signals; gives for each group those that were new. */
async function insertSignals(sql: Sql, groups: readonly (readonly IncomingSignal[])[]): Promise<readonly (readonly Fresh[])[]> {
  const { rows } = await sql.query<{ id: string; run_id: string; source: string; meaning: string }>(
    `INSERT INTO signals (run_id, source, meaning, kind, payload, received_at, look_at)
     SELECT s.run_id, s.source, s.meaning, s.kind, s.payload::json, s.at, s.at
     FROM json_to_recordset($1::json) AS s(run_id text, source text, meaning text, kind text, payload text, at timestamptz, aliases json, nth json)
     WHERE (s.aliases IS NULL OR NOT EXISTS (
       SELECT 1 FROM signals k WHERE k.run_id = s.run_id AND k.meaning IN (SELECT json_array_elements_text(s.aliases))))
     AND (s.nth IS NULL OR (s.nth->>'n')::integer > (
       SELECT count(*) FROM signals k WHERE k.run_id = s.run_id
         AND EXISTS (SELECT 1 FROM json_array_elements_text(s.nth->'of') AS o(prefix) WHERE starts_with(k.meaning, o.prefix))))
     ON CONFLICT DO NOTHING RETURNING id, run_id, source, meaning`,
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
  const ids = new Map(rows.map((row) => [keyOf(row.run_id, row.source, row.meaning), row.id]));
  return groups.map((signals) =>
    signals.flatMap(({ missionId, source, meaning, signal, receivedAt }): readonly Fresh[] => {
      const key = keyOf(missionId, source, meaning);
      const id = ids.get(key);
      // Of equal signals in several groups the first one was stored.
      ids.delete(key);
      return id === undefined ? [] : [{ missionId, stored: { id, meaning, signal, receivedAt, lookAt: receivedAt, tries: 0 } }];
    }),
  );
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
