import { sha256 } from '../../kit/hash.ts';
import { readEnvelope } from '../ledger/envelope.ts';
import { readSignedHead } from '../ledger/signed-head.ts';
import { readStatement } from '../ledger/statement.ts';
import type { SignaturesPart } from './dossier.ts';
import type { Told } from './follow.ts';
import type { DossierInput } from './input.ts';

/** By what the export can be checked, and what a check of it found. */
export function signaturesOf({ report, keys, heads, statements }: DossierInput, { seals }: Told): SignaturesPart {
  const good = new Set(report.signatures.filter((one) => one.good).map(({ keyId, size }) => `${keyId} ${size}`));
  return {
    entries: report.entries,
    head: report.head,
    keys: keys.map(({ keyId, state, pem }) => ({ keyId, state, publicKey: pem })),
    heads: (heads ?? '').split('\n').flatMap((line) => readSignedHead(line) ?? []),
    seals: seals.map((seal) => ({ ...seal, good: good.has(`${seal.keyId} ${seal.size}`) })),
    statements: [...statements].map(({ file, text }) => statementOf(file, text)),
    verification: { verdict: report.verdict.kind, faults: report.faults, remarks: report.remarks, packs: report.packs, artifacts: report.artifacts, statements: report.statements },
  };
}

function statementOf(file: string, text: string): SignaturesPart['statements'][number] {
  const envelope = readEnvelope(text);
  const statement = envelope === null ? null : readStatement(Buffer.from(envelope.payload, 'base64'));
  return { file, sha256: sha256(text), predicateType: statement?.predicateType ?? 'unknown', keyIds: envelope?.signatures.map(({ keyid }) => keyid) ?? [] };
}
