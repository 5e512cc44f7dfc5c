import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

import { GitLauncher } from '../../src/forge/git/git-launcher.ts';
import type { Launch } from '../../src/forge/git/git-launcher.ts';
import { bareGitEnvironment } from '../../src/forge/git/run-git.ts';
import { isSameProcessAlive } from '../../src/worker/process-tree.ts';

const launcher = new GitLauncher();
const call = (args: readonly string[], more: Partial<Launch> = {}): Launch => ({ args, cwd: import.meta.dirname, env: bareGitEnvironment(), input: '', ...more });
const text = (bytes: Buffer) => bytes.toString('utf8');

describe('what starts git', () => {
  it('brings each of many answers to whoever asked, with its exit code', async () => {
    const asked = Array.from({ length: 20 }, (_, n) => launcher.launch(call(['-c', `alias.say=!cat; printf %s ${n}; printf oh >&2; exit ${n}`, 'say'], { input: `input ${n}, ` })));
    const answers = await Promise.all(asked);
    expect(answers.map(({ exitCode, stdout, stderr }) => [exitCode, text(stdout), text(stderr)])).toEqual(answers.map((_, n) => [n, `input ${n}, ${n}`, 'oh']));
  });

  it('says why where git cannot be started', async () => {
    const { exitCode, stderr } = await launcher.launch(call(['version'], { cwd: '/nowhere' }));
    expect([exitCode, text(stderr)]).toEqual([null, expect.stringContaining('ENOENT') as string]);
  });

  it('is started again after its end, of which everybody who waits is told', async () => {
    const waits = launcher.launch(call(['-c', 'alias.wait=!sleep 5', 'wait']));
    const kills = launcher.launch(call(['-c', 'alias.end=!kill -9 $(ps -o ppid= -p $PPID)', 'end']));
    await expect(Promise.allSettled([waits, kills])).resolves.toMatchObject([{ status: 'rejected', reason: { message: 'what starts git ended with SIGKILL' } }, { status: 'rejected' }]);
    expect(text((await launcher.launch(call(['version']))).stdout)).toMatch(/^git version/);
  });

  it('keeps no process alive that has nothing else to do, and does not outlive it', async () => {
    const place = pathToFileURL(join(import.meta.dirname, '..', '..', 'src', 'forge', 'git', 'run-git.ts')).href;
    const program = `import { runGit } from ${JSON.stringify(place)}; const { stdout } = await runGit(['-c', 'alias.parent=!ps -o ppid= -p $PPID', 'parent'], { cwd: '/' }); console.log(String(stdout).trim());`;
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { encoding: 'utf8', timeout: 60_000 });
    expect(status).toBe(0);
    expect(Number(stdout)).toBeGreaterThan(1);
    await expect.poll(() => isSameProcessAlive(Number(stdout), null)).toBe(false);
  });
});
