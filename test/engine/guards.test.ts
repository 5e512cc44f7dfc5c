import { describe, expect, it } from 'vitest';

import { findingsMediaType } from '../../src/core/mission/evidence.ts';
import type { GuardDefinition, Rubric } from '../../src/core/mission/definition.ts';
import { examine } from '../../src/engine/guards.ts';
import { keptArtifacts } from '../../src/engine/kept-artifacts.ts';
import type { AttemptWorkspace, DiffSummary } from '../../src/engine/ports/workspaces.ts';
import { createStepRegistry } from '../../src/steps/registry.ts';
import { StepError } from '../../src/steps/step-type.ts';
import type { FailureClass, StepType, WorkspaceTree } from '../../src/steps/step-type.ts';
import { definition, oneApproval, phase, task } from '../support/definitions.ts';
import { diligent, evidence, PureWorld } from '../support/pure-world.ts';
import { memoryTree } from '../guards/support/guard-world.ts';

const noDiff: DiffSummary = { files: [], additions: 0, deletions: 0, patch: '', truncated: false };
const junit = (...cases: string[]) => `<testsuite name="s">${cases.map((one, index) => `<testcase name="t${index}">${one}</testcase>`).join('')}</testsuite>`;

interface World {
  readonly files?: Record<string, string>;
  readonly rubric?: Rubric;
  readonly diff?: DiffSummary;
  readonly tree?: WorkspaceTree;
  /** What the program of a command guard does. */
  readonly program?: (files: Record<string, string>) => void;
  readonly redact?: (text: string) => string;
}

function run(guards: readonly GuardDefinition[], { files = {}, rubric = {}, diff = noDiff, tree = memoryTree(files), program = () => undefined, redact = (text) => text }: World = {}) {
  const unused = (): never => {
    throw new Error('a guard never changes files');
  };
  const workspace: AttemptWorkspace = { root: '/trunk', baseCommit: 'a'.repeat(40), tree, readFile: unused, writeFile: unused, removeFile: unused, run: unused, commitAll: unused, push: unused, diffFrom: async () => diff, dispose: async () => undefined };
  const command: StepType = { name: 'command', summary: '', needsWorkspace: true, effects: ['none'], parameters: { type: 'object' }, examples: [], async run() {
    program(files);
    return { summary: 'ran', outputs: {}, artifacts: [{ name: 'output', mediaType: 'text/plain', text: 'done' }] };
  } };
  return examine({ missionId: 'm', phase: 'p', attempt: 1, guards, rubric, workspace, base: 'b'.repeat(40), kept: [], env: {}, steps: createStepRegistry([command]), signal: new AbortController().signal, timeoutMs: 1, redact });
}

const guard = (uses: string, parameters: GuardDefinition['with'] = {}, id = uses): GuardDefinition => ({ id, uses, with: parameters });
const reads = guard('junit', { path: 'r.xml' });

