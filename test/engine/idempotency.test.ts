import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { Signal } from '../../src/core/mission/signal.ts';
import { gateSubject } from '../../src/core/mission/state.ts';
import { effectsOf } from '../../src/engine/effects.ts';
import { attemptJob, integrateJob, syncJob } from '../../src/engine/jobs.ts';
import type { JobKind } from '../../src/engine/ports/queue.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import * as fc from '../support/fast-check.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reference/idempotency.md'), 'utf8');

/** What the first column of a section's table names, in code marks. */
function named(section: string): string[] {
  const text = page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)).sort();
}

function sourcesOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** Compared with the types by the compiler: a kind that is missing here, or too many, does not build. */
const jobKinds = { 'run-attempt': true, integrate: true, 'sync-github': true, timer: true } satisfies Record<JobKind, true>;
const signalKinds = {
  'mission.requested': true, 'mission.queue-requested': true, 'mission.pause-requested': true, 'mission.resume-requested': true, 'command.given': true,
  'review.submitted': true, 'review.dismissed': true, 'button.pressed': true, 'recheck.requested': true, 'trunk.pushed': true, 'issue.edited': true, 'issue.closed': true,
  'pull.closed': true, 'pull.opened': true, 'pull.retargeted': true, 'policy.changed': true, 'merge-group.requested': true, 'merge-group.ended': true, 'outside-pull.offered': true, 'outside-pull.left': true, 'merge.refused': true, 'attempt.started': true, 'attempt.finished': true, 'attempt.lost': true,
  'integration.finished': true, 'timer.fired': true,
} satisfies Record<Signal['kind'], true>;

describe('the page about idempotency keys', () => {
  it('names every job and every signal', () => {
    expect(named('Jobs')).toEqual(Object.keys(jobKinds).sort());
    expect(named('Signals')).toEqual(Object.keys(signalKinds).sort());
  });

  it('names every event that asks for something', () => {
    const cases = [...readFileSync(join(root, 'src/engine/effects.ts'), 'utf8').matchAll(/case '([a-z.-]+)'/g)].map(([, name = '']) => name);
    expect(cases.length).toBeGreaterThan(5);
    expect(named('What events ask for')).toEqual(unique(cases));
  });

  it('names every call that writes to GitHub', () => {
    const source = sourcesOf('src/github');
    const calls = [...source.matchAll(/\.rest\.(\w+)\.(\w+)\(/g)].filter(([, , verb = '']) => !/^(get|list|compare|check)/.test(verb)).map(([, part = '', verb = '']) => `${part}.${verb}`);
    const mutations = [...source.matchAll(/const mutation = (.*);/g)].flatMap(([, names = '']) => [...names.matchAll(/'(\w+)'/g)].map(([, name = '']) => name));
    expect(named('Writes to GitHub')).toEqual(unique([...calls, ...mutations]));
    // Mutations go by their names in one place; another one needs a row, and this test a look.
    const raw = [...source.matchAll(/octokit\.(graphql|request)\((`GET |text, variables)?/g)].filter(([, , reads]) => reads === undefined);
    expect(raw.map(([call]) => call)).toEqual(['octokit.graphql(']);
    expect(sourcesOf('src/github/observer')).not.toMatch(/\bmutation\b/);
  });

  it('names every git command that changes something elsewhere', () => {
    const commands = [...sourcesOf('src/worker').matchAll(/\['(push|send-pack|svn|send-email|request-pull)'/g)].map(([, name = '']) => name);
    expect(named('Git')).toEqual(unique(commands));
  });

  it('names every table of the store with its keys', () => {
    for (const { sql } of migrations) {
      for (const [, table = '', columns = ''] of sql.matchAll(/CREATE TABLE (\w+) \(([^;]*)\);/g)) {
        const keys = [...columns.matchAll(/(?:PRIMARY KEY|UNIQUE) \(([^)]*)\)/g)].map(([, key = '']) => key);
        const [, row = ''] = new RegExp(`^\\| \`${table}\` \\| (.*) \\|$`, 'm').exec(page) ?? [];
        expect(row, table).not.toBe('');
        for (const key of keys) expect(row.split('; '), table).toContain(key);
        if (keys.length === 0) expect(/^ *(\w+) +\S.*PRIMARY KEY/m.exec(columns)?.[1], table).toBe(row.split(':')[0]);
      }
    }
    const tables = migrations.flatMap(({ sql }) => [...sql.matchAll(/CREATE TABLE (\w+)/g)].map(([, name = '']) => name));
    expect(named('The store')).toEqual(unique(tables));
  });
});

describe('idempotency keys', () => {
  const id = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
  const subject = fc.oneof(id, id.map(gateSubject));
  const mission = fc.tuple(fc.nat(), fc.nat()).map(([repository, issue]) => `r${repository}-i${issue}`);
  const work = fc.record({ mission, subject, attempt: fc.integer({ min: 1, max: 99 }) });

  it('of jobs are equal for equal work and different for different work', () => {
    fc.assert(
      fc.property(work, work, (one, other) => {
        const keys = [one, other].map((of) => attemptJob(of.mission, of.subject, of.attempt).key);
        expect(keys[0] === keys[1]).toBe(JSON.stringify(one) === JSON.stringify(other));
        expect(keys[0]).toMatch(/^[A-Za-z0-9._-]+$/);
        expect(attemptJob(one.mission, one.subject, one.attempt)).toEqual(attemptJob(one.mission, one.subject, one.attempt));
        expect(integrateJob(one.mission, 'a', 1).key).not.toBe(integrateJob(one.mission, 'a', 2).key);
        expect(syncJob(one.mission, 1).key).not.toBe(syncJob(one.mission, 2).key);
      }),
    );
  });

  it('of timers depend on what they are for, and not on when', () => {
    const failed = (task: string, attempt: number, retryAt: number, missionId = 'r1-i1') =>
      effectsOf(null, [{ missionId, seq: 1, at: 0, body: { type: 'task.failed', task, attempt, failure: 'network', reason: '', evidence: null, final: false, retryAt } }], 0).timers.map((timer) => timer.id);
    expect(failed('a', 1, 5)).toEqual(failed('a', 1, 9));
    expect(new Set([...failed('a', 1, 5), ...failed('a', 2, 5), ...failed('b', 1, 5), ...failed('a', 1, 5, 'r1-i2')]).size).toBe(4);
  });
});
