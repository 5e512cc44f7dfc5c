import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import type { EvidencePack } from '../../src/core/evidence/pack.ts';
import { LocalWorld } from '../support/local-world.ts';

const worlds: LocalWorld[] = [];
afterEach(() => {
  for (const made of worlds.splice(0)) made.remove();
});

/** A program of the repository that writes what test programs write: one failure unless `fixed.txt` is there. */
const runTests = `
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('reports', { recursive: true });
const failure = existsSync('fixed.txt') ? '' : '<failure message="3 is not 4">at test (file:///somewhere/else/test/sum.test.mjs:3:7)</failure>';
writeFileSync('reports/junit.xml', '<testsuites><testsuite name="sum"><testcase name="adds"/><testcase name="adds more">' + failure + '</testcase></testsuite></testsuites>');
writeFileSync('reports/lcov.info', 'SF:src/sum.mjs\\nDA:1,1\\nDA:2,0\\nDA:3,1\\nDA:4,1\\nend_of_record\\n');
`;

function mission(guards: string, gate: string, task = '{ id: change, uses: file.write, with: { path: src/new.mjs, content: "export const x = 1;\\n" } }'): string {
  return `version: 1\nname: guarded\nphases:\n  - id: build\n    tasks:\n      - ${task}\n    guards:\n${guards}\n    gate: ${gate}\n`;
}

function carryOut(definition: string, files: Readonly<Record<string, string>> = {}) {
  const local = new LocalWorld();
  worlds.push(local);
  local.commit({ '.github/missions/m.yml': definition, '.gitignore': 'reports/\n', 'run-tests.mjs': runTests, 'src/sum.mjs': 'a\nb\nc\nd\n', 'test/sum.test.mjs': '1\n2\n3\n', ...files });
  const out = join(local.folder, 'out');
  const ran = local.run(['run', '.github/missions/m.yml', '--yes-to', 'all', '--out', out]);
  const pack = readdirSync(join(out, 'evidence')).toSorted().map((name) => JSON.parse(readFileSync(join(out, 'evidence', name), 'utf8')) as EvidencePack).at(-1);
  if (!pack) throw new Error(`no evidence was left:\n${ran.stdout}\n${ran.stderr}`);
  const artifact = (digest: string) => readFileSync(join(out, 'artifacts', `${digest}.txt`), 'utf8');
  return { local, out, ran, pack, artifact, verified: local.run(['verify', out]) };
}

const reports = `      - { id: run, uses: command, with: { run: [node, run-tests.mjs] } }
      - { uses: junit, with: { path: "reports/*.xml" } }
      - { uses: lcov, with: { path: reports/lcov.info } }`;