describe('an examination', () => {
  it('runs guards in order: what one leaves, the next one reads', async () => {
    const { reports, metrics } = await run([guard('command', { run: ['npm', 'test'] }, 'unit'), reads], { program: (files) => void (files['r.xml'] = junit('', '')) });
    expect(reports.map(({ guard: id, passed }) => [id, passed])).toEqual([['changes', true], ['unit', true], ['junit', true]]);
    expect(metrics).toMatchObject({ unit_failed: 0, unit_passed: 1, tests: 2, tests_failed: 0, files_changed: 0, findings_errors: 0 });
    const wrongOrder = await run([reads, guard('command', { run: ['npm', 'test'] }, 'unit')], { program: (files) => void (files['r.xml'] = junit('')) });
    expect(wrongOrder.reports.map(({ passed }) => passed)).toEqual([true, false, true]);
  });

  it('adds up what several guards counted, and what a guard is called yields to what is measured', async () => {
    const { metrics } = await run([guard('command', { run: ['x'] }, 'tests'), reads, guard('junit', { path: 's.xml' }, 'more')], { files: { 'r.xml': junit('', '<failure/>'), 's.xml': junit('<failure/>', '') } });
    expect(metrics).toMatchObject({ tests: 4, tests_failed: 2, tests_passed: 2, findings_errors: 2 });
  });

  it('fails a guard by what nobody wants, until the rubric says something about it', async () => {
    const files = { 'r.xml': junit('<failure/>', '') };
    const silent = await run([reads], { files, rubric: { tests_min: 1 } });
    expect(silent.reports[1]).toMatchObject({ passed: false, summary: 'tests_failed 1 > 0: 2 tests, 1 failed (r.xml)' });
    const ruled = await run([reads], { files, rubric: { tests_failed_max: 1 } });
    expect(ruled.reports[1]).toMatchObject({ passed: true });
    expect((await run([reads], { files, rubric: { tests_failed: [0, 2] } })).reports[1]).toMatchObject({ passed: true });
  });

  it('keeps findings as one artifact that the report names, masked', async () => {
    const { reports, contents } = await run([reads], { files: { 'r.xml': junit('<failure message="hunter2 is wrong"/>') }, redact: (text) => text.replaceAll('hunter2', '***') });
    const content = contents.find(({ mediaType }) => mediaType === findingsMediaType);
    expect(reports[1]?.findings).toEqual({ errors: 1, warnings: 0, notes: 0, digest: content?.digest });
    expect(reports[1]?.artifacts).toEqual([{ name: 'findings.json', mediaType: findingsMediaType, digest: content?.digest, bytes: Buffer.byteLength(content?.text ?? '') }]);
    expect(content?.text).toContain('*** is wrong');
    expect(content?.text).not.toContain('hunter2');
  });

  it('of guards and parameters that are unknown here fails, and tells the others', async () => {
    const { reports } = await run([guard('juint'), guard('junit', { path: '../x' }), reads], { files: { 'r.xml': junit('') } });
    expect(reports.slice(1).map(({ passed, summary }) => [passed, summary])).toEqual([[false, 'there is no guard type "juint"'], [false, 'with.path leaves the repository.'], [true, '1 test, none failed (r.xml)']]);
  });

  it.each<FailureClass>(['environment', 'network', 'cancelled'])('that our side could not provide (%s) is no verdict', async (failure) => {
    const tree = { ...memoryTree({ 'r.xml': junit('') }), readBytes: () => Promise.reject(new StepError(failure, 'no disk')) };
    await expect(run([reads], { tree })).rejects.toMatchObject({ failure });
  });

  it('of a file that cannot be read fails its guard', async () => {
    const tree = { ...memoryTree({ 'r.xml': junit('') }), readBytes: () => Promise.reject(new StepError('input', '"r.xml" may not be accessed: EACCES.')) };
    expect((await run([reads], { tree })).reports[1]).toMatchObject({ passed: false, summary: '"r.xml" may not be accessed: EACCES.' });
  });
});

describe('evidence that tasks kept', () => {
  const ref = (name: string, letter: string) => ({ name, mediaType: 'application/xml', digest: letter.repeat(64), bytes: 1 });
  const world = (artifacts: Readonly<Record<string, ReturnType<typeof ref>>>) => {
    const made = new PureWorld(definition([phase('p', [task('a'), task('b', { needs: ['a'] }), task('g', { needs: ['b'], strategy: { over: { forEach: '[1, 2]' }, mode: 'parallel', maxParallel: 2, failFast: true, minSuccess: 1, collect: 'concat', schema: null } })], { gate: oneApproval })]), (subject, attempt, mission) => {
      const result = diligent(subject, attempt, mission);
      const left = artifacts[subject];
      return result.outcome === 'succeeded' && left ? { ...result, evidence: { ...evidence, artifacts: [left] } } : result;
    }).start();
    for (let steps = 0; made.todo.length > 0 && steps < 200; steps += 1) made.work();
    return made.mission;
  };
  const kept = async (artifacts: Readonly<Record<string, ReturnType<typeof ref>>>) => {
    const found = keptArtifacts({ artifact: async (_mission, digest) => (digest.startsWith('0') ? null : { digest, name: '', mediaType: '', text: digest.slice(0, 1) }) }, world(artifacts), 'p');
    return Promise.all(found.map(async (one) => `${one.name} of ${one.task}: ${await one.read()}`));
  };

  it('counts once for each name: the last task in the plan has seen the work of those before it', async () => {
    expect(await kept({ a: ref('r.xml', 'a'), b: ref('r.xml', 'b') })).toEqual(['r.xml of b: b']);
    expect(await kept({ a: ref('r.xml', 'a'), b: ref('s.xml', '0') })).toEqual(['r.xml of a: a', 's.xml of b: null']);
  });

  it('counts for all items of one group, which worked side by side', async () => {
    expect(await kept({ a: ref('r.xml', 'a'), 'g-1': ref('r.xml', 'c'), 'g-2': ref('r.xml', 'd') })).toEqual(['r.xml of g-1: c', 'r.xml of g-2: d']);
  });
});
