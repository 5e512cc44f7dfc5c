import type { Dossier } from '../../src/core/dossier/dossier.ts';
import { signHead } from '../../src/core/ledger/signed-head.ts';
import { decisionPath, decisionStatement, isStated, packStatement, packStatementPath } from '../../src/core/ledger/statement.ts';
import { DecisionRecords } from '../../src/core/ledger/decision-record.ts';
import { signStatement } from '../../src/core/ledger/envelope.ts';
import type { Signer } from '../../src/core/ledger/signing.ts';
import type { MissionFiles } from '../../src/core/ledger/verify.ts';
import type { AttemptEvidence } from '../../src/core/mission/event.ts';
import { makeDossier } from '../../src/engine/dossier.ts';
import type { DossierSource } from '../../src/engine/dossier.ts';
import { canonicalJson } from '../../src/kit/canonical-json.ts';
import { sha256 } from '../../src/kit/hash.ts';
import type { Json } from '../../src/kit/json.ts';
import { isoTime } from '../../src/kit/time.ts';
import { definition, oneApproval, phase, task } from './definitions.ts';
import { commitId, diligent, PureWorld, source } from './pure-world.ts';
import type { Worker } from './pure-world.ts';
import { headLine, headOf, linesOf, sealed } from './sealed-ledger.ts';

/** Texts that people or tools may have written into a mission. */
export interface Wording {
  readonly title: string;
  readonly reason: string;
  readonly finding: string;
}

const plainWording: Wording = { title: 'Give every product a readable address', reason: 'the flaky test is known', finding: 'Lodash before 4.17.21 lets a caller change prototypes' };

const bom = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'lodash', version: '4.17.20', licenses: [{ license: { id: 'MIT' } }] }, { name: 'left-pad', version: '1.3.0', licenses: [{ license: { id: 'WTFPL' } }] }, { name: 'inner' }] });
const api = 'openapi: 3.1.0\ninfo: { title: Shop, version: "2" }\npaths: { /products/{slug}: {} }\n';

/**
 * A mission with everything that a dossier tells of: two gates, the first examined twice, a waiver, findings, a bill of materials, an API
 * description, a budget, a deployment with a canary and with what undoes it, and a merge.
 */
