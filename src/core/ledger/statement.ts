import type { EvidencePack } from '../evidence/pack.ts';
import { namedArtifacts } from '../evidence/named-artifacts.ts';
import { evidenceDigest } from '../evidence/pack.ts';
import { canonicalJson } from '../../kit/canonical-json.ts';
import { kindOf } from './kinds.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Json } from '../../kit/json.ts';
import type { DecisionRecord } from './decision-record.ts';

/** An in-toto Statement, version 1: something is said about files and commits that are named by their digests. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly { readonly name: string; readonly digest: { readonly [algorithm: string]: string } }[];
  readonly predicateType: string;
  readonly predicate: Json;
}

/** What our statements say; each has a JSON Schema in `config/schemas`. */
export const predicateTypes = {
  decision: 'https://missiongate.dev/attestation/decision/v1',
  waiver: 'https://missiongate.dev/attestation/waiver/v1',
  evidencePack: 'https://missiongate.dev/attestation/evidence-pack/v1',
} as const;

/** Where an evidence pack lies in an export. */
export function packPath(phase: string, round: number): string {
  return `evidence/${phase}-${round}.json`;
}

/** Decisions that others may have to be shown without the rest of the ledger: on gates, on approvals, on waivers. */
export function isStated(type: string): boolean {
  return kindOf(type) === 'decision' && /^(gate|approval|waiver)\./.test(type);
}

/** Where the signed statement of a decision lies in an export. */
export function decisionPath(seq: number, type: string): string {
  return `statements/${String(seq).padStart(6, '0')}-${type}.dsse.json`;
}

/** Where the signed statement of an evidence pack lies in an export. */
export function packStatementPath(phase: string, round: number): string {
  return `statements/evidence-${phase}-${round}.dsse.json`;
}

/** What a decision is about: the evidence it was made on and the commit it was made for, or else the entry that records it. */
export function decisionStatement(record: DecisionRecord): Statement {
  const { evidenceDigest: evidence, head } = record.facts;
  const subject: Statement['subject'] = [
    ...(typeof evidence === 'string' && record.phase !== null ? [{ name: packPath(record.phase, record.round ?? 0), digest: { sha256: evidence } }] : []),
    ...(typeof head === 'string' && head !== '' ? [{ name: 'commit', digest: { gitCommit: head } }] : []),
  ];
  const entry = { name: `ledger.jsonl#${record.entry.seq}`, digest: { sha256: record.entry.hash } };
  const isWaiver = record.decision.startsWith('waiver.');
  return { _type: 'https://in-toto.io/Statement/v1', subject: subject.length > 0 ? subject : [entry], predicateType: isWaiver ? predicateTypes.waiver : predicateTypes.decision, predicate: record as unknown as Json };
}

/** An evidence pack as a statement about the commit that was examined and the artifacts it rests on; the pack itself is the predicate. */
export function packStatement(pack: EvidencePack, at: string): Statement {
  const subject: Statement['subject'] = [{ name: packPath(pack.phase, pack.round), digest: { sha256: evidenceDigest(pack) } }, { name: 'commit', digest: { gitCommit: pack.head } }, ...namedArtifacts(pack).map(({ digest }) => ({ name: `artifacts/${digest}.txt`, digest: { sha256: digest } }))];
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: predicateTypes.evidencePack,
    predicate: { at, evidencePack: pack } as unknown as Json,
  };
}

export function statementBytes(statement: Statement): Uint8Array {
  return Buffer.from(canonicalJson(statement as unknown as Json));
}

/** Reads a statement; null for anything else. */
export function readStatement(payload: Uint8Array): Statement | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    const isStatement = isJsonObject(value) && value['_type'] === 'https://in-toto.io/Statement/v1' && typeof value.predicateType === 'string' && Array.isArray(value.subject) && value.subject.every(isSubject);
    return isStatement ? (value as unknown as Statement) : null;
  } catch {
    return null;
  }
}

function isSubject(value: unknown): boolean {
  return isJsonObject(value) && typeof value.name === 'string' && isJsonObject(value.digest) && Object.values(value.digest).every((digest) => typeof digest === 'string');
}

/** The moment a statement of ours speaks of; the epoch where it names none. */
export function timeOf({ predicate }: Statement): string {
  if (!isJsonObject(predicate)) return new Date(0).toISOString();
  const entry = isJsonObject(predicate.entry) ? predicate.entry.at : undefined;
  const at = entry ?? predicate.at;
  return typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? at : new Date(0).toISOString();
}
