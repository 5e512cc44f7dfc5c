import { describe, expect, it } from 'vitest';

import { wayWords } from '../../../src/core/mission/evidence.ts';

describe('the way of a decision', () => {
  it('has words, those of earlier and later versions included', () => {
    expect(['comment', 'review', 'button', 'terminal', 'workflow', 'carrier-pigeon'].map(wayWords)).toEqual(['by comment', 'by review', 'by button', 'in the terminal', 'in a workflow', 'by carrier-pigeon']);
  });
});
