import { describe, expect, it } from 'vitest';

import type { Definition } from '../../src/core/mission/definition.ts';
import type { RunAttemptParts } from '../../src/engine/attempt-parts.ts';
import { storableOutputs } from '../../src/engine/evidence.ts';
import { freeSlots } from '../../src/engine/free-slots.ts';
import { limitOf } from '../../src/engine/prepare-task.ts';
import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import { runTask } from '../../src/engine/run-subject.ts';
import { outsideScope } from '../../src/engine/scope.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { createStepRegistry } from '../../src/steps/registry.ts';
import type { StepContext, StepType } from '../../src/steps/step-type.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { silentLog } from '../support/engine-world.ts';
import { fakeHost } from '../support/fake-host.ts';
import { scriptedWorld } from '../support/scripted-world.ts';

/** A step that gives back what it was given. */
function probe(seen: StepContext[], more: Partial<StepType> = {}): StepType {
  return {
    name: 'probe',
    summary: 'Tells what it was given.',
    needsWorkspace: false,
    effects: ['none'],
    parameters: { type: 'object', additionalProperties: false, properties: { text: { type: 'string' }, number: { type: 'number' }, list: { type: 'array' } } },
    examples: [],
    async run(context) {
      seen.push(context);
      return { summary: 'seen', outputs: { secret: 'hunter2' }, artifacts: [], usage: { tokens: 7 } };
    },
    ...more,
  };
}

async function attempt(written: Definition, subject: string, played: Parameters<typeof scriptedWorld>[1], more: { readonly type?: Partial<StepType>; readonly workspace?: AttemptWorkspace; /** Which attempt of the subject is looked at. */ readonly nth?: number } = {}) {
  const seen: StepContext[] = [];
  const world = scriptedWorld(written, played).start();
  while (world.todo.length > 0 && !(world.todo[0]?.subject === subject && world.todo[0].attempt >= (more.nth ?? 1))) world.work();
  const { mission } = world;
  const job = world.todo[0];
  if (!job) throw new Error(`${subject} was never queued`);
  const parts: RunAttemptParts = {
    store: null as never,
    host: fakeHost(),
    workspaces: { open: async () => more.workspace as AttemptWorkspace, sweep: async () => undefined },
    steps: createStepRegistry([probe(seen, more.type)]),
    agent: null,
    clock: systemClock,
    log: silentLog,
    worker: 'w',
    identity: { name: 'bot', email: 'bot@example.test' },
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    advance: async () => undefined,
    slots: freeSlots(),
    mayExpireLeases: () => true,
    leaseMs: 30_000,
  };
  const keeper = { signal: new AbortController().signal, confirm: async () => true, stop: async () => undefined };
  const run = runTask(parts, mission, { missionId: mission.missionId, subject, attempt: job.attempt, owner: 'w', expiresAt: 0 }, keeper);
  return { ...(await run), context: seen[0], mission };
}

const one = (given: Parameters<typeof task>[1], more: Partial<Definition> = {}): Definition => ({ ...definition([phase('p', [task('first'), task('second', { uses: 'probe', needs: ['first'], ...given })], { gate: null, env: { LEVEL: 'phase', PHASE: '${{ env.BASE }}-p' } })]), inputs: { route: '/health', count: 3 }, env: { BASE: 'b', LEVEL: 'mission' }, ...more });
const gives = (subject: string) => (subject === 'first' ? { outputs: { list: [1, 2], name: 'x' } } : undefined);

