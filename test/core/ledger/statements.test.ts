import { createHash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

import { DecisionRecords } from '../../../src/core/ledger/decision-record.ts';
import type { DecisionRecord } from '../../../src/core/ledger/decision-record.ts';
import { signStatement, verifyEnvelope } from '../../../src/core/ledger/envelope.ts';
import type { Envelope } from '../../../src/core/ledger/envelope.ts';
import { decisionPath, decisionStatement, packStatement, packStatementPath, predicateTypes } from '../../../src/core/ledger/statement.ts';
import type { Statement } from '../../../src/core/ledger/statement.ts';
import type { EvidencePack } from '../../../src/core/evidence/pack.ts';
import { verifyMission } from '../../../src/core/ledger/verify.ts';
import { exportedMission } from '../../support/sealed-ledger.ts';
import { newSigner } from '../../support/signers.ts';

const signer = newSigner();
const keys = [{ ...signer.publicKey, state: 'active' as const }];
const { events, files } = exportedMission(signer);
const hashes = files.ledger.map((line) => (JSON.parse(line) as { hash: string }).hash);

function records(): readonly DecisionRecord[] {
  const seen = new DecisionRecords();
  return events.flatMap((event, index) => seen.see({ ...event, seq: index + 1 }, hashes[index] ?? '') ?? []);
}

const packs = files.packs.map(({ text }) => JSON.parse(text) as EvidencePack);
const statements: readonly Statement[] = [...records().filter(({ decision }) => decision.startsWith('gate.')).map(decisionStatement), ...packs.map((pack) => packStatement(pack, '2026-01-01T00:00:00.000Z'))];

function placeOf({ predicate }: Statement): string {
  const { entry, decision, evidencePack } = predicate as unknown as Partial<DecisionRecord> & { readonly evidencePack?: EvidencePack };
  return evidencePack ? packStatementPath(evidencePack.phase, evidencePack.round) : decisionPath(entry?.seq ?? 0, decision ?? '');
}

/** DSSE's PAE as its specification words it, written anew: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`. */
function pae(type: string, body: Buffer): Buffer {
  const head = ['DSSEv1', String(Buffer.byteLength(type)), type, String(body.length)].map((part) => `${part} `).join('');
  return Buffer.concat([Buffer.from(head), body]);
}

describe('a decision record', () => {
  it('tells who decided what, by which rule, on which facts, and what came of it', () => {
    const approved = records().find(({ decision, phase }) => decision === 'gate.approved' && phase === 'build');
    expect(approved).toMatchObject({
      actor: { login: 'reviewer' },
      round: 1,
      rule: { approvals: { count: 1 } },
      facts: { via: 'comment', head: packs[0]?.head, authors: expect.any(Array) },
      verdict: { name: 'gate/build', state: 'waiting', children: [{ name: 'evidence', state: 'passed' }, { name: 'approvals', expected: '1 of role:write', measured: '1 of 1' }] },
      outcome: 'gate build awaiting',
    });
    expect(records().find(({ decision, phase }) => decision === 'gate.opened' && phase === 'build')).toMatchObject({ verdict: { state: 'passed' }, outcome: 'gate build open' });
  });

  it('stands for every decision in the ledger, and for nothing else', () => {
    expect(new Set(records().map(({ decision }) => decision))).toEqual(new Set(['mission.planned', 'mission.queued', 'gate.approved', 'gate.opened']));
  });
});

describe('a signed statement', () => {
  it('is verified by DSSE and Ed25519 alone, with nothing of ours', () => {
    expect(statements.length).toBe(6);
    for (const statement of statements) {
      const { payloadType, payload, signatures } = JSON.parse(JSON.stringify(signStatement(statement, signer))) as Envelope;
      const body = Buffer.from(payload, 'base64');
      expect(verify(null, pae(payloadType, body), signer.publicKey.pem, Buffer.from(signatures[0]?.sig ?? '', 'base64'))).toBe(true);
      expect(JSON.parse(body.toString())).toMatchObject({ _type: 'https://in-toto.io/Statement/v1', subject: expect.arrayContaining([{ name: expect.any(String), digest: expect.any(Object) }]) });
    }
  });

  it('names files by the digest that any tool computes', () => {
    for (const [index, pack] of packs.entries()) {
      const [subject] = packStatement(pack, '').subject;
      const written = statements.find(({ predicateType, subject: [first] }) => predicateType === predicateTypes.evidencePack && first?.name === subject?.name);
      const text = files.packs[index]?.text ?? '';
      expect(written?.subject[0]?.digest.sha256).toBe(createHash('sha256').update(sortedJson(JSON.parse(text))).digest('hex'));
    }
  });

  it.each(Object.entries(predicateTypes))('of kind %s has a predicate type with a schema that ours follow', (_kind, type) => {
    const name = /attestation\/(.*)\/v1$/.exec(type)?.[1] ?? '';
    const schema = JSON.parse(readFileSync(new URL(`../../../config/schemas/${name}.v1.schema.json`, import.meta.url), 'utf8')) as { readonly $id: string };
    const follows = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true }).compile(schema);
    for (const { predicate } of statements.filter(({ predicateType }) => predicateType === type)) expect([follows(predicate), follows.errors]).toEqual([true, null]);
    expect(follows({})).toBe(false);
  });

  it('is refused when its payload, its type or its signature was changed, or another key signed it', () => {
    const good = signStatement(statements[0] as Statement, signer);
    expect(verifyEnvelope(good, keys).kind).toBe('valid');
    const payload = Buffer.from(Buffer.from(good.payload, 'base64').toString().replace('reviewer', 'stranger')).toString('base64');
    expect(verifyEnvelope({ ...good, payload }, keys).kind).toBe('tampered');
    expect(verifyEnvelope({ ...good, payloadType: 'application/json' }, keys).kind).toBe('tampered');
    expect(verifyEnvelope({ ...good, signatures: [{ keyid: good.signatures[0]?.keyid ?? '', sig: Buffer.alloc(64).toString('base64') }] }, keys).kind).toBe('tampered');
    expect(verifyEnvelope(signStatement(statements[0] as Statement, newSigner()), keys).kind).toBe('wrong-key');
  });

  it('must say what the ledger beside it says', () => {
    const envelopes = statements.map((statement) => ({ file: placeOf(statement), text: JSON.stringify(signStatement(statement, signer)) }));
    expect(verifyMission({ ...files, statements: envelopes })).toMatchObject({ valid: true, statements: 6 });
    const record = records().find(({ decision }) => decision === 'gate.approved');
    const other = record && decisionStatement({ ...record, entry: { ...record.entry, hash: 'f'.repeat(64) } });
    const report = verifyMission({ ...files, statements: envelopes.map((one) => (other && one.file === placeOf(other) ? { ...one, text: JSON.stringify(signStatement(other, signer)) } : one)) });
    expect(report.faults).toEqual([expect.stringContaining('it was signed for another entry')]);
    expect(verifyMission({ ...files, ledger: files.ledger.slice(0, 10), heads: null, packs: [], statements: envelopes }).verdict.kind).toBe('truncated');
  });

  it('is missed where others are, or where a key was given, and is found where it was put under another name', () => {
    const envelopes = statements.map((statement) => ({ file: placeOf(statement), text: JSON.stringify(signStatement(statement, signer)) }));
    for (const { file } of envelopes) {
      expect(verifyMission({ ...files, statements: envelopes.filter((one) => one.file !== file) })).toMatchObject({ verdict: { kind: 'truncated' }, faults: [expect.stringMatching(/^statements\/\S+: the signed statement of entry \d+ is missing$/)] });
      const renamed = verifyMission({ ...files, statements: envelopes.map((one) => (one.file === file ? { ...one, file: 'statements/000001-gate.rejected.dsse.json' } : one)) });
      expect(renamed.verdict.kind).toBe('tampered');
    }
    expect(verifyMission({ ...files, statements: [] })).toMatchObject({ verdict: { kind: 'truncated' }, faults: ['statements: the signed statements of 6 entries are missing: they were removed, or never made'] });
    expect(verifyMission({ ...files, statements: [], keysAreGiven: false }).valid).toBe(true);
  });
});

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as Record<string, unknown>;
  return `{${Object.keys(fields).sort().map((key) => `${JSON.stringify(key)}:${sortedJson(fields[key])}`).join(',')}}`;
}
