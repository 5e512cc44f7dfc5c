import { evidenceDigest } from '../evidence/pack.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { LedgerEntry } from './chain.ts';
import { parsePack } from './check-files.ts';
import type { PackFile } from './check-files.ts';
import { readEnvelope, verifyEnvelope } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import { decisionPath, isStated, packStatementPath, predicateTypes } from './statement.ts';
import type { Statement } from './statement.ts';
import type { Fault } from './verdict.ts';

interface Claim {
  readonly file: string;
  readonly hash: string;
}

/**
 * Signed statements that lie beside a ledger: each must be signed by a known key, say what the ledger says, and stand where its content
 * belongs. Where there are some, there must be one for every decision on a gate and for every evidence pack.
 */
export class StatementCheck {
  count = 0;
  readonly #fault: (fault: Fault) => void;
  readonly #claims = new Map<number, Claim[]>();
  readonly #packs: { readonly file: string; readonly key: string; readonly digest: string }[] = [];
  readonly #found = new Set<string>();
  readonly #expected = new Map<string, number>();

  constructor(files: Iterable<PackFile>, keys: KeyRing, fault: (fault: Fault) => void) {
    this.#fault = fault;
    for (const { file, text, unreadable } of files) {
      this.count += 1;
      this.#found.add(file);
      const envelope = unreadable === undefined ? readEnvelope(text) : null;
      if (envelope === null) {
        fault({ kind: 'tampered', place: file, entry: null, message: unreadable ?? 'this is no signed statement (DSSE envelope)' });
        continue;
      }
      const verdict = verifyEnvelope(envelope, keys);
      if (verdict.kind !== 'valid') fault({ kind: verdict.kind, place: file, entry: null, message: verdict.message });
      else this.#note(file, verdict.statement);
    }
  }

  see({ seq, hash, type, body }: LedgerEntry): void {
    if (isStated(type)) this.#expected.set(decisionPath(seq, type), seq);
    if (body.type === 'gate.evaluated') this.#expected.set(packStatementPath(body.phase, body.round), seq);
    for (const claim of this.#claims.get(seq) ?? []) {
      if (claim.hash !== hash) this.#fault({ kind: 'tampered', place: claim.file, entry: seq, message: `it was signed for another entry ${seq} than the one in the ledger` });
    }
  }

  /** To be called at the ledger's end, with what it calls the evidence of each round. `areAsked`: there must be statements, also where there are none. */
  finish(entries: number, evidence: ReadonlyMap<string, string>, areAsked: boolean): void {
    for (const [seq, claims] of this.#claims) {
      if (seq > entries) for (const { file } of claims) this.#fault({ kind: 'truncated', place: file, entry: entries + 1, message: `it speaks of entry ${seq}, the ledger has ${entries}` });
    }
    for (const { file, key, digest } of this.#packs) {
      if (evidence.get(key) !== digest) this.#fault({ kind: 'tampered', place: file, entry: null, message: `the ledger names other evidence for gate ${key.replace(' ', ', round ')}`, unknown: true });
    }
    const missing = [...this.#expected].filter(([file]) => !this.#found.has(file));
    if (this.count > 0) for (const [place, seq] of missing) this.#fault({ kind: 'truncated', place, entry: null, message: `the signed statement of entry ${seq} is missing` });
    else if (areAsked && missing.length > 0) this.#fault({ kind: 'truncated', place: 'statements', entry: null, message: `the signed statements of ${missing.length} entries are missing: they were removed, or never made` });
  }

  #note(file: string, { predicateType, predicate }: Statement): void {
    if (!isJsonObject(predicate)) return;
    const { entry, decision } = predicate;
    if (isJsonObject(entry) && typeof entry.seq === 'number' && typeof entry.hash === 'string') {
      this.#claims.set(entry.seq, [...(this.#claims.get(entry.seq) ?? []), { file, hash: entry.hash }]);
      if (typeof decision === 'string') this.#mustStand(file, decisionPath(entry.seq, decision));
    }
    if (predicateType !== predicateTypes.evidencePack) return;
    const pack = parsePack(JSON.stringify(predicate.evidencePack ?? null));
    if (pack === null) {
      this.#fault({ kind: 'tampered', place: file, entry: null, message: 'it holds no evidence pack' });
      return;
    }
    this.#mustStand(file, packStatementPath(pack.phase, pack.round));
    this.#packs.push({ file, key: `${pack.phase} ${pack.round}`, digest: evidenceDigest(pack) });
  }

  #mustStand(file: string, place: string): void {
    if (file !== place) this.#fault({ kind: 'tampered', place: file, entry: null, message: `what it says stands in ${place}: it was put here under another name` });
  }
}