describe('an attempt', () => {
  it('gets its parameters with every value filled in; a text that is one template alone keeps the type', async () => {
    const { context } = await attempt(one({ with: { text: 'GET ${{ inputs.route }} for ${{ mission.requester }}', number: '${{ inputs.count + 1 }}', list: '${{ tasks.first.outputs.list }}' } }), 'second', gives);
    expect(context?.parameters).toEqual({ text: 'GET /health for author', number: 4, list: [1, 2] });
  });

  it('gets text where its step takes text, also from a number', async () => {
    const { context } = await attempt(one({ with: { text: '${{ inputs.count }}' } }), 'second', gives);
    expect(context?.parameters).toEqual({ text: '3' });
  });

  it('gets the environment of mission, phase and task, later ones first', async () => {
    const { context } = await attempt(one({ env: { TASK: '${{ tasks.first.outputs.name }}:${{ env.PHASE }}', COUNT: '${{ inputs.count }}' } }), 'second', gives);
    expect(context?.env).toEqual({ BASE: 'b', LEVEL: 'phase', PHASE: 'b-p', TASK: 'x:b-p', COUNT: '3' });
  });

  it('fails in words when the values do not fit where the templates stood', async () => {
    const { result, context } = await attempt(one({ with: { number: '${{ inputs.route }}' } }), 'second', gives);
    expect(context).toBeUndefined();
    expect(result).toMatchObject({ outcome: 'failed', failure: 'input', reason: expect.stringContaining('with.number has the wrong type') as string });
  });

  it('fails in words when a template has no value', async () => {
    const { result } = await attempt(one({ with: { text: '${{ tasks.first.outputs.nothing }}' } }), 'second', gives);
    expect(result).toMatchObject({ outcome: 'failed', failure: 'input', reason: expect.stringMatching(/^with\.text: .*nothing/) as string });
  });

  it('of an item knows its value, and in an iterative group what came before', async () => {
    const strategy = { over: { matrix: [{ os: 'linux' }, { os: 'mac' }] }, mode: 'iterative', maxParallel: 1, failFast: true, minSuccess: 1, collect: 'concat', schema: null } as const;
    const { context } = await attempt(one({ strategy, title: 'On ${{ matrix.os }}', with: { text: '${{ matrix.os }} after ${{ result.os }}' } }), 'second-2', (subject) => (subject === 'second-1' ? { outputs: { os: 'linux' } } : gives(subject)));
    expect([context?.parameters, context?.title]).toEqual([{ text: 'mac after linux' }, 'On mac']);
  });

  it('of the first item or round finds nothing before it, and can ask', async () => {
    const strategy = { over: { matrix: [{ os: 'linux' }] }, mode: 'iterative', maxParallel: 1, failFast: true, minSuccess: 1, collect: 'concat', schema: null } as const;
    const text = '${{ has(result.os) ? result.os : "none" }}';
    expect((await attempt(one({ strategy, with: { text } }), 'second-1', gives)).context?.parameters).toEqual({ text: 'none' });
    expect((await attempt(one({ until: { condition: 'round > 1', maxRounds: 2 }, with: { text } }), 'second', gives)).context?.parameters).toEqual({ text: 'none' });
  });

  it('of a later round sees the round before it', async () => {
    const until = { condition: 'result.left == 0', maxRounds: 5 };
    const written = one({ until, with: { number: '${{ round }}', text: '${{ round > 1 ? string(result.left) : "none" }}' } });
    const played = (subject: string) => (subject === 'second' ? { outputs: { left: 4 } } : gives(subject));
    const first = await attempt(written, 'second', played);
    expect([first.context?.parameters, first.context?.round]).toEqual([{ number: 1, text: 'none' }, 1]);
    const second = await attempt(written, 'second', played, { nth: 2 });
    expect([second.context?.parameters, second.context?.round]).toEqual([{ number: 2, text: '4' }, 2]);
  });

  it('reports what it used and gives outputs without secrets', async () => {
    const { result } = await attempt(one({}), 'second', gives);
    expect(result).toMatchObject({ outcome: 'succeeded', outputs: { secret: '[redacted]' }, evidence: { usage: { tokens: 7 } } });
  });

  it('to undo runs what compensates, with what was done at hand', async () => {
    const written = definition([phase('p', [task('make', { uses: 'probe', compensate: { uses: 'probe', with: { text: 'drop ${{ result.name }}' } } }), task('fail', { needs: ['make'] })], { gate: null })], { onFailure: 'rollback' });
    const { context } = await attempt(written, 'undo/make', (subject) => (subject === 'make' ? { outputs: { name: 'table' } } : { fails: 'input' }));
    expect(context?.parameters).toEqual({ text: 'drop table' });
  });

  it('to undo runs the way back that the step type knows, or does nothing', async () => {
    const written = definition([phase('p', [task('make', { uses: 'probe', with: { text: 'of ${{ mission.issue }}' } }), task('fail', { needs: ['make'] })], { gate: null })], { onFailure: 'rollback' });
    const played = (subject: string) => (subject === 'make' ? { outputs: { n: 2 } } : ({ fails: 'input' } as const));
    const { context } = await attempt(written, 'undo/make', played, { type: { inverse: (parameters, outputs) => ({ uses: 'probe', with: { text: `not ${JSON.stringify(parameters['text'])}`, number: outputs['n'] ?? 0 } }) } });
    expect(context?.parameters).toEqual({ text: 'not "of 7"', number: 2 });
    const none = await attempt(written, 'undo/make', played);
    expect([none.context, none.result]).toMatchObject([undefined, { outcome: 'succeeded', commit: null }]);
  });
});

