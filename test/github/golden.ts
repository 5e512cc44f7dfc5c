import { createEvidenceLinks } from '../../src/engine/evidence-links.ts';
import { findingsMediaType } from '../../src/core/mission/evidence.ts';
import type { GateDefinition } from '../../src/core/mission/definition.ts';
import type { Finding, GuardReport } from '../../src/core/mission/event.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { commitId, missionId, PureWorld } from '../support/pure-world.ts';
import { gateCheck } from '../../src/github/messages/gate-check.ts';
import type { CheckOutput, GateCheckInput } from '../../src/github/messages/gate-check.ts';
import { plainInk } from '../../src/github/messages/ink.ts';

/** What the gate of a golden file is about; everything else is the same in all of them. */
export interface Scene {
  readonly metrics?: Readonly<Record<string, number>>;
  readonly reports?: readonly GuardReport[];
  readonly gate?: Partial<GateDefinition>;
  readonly findings?: readonly Finding[];
  /** What people do once the gate was judged. */
  readonly then?: (world: PureWorld) => void;
  /** Stop while the gate is being examined. */
  readonly examining?: boolean;
  /** The evidence can be read on a page. */
  readonly page?: boolean;
}

const log = 'a'.repeat(64);
const found = 'b'.repeat(64);

export const tests: GuardReport = { guard: 'tests', uses: 'junit', passed: true, summary: '412 tests: 409 passed, 3 skipped', metrics: {}, artifacts: [{ name: 'junit.xml', mediaType: 'text/plain', digest: log, bytes: 34 }] };

/** A mission at the gate `build`, played to the moment of the scene. */
export function sceneOf({ metrics = { coverage: 0.91, tests_failed: 0 }, reports = [tests], gate = {}, findings = [], examining = false, then }: Scene): PureWorld {
  const lint: GuardReport = { guard: 'lint', uses: 'eslint', passed: true, summary: `${findings.length} findings`, metrics: {}, artifacts: [{ name: 'findings', mediaType: findingsMediaType, digest: found, bytes: 9 }], findings: { errors: findings.filter(({ level }) => level === 'error').length, warnings: findings.filter(({ level }) => level === 'warning').length, notes: 0, digest: found } };
  const rule: GateDefinition = { rubric: { coverage_min: 0.8, tests_failed_max: 0 }, approvals: { count: 2, minimumRole: 'write', allowRequester: false }, ...gate };
  const world = new PureWorld(
    { ...definition([phase('build', [task('api', { title: 'Build the API' }), task('page', { title: 'Build the page', needs: ['api'] })], { title: 'Build', gate: rule, guards: [{ id: 'tests', uses: 'command', with: {} }] })]), name: 'Add slugs' },
    (subject, attempt, mission) =>
      subject.startsWith('gate/')
        ? { outcome: 'examined', head: mission.trunk.head, reports: findings.length === 0 ? reports : [...reports, lint], metrics, durationMs: 1 }
        : { outcome: 'succeeded', commit: commitId(subject, String(attempt)), branch: `mission/7/${subject}`, evidence: { summary: `Did ${subject}, with tests.`, artifacts: [], diff: { files: 2, additions: 40, deletions: 3 }, durationMs: 61_000, producer: 'scripted 1.0' }, outputs: {} },
  );
  for (const [login, role] of [['maintainer', 'maintain'], ['second', 'maintain']] as const) world.roles.set(login, role);
  world.now = Date.UTC(2026, 8, 14, 9, 12);
  world.start();
  if (examining) while (world.todo[0]?.subject !== 'gate/build') world.work();
  else world.settle();
  then?.(world);
  return world;
}

/** The gate's check as GitHub would be given it. */
export function checkOf(world: PureWorld, scene: Scene = {}): CheckOutput {
  const of = world.mission.phases.get('build');
  if (of === undefined) throw new Error('no phase');
  const target = { kind: 'gate', missionId, phase: 'build', round: of.gate.round } as const;
  const links = createEvidenceLinks({ publicUrl: 'https://gates.example', secret: 'golden' });
  const pack = world.packs.find((one) => one.phase === 'build' && one.round === of.gate.round)?.pack ?? null;
  const input: GateCheckInput = {
    mission: world.mission, phase: of, pack, excerpts: new Map([[log, '<testsuite tests="412" skipped="3"/>']]), findings: scene.findings ?? [], ledgerHead: 'c'.repeat(64),
    page: scene.page === true ? { page: links.to(target) ?? '', pack: links.to({ ...target, as: 'json' }) ?? '' } : null,
  };
  return gateCheck(plainInk, input);
}

/** As a file to read: title, summary and text as they stand on GitHub, but for digests, which change with every field of a pack. */
export function asFile({ title, summary: written, text }: CheckOutput): string {
  const summary = written.replaceAll(/\b[0-9a-f]{64}\b/g, '<digest>');
  return `# ${title}\n\n${summary}\n${text === '' ? '' : `\n---\n\n${text}\n`}`;
}
