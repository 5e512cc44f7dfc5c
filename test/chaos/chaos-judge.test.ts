import { describe, expect, it } from 'vitest';

import { chainEntry, genesisHash, ledgerLine } from '../../src/core/ledger/chain.ts';
import type { MissionEvent } from '../../src/core/mission/event.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { PureWorld, evidence, missionId } from '../support/pure-world.ts';
import { judge } from './chaos-judge.ts';
import type { ChaosRecord, LeaseRow } from './chaos-record.ts';
import { problemsOf } from './chaos-scenario.ts';

type Mission = ChaosRecord['missions'][number];

function chained(events: readonly MissionEvent[]): readonly string[] {
  let head = genesisHash;
  return events.map((event, index) => {
    const entry = chainEntry({ ...event, seq: index + 1 }, head);
    head = entry.hash;
    return ledgerLine(entry);
  });
}

const world = new PureWorld(definition([phase('work', [task('a'), task('b')], { gate: null })]), () => ({ outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} })).start();
world.settle();

const lease = (subject: string, attempt: number, from: number, more: Partial<LeaseRow> = {}): LeaseRow => ({ mission: missionId, subject, attempt, status: 'settled', claimedAt: from, endedAt: from + 10, ...more });
const sound: ChaosRecord = {
  missions: [{ id: missionId, status: 'completed', ledger: chained(world.events) }],
  tasks: [{ mission: missionId, task: 'a', status: 'done' }, { mission: missionId, task: 'b', status: 'done' }],
  leases: [lease('a', 1, 0, { status: 'lost' }), lease('a', 2, 20), lease('b', 1, 0)],
  results: [{ mission: missionId, subject: 'a', attempt: 2, outcome: 'succeeded' }, { mission: missionId, subject: 'b', attempt: 1, outcome: 'succeeded' }],
  undecided: 0,
  unsent: 0,
};
const mission = (more: Partial<Mission>): Partial<ChaosRecord> => ({ missions: [{ ...(sound.missions[0] as Mission), ...more }] });
const completed = world.events.findIndex(({ body }) => body.type === 'task.completed');

/** Every way in which a run can go wrong, planted into a sound record, and the words that must name it. */
const planted: readonly (readonly [string, Partial<ChaosRecord>, RegExp])[] = [
  ['a task that was never finished', { tasks: [{ mission: missionId, task: 'a', status: 'done' }, { mission: missionId, task: 'b', status: 'queued' }] }, /only 1 of 2 tasks finished/],
  ['a task that vanished', { tasks: [{ mission: missionId, task: 'a', status: 'done' }] }, /lost: 1 tasks are known, 2 were planted/],
  ['a task that is said to be done and never was', mission({ ledger: chained(world.events.filter((_, index) => index !== completed)) }), /lost: r10-i7 . is done and was never completed/],
  ['a mission that did not end', mission({ status: 'running' }), /lost: mission r10-i7 is running/],
  ['a signal that nobody decided', { undecided: 1 }, /lost: 1 signals were never decided/],
  ['a job that nobody got', { unsent: 2 }, /lost: 2 jobs were never handed to the queue/],
  ['a task completed twice', mission({ ledger: chained(world.events.flatMap((event, index) => (index === completed ? [event, event] : [event]))) }), /doubled: r10-i7 . ×2 in the ledger/],
  ['two results of one task', { results: [...sound.results, { mission: missionId, subject: 'a', attempt: 1, outcome: 'succeeded' }] }, /doubled: r10-i7 a succeeded ×2/],
  ['a result of a lost lease', { results: [...sound.results, { mission: missionId, subject: 'a', attempt: 1, outcome: 'failed' }] }, /r10-i7 a attempt 1: a result was taken although its lease is lost/],
  ['attempts that overlap', { leases: [lease('a', 1, 0, { status: 'lost', endedAt: 30 }), lease('a', 2, 20), lease('b', 1, 0)] }, /doubled: r10-i7 a attempt 2 began 10 ms before the right of attempt 1 ended/],
  ['a lease that is still held', { leases: [...sound.leases, lease('b', 2, 20, { status: 'held' })] }, /r10-i7 b attempt 2 still has its lease/],
  ['a ledger that was cut in the middle', mission({ ledger: (sound.missions[0] as Mission).ledger.filter((_, index) => index !== 3) }), /ledger.jsonl:4/],
];

describe('the judge of a chaos run', () => {
  it('has nothing to say about a sound one', () => {
    expect(problemsOf({ ...judge(sound, 2), injected: {}, late: null })).toEqual([]);
  });

  it.each(planted)('names %s', (_what, change, words) => {
    expect(problemsOf({ ...judge({ ...sound, ...change }, 2), injected: {}, late: null }).join('\n')).toMatch(words);
  });

  it('names late results that were taken', () => {
    expect(problemsOf({ ...judge(sound, 2), injected: {}, late: { sent: 20, refused: 19 } })).toEqual(['only 19 of 20 late results were refused']);
  });
});
