import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createScriptedAgent } from '../../src/agents/scripted-agent.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { countTokens } from '../../src/kit/count-tokens.ts';
import { maximumBriefingTokens } from '../../src/steps/agent.ts';
import type { AgentRunner, StepContext, StepType, Workspace } from '../../src/steps/step-type.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from '../worker/support/workspace-world.ts';

const registry = createStepRegistry(builtInSteps);
let world: WorkspaceWorld;
beforeAll(async () => {
  world = await createWorkspaceWorld();
});
afterAll(() => world.close());

function context(type: StepType, parameters: StepContext['parameters'], workspace: Workspace | null): StepContext {
  return {
    missionId: 'm1', taskId: 'build-api', attempt: 1, title: 'Build the API', parameters, workspace: type.needsWorkspace ? workspace : null,
    signal: new AbortController().signal, timeoutMs: 60_000, agent: createScriptedAgent({ version: '0.1.0' }), progress: () => undefined,
  };
}

async function run(name: string, parameters: StepContext['parameters'], changes: Partial<StepContext> = {}) {
  const type = registry.find(name)!;
  const workspace = type.needsWorkspace ? await world.open() : null;
  return { workspace: workspace!, outcome: await type.run({ ...context(type, parameters, workspace), ...changes }) };
}

async function failing(name: string, parameters: StepContext['parameters'], changes: Partial<StepContext> = {}) {
  return run(name, parameters, changes).then(() => expect.unreachable('the step succeeded'), (error: unknown) => error);
}

describe('command', () => {
  test('keeps what the program printed and says that it succeeded', async () => {
    const { outcome } = await run('command', { run: ['cat', 'README.md'] });
    expect(outcome).toMatchObject({ summary: '`cat README.md` succeeded.', outputs: { 'exit-code': 0 }, artifacts: [{ name: 'output', text: '# Test\n' }] });
  });

  test('fails as work, with its output, when the program exits with another code than 0', async () => {
    expect(await failing('command', { run: ['ls', 'no-such-file'] })).toMatchObject({
      name: 'StepError', failure: 'work', message: expect.stringContaining('exited with 2'), artifacts: [{ name: 'output', text: expect.stringContaining('no-such-file') }],
    });
  });

  test('fails as timeout when the program is too slow', async () => {
    expect(await failing('command', { run: ['sleep', '600'] }, { timeoutMs: 200 })).toMatchObject({ failure: 'timeout', message: expect.stringContaining('timeout-seconds') });
  });

  test('fails as environment when the worker has no such program', async () => {
    expect(await failing('command', { run: ['no-such-program-here'] })).toMatchObject({ failure: 'environment', message: expect.stringContaining('Install it') });
  });

  test('keeps reports, and fails when one was not written', async () => {
    const { outcome } = await run('command', { run: ['cp', 'README.md', 'result.xml'], reports: ['result.xml'] });
    expect(outcome.artifacts[1]).toEqual({ name: 'result.xml', mediaType: 'application/xml', text: '# Test\n' });
    expect(await failing('command', { run: ['true'], reports: ['result.xml'] })).toMatchObject({ failure: 'work', message: expect.stringContaining('did not write result.xml') });
  });

  test('does not take an old report for a new one', async () => {
    expect(await failing('command', { run: ['true'], reports: ['README.md'] })).toMatchObject({ failure: 'work', message: expect.stringContaining('did not write README.md') });
  });

  test('gives its variables to the program, and none of the worker’s', async () => {
    process.env['FAKE_WORKER_TOKEN'] = 'must-not-be-seen';
    const { outcome } = await run('command', { run: ['env'], env: { GREETING: 'hello' } });
    delete process.env['FAKE_WORKER_TOKEN'];
    expect(outcome.artifacts[0]?.text).toContain('GREETING=hello');
    expect(outcome.artifacts[0]?.text).not.toContain('must-not-be-seen');
  });
});

describe('file.write', () => {
  test('writes an executable file', async () => {
    const { workspace } = await run('file.write', { path: 'bin/x.sh', content: '#!/bin/sh\necho made\n', executable: true });
    expect((await workspace.run({ argv: ['./bin/x.sh'] })).output.text).toBe('made\n');
  });

  test('refuses a path out of the repository', async () => {
    expect(await failing('file.write', { path: '../x', content: '' })).toMatchObject({ failure: 'input' });
  });
});

describe('agent', () => {
  test('records how many tokens the agent was given', async () => {
    const { outcome } = await run('agent', { prompt: 'Write down what the add function is for.' });
    const report = outcome.artifacts.find(({ name }) => name === 'agent-report');
    expect(JSON.parse(report?.text ?? '')).toMatchObject({ briefingTokens: await countTokens('Build the API\n\nWrite down what the add function is for.') });
  });

  test('is not given more than it can hold', async () => {
    const asked: string[] = [];
    const agent: AgentRunner = {
      async run({ prompt }) {
        asked.push(prompt);
        return { status: 'complete', summary: 'Done.', agent: { name: 'a', version: '1', kind: 'acp' }, artifacts: [] };
      },
    };
    expect(await failing('agent', { prompt: 'word '.repeat(maximumBriefingTokens) }, { agent })).toMatchObject({ failure: 'input', message: expect.stringMatching(/tokens; an agent is given at most .* Put what is long into a file/) });
    expect(asked).toEqual([]);
  });

  test('says how to configure one when there is none', async () => {
    expect(await failing('agent', { prompt: 'x' }, { agent: null })).toMatchObject({ failure: 'environment', message: expect.stringContaining('Configure an agent') });
  });

  test('fails when the agent says that the work is not complete', async () => {
    const agent = { run: async () => ({ status: 'blocked' as const, summary: 'A key is missing.', agent: { name: 'a', version: '1', kind: 'acp' }, artifacts: [] }) };
    expect(await failing('agent', { prompt: 'x' }, { agent })).toMatchObject({ failure: 'work', message: expect.stringContaining('blocked: A key is missing.') });
  });
});

test('noop says its message', async () => {
  expect((await run('noop', { message: 'Both are done' })).outcome.summary).toBe('Both are done');
});
