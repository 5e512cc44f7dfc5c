import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readSourceFormat } from '../../src/config/import/read-source-format.ts';
import { createStepWorld, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
});
afterAll(() => steps.close());

const text = `version: "1.0"
name: Five minute check
steps:
  - {id: create, name: Create, step_type: CreateFile, parameters: {path: "notes/{{ who }}.md", content: "Hello {{ who }}\\n"}}
  - {id: look, name: Look, step_type: command, depends_on: [create], parameters: {command: cat, args: ["notes/{{ who }}.md"]}}
  - {id: clean, name: Clean up, step_type: delete_file, depends_on: [look], parameters: {path: "notes/{{ who }}.md"}}
config: {variables: {who: Ada}}
`;

test('a mission in the source format runs as it is: create, look, clean up', async () => {
  const read = readSourceFormat({ file: 'check.yml', text }, { stepTypes: steps.registry, now: new Date('2026-01-02T03:04:05Z') });
  if (!read.ok) throw new Error(read.error[0]!.message);
  const workspace = await steps.world.open();
  const said: string[] = [];
  for (const task of read.value.definition.phases[0]!.tasks) {
    const { outcome } = await steps.run(task.uses, task.with, { workspace });
    said.push(outcome.artifacts[0]?.text ?? outcome.summary);
  }
  expect(said).toEqual(['Wrote notes/Ada.md (10 bytes).', 'Hello Ada\n', 'Deleted notes/Ada.md.']);
  expect(await workspace.git!.status()).toEqual([]);
});

describe('missiongate import', () => {
  const folder = mkdtempSync(join(tmpdir(), 'missiongate-import-'));
  const cli = fileURLToPath(new URL('../../src/main/cli.ts', import.meta.url));
  function missiongate(...args: readonly string[]): { code: number; out: string; error: string } {
    try {
      return { code: 0, out: execFileSync(process.execPath, ['--import', 'tsx', cli, 'import', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }), error: '' };
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
      return { code: status, out: stdout, error: stderr };
    }
  }

  test('prints a mission file, or writes it once', () => {
    const file = join(folder, 'check.yml');
    writeFileSync(file, text);
    expect(missiongate(file)).toMatchObject({ code: 0, out: expect.stringContaining('uses: file.write') });
    const out = join(folder, 'mission.yml');
    expect(missiongate(file, '--out', out)).toMatchObject({ code: 0, out: '' });
    expect(readFileSync(out, 'utf8')).toContain('name: Five minute check');
    expect(missiongate(file, '--out', out)).toMatchObject({ code: 2, error: expect.stringContaining('--force') });
  });

  test('tells every problem with its place, and is told when it is called wrongly', () => {
    const file = join(folder, 'bad.yml');
    writeFileSync(file, 'version: "1.0"\nname: x\nsteps:\n  - {id: a, step_type: ssh_execute}\n  - {id: b, step_type: redis_get}\n');
    const { code, error } = missiongate(file);
    expect(code).toBe(1);
    expect(error.trim().split('\n')).toEqual([expect.stringMatching(/bad\.yml:4:24: .*ssh_execute/), expect.stringMatching(/bad\.yml:5:24: .*redis_get/)]);
    expect(missiongate(file, '--from', 'trello')).toMatchObject({ code: 2, error: expect.stringContaining('expected auto, steps, speckit, checklist') });
    expect(missiongate(join(folder, 'gone.yml'))).toMatchObject({ code: 2, error: expect.stringContaining('ENOENT') });
  });
});
