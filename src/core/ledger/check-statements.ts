import { evidenceDigest } from '../evidence/pack.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { LedgerEntry } from './chain.ts';
import { parsePack } from './check-files.ts';
import type { PackFile } from './check-files.ts';
import { readEnvelope, verifyEnvelope } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import { predicateTypes } from './statement.ts';
import type { Statement } from './statement.ts';
import type { Fault } from './verdict.ts';

interface Claim {
  readonly file: string;
  readonly hash: string;
}

/** Signed statements that lie beside a ledger: each must be signed by a known key and say what the ledger says. */
export class StatementCheck {
  count = 0;
  readonly #fault: (fault: Fault) => void;
  readonly #claims = new Map<number, Claim[]>();
  readonly #packs: { readonly file: string; readonly key: string; readonly digest: string }[] = [];

  constructor(files: Iterable<PackFile>, keys: KeyRing, fault: (fault: Fault) => void) {
    this.#fault = fault;
    for (const { file, text } of files) {
      this.count += 1;
      const envelope = readEnvelope(text);
      if (envelope === null) {
        fault({ kind: 'tampered', place: file, entry: null, message: 'this is no signed statement (DSSE envelope)' });
        continue;
      }
      const verdict = verifyEnvelope(envelope, keys);
      if (verdict.kind !== 'valid') fault({ kind: verdict.kind, place: file, entry: null, message: verdict.message });
      else this.#note(file, verdict.statement);
    }
  }

  see({ seq, hash }: LedgerEntry): void {
    for (const claim of this.#claims.get(seq) ?? []) {
      if (claim.hash !== hash) this.#fault({ kind: 'tampered', place: claim.file, entry: seq, message: `it was signed for another entry ${seq} than the one in the ledger` });
    }
  }

  /** To be called at the ledger's end, with what it calls the evidence of each round. */
  finish(entries: number, evidence: ReadonlyMap<string, string>): void {
    for (const [seq, claims] of this.#claims) {
      if (seq > entries) for (const { file } of claims) this.#fault({ kind: 'truncated', place: file, entry: entries + 1, message: `it speaks of entry ${seq}, the ledger has ${entries}` });
    }
    for (const { file, key, digest } of this.#packs) {
      if (evidence.get(key) !== digest) this.#fault({ kind: 'tampered', place: file, entry: null, message: `the ledger names other evidence for gate ${key.replace(' ', ', round ')}`, unknown: true });
    }
  }

  #note(file: string, { predicateType, predicate }: Statement): void {
    if (!isJsonObject(predicate)) return;
    const { entry } = predicate;
    if (isJsonObject(entry) && typeof entry.seq === 'number' && typeof entry.hash === 'string') this.#claims.set(entry.seq, [...(this.#claims.get(entry.seq) ?? []), { file, hash: entry.hash }]);
    if (predicateType !== predicateTypes.evidencePack) return;
    const pack = parsePack(JSON.stringify(predicate.evidencePack ?? null));
    if (pack === null) this.#fault({ kind: 'tampered', place: file, entry: null, message: 'it holds no evidence pack' });
    else this.#packs.push({ file, key: `${pack.phase} ${pack.round}`, digest: evidenceDigest(pack) });
  }
}