describe('guards at work', () => {
  it('read the ignored reports that a guard before them wrote, and the rubric judges what they measured', () => {
    const { local, out, ran, pack, artifact, verified } = carryOut(mission(reports, '{ rubric: { tests_failed_max: 0, coverage_min: 0.8 }, approvals: { count: 0 } }'));
    expect(ran.status).toBe(1);
    expect(pack.metrics).toMatchObject({ tests: 2, tests_failed: 1, run_failed: 0, coverage: 0.75, findings_errors: 1 });
    expect(pack.rubric.filter(({ passed }) => !passed).map(({ reason }) => reason)).toEqual(['coverage_min not reached: 0.75 < 0.8', 'tests_failed_max exceeded: 1 > 0']);
    const junit = pack.guardReports.find(({ uses }) => uses === 'junit');
    expect(junit).toMatchObject({ passed: true, findings: { errors: 1, warnings: 0, notes: 0 } });
    expect(JSON.parse(artifact(junit?.findings?.digest ?? ''))).toEqual([{ rule: 'adds more', level: 'error', message: expect.stringContaining('3 is not 4') as string, path: 'test/sum.test.mjs', line: 3 }]);
    expect(verified).toMatchObject({ status: 0 });
    expect(local.run(['lineage', out, 'change'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^change \(phase build, attempt 1\): file\.write, from [0-9a-f]{12} to [0-9a-f]{12}, \d/) as string });
    expect(local.run(['lineage', out, junit?.findings?.digest ?? ''])).toMatchObject({ status: 0, stdout: expect.stringContaining('was left by the guard junit (junit) at gate build, round 1') as string });
    expect(local.run(['lineage', out, 'chnage'])).toMatchObject({ status: 1, stderr: expect.stringContaining('Tasks: change') as string });
  });

  it('open the gate when all is well', () => {
    const { ran, pack } = carryOut(mission(reports, '{ rubric: { tests_failed_max: 0, tests_min: 2, coverage: [0.7, 1] }, approvals: { count: 0 } }'), { 'fixed.txt': 'x' });
    expect({ status: ran.status, lines: pack.rubric.filter(({ passed }) => !passed) }).toEqual({ status: 0, lines: [] });
  });

  it('keep the gate shut when nothing ran, whatever the rubric says', () => {
    const { ran, pack } = carryOut(mission('      - { uses: junit, with: { path: "reports/*.xml" } }', '{ approvals: { count: 0 } }'));
    expect(ran.status).toBe(1);
    expect(pack.rubric.filter(({ passed }) => !passed)).toMatchObject([{ rule: 'guard junit', reason: expect.stringContaining('No JUnit report at "reports/*.xml"') as string }]);
  });

  it('read what a task of the phase kept as evidence', () => {
    const task = '{ id: check, uses: command, with: { run: [node, run-tests.mjs], reports: [reports/junit.xml] } }';
    const { ran, pack } = carryOut(mission('      - { uses: junit, with: { path: "reports/*.xml" } }', '{ rubric: { tests_failed_max: 0 }, approvals: { count: 0 } }', task), { 'fixed.txt': 'x' });
    expect(ran.status).toBe(0);
    expect(pack.guardReports).toMatchObject([{ guard: 'changes' }, { guard: 'junit', passed: true, summary: '2 tests, none failed (reports/junit.xml, kept by check)' }]);
  });

  it('find secrets and protected files in the change, and never show the secret', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const task = `{ id: change, uses: file.write, with: { path: .github/workflows/ci.yml, content: "on: push\\n# ${secret}\\n" } }`;
    const { local, ran, pack, artifact } = carryOut(mission('      - { uses: secrets }\n      - { uses: scope, with: { allow: ["src/**"] } }\n      - { uses: commits }', '{ approvals: { count: 0 } }', task));
    expect(ran.status).toBe(1);
    expect(local.git('show', 'mission/1/trunk:.github/workflows/ci.yml')).toContain(secret);
    expect(pack.metrics).toMatchObject({ secrets: 1, protected_files_changed: 1, files_out_of_scope: 1, commits: 1, commits_unconventional: 1 });
    const found = pack.guardReports.flatMap(({ findings }) => (JSON.parse(findings?.digest ? artifact(findings.digest) : '[]') as { readonly rule: string; readonly path: string | null; readonly line: number | null }[]).map(({ rule, path, line }) => `${rule} ${path}:${line}`));
    expect(found).toEqual(['github .github/workflows/ci.yml:2', 'protected/workflows .github/workflows/ci.yml:null', 'scope/not-allowed .github/workflows/ci.yml:null', 'conventional-commit null:null']);
    expect(`${ran.stdout}${ran.stderr}${JSON.stringify(pack)}`).not.toContain(secret);
  });

  it('find a secret that one task committed and the next one took out again', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const tasks = `{ id: change, uses: file.write, with: { path: src/key.mjs, content: "export const key = '${secret}';\\n" } }\n      - { id: repair, uses: file.write, needs: [change], with: { path: src/key.mjs, content: "export const key = '';\\n" } }`;
    const { local, ran, pack, artifact } = carryOut(mission('      - { uses: secrets }', '{ heal: true, approvals: { count: 0 } }', tasks));
    expect(ran.status).toBe(1);
    expect(pack.metrics).toMatchObject({ secrets: 1, secrets_in_history: 1 });
    const [finding] = JSON.parse(artifact(pack.guardReports.find(({ uses }) => uses === 'secrets')?.findings?.digest ?? '')) as readonly { readonly path: string; readonly line: number; readonly message: string }[];
    expect(finding).toMatchObject({ path: 'src/key.mjs', line: 1, message: expect.stringContaining(`Commit ${local.git('log', '--format=%H', '-S', secret, '--reverse', 'mission/1/trunk', '--', 'src/key.mjs').slice(0, 12)} brought it`) as string });
    // No task takes it out of the history: nothing was tried.
    expect(local.git('log', '--format=%s', 'mission/1/trunk')).not.toContain('Take secrets out');
  });

  it('find a secret in the message of a commit, and name the commit', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const task = `{ id: change, uses: git.commit, with: { message: "Mark the stage\\n\\nTried with ${secret}." } }`;
    const { local, ran, pack, artifact } = carryOut(mission('      - { uses: secrets }', '{ heal: true, approvals: { count: 0 } }', task));
    expect(ran.status).toBe(1);
    expect(local.git('log', '--format=%B', 'mission/1/trunk')).toContain(secret);
    expect(pack.metrics).toMatchObject({ secrets: 1, secrets_in_history: 1 });
    const [finding] = JSON.parse(artifact(pack.guardReports.find(({ uses }) => uses === 'secrets')?.findings?.digest ?? '')) as readonly { readonly message: string }[];
    expect(finding?.message).toContain(`Line 3 of the message of commit ${local.git('log', '--format=%H', '--grep', 'Tried with', 'mission/1/trunk').slice(0, 12)} looks like a secret`);
    expect(`${ran.stdout}${ran.stderr}${JSON.stringify(pack)}${JSON.stringify(finding)}`).not.toContain(secret);
  });
});
