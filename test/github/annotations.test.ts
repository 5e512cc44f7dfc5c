import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Finding } from '../../src/core/mission/event.ts';
import { findingsMediaType } from '../../src/core/mission/evidence.ts';
import { readFindings } from '../../src/core/mission/read-findings.ts';
import { HostError } from '../../src/engine/ports/repository-host.ts';
import { annotationsOf, isRepositoryPath, maximumAnnotations } from '../../src/github/messages/annotations.ts';
import { createInk, plainInk } from '../../src/github/messages/ink.ts';
import { finish } from '../support/forge-world.ts';
import { definition, phase, task } from '../support/definitions.ts';
import * as fc from '../support/fast-check.ts';
import { gitHubWorld, MissionOnForge } from './support/github-world.ts';
import type { Cut, GitHubWorld } from './support/github-world.ts';

const finding = (number: number, more: Partial<Finding> = {}): Finding => ({ rule: 'no-unused-vars', level: 'error', message: `'x${number}' is never used`, path: 'src/app.ts', line: number + 1, ...more });
const many = (count: number): readonly Finding[] => Array.from({ length: count }, (_, index) => finding(index));

let world: GitHubWorld;
beforeAll(async () => {
  world = await gitHubWorld();
});
afterAll(() => finish(world));

/** A mission whose gate waits, with what its guard found. */
async function gateWith(findings: readonly Finding[], title = 'Findings'): Promise<MissionOnForge> {
  const mission = await MissionOnForge.open(world, definition([phase('build', [task('api')])]), { title });
  const digest = 'f'.repeat(64);
  mission.artifacts.set(digest, JSON.stringify(findings));
  mission.reports = [{ guard: 'lint', uses: 'eslint', passed: true, summary: 'looked', metrics: {}, artifacts: [{ name: 'findings', mediaType: findingsMediaType, digest, bytes: 1 }], findings: { errors: findings.length, warnings: 0, notes: 0, digest } }];
  await mission.request();
  await mission.queue();
  await mission.work();
  world.flaky.writes = [];
  return mission;
}

const gateRun = (mission: MissionOnForge) => world.repository.checkRuns().find(({ externalId, name }) => externalId.startsWith(`mg:${mission.missionId}:`) && name === 'gate/build');
const callsTo = (runId: number | undefined) => world.flaky.writes.filter((write) => write === `PATCH /repos/author/project/check-runs/${runId}`).length;

describe('what guards found, at the lines of the files', () => {
  it('is posted fifty at a time: 1,000 annotations take 20 calls', async () => {
    const mission = await gateWith(many(1_000));
    await mission.syncAll();
    const run = gateRun(mission);
    expect(run?.annotations).toHaveLength(1_000);
    expect(run).toMatchObject({ status: 'completed', conclusion: 'action_required' });
    expect(run?.actions).toHaveLength(3);
    expect(callsTo(run?.id)).toBe(20);
    expect((await mission.sync()).writes).toBe(0);
  });

  it('is not posted again when the gate opens', async () => {
    const mission = await gateWith(many(3));
    await mission.syncAll();
    await mission.comment('reviewer', 'approve-gate', 'build');
    await mission.syncAll();
    expect(gateRun(mission)).toMatchObject({ conclusion: 'success' });
    expect(gateRun(mission)?.annotations.map(({ startLine }) => startLine)).toEqual([1, 2, 3]);
  });

  const moments: readonly Cut['moment'][] = ['before', 'after', 'answer-502'];
  it.each(moments)('is there once when each call in turn is cut off (%s)', async (moment) => {
    let calls = 1;
    for (let at = 1; at <= calls; at += 1) {
      const mission = await gateWith(many(120), `Cut ${moment} ${at}`);
      world.flaky.cut = { at, moment };
      for (let done = false; !done; ) {
        done = await mission.syncAll().then(() => true, (error: unknown) => {
          if (error instanceof HostError && error.failure === 'network') return false;
          throw error;
        });
      }
      world.flaky.cut = null;
      calls = world.flaky.writes.length;
      expect(gateRun(mission)?.annotations.map(({ startLine }) => startLine), `${moment}, write ${at}`).toEqual(many(120).map(({ line }) => line));
    }
    expect(calls).toBeGreaterThan(3);
  });

  it.each([['before', 'intended'], ['after', 'intended'], ['before', 'present'], ['after', 'present']] as const)('is there once when the process dies %s it has recorded "%s"', async (moment, state) => {
    for (let at = 1; ; at += 1) {
      const mission = await gateWith(many(120), `Death ${moment} ${state} ${at}`);
      let passed = 0;
      mission.onRecord = (here, record) => {
        if (here !== moment || record.state !== state || !record.key.startsWith('annotations:')) return;
        passed += 1;
        if (passed === at) throw new Error('killed');
      };
      const died = await mission.syncAll().then(() => false, () => true);
      await mission.syncAll();
      expect(gateRun(mission)?.annotations, `${moment} ${state}, time ${at}`).toHaveLength(120);
      if (!died) break;
    }
  });

  it('never keeps a gate from being shown: what GitHub refuses is left out, the rest is posted', async () => {
    const mission = await gateWith(many(120));
    let calls = 0;
    world.flaky.refuse = (method, body) => method === 'PATCH' && body.includes('"annotations"') && (calls += 1) === 2;
    const outcome = await mission.sync();
    world.flaky.refuse = null;
    expect(outcome.problems).toHaveLength(1);
    expect(gateRun(mission)).toMatchObject({ conclusion: 'action_required' });
    expect(gateRun(mission)?.annotations).toHaveLength(70);
    await mission.syncAll();
    expect(gateRun(mission)?.annotations).toHaveLength(70);
  });

  it('has no secret in it', async () => {
    const secret = 'ghs_0123456789abcdef0123456789abcdef0123';
    const mission = await gateWith([finding(1, { message: `found ${secret}`, rule: `rule ${secret}` })]);
    mission.redact = (text) => text.replaceAll(secret, '[redacted]');
    await mission.syncAll();
    expect(JSON.stringify(gateRun(mission)?.annotations)).toContain('found [redacted]');
    expect(JSON.stringify(gateRun(mission)?.annotations)).not.toContain('ghs_');
  });
});

