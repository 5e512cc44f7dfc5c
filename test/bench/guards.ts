import type { Json } from '../../src/kit/json.ts';
import type { GuardDefinition, Rubric } from '../../src/core/mission/definition.ts';
import { examine } from '../../src/engine/guards.ts';
import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import { createStepRegistry } from '../../src/steps/registry.ts';
import { memoryTree } from '../guards/support/guard-world.ts';
import { definition, oneApproval, phase, task } from '../support/definitions.ts';
import { diligent, PureWorld } from '../support/pure-world.ts';
import { median, number } from './results.ts';
import type { Results } from './results.ts';

const measure = 'Gates';
const testCases = 10_000;
const findings = 1_000;

const guards: readonly GuardDefinition[] = [
  { id: 'junit', uses: 'junit', with: { path: 'reports/*.xml' } },
  { id: 'sarif', uses: 'sarif', with: { path: 'reports/scan.sarif' } },
];
const rubric: Rubric = { tests_failed_max: 100, tests_min: testCases, sast_errors_max: 0, high_sast: [0, 5] };

/** From the reports of 10,000 tests and 1,000 findings to a judged gate: reading, findings as they are kept, rubric, evidence pack, digest. */
export async function gates(options: { readonly rounds: number }, results: Results): Promise<void> {
  const files = { 'reports/junit.xml': junit(), 'reports/scan.sarif': sarif(), ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`src/file-${index}.ts`, ''])) };
  const times: number[] = [];
  for (let round = 0; round < Math.max(5, options.rounds) + 2; round += 1) {
    const world = waiting();
    const started = performance.now();
    const examination = await examined(files);
    world.worker = (subject, attempt, mission) => (subject.startsWith('gate/') ? { outcome: 'examined', head: mission.trunk.head, reports: examination.reports, metrics: examination.metrics, durationMs: 1 } : diligent(subject, attempt, mission));
    world.work();
    // The first two rounds warm the code up.
    if (round >= 2) times.push(performance.now() - started);
    const gate = world.mission.phases.get('build')?.gate;
    if (examination.metrics['tests'] !== testCases || gate?.lines.length !== 6) throw new Error('the gate of the bench was not judged');
  }
  results.rows.push({ measure, what: `evaluation with ${number(testCases)} test cases and ${number(findings)} findings`, measured: `${number(median(times))} ms` });
  results.bars.push({ name: `gate evaluation of ${number(testCases)} tests and ${number(findings)} findings, ms`, value: median(times), limit: 200, kind: 'at most' });
}

/** A mission whose gate is about to be examined. */
function waiting(): PureWorld {
  const world = new PureWorld(definition([phase('build', [task('a')], { guards, gate: { ...oneApproval, rubric } })])).start();
  while (world.todo[0] && !world.todo[0].subject.startsWith('gate/')) world.work();
  return world;
}

function examined(files: Readonly<Record<string, string>>) {
  const unused = (): never => {
    throw new Error('the bench does not need this');
  };
  const workspace: AttemptWorkspace = {
    root: '/trunk', baseCommit: 'a'.repeat(40), tree: memoryTree(files),
    readFile: unused, writeFile: unused, removeFile: unused, run: unused, commitAll: unused, push: unused,
    diffFrom: async () => ({ files: [{ path: 'src/file-1.ts', status: 'modified', additions: 1, deletions: 0 }], additions: 1, deletions: 0, patch: '+x', truncated: false }),
    dispose: async () => undefined,
  };
  return examine({ missionId: 'm', phase: 'build', attempt: 1, guards, rubric, workspace, base: 'b'.repeat(40), kept: [], env: {}, steps: createStepRegistry([]), signal: new AbortController().signal, timeoutMs: 1000, redact: (text) => text });
}

function junit(): string {
  const cases = Array.from({ length: testCases }, (_, index) => `<testcase classname="suite ${index % 200}" name="does thing ${index}" time="0.01">${index % 100 === 0 ? `<failure message="expected ${index}">AssertionError: expected\n    at /home/runner/work/a/a/src/file-${index % 500}.ts:${index + 1}:3</failure>` : ''}</testcase>`);
  return `<testsuites><testsuite name="all">${cases.join('\n')}</testsuite></testsuites>`;
}

function sarif(): string {
  const result = (_: unknown, index: number): Json => ({
    ruleId: `rule-${index % 50}`,
    level: index % 3 === 0 ? 'error' : 'warning',
    message: { text: `Something about value ${index} that takes a sentence to explain to whoever reads it.` },
    locations: [{ physicalLocation: { artifactLocation: { uri: `file:///home/runner/work/a/a/src/file-${index % 500}.ts` }, region: { startLine: index + 1, startColumn: 3, endColumn: 9 } } }],
    properties: { 'security-severity': String((index % 100) / 10) },
  });
  return JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'scan', rules: [] } }, results: Array.from({ length: findings }, result) }] });
}
