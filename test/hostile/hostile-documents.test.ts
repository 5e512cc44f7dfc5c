import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { hostileMarkdown, hostileYaml } from './hostile-documents.ts';

/** A child that does not end by itself is ended; what it cost is no matter here. */
const watchdogMs = 120_000;

function inAChild(program: string) {
  return spawnSync(process.execPath, ['--import', 'tsx', program], { encoding: 'utf8', timeout: watchdogMs, maxBuffer: 64 * 1024 * 1024 });
}

describe('documents that kill or freeze a reader of YAML', () => {
  test('are each refused for a reason, or taken where they are harmless, and the process lives', () => {
    expect(hostileYaml.length).toBeGreaterThanOrEqual(100);
    const child = inAChild(join(import.meta.dirname, 'yaml-reader.ts'));
    const read = child.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { name: string; told: string });
    expect(child.stderr).toBe('');
    expect([child.signal, child.status, read.length]).toEqual([null, 0, hostileYaml.length]);
    const expected = hostileYaml.map(({ name, refused, harmless }) => ({ name, told: harmless === undefined ? (refused ?? []).join(' ') : 'accepted' }));
    expect(read.map(({ name, told }) => ({ name, told: told.replace(/ ?\bmore-problems ?/, '') }))).toEqual(expected);
  }, watchdogMs);

  test('would be seen to kill: the library without its guard ends the process', () => {
    const deep = hostileYaml[0]!.text;
    const script = `const { parse } = require('yaml'); for (let turn = 0; turn < 50; turn += 1) { try { parse(${JSON.stringify(deep)}); } catch {} }`;
    const child = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: watchdogMs });
    expect([child.status, child.signal]).not.toEqual([0, null]);
  }, watchdogMs);
});

describe('comments and issue bodies that kill or freeze a reader of Markdown', () => {
  test('hold the commands that a person sees, define no mission, and the process lives', () => {
    const child = inAChild(join(import.meta.dirname, 'markdown-reader.ts'));
    const read = child.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { name: string; commands: number; mission: boolean; long: boolean });
    expect(child.stderr).toBe('');
    expect([child.signal, child.status]).toEqual([null, 0]);
    const expected = hostileMarkdown.map(({ name, commands, mission }) => ({ name, commands, mission, long: false }));
    expect(read.slice(0, expected.length)).toEqual(expected);
    expect(hostileMarkdown.length).toBeGreaterThanOrEqual(40);
    expect(read.length).toBeGreaterThan(expected.length + 40);
    expect(read.slice(expected.length).filter(({ mission, long }) => mission || long)).toEqual([]);
  }, watchdogMs);
});