describe('an annotation', () => {
  it('keeps to what GitHub takes, whatever a tool has reported', () => {
    const position = fc.option(fc.oneof(fc.integer({ min: -2, max: 9 }), fc.constant(2 ** 40), fc.double()), { nil: undefined });
    const path = fc.oneof(fc.string(), fc.constantFrom('src/a.ts', '/etc/passwd', '../x', 'a/../b', 'C:\\x', 'https://x', '.git/config', './a', 'a//b', 'päth/ü.ts', '日本/語.ts'));
    const reported = fc.record({ rule: fc.string(), level: fc.constantFrom('error', 'warning', 'note', 'fatal'), message: fc.string({ unit: 'binary' }), path: fc.option(path), line: position, endLine: position, column: position, endColumn: position });
    fc.assert(
      fc.property(fc.array(reported), (found) => {
        for (const one of annotationsOf(plainInk, readFindings(JSON.stringify(found)))) {
          expect(isRepositoryPath(one.path)).toBe(true);
          expect(one.start_line).toBeGreaterThanOrEqual(1);
          expect(one.end_line).toBeGreaterThanOrEqual(one.start_line);
          if (one.start_column !== undefined) expect([one.start_line === one.end_line, one.start_column >= 1, (one.end_column ?? 0) >= one.start_column]).toEqual([true, true, true]);
          expect(one.message.length).toBeGreaterThan(0);
          expect([one.title.length > 0, one.title.length <= 255]).toEqual([true, true]);
        }
      }),
    );
  });

  it('is made once of what two guards have found, errors first, and of a thousand findings at most', () => {
    const twice = annotationsOf(plainInk, [finding(1, { level: 'note' }), finding(2), finding(2), finding(3, { level: 'warning' })]);
    expect(twice.map(({ annotation_level, start_line }) => [annotation_level, start_line])).toEqual([['failure', 3], ['warning', 4], ['notice', 2]]);
    expect(annotationsOf(plainInk, many(1_500))).toHaveLength(maximumAnnotations);
  });

  it('is cut at whole characters, after secrets were taken out', () => {
    const [one] = annotationsOf(createInk((text) => text.replaceAll('s3cret', '[redacted]')), [finding(1, { message: `${'🧪'.repeat(10_000)}s3cret` })]);
    expect(Buffer.byteLength(one?.message ?? '')).toBeLessThanOrEqual(65_536);
    expect(one?.message.isWellFormed()).toBe(true);
  });

  it.each(['', '/abs', '../up', 'a/./b', 'a/', 'a\\b', 'C:/x', 'file://x', '.git', '.git/hooks/x', 'a\u0000b', '\uD800'])('is not made for the path %j', (path) => {
    expect(isRepositoryPath(path)).toBe(false);
  });
});
