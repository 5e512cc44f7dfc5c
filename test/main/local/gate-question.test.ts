import { describe, expect, it } from 'vitest';

import { askAboutGate } from '../../../src/main/local/gate-question.ts';
import type { Asking, GateAnswer } from '../../../src/main/local/gate-question.ts';
import type { GateSheet } from '../../../src/main/local/gate-sheet.ts';

const sheet: GateSheet = { phase: 'build', title: 'Build', round: 1, status: 'awaiting', reason: null, head: 'b'.repeat(40), base: 'a'.repeat(40), trunk: 'mission/1/trunk', verdict: null, metrics: {}, tasks: [], evidence: null, diffStat: [] };

/** A person who types these lines, and what they were shown. */
async function conversation(typed: readonly string[], about: Partial<GateSheet> = {}): Promise<{ answer: GateAnswer; said: readonly string[]; diffs: number }> {
  const left = [...typed];
  const said: string[] = [];
  let diffs = 0;
  const asking: Asking = {
    ask: async (question) => {
      said.push(question);
      return left.shift() ?? null;
    },
    say: (line) => void said.push(line),
    showDiff: async () => void (diffs += 1),
  };
  return { answer: await askAboutGate(asking, { ...sheet, ...about }), said, diffs };
}

describe('a gate’s question', () => {
  it('is answered by a word or its beginning', async () => {
    for (const word of ['a', 'approve', 'APPROVE']) expect((await conversation([word])).answer).toEqual({ kind: 'approve' });
    expect((await conversation(['p'])).answer).toEqual({ kind: 'pause' });
  });

  it('shows the diff as often as wanted before the answer', async () => {
    expect(await conversation(['d', 'diff', 'a'])).toMatchObject({ answer: { kind: 'approve' }, diffs: 2 });
  });

  it('takes no rejection without its reason', async () => {
    expect((await conversation(['r it is slow'])).answer).toEqual({ kind: 'reject', reason: 'it is slow' });
    expect(await conversation(['reject', '  ', 'r', 'too slow'])).toMatchObject({ answer: { kind: 'reject', reason: 'too slow' }, said: expect.arrayContaining([expect.stringContaining('needs its reason')]) as string[] });
  });

  it('decides nothing by silence, an empty line or a word that is not offered', async () => {
    expect((await conversation([])).answer).toEqual({ kind: 'pause' });
    expect((await conversation(['', 'yes', 'examine', 'r'])).answer).toEqual({ kind: 'pause' });
  });

  it('offers no approval of a gate that is shut', async () => {
    expect((await conversation(['a', 'approve', 'e'], { status: 'failed' })).answer).toEqual({ kind: 'examine' });
  });
});
