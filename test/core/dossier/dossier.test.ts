import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

import { dossierDigest, dossierStatement } from '../../../src/core/dossier/dossier-statement.ts';
import { dossierText, makeDossier } from '../../../src/engine/dossier.ts';
import { sha256 } from '../../../src/kit/hash.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { commitId, diligent, PureWorld } from '../../support/pure-world.ts';
import { newSigner } from '../../support/signers.ts';
import { dossierOf, exportOf, shippedMission } from '../../support/shipped-mission.ts';

const signer = newSigner();
const mission = shippedMission();
const dossier = dossierOf(exportOf(mission, signer));

function played(world: PureWorld) {
  return dossierOf(exportOf({ world, artifacts: new Map() }, null));
}

function bare(phases: Parameters<typeof definition>[0], settings: Parameters<typeof definition>[1] = {}, worker = diligent): PureWorld {
  const world = new PureWorld(definition(phases, settings), worker).start();
  while (world.todo.length > 0) world.work();
  return world;
}

const schema = JSON.parse(readFileSync(new URL('../../../config/schemas/release-dossier.v1.schema.json', import.meta.url), 'utf8')) as { readonly properties: object };
const follows = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true }).compile(schema);

describe('a dossier', () => {
  it('tells what was asked, by whom, and how it ended', () => {
    expect(dossier.mission).toMatchObject({ id: 'r10-i7', name: 'Give every product a readable address', repository: 'octo/shop', issue: { number: 7 }, requestedBy: { login: 'author' }, status: 'completed', plannedAt: '2026-03-02T09:00:00.000Z', planHash: mission.world.mission.plan.planHash });
  });

  it('traces every requirement to its commits, evidence, gate and decisions', () => {
    const approved = dossier.decisions.find(({ decision, phase: of }) => decision === 'gate.approved' && of === 'build');
    const row = dossier.trace.find(({ task: id }) => id === 'code');
    expect(dossier.trace.map(({ task: id }) => id)).toEqual(['tests', 'code', 'deploy']);
    expect(row).toMatchObject({ requirement: 'Do code', phase: 'build', status: 'done', commits: [commitId('code', '1'), commitId('code', '2')], gate: { phase: 'build', status: 'open', round: 2 } });
    expect(row?.evidence).toEqual(dossier.documents.map(({ digest }) => digest));
    expect(row?.decisions).toContain(approved?.seq);
  });

  it('shows what is waived as waived, with who answers for it, why, what is done instead, and until when', () => {
    const last = dossier.gates[0]?.rounds.at(-1);
    expect(last?.lines.find(({ rule }) => rule === 'tests_failed_max')).toMatchObject({ passed: false, waived: { waiver: 1 } });
    expect(dossier.waivers).toEqual([expect.objectContaining({ phase: 'build', rule: 'tests_failed_max', status: 'approved', owner: { kind: 'person', login: 'author' }, approvedBy: { kind: 'person', login: 'maintainer' }, reason: 'the flaky test is known', control: 'the nightly run covers it', until: '2026-03-09T09:07:30.000Z' })]);
  });

  it('keeps every examination of a gate, so that one sees how tests and coverage went', () => {
    expect(dossier.gates[0]?.rounds.map(({ round, passed, metrics }) => [round, passed, metrics.coverage])).toEqual([[1, false, 0.74], [2, false, 0.86]]);
  });

  it('names for every approval the commit, evidence, policy and round that it counts for', () => {
    const round = dossier.gates[1]?.rounds.at(-1);
    expect(dossier.decisions.find(({ decision, phase: of }) => decision === 'gate.approved' && of === 'release')).toMatchObject({ by: { login: 'admin' }, round: 1, facts: { head: round?.head, evidenceDigest: round?.evidenceDigest, policyDigest: round?.policyDigest, role: 'admin', via: 'comment' } });
  });

  it('sums up findings, scans and the bill of materials', () => {
    expect(dossier.security.boms).toEqual([expect.objectContaining({ format: 'CycloneDX', components: 3, unlicensed: 1, licences: [{ licence: 'MIT', components: 1 }, { licence: 'WTFPL', components: 1 }] })]);
    expect(dossier.security.findings[0]).toMatchObject({ rule: 'CVE-2021-23337', level: 'error', path: 'package-lock.json', line: 12, guard: 'dependencies' });
    expect(dossier.security.measured).toContainEqual({ metric: 'high_cves', meaning: 'known vulnerabilities of dependencies, high', value: 1, phase: 'release' });
  });

  it('has the deployment with its canary, and the way back: the revert of the merge and what the tasks say undoes them', () => {
    expect(dossier.deployment).toMatchObject({ steps: [{ task: 'deploy', with: { environment: 'production' } }], canary: [{ task: 'deploy', rule: 'canary', value: { share: 0.05, minutes: 30 } }], note: null });
    expect(dossier.rollback).toMatchObject({ code: { commit: commitId('landed') }, steps: [{ task: 'deploy', uses: 'command', with: { run: 'npm run roll-back' } }], withoutWayBack: [], note: null });
  });

  it('tells what was used up, and of which budgets', () => {
    expect(dossier.costs.total).toEqual({ tokens: 4_800, usd: 0.16, minutes: 6 });
    expect(dossier.costs.budgets).toEqual([{ scope: 'mission', budget: { usd: 5 }, raised: false, share: 0.032 }, { scope: 'phase/build', budget: { tokens: 6_000 }, raised: false, share: 0.6 }]);
  });

  it('holds what is needed to check it, and what a check found', () => {
    expect(dossier.signatures).toMatchObject({ keys: [{ keyId: signer.publicKey.keyId, state: 'active' }], heads: [{ size: dossier.signatures.entries, head: dossier.signatures.head }], verification: { verdict: 'valid', faults: [], packs: 3, artifacts: 3 } });
    expect(dossier.signatures.seals.every(({ good }) => good)).toBe(true);
    expect(new Set(dossier.signatures.statements.map(({ predicateType }) => predicateType.split('/').at(-2)))).toEqual(new Set(['decision', 'waiver', 'evidence-pack']));
    expect(dossier.signatures.statements.every(({ keyIds }) => keyIds.join() === signer.publicKey.keyId)).toBe(true);
  });

  it('is the same, byte for byte, for the same export', () => {
    const source = exportOf(mission, signer);
    expect(dossierText(dossierOf(source))).toBe(dossierText(dossierOf(source)));
    expect(dossierText(dossierOf(exportOf(shippedMission(), signer)))).toBe(dossierText(dossier));
    expect(dossierStatement(dossier).subject[0]).toEqual({ name: 'dossier.json', digest: { sha256: sha256(dossierText(dossier)) } });
    expect(dossierDigest(dossier)).toBe(sha256(dossierText(dossier)));
  });

  it('says so where a part was not in the mission, instead of leaving it out', () => {
    const empty = played(bare([phase('a', [task('x')], { gate: null })]));
    expect(empty.documents).toEqual([]);
    expect(empty.deployment.note).toContain('not part of this mission');
    expect(empty.rollback).toMatchObject({ note: expect.stringContaining('nothing to roll back'), code: null });
    expect(empty.signatures).toMatchObject({ keys: [], heads: [], seals: [] });
  });

  it('tells of a mission that failed and was rolled back', () => {
    const worker: typeof diligent = (subject, attempt, state) => (subject === 'y' ? { outcome: 'failed', failure: 'input', reason: 'no such file', evidence: null } : diligent(subject, attempt, state));
    const failed = played(bare([phase('a', [task('x', { compensate: { uses: 'noop', with: {} } }), task('y', { needs: ['x'] })])], { onFailure: 'rollback' }, worker));
    expect(failed.mission.status).toBe('failed');
    expect(failed.rollback).toMatchObject({ onFailure: 'rollback', done: { undone: ['x'], failed: [] } });
    expect(failed.tasks.find(({ id }) => id === 'y')?.attempts).toEqual([expect.objectContaining({ outcome: 'failed', reason: 'no such file' })]);
    expect([follows(failed), follows.errors]).toEqual([true, null]);
  });

  it('says on its face that its record was tampered with', () => {
    const source = exportOf(mission, signer);
    const files = source.files();
    const outcome = makeDossier({ ...source, files: () => ({ ...files, packs: [...files.packs].slice(1) }) });
    expect(outcome).toMatchObject({ ok: true, dossier: { signatures: { verification: { verdict: 'truncated', faults: [expect.stringContaining('missing')] } } } });
  });

  it('is not made of a ledger that cannot be read, or that tells of no mission', () => {
    const source = exportOf(mission, signer);
    const withLedger = (ledger: readonly string[]) => makeDossier({ ...source, files: () => ({ ...source.files(), ledger }) });
    expect(withLedger(['nonsense'])).toEqual({ ok: false, reason: expect.stringContaining('line 1') });
    expect(withLedger([])).toEqual({ ok: false, reason: expect.stringContaining('no mission') });
  });

  it('has its fields described, all of them and no others', () => {
    const page = readFileSync(new URL('../../../docs/reference/release-dossier.md', import.meta.url), 'utf8');
    expect([...page.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, field]) => field)).toEqual(Object.keys(schema.properties));
  });

  it('follows its schema, which allows nothing else', () => {
    for (const one of [dossier, played(bare([phase('a', [task('x')])])), played(bare([phase('a', [task('x')], { gate: null })]))]) expect([follows(JSON.parse(dossierText(one))), follows.errors]).toEqual([true, null]);
    expect(follows({ ...dossier, more: 1 })).toBe(false);
    expect(follows({ ...dossier, trace: [{ ...dossier.trace[0], more: 1 }] })).toBe(false);
    const { waivers: _left, ...less } = dossier;
    expect(follows(less)).toBe(false);
  });
});
