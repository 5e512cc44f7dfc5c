/** The last lines of a terminal, drawn again and again while finished lines scroll away above them. */
export interface LiveRegion {
  draw(lines: readonly string[]): void;
  /** Prints lines for good, above the region. */
  print(lines: readonly string[]): void;
  /** Takes the region away; the next `draw` brings it back. */
  clear(): void;
}

const noWrap = '\u001B[?7l';
const wrap = '\u001B[?7h';
const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';

/**
 * Lines longer than the terminal is wide are cut by the terminal itself (wrapping is off while the region is drawn), so that one
 * line is one row whatever letters it holds. Nothing is written when nothing changed.
 */
export function createLiveRegion(write: (text: string) => void): LiveRegion {
  let shown: readonly string[] = [];
  const erase = () => (shown.length === 0 ? '' : `\u001B[${shown.length}A\r\u001B[0J`);
  const region = (lines: readonly string[]) => (lines.length === 0 ? showCursor : `${hideCursor}${noWrap}${lines.join('\n')}\n${wrap}`);
  return {
    draw(lines) {
      if (lines.length === shown.length && lines.every((line, index) => line === shown[index])) return;
      write(`${erase()}${region(lines)}`);
      shown = [...lines];
    },
    print(lines) {
      if (lines.length === 0) return;
      write(`${erase()}${lines.map((line) => `${line}\n`).join('')}${shown.length === 0 ? '' : region(shown)}`);
    },
    clear() {
      if (shown.length > 0) write(`${erase()}${showCursor}`);
      shown = [];
    },
  };
}
