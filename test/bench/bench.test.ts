import { describe, expect, it } from 'vitest';

import { readOptions } from './options.ts';
import { betweenMarkers, emptyResults, markdown, missedBars, withRange } from './results.ts';
import { floors, slopePerHour } from './soak.ts';
import { throughputBars } from './throughput.ts';
import type { Rates } from './throughput.ts';
import { tasksOf, workloads } from './workloads.ts';

/** Rates as a run would have measured them; `ours` is what a planted slowdown changes. */
function measured(ours: readonly number[]): Rates {
  const workload = 'one chain of 200';
  return new Map([
    ['Missiongate, Redis + PostgreSQL', new Map([[workload, [...ours]]])],
    ['bare BullMQ, Redis', new Map([[workload, [3000, 4000, 3900]]])],
    ['DBOS, PostgreSQL', new Map([[workload, [900, 1000, 980]]])],
  ]);
}

describe('the bars of the bench', () => {
  it('are met by what is fast enough', () => {
    const bars = throughputBars(measured([1000, 1100, 990]), ['one chain of 200']);
    expect(bars.map(({ name }) => name)).toEqual(['one chain of 200: ratio to DBOS', 'one chain of 200: ratio to bare BullMQ on Redis']);
    expect(missedBars(bars)).toEqual([]);
  });

  it('name what a slowdown made too slow', () => {
    const bars = throughputBars(measured([979, 970, 2000]), ['one chain of 200']);
    expect(missedBars(bars).map(({ name }) => name)).toEqual(['one chain of 200: ratio to DBOS']);
    const slower = throughputBars(measured([500, 500, 500]), ['one chain of 200']);
    expect(missedBars(slower)).toHaveLength(2);
  });

  it('are missed when nothing was measured', () => {
    expect(missedBars(throughputBars(measured([]), ['one chain of 200']))).toHaveLength(2);
  });

  it('take the median of the rounds', () => {
    expect(withRange([3, 1000, 1])).toBe('3 (1–1,000)');
  });
});

describe('the slope of the soak', () => {
  const samples = (megabytes: (seconds: number) => number) => Array.from({ length: 600 }, (_, index) => ({ seconds: index * 2, megabytes: megabytes(index * 2) }));

  it('is nothing for a saw that comes back, and what it is for a leak', () => {
    expect(Math.abs(slopePerHour(samples((seconds) => 150 + (seconds % 60) / 10)))).toBeLessThan(1);
    expect(slopePerHour(samples((seconds) => 100 + seconds / 360))).toBeCloseTo(10, 0);
    // Garbage that comes and goes on top of either.
    const noisy = (seconds: number) => ((seconds * 7919) % 97) / 4;
    const withFiles = (megabytes: (seconds: number) => number) => samples(megabytes).map((sample) => ({ ...sample, openFiles: 1 }));
    expect(Math.abs(slopePerHour(floors(withFiles((seconds) => 150 + noisy(seconds)))))).toBeLessThan(1);
    expect(slopePerHour(floors(withFiles((seconds) => 150 + noisy(seconds) + seconds / 360)))).toBeGreaterThan(4);
  });
});

describe('the table in the documentation', () => {
  it('stands between its markers and says which bar was missed', () => {
    const results = { ...emptyResults(), rows: [{ measure: 'Ledger', what: 'append', measured: '3/s' }], bars: [{ name: 'too slow', value: 1, limit: 2, kind: 'at least' as const }] };
    const document = 'a\n<!-- bench:ledger:begin -->\nold\n<!-- bench:ledger:end -->\n<!-- bench:start:begin -->\nkept\n<!-- bench:start:end -->\nz';
    const text = betweenMarkers(document, 'ledger', markdown(results, 'about'));
    expect(text).toContain('| append | 3/s |');
    expect(text).toContain('| too slow | 1 | at least 2 | **no** |');
    expect(text).not.toContain('old');
    expect(text).toContain('kept');
    expect(() => betweenMarkers('no markers', 'start', 'x')).toThrow('bench:start:begin');
  });
});

describe('the workloads', () => {
  it('have the sizes they are named after', () => {
    expect(workloads().map((workload) => workload.tasks.length)).toEqual([5, 200, 303, 1001]);
    expect(tasksOf(workloads()[0] ?? { name: '', tasks: [], together: 0, groups: 0 })).toBe(2400);
  });
});

describe('the options of the bench', () => {
  it('refuse what they do not know', () => {
    expect(readOptions(['--rounds', '0'])).toBeNull();
    expect(readOptions(['--fast'])).toBeNull();
    expect(readOptions(['latency'])).toBeNull();
    expect(readOptions(['--quick', 'ledger'])).toMatchObject({ rounds: 1, measures: ['ledger'] });
  });
});