export function shippedMission(wording: Partial<Wording> = {}): { readonly world: PureWorld; readonly artifacts: ReadonlyMap<string, string> } {
  const words = { ...plainWording, ...wording };
  const artifacts = new Map<string, string>();
  const keep = (name: string, mediaType: string, text: string) => {
    artifacts.set(sha256(text), text);
    return { name, mediaType, digest: sha256(text), bytes: Buffer.byteLength(text) };
  };
  const findings = keep('findings.json', 'application/vnd.missiongate.findings+json', JSON.stringify([{ rule: 'CVE-2021-23337', level: 'error', message: words.finding, path: 'package-lock.json', line: 12 }]));
  let examined = 0;
  let now = (_ms: number): void => undefined;
  const worker: Worker = (subject, attempt, mission) => {
    now(90_000);
    const result = diligent(subject, attempt, mission);
    if (result.outcome === 'examined') {
      examined += 1;
      const failed = subject === 'gate/build' ? 1 : 0;
      const metrics = { tests: 40 + failed, tests_passed: 40, tests_failed: failed, tests_skipped: 0, coverage: examined === 1 ? 0.74 : 0.86, high_cves: 1, secrets: 0, files_changed: 4, lines_added: 120, lines_deleted: 8 };
      return { ...result, metrics, reports: [{ guard: 'dependencies', uses: 'osv', passed: true, summary: '1 known vulnerability', metrics: { high_cves: 1 }, artifacts: [findings, keep('sbom.cdx.json', 'application/json', bom)], findings: { errors: 1, warnings: 0, notes: 0, digest: findings.digest } }] };
    }
    if (result.outcome !== 'succeeded') return result;
    const evidence: AttemptEvidence = { summary: `Did ${subject}: ${words.title}`, artifacts: subject === 'code' ? [keep('openapi.yaml', 'application/yaml', api)] : [], diff: { files: 2, additions: 60, deletions: 4 }, durationMs: 90_000, producer: 'scripted 1.0', usage: { tokens: 1_200, usd: 0.04 } };
    return subject === 'deploy' ? { outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} } : { ...result, evidence };
  };
  const build = phase('build', [task('tests', { title: words.title }), task('code', { needs: ['tests'], scope: ['src/**'] })], { title: 'Build it', budget: { tokens: 6_000 }, gate: { ...oneApproval, rubric: { tests_failed_max: 0, coverage_min: 0.8 } } });
  const release = phase('release', [task('deploy', { title: 'Roll out to the shop', needs: [], with: { environment: 'production', canary: { share: 0.05, minutes: 30 } }, compensate: { uses: 'command', with: { run: 'npm run roll-back' } } })], { title: 'Release', needs: ['build'], gate: { ...oneApproval, rubric: { high_cves_max: 1 } } });
  const written = { ...definition([build, release], { merge: 'squash', budget: { usd: 5 } }), name: words.title, description: `Addresses of products are numbers today. ${words.reason}` };
  const world = new PureWorld(written, worker);
  world.now = Date.parse('2026-03-02T09:00:00Z');
  now = (ms) => {
    world.now += ms;
  };
  world.roles.set('maintainer', 'maintain');
  world.start();
  const work = () => {
    while (world.todo.length > 0) world.work();
  };
  work();
  // The first examination found too little coverage; what was done about it is examined again.
  world.say('author', 'retry', 'code');
  work();
  world.say('author', 'waive', 'build', 'tests_failed_max', '7d', words.reason, 'the nightly run covers it');
  world.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
  world.say('reviewer', 'approve-gate', 'build');
  work();
  world.say('admin', 'approve-gate', 'release');
  work();
  world.deliver('opened', { kind: 'pull.opened', pull: 8 });
  world.deliver('merged', { kind: 'pull.closed', source, pull: 8, merged: true, commit: commitId('landed'), actor: { kind: 'bot', login: 'missiongate[bot]' } });
  return { world, artifacts };
}

/** The export of a mission that was played without a store, signed where there is a signer. */
export function exportOf({ world, artifacts }: ReturnType<typeof shippedMission>, signer: Signer | null): DossierSource & { files(): MissionFiles } {
  const events = sealed(world.events, signer);
  const ledger = linesOf(events);
  const records = new DecisionRecords();
  const statements: { file: string; text: string }[] = [];
  const packs = world.packs.map(({ phase: id, round, pack }) => ({ file: `evidence/${id}-${round}.json`, text: canonicalJson(pack as unknown as Json) }));
  events.forEach((event, index) => {
    const record = records.see(event, (JSON.parse(ledger[index] ?? '') as { hash: string }).hash);
    if (record !== null && signer !== null && isStated(record.decision)) statements.push({ file: decisionPath(event.seq, record.decision), text: JSON.stringify(signStatement(decisionStatement(record), signer)) });
  });
  if (signer !== null) for (const { phase: id, round, pack } of world.packs) statements.push({ file: packStatementPath(id, round), text: JSON.stringify(signStatement(packStatement(pack, isoTime(0)), signer)) });
  const heads = signer === null ? null : headLine(signHead(headOf(ledger), signer));
  return {
    files: () => ({ ledger, packs, statements, artifacts: [...artifacts].map(([digest, text]) => ({ file: `artifacts/${digest}.txt`, digest, text })), heads, keys: signer === null ? [] : [{ ...signer.publicKey, state: 'active' as const }], keysAreGiven: signer !== null, expectedHead: null }),
    artifact: (digest) => artifacts.get(digest) ?? null,
  };
}

/** The dossier of an export that must give one. */
export function dossierOf(from: DossierSource): Dossier {
  const outcome = makeDossier(from);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.dossier;
}
