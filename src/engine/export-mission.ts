import { chainEntry, ledgerLine } from '../core/ledger/chain.ts';
import type { Json } from '../kit/json.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import type { Store } from './ports/store.ts';

/** One file of an exported mission, with `/` in its path. */
export interface ExportedFile {
  readonly path: string;
  readonly text: string;
}

const eventsPerPage = 500;

/**
 * What remains of a mission as files that verify offline: `ledger.jsonl`, `evidence/<phase>-<round>.json`,
 * `artifacts/<digest>.txt`. Yields the ledger in pages, so that a long one never lies in memory as a whole.
 */
export async function* exportMission(store: Store, missionId: string): AsyncGenerator<ExportedFile> {
  for (let after = 0; ; ) {
    const events = await store.events(missionId, after, eventsPerPage);
    const last = events.at(-1);
    if (!last) break;
    yield { path: 'ledger.jsonl', text: events.map((event) => `${ledgerLine(chainEntry(event, event.prevHash))}\n`).join('') };
    after = last.seq;
  }
  const digests = new Set<string>();
  for (const { phase, round, pack } of await store.evidencePacks(missionId)) {
    yield { path: `evidence/${phase}-${round}.json`, text: `${canonicalJson(pack as unknown as Json)}\n` };
    for (const ref of [...pack.tasks.flatMap((task) => task.artifacts), ...pack.guardReports.flatMap((report) => report.artifacts)]) digests.add(ref.digest);
  }
  for (const digest of [...digests].sort()) {
    const artifact = await store.artifact(missionId, digest);
    if (artifact) yield { path: `artifacts/${digest}.txt`, text: artifact.text };
  }
}
