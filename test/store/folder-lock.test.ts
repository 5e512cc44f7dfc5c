import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { FolderInUse, lockFolder } from '../../src/store/folder-lock.ts';
import { startProgram } from './database-program.ts';

const home = mkdtempSync(join(tmpdir(), 'missiongate-lock-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a folder lock', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(home, 'case-')), 'data');
  });

  function refusal(): FolderInUse {
    try {
      lockFolder(folder).release();
    } catch (error) {
      if (error instanceof FolderInUse) return error;
      throw error;
    }
    throw new Error('the lock was given');
  }

  it('is a file beside the folder that disappears when it is released', () => {
    const lock = lockFolder(folder);
    expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    lock.release();
    lock.release();
    expect(readdirSync(join(folder, '..'))).toEqual([]);
  });

  it('is refused while the process that holds it lives, and names it', async () => {
    const program = startProgram('lock', folder);
    await program.linesUntil((lines) => lines.length > 0);
    expect(refusal()).toMatchObject({ code: 'folder_in_use', pid: program.pid, folder });
    await program.kill();
  });

  it('is taken over from a process that was killed', async () => {
    const program = startProgram('lock', folder);
    await program.linesUntil((lines) => lines.length > 0);
    await program.kill();
    const lock = lockFolder(folder);
    expect(JSON.parse(readFileSync(lock.path, 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  it.runIf(process.platform === 'linux')('is taken over when its pid now belongs to another process', () => {
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid: process.pid, host: hostname(), started: 'another boot 12345' }));
    const lock = lockFolder(folder);
    expect(readFileSync(lock.path, 'utf8')).not.toContain('another boot');
    lock.release();
  });

  it('is taken over when the file was cut off by a full disk', () => {
    writeFileSync(`${folder}.lock`, '{"pid":');
    lockFolder(folder).release();
    expect(existsSync(`${folder}.lock`)).toBe(false);
  });

  it('of another machine is refused while that machine shows signs of life, and taken over later', () => {
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid: 1, host: 'elsewhere', started: '' }));
    expect(refusal().message).toMatch(/process 1 on elsewhere.*free in \d+ s/);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(`${folder}.lock`, longAgo, longAgo);
    lockFolder(folder).release();
  });

  it('that somebody is just taking over is not taken by a second one', () => {
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '' }));
    writeFileSync(`${folder}.lock.takeover`, JSON.stringify({ pid: 4242, host: hostname(), started: '' }));
    expect(refusal().message).toMatch(/4242.*taking over/);
  });

  it('goes to exactly one of many processes that find it abandoned at the same moment', async () => {
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '' }));
    const programs = Array.from({ length: 6 }, () => startProgram('lock', folder));
    const outcomes = await Promise.allSettled(programs.map((program) => program.linesUntil((lines) => lines.length > 0)));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    await Promise.all(programs.map((program) => program.kill()));
  });
});
