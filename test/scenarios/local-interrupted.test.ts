import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { isSameProcessAlive } from '../../src/worker/process-tree.ts';
import { jsonLines, LocalWorld } from '../support/local-world.ts';

const file = '.github/missions/m.yml';

/** Two branches that are merged, one after the other, and a gate between two phases. */
const mission = `
version: 1
name: two phases
phases:
  - id: build
    tasks:
      - { id: one, uses: file.write, with: { path: one.txt, content: "1\\n" } }
      - { id: two, needs: [one], uses: file.write, with: { path: two.txt, content: "2\\n" } }
    gate: { approvals: { count: 1 } }
  - id: ship
    tasks:
      - { id: three, uses: file.write, with: { path: three.txt, content: "3\\n" } }
    gate: { approvals: { count: 0 } }
`;

/** Ends when a file appears, so that a test decides how long it runs. */
const waiting = (flag: string) => `
version: 1
name: waits
phases:
  - id: build
    tasks:
      - { id: first, uses: file.write, with: { path: first.txt, content: "1\\n" } }
      - { id: wait, needs: [first], uses: command, with: { run: [node, wait.mjs, ${JSON.stringify(flag)}] } }
    gate: { approvals: { count: 0 } }
`;

const waitProgram = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const flag = process.argv[2];
writeFileSync(join(dirname(flag), 'waits'), String(process.pid));
const look = setInterval(() => { if (existsSync(flag)) { clearInterval(look); writeFileSync('waited.txt', 'yes'); } }, 20);
`;

const worlds: LocalWorld[] = [];
afterEach(() => {
  for (const made of worlds.splice(0)) made.remove();
});

function world(text: string, more: Readonly<Record<string, string>> = {}): LocalWorld {
  const made = new LocalWorld();
  worlds.push(made);
  made.commit({ [file]: text, 'README.md': '# shop\n', ...more });
  return made;
}

/** What must be the same however often a process died. */
function outcome(local: LocalWorld) {
  return { trees: local.trees(), merges: local.git('log', '--merges', '--format=%s', 'mission/1/trunk').split('\n'), commits: local.git('log', '--no-merges', '--format=%s', 'main..mission/1/trunk').split('\n') };
}

describe('a run whose process is killed', () => {
  let calm: ReturnType<typeof outcome>;
  const undisturbed = new LocalWorld();
  beforeAll(() => {
    undisturbed.commit({ [file]: mission, 'README.md': '# shop\n' });
    undisturbed.run(['run', file, '--yes-to', 'all']);
    calm = outcome(undisturbed);
    if (calm.merges.length !== 3) throw new Error('the calm run went wrong');
  });
  afterAll(() => undisturbed.remove());

  const places = ['before store.receive#1', 'after store.commit#1', 'after store.claim#1', 'after workspace.push#1', 'before store.finish#1', 'before github.merge#1', 'after github.merge#1', 'after github.merge#2', 'after store.receive#3', 'before store.claim#3'];
  it.each(places)('%s, loses nothing and doubles nothing when it is resumed', (place) => {
    const local = world(mission);
    const killed = local.run(['run', file, '--yes-to', 'all'], { MISSIONGATE_FAULT: place });
    expect(killed).toMatchObject({ status: null, signal: 'SIGKILL' });
    const resumed = local.run(['resume', '--yes-to', 'all']);
    expect({ status: resumed.status, stderr: resumed.stderr }, resumed.stdout).toEqual({ status: 0, stderr: '' });
    expect(outcome(local)).toEqual(calm);
    expect(local.run(['verify', '.git/missiongate/1/export'])).toMatchObject({ status: 0, stdout: expect.stringContaining('completed') as string });
    expect(local.git('status', '--porcelain')).toBe('');
  });
});

describe('a run that is interrupted', () => {
  it('gives back what runs, says how to go on, and goes on there', async () => {
    const local = world('', { 'wait.mjs': waitProgram });
    const flag = join(local.folder, 'go');
    local.commit({ [file]: waiting(flag) });
    const running = local.start(['run', file, '--format', 'json']);
    await running.printed(/"type":"task.started","task":"wait"/);
    const stopped = await running.kill('SIGINT');
    expect({ status: stopped.status, stderr: stopped.stderr }).toEqual({ status: 130, stderr: '' });
    expect(jsonLines(stopped.stdout).at(-1)).toMatchObject({ type: 'run.ended', exitCode: 130, words: [expect.stringContaining('missiongate resume 1')] });
    expect(jsonLines(stopped.stdout).at(-1)?.ledgerHead).toBe(jsonLines(stopped.stdout).findLast(({ hash }) => hash !== undefined)?.hash);
    expect(local.run(['verify', '.git/missiongate/1/export']).status).toBe(0);
    writeFileSync(flag, '');
    const resumed = local.run(['resume', '--format', 'json']);
    expect(resumed.status).toBe(0);
    const told = jsonLines(resumed.stdout);
    expect(told.filter(({ type }) => type === 'task.completed')).toMatchObject([{ task: 'wait', attempt: 2 }]);
    expect(local.git('ls-tree', '--name-only', 'mission/1/trunk').split('\n')).toEqual(['.github', 'README.md', 'first.txt', 'wait.mjs', 'waited.txt']);
    expect(local.git('log', '--merges', '--format=%s', 'mission/1/trunk').split('\n')).toHaveLength(2);
  });

  it('cannot be resumed by a second process while the first one lives', async () => {
    const local = world('', { 'wait.mjs': waitProgram });
    const flag = join(local.folder, 'go');
    local.commit({ [file]: waiting(flag) });
    const running = local.start(['run', file, '--format', 'json']);
    await running.printed(/"type":"task.started","task":"wait"/);
    expect(local.run(['resume'])).toMatchObject({ status: 2, stderr: expect.stringMatching(/is being carried out by process \d+/) as string });
    writeFileSync(flag, '');
    expect((await running.ended).status).toBe(0);
  });

  it('leaves no program of a task running once it was killed and is resumed', async () => {
    const local = world('', { 'wait.mjs': waitProgram });
    const flag = join(local.folder, 'go');
    local.commit({ [file]: waiting(flag) });
    const running = local.start(['run', file, '--format', 'json']);
    await running.printed(/"type":"task.started","task":"wait"/);
    const pids = join(local.folder, 'waits');
    await expect.poll(() => existsSync(pids), { timeout: 20_000 }).toBe(true);
    const left = Number(readFileSync(pids, 'utf8'));
    expect((await running.kill('SIGKILL')).signal).toBe('SIGKILL');
    expect(isSameProcessAlive(left, null)).toBe(true);
    const resumed = local.start(['resume', '--format', 'json']);
    await resumed.printed(/"type":"task.started","task":"wait","attempt":2/);
    expect(isSameProcessAlive(left, null)).toBe(false);
    writeFileSync(flag, '');
    expect(await resumed.ended).toMatchObject({ status: 0, stderr: '' });
    expect(local.git('show', 'mission/1/trunk:waited.txt')).toBe('yes');
  });
});
