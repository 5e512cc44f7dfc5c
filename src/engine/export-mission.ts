import type { KeyRing } from '../core/ledger/key-ring.ts';
import { keyRingText } from '../core/ledger/key-ring.ts';
import { signHead } from '../core/ledger/signed-head.ts';
import type { Json } from '../kit/json.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import { LedgerReading } from './ledger-heads.ts';
import type { Signer } from './ports/signer.ts';
import type { Store } from './ports/store.ts';

/** One file of an exported mission, with `/` in its path. */
export interface ExportedFile {
  readonly path: string;
  readonly text: string;
}

/** Who signs an export, and the public keys that go along. */
export interface ExportSigning {
  readonly signer: Signer;
  readonly keys: KeyRing;
}

const eventsPerPage = 500;

/**
 * What remains of a mission as files that verify offline: `ledger.jsonl`, `evidence/<phase>-<round>.json`,
 * `artifacts/<digest>.txt`, and, where there is a key, the signed head `heads.jsonl` and the public keys `keys.json`. Yields the
 * ledger in pages, so that a long one never lies in memory as a whole.
 */
export async function* exportMission(store: Store, missionId: string, signing: ExportSigning | null = null): AsyncGenerator<ExportedFile> {
  const reading = new LedgerReading();
  for (let after = 0; ; ) {
    const events = await store.events(missionId, after, eventsPerPage);
    const last = events.at(-1);
    if (!last) break;
    yield { path: 'ledger.jsonl', text: events.map((event) => `${reading.take(event)}\n`).join('') };
    after = last.seq;
  }
  if (signing !== null && reading.size > 0) {
    yield { path: 'heads.jsonl', text: `${canonicalJson(signHead(reading.head(missionId), signing.signer) as unknown as Json)}\n` };
    yield { path: 'keys.json', text: keyRingText(signing.keys) };
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
