import { namedArtifacts } from '../core/evidence/named-artifacts.ts';
import { DecisionRecords } from '../core/ledger/decision-record.ts';
import { signStatement, statementPayloadType } from '../core/ledger/envelope.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';
import { keyRingText } from '../core/ledger/key-ring.ts';
import { signHead } from '../core/ledger/signed-head.ts';
import { decisionPath, decisionStatement, isStated, packPath, packStatementPath, packStatement, statementBytes } from '../core/ledger/statement.ts';
import type { Statement } from '../core/ledger/statement.ts';
import type { Json } from '../kit/json.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import { isoTime } from '../kit/time.ts';
import { LedgerReading } from './ledger-heads.ts';
import type { KeylessSigner, Signer } from './ports/signer.ts';
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
  /** Signs statements without a key of ours as well; null or absent: only the key signs. */
  readonly keyless?: KeylessSigner | null;
}

const eventsPerPage = 500;

/**
 * What remains of a mission as files that verify offline: `ledger.jsonl`, `evidence/<phase>-<round>.json`,
 * `artifacts/<digest>.txt`, and, where there is a key, the signed head `heads.jsonl`, the
 * public keys `keys.json`, and what was decided and examined as signed statements, `statements/*.dsse.json`. Yields the ledger in pages, so
 * that a long one never lies in memory as a whole.
 */
export async function* exportMission(store: Store, missionId: string, signing: ExportSigning | null = null): AsyncGenerator<ExportedFile> {
  const reading = new LedgerReading();
  const decisions = new DecisionRecords();
  const examined = new Map<string, string>();
  for (let after = 0; ; ) {
    const events = await store.events(missionId, after, eventsPerPage);
    const last = events.at(-1);
    if (!last) break;
    yield { path: 'ledger.jsonl', text: events.map((event) => `${reading.take(event)}\n`).join('') };
    for (const event of events) {
      if (event.body.type === 'gate.evaluated') examined.set(packPath(event.body.phase, event.body.round), isoTime(event.at));
      const record = decisions.see(event, event.hash);
      if (signing !== null && record !== null && isStated(record.decision)) yield* signedFiles(decisionPath(event.seq, event.body.type), decisionStatement(record), signing);
    }
    after = last.seq;
  }
  if (signing !== null && reading.size > 0) {
    yield { path: 'heads.jsonl', text: `${canonicalJson(signHead(reading.head(missionId), signing.signer) as unknown as Json)}\n` };
    yield { path: 'keys.json', text: keyRingText(signing.keys) };
  }
  const digests = new Set<string>();
  for (const { phase, round, pack } of await store.evidencePacks(missionId)) {
    // Without a line break at its end: the file's SHA-256 is the digest that ledger, checks and statements name.
    yield { path: packPath(phase, round), text: canonicalJson(pack as unknown as Json) };
    if (signing !== null) yield* signedFiles(packStatementPath(phase, round), packStatement(pack, examined.get(packPath(phase, round)) ?? isoTime(0)), signing);
    for (const { digest } of namedArtifacts(pack)) digests.add(digest);
  }
  for (const digest of [...digests].sort()) {
    const artifact = await store.artifact(missionId, digest);
    if (artifact) yield { path: `artifacts/${digest}.txt`, text: artifact.text };
  }
}

async function* signedFiles(path: string, statement: Statement, { signer, keyless }: ExportSigning): AsyncGenerator<ExportedFile> {
  yield { path, text: `${JSON.stringify(signStatement(statement, signer), null, 2)}\n` };
  if (keyless) yield { path: path.replace(/\.dsse\.json$/, '.sigstore.json'), text: `${await keyless.attest(statementPayloadType, statementBytes(statement))}\n` };
}
