import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';

import { LocalWorld } from '../support/local-world.ts';

const local = new LocalWorld();
afterAll(() => local.remove());

/** `script` of util-linux gives a command a terminal. */
const hasScript = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

describe.skipIf(!hasScript)('a run at a terminal', () => {
  it('asks at the gate, takes the rejection with its reason, and ends with 1', () => {
    local.commit({ 'm.yml': 'version: 1\nname: asks\nphases:\n  - id: build\n    tasks:\n      - { id: one, uses: file.write, with: { path: one.txt, content: "1" } }\n    gate: { approvals: { count: 1 } }\n' });
    const { status, stdout } = local.atTerminal(['run', 'm.yml'], 'reject not like this\n');
    expect(status).toBe(1);
    expect(stdout).toMatch(/Gate build.*waits for you[\s\S]*\[a\]pprove, \[r\]eject[\s\S]*rejected by ada@example\.test: not like this[\s\S]*The gate build was rejected/);
    expect(stdout.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001B[?25l'));
  });

  it('has the rejected gate examined again when it is resumed, and opens it for a yes', () => {
    const { status, stdout } = local.atTerminal(['resume'], 'a\n');
    expect(status).toBe(0);
    expect(stdout).toMatch(/approved by ada@example\.test[\s\S]*Mission 1 completed/);
    expect(local.run(['verify', '.git/missiongate/1/export'])).toMatchObject({ status: 0, stdout: expect.stringContaining('gate build (round 2) opened by ada@example.test') as string });
  });

  it('shows no colours where NO_COLOR asks for none', () => {
    const { status, stdout } = local.atTerminal(['run', 'm.yml', '--yes-to', 'all'], '', { NO_COLOR: '1' });
    expect(status).toBe(0);
    // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
    expect(stdout).not.toMatch(/\u001B\[\d+m/);
  });
});
