import { describe, expect, it } from 'vitest';

import { createLiveRegion } from '../../../src/main/local/live-region.ts';
import { clockTime, createPaint, plain, wantsColour } from '../../../src/main/local/paint.ts';

/** What stands on a terminal after this was written to it: only what the region uses is understood. */
function screen(written: string): readonly string[] {
  const rows: string[] = [''];
  let row = 0;
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is read here
  for (const piece of written.match(/\u001B\[[?0-9;]*[A-Za-z]|\r|\n|[^\u001B\r\n]+/g) ?? []) {
    // oxlint-disable-next-line no-control-regex -- as above
    const up = /^\u001B\[(\d+)A$/.exec(piece);
    if (up) row -= Number(up[1]);
    else if (piece === '\u001B[0J') rows.splice(row, rows.length, '');
    else if (piece === '\n') {
      row += 1;
      rows[row] ??= '';
    } else if (piece !== '\r' && !piece.startsWith('\u001B')) rows[row] += piece;
  }
  return rows;
}

function region() {
  let written = '';
  const live = createLiveRegion((text) => (written += text));
  return { live, shown: () => screen(written), written: () => written };
}

describe('the live view', () => {
  it('stays below what is printed for good', () => {
    const { live, shown } = region();
    live.draw(['bar', 'one runs']);
    live.print(['one is done']);
    live.draw(['bar', 'two runs', 'three runs']);
    live.print(['two is done']);
    expect(shown()).toEqual(['one is done', 'two is done', 'bar', 'two runs', 'three runs', '']);
    live.clear();
    live.print(['over']);
    expect(shown()).toEqual(['one is done', 'two is done', 'over', '']);
  });

  it('writes nothing while nothing changes, and shows the cursor again at the end', () => {
    const { live, written } = region();
    live.draw(['bar']);
    const once = written();
    live.draw(['bar']);
    expect(written()).toBe(once);
    live.clear();
    expect(written().lastIndexOf('\u001B[?25h')).toBeGreaterThan(written().lastIndexOf('\u001B[?25l'));
    expect(written().lastIndexOf('\u001B[?7h')).toBeGreaterThan(written().lastIndexOf('\u001B[?7l'));
  });
});

describe('text for a terminal', () => {
  it('loses whatever would move a cursor, colour or turn it, and stays on one line', () => {
    expect(plain('a\u001B[31mred\u001B[0m\n\u0007b\u202Ec')).toBe('a [31mred [0m b c');
    expect(plain('😀'.repeat(400), 10).isWellFormed()).toBe(true);
  });

  it('is coloured at terminals alone, unless NO_COLOR or a dumb terminal says otherwise', () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(createPaint(false).tone('bad', 'x')).toBe('x');
  });

  it('tells time as people read it', () => {
    expect([0, 7_900, 761_000, 3_723_000].map(clockTime)).toEqual(['0:00', '0:07', '12:41', '1:02:03']);
  });
});
