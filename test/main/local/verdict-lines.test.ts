import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../../src/core/gate/verdict.ts';
import { createPaint } from '../../../src/main/local/paint.ts';
import { describeVerdict } from '../../../src/main/local/verdict-lines.ts';

const plain = createPaint(false);

function line(name: string, state: Verdict['state'], parts: Partial<Verdict> = {}): Verdict {
  return { name, state, expected: null, measured: null, reason: null, children: [], ...parts };
}

describe('the lines of a verdict', () => {
  it('keep apart what was measured, what was asked, and why it is not enough', () => {
    const approvals = line('approvals', 'waiting', { measured: '0 of 1', expected: '1 of role:write', reason: '1 missing' });
    expect(describeVerdict(approvals, plain)).toEqual(['Approvals', '  … 1 of role:write  0 of 1 · 1 missing']);
    const rubric = line('rubric', 'failed', { children: [line('contradictions_max', 'failed', { measured: '2', expected: '≤ 0', reason: 'contradictions_max exceeded: 2 > 0' })] });
    expect(describeVerdict(rubric, plain)).toEqual(['Rubric', '  ✖ contradictions_max  2 (asked: ≤ 0) · contradictions_max exceeded: 2 > 0']);
  });

  it('show what did not pass before the rest is only counted, and nothing that a terminal would obey', () => {
    const children = Array.from({ length: 40 }, (_, index) => (index === 39 ? line('last\u001B[2J', 'failed', { reason: 'a\nb' }) : line(`rule-${index}`, 'passed')));
    const told = describeVerdict(line('rubric', 'failed', { children }), plain);
    expect(told).toHaveLength(32);
    expect(told[1]).toMatch(/^ {2}✖ last.*a b$/);
    expect(told.at(-1)).toBe('    … and 10 more lines');
    // oxlint-disable-next-line no-control-regex -- control characters are what must be absent
    expect(told.join('')).not.toMatch(/[\u0000-\u001F]/);
  });
});