/** A workspace whose commit touches these files. */
function touching(files: readonly { readonly path: string; readonly from?: string }[], pushed: string[]): AttemptWorkspace {
  return {
    root: '/nowhere',
    baseCommit: 'b',
    readFile: async () => '',
    writeFile: async () => undefined,
    removeFile: async () => undefined,
    run: async () => ({ exitCode: 0, signal: null, endedBy: null, output: { text: '', truncatedBytes: 0 }, durationMs: 0 }),
    commitAll: async () => ({ commit: 'c', diff: { files: files.map((file) => ({ ...file, status: 'modified' as const, additions: 1, deletions: 0 })), additions: 1, deletions: 0, patch: '', truncated: false } }),
    diffFrom: async () => ({ files: [], additions: 0, deletions: 0, patch: '', truncated: false }),
    digests: async () => new Map([['package.json', 'd1'], ['src/a.ts', 'd2'], ['.github/x.yml', 'd3']]),
    async push(branch) {
      pushed.push(branch);
      return 'pushed';
    },
    dispose: async () => undefined,
  };
}

describe('a scope', () => {
  it('lets a commit through that touches nothing else, and no other one', async () => {
    const pushed: string[] = [];
    const fine = await attempt(one({ scope: ['src/**'] }), 'second', gives, { type: { needsWorkspace: true }, workspace: touching([{ path: 'src/a.ts' }], pushed) });
    expect([fine.result.outcome, pushed]).toEqual(['succeeded', ['mission/7/second']]);
    const wide = await attempt(one({ scope: ['src/**'] }), 'second', gives, { type: { needsWorkspace: true }, workspace: touching([{ path: 'src/b.ts', from: 'test/b.ts' }, { path: 'README.md' }], pushed) });
    expect(wide.result).toMatchObject({ outcome: 'failed', failure: 'work', reason: expect.stringContaining('test/b.ts, README.md. Nothing was pushed') as string });
    expect(pushed).toHaveLength(1);
  });

  it.each([
    { globs: ['src/**'], outside: ['README.md', '.env', 'srcs/a'] },
    { globs: ['**'], outside: [] },
    { globs: ['**', '!src/*.lock', 'src/good.lock'], outside: ['src/bad.lock'] },
    { globs: ['!README.md'], outside: ['README.md', '.env', 'srcs/a', 'src/deep/a.ts', 'src/bad.lock', 'src/good.lock'] },
  ])('reads $globs as a workflow reads paths', ({ globs, outside }) => {
    const paths = ['README.md', '.env', 'srcs/a', 'src/deep/a.ts', 'src/bad.lock', 'src/good.lock'];
    expect([...outsideScope(paths, globs)].sort()).toEqual([...outside].sort());
  });
});

describe('hashFiles', () => {
  it('is the same for the same files, another for others, and empty for none', async () => {
    const text = '${{ hashFiles("**/*.json", "src/**") }} ${{ hashFiles("**/*.json") }} ${{ hashFiles("nothing") }}';
    const { context } = await attempt(one({ with: { text } }), 'second', gives, { type: { needsWorkspace: true }, workspace: touching([], []) });
    const [both = '', json = '', none] = ((context?.parameters['text'] ?? '') as string).split(' ');
    expect([both.length, json.length, none, both === json]).toEqual([64, 64, '', false]);
  });

  it('says what is missing where there are no files', async () => {
    const { result } = await attempt(one({ with: { text: '${{ hashFiles("a") }}' } }), 'second', gives);
    expect(result).toMatchObject({ outcome: 'failed', failure: 'input', reason: expect.stringContaining('needs the files of the repository') as string });
  });
});

describe('the time an attempt has', () => {
  it('is its own limit, or what its phase or mission has left', () => {
    const world = scriptedWorld(definition([phase('p', [task('a', { timeoutSeconds: 600 })], { timeoutSeconds: 3600 })], { timeoutSeconds: 7200 })).start();
    const planned = world.mission.index.tasks.get('a');
    if (!planned) throw new Error('there is no task');
    const from = world.now;
    expect(limitOf(world.mission, planned, from)).toMatchObject({ ms: 600_000 });
    expect(limitOf(world.mission, planned, from + 3_500_000)).toEqual({ ms: 100_000, words: 'the time of phase p was over before the task was done' });
  });
});

describe('outputs', () => {
  it('are JSON and nothing else when they are recorded', () => {
    const given = { 'a hunter2': [1, Number.NaN, 'x\u0000', { deep: 'hunter2' }], gone: undefined as never };
    expect(storableOutputs(given, (text) => text.replaceAll('hunter2', '*'))).toEqual({ 'a *': [1, null, 'x\uFFFD', { deep: '*' }] });
  });
});
