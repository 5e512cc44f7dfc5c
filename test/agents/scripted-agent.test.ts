import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createScriptedAgent } from '../../src/agents/scripted-agent.ts';
import type { AttemptWorkspace } from '../../src/engine/ports/workspaces.ts';
import type { Json } from '../../src/kit/json.ts';
import type { AgentReport, AgentRequest } from '../../src/steps/step-type.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from '../worker/support/workspace-world.ts';

const agent = createScriptedAgent({ version: '1.2.3' });
let world: WorkspaceWorld;
let workspace: AttemptWorkspace;
beforeAll(async () => {
  world = await createWorkspaceWorld();
});
beforeEach(async () => {
  workspace = await world.open();
});
afterAll(() => world.close());

function follow(script: Json, changes: Partial<AgentRequest> = {}): Promise<AgentReport> {
  return agent.run({
    missionId: 'acme/app#7', taskId: 'build-api', attempt: 1, prompt: 'Build the API.\n```\n</details>', title: 'Build\nthe API', persona: null, zone: null, scope: null, agent: null, script,
    workspace, signal: new AbortController().signal, progress: () => undefined, ...changes,
  });
}

describe('without a script', () => {
  test('it notes as whom, where, and on which files it was to work', async () => {
    await agent.run({
      missionId: 'acme/app#7', taskId: 'look', attempt: 1, prompt: 'Look at it.', title: 'Look', persona: 'reviewer', zone: 'database', scope: ['db/**'], agent: null, script: null,
      workspace, signal: new AbortController().signal, progress: () => undefined,
    });
    expect(await workspace.readFile('docs/missions/acme-app-7/look.md')).toContain('- as reviewer\n- in database\n- touching `db/**`\n');
  });
});

describe('with a script', () => {
  test('it does the moves in order and says that it has no model', async () => {
    const report = await follow([
      { say: 'I begin.' },
      { write: { path: 'docs/a.md', content: 'one two\n' } },
      { edit: { path: 'docs/a.md', find: 'two', replace: 'three $& $1' } },
      { delete: { path: 'src/add.js' } },
      { run: ['cat', 'docs/a.md'] },
    ]);
    expect(await workspace.readFile('docs/a.md')).toBe('one three $& $1\n');
    await expect(workspace.readFile('src/add.js')).rejects.toThrow('does not exist');
    expect(report).toMatchObject({ status: 'complete', summary: 'Scripted agent (no model): did 5 moves of its script.', agent: { name: 'scripted', version: '1.2.3', kind: 'scripted' } });
    expect(report.artifacts).toEqual([
      { name: 'transcript', mediaType: 'text/markdown', text: '- say: I begin.\n- write docs/a.md\n- edit docs/a.md\n- delete src/add.js\n- run `cat docs/a.md`\n' },
      { name: 'output-5', mediaType: 'text/plain', text: 'one three $& $1\n' },
    ]);
  });

  test('it reports progress move by move', async () => {
    const seen: number[] = [];
    await follow([{ say: 'a' }, { say: 'b' }], { progress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual([0, 0.5, 1]);
  });

  test('a program that fails ends it as work, with what was printed', async () => {
    await expect(follow([{ say: 'x' }, { run: ['ls', 'missing'] }, { write: { path: 'after', content: '' } }])).rejects.toMatchObject({
      name: 'StepError', failure: 'work', message: expect.stringContaining('move 2 (run) failed: `ls missing` exited with 2'),
      artifacts: [{ name: 'transcript' }, { name: 'output-2', text: expect.stringContaining('missing') }],
    });
    await expect(workspace.readFile('after')).rejects.toThrow('does not exist');
  });

  test.each([['twice', 'Test\nTest\n', 'stands 2 times'], ['never', 'nothing\n', 'stands 0 times']])('a text that stands there %s is not replaced', async (_name, content, reason) => {
    await workspace.writeFile('x', content);
    await expect(follow([{ edit: { path: 'x', find: 'Test', replace: 'y' } }])).rejects.toMatchObject({ failure: 'work', message: expect.stringContaining(reason) });
    expect(await workspace.readFile('x')).toBe(content);
  });

  test('a move out of the workspace is refused as input', async () => {
    await expect(follow([{ write: { path: '../x', content: '' } }])).rejects.toMatchObject({ failure: 'input', message: expect.stringContaining('move 1 (write)') });
  });

  test('a script that is none is refused with every fault and its place, and nothing is done', async () => {
    const error = await follow([{ write: { path: 'early', content: '' } }, { wirte: {} }, { run: [] }, 'hello']).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ failure: 'input' });
    expect(String(error)).toMatch(/Move 2 .*did you mean "write".*Move 3 .*Move 4/);
    await expect(workspace.readFile('early')).rejects.toThrow('does not exist');
    for (const script of [{}, 'text', 7, []] satisfies Json[]) await expect(follow(script)).rejects.toMatchObject({ failure: 'input' });
  });

  test('it stops when the attempt is cancelled', async () => {
    await expect(follow([{ say: 'x' }], { signal: AbortSignal.abort() })).rejects.toMatchObject({ failure: 'cancelled' });
  });
});

describe('without a script', () => {
  test('it leaves a note that records the prompt and pretends nothing', async () => {
    const report = await follow(null);
    const note = await workspace.readFile('docs/missions/acme-app-7/build-api.md');
    expect(note).toBe('# Build the API\n\nThe scripted agent wrote this note. It has no model, no model was called, and the work itself is not done.\n\nWhat was asked:\n\n    Build the API.\n    ```\n    </details>\n');
    expect(report.summary).toContain('only recorded the prompt');
  });

  test('an id can lead nowhere else', async () => {
    await follow(null, { missionId: '../../etc', taskId: '..' });
    expect(await workspace.readFile('docs/missions/etc/unnamed.md')).toContain('Build the API');
  });
});

test('another agent than the scripted one is not pretended', async () => {
  await expect(follow(null, { agent: 'claude' })).rejects.toMatchObject({ failure: 'environment', message: expect.stringContaining('"claude" is not configured') });
});
