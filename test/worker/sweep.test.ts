import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { createWorkspaceWorld, type WorkspaceWorld } from './support/workspace-world.ts';

let world: WorkspaceWorld;
beforeEach(async () => {
  world = await createWorkspaceWorld();
});
afterEach(() => world.close());

/** Opens a workspace in another process, kills that process, and returns what it left. */
async function workerThatDies(): Promise<{ root: string; programPid: string }> {
  const { writer, cloneUrl } = world.server;
  const script = fileURLToPath(new URL('./support/dying-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, world.dataDir, cloneUrl, writer.username, writer.password, world.server.head('main')!], { stdio: ['ignore', 'pipe', 'inherit'] });
  const root = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', (code) => reject(new Error(`the worker ended by itself with ${code}`)));
  });
  const pidFile = join(root, 'pid');
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await pause(10);
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await gone;
  return { root, programPid: readFileSync(pidFile, 'utf8').trim() };
}

test('sweep removes what a killed worker left: its folders and the program that still runs', async () => {
  const { root, programPid } = await workerThatDies();
  expect(existsSync(root)).toBe(true);
  await world.workspaces.sweep();
  expect(existsSync(root)).toBe(false);
  expect(readdirSync(join(world.dataDir, 'private'))).toEqual([]);
  while (existsSync(`/proc/${programPid}/exe`)) await pause(10);
});

test('sweep leaves the workspaces of living workers alone', async () => {
  const workspace = await world.open();
  await world.another().sweep();
  expect(await workspace.readFile('README.md')).toBe('# Test\n');
});

test('sweep removes a folder that nobody owns, and is harmless twice', async () => {
  mkdirSync(join(world.dataDir, 'attempts', 'nobody', 'tree'), { recursive: true });
  await world.workspaces.sweep();
  await world.workspaces.sweep();
  expect(readdirSync(join(world.dataDir, 'attempts'))).toEqual([]);
});

test('sweep on a data folder that does not exist yet is harmless', async () => {
  await expect(world.another({ dataDir: join(world.dataDir, 'not', 'yet') }).sweep()).resolves.toBeUndefined();
});

test('the name of a dead attempt can be used again, and ends its program; that of a living one not', async () => {
  const { root, programPid } = await workerThatDies();
  const again = await world.open({ name: 'dying' });
  expect(again.root).toBe(root);
  while (existsSync(`/proc/${programPid}/exe`)) await pause(10);
  await expect(world.open({ name: 'dying' })).rejects.toMatchObject({ failure: 'conflict' });
  expect(await again.readFile('README.md')).toBe('# Test\n');
});
