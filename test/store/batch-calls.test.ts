import { describe, expect, it } from 'vitest';

import { batchCalls } from '../../src/store/batch-calls.ts';
import { DatabaseUnavailable } from '../../src/store/postgres-database-error.ts';

/** A database that answers when the test says so, and remembers what it was asked together. */
function database() {
  const asked: (readonly string[])[] = [];
  const answers: (() => void)[] = [];
  const run = (calls: readonly string[]) => {
    asked.push(calls);
    return new Promise<readonly string[]>((resolve, reject) => {
      answers.push(() => {
        if (calls.some((call) => call === 'unavailable')) reject(new DatabaseUnavailable(new Error('gone'), undefined, 'x'));
        else if (calls.some((call) => call === 'refused')) reject(new Error('refused'));
        else resolve(calls.map((call) => call.toUpperCase()));
      });
    });
  };
  return {
    asked,
    run,
    /** Answers everything that is or comes under way, until nothing is left. */
    async answer() {
      for (let quiet = 0; quiet < 20; quiet += 1) {
        await Promise.resolve();
        const next = answers.shift();
        if (!next) continue;
        next();
        quiet = 0;
      }
    },
  };
}

describe('calls that share statements', () => {
  it('go together when they come in the same moment, and while others are under way', async () => {
    const made = database();
    const call = batchCalls(made.run, { atOnce: 1, heaviest: 10 });
    const first = [call('a'), call('b')];
    await Promise.resolve();
    const later = [call('c'), call('d'), call('e')];
    await made.answer();
    expect(await Promise.all([...first, ...later])).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(made.asked).toEqual([['a', 'b'], ['c', 'd', 'e']]);
  });

  it('are at most so many statements at once, and none heavier than allowed', async () => {
    const made = database();
    const call = batchCalls(made.run, { atOnce: 2, heaviest: 3, weigh: (name) => name.length });
    const all = ['aaaa', 'b', 'cc', 'd'].map((name) => call(name));
    await Promise.resolve();
    await Promise.resolve();
    expect(made.asked).toEqual([['aaaa'], ['b', 'cc']]);
    await made.answer();
    expect(await Promise.all(all)).toEqual(['AAAA', 'B', 'CC', 'D']);
    expect(made.asked).toEqual([['aaaa'], ['b', 'cc'], ['d']]);
  });

  it('with the same key never share one', async () => {
    const made = database();
    const call = batchCalls(made.run, { atOnce: 1, heaviest: 10, keyOf: (name) => name });
    const all = [call('a'), call('a'), call('b')];
    await made.answer();
    expect(await Promise.all(all)).toEqual(['A', 'A', 'B']);
    expect(made.asked).toEqual([['a', 'b'], ['a']]);
  });

  it('do not fail for the mistake of another', async () => {
    const made = database();
    const call = batchCalls(made.run, { atOnce: 1, heaviest: 10 });
    const all = Promise.allSettled([call('a'), call('refused'), call('b')]);
    await made.answer();
    expect((await all).map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))).toEqual(['A', 'refused', 'B']);
  });

  it('all fail when the database is away: what was carried out is not known', async () => {
    const made = database();
    const call = batchCalls(made.run, { atOnce: 1, heaviest: 10 });
    const all = Promise.allSettled([call('a'), call('unavailable')]);
    await made.answer();
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(made.asked).toHaveLength(1);
  });
});
