import { byteLength } from './cut.ts';

/**
 * A page is a list of blocks within a limit of bytes. Words come first, then tables, which share what is left evenly, then
 * what may be missing. A block that does not fit shrinks by itself (a table loses rows, an excerpt its middle) or is left
 * out as a whole: a page is never cut through a fence, a table or a character.
 */
export interface Block {
  readonly tier: 'words' | 'table' | 'optional';
  /** The block within `budget` bytes; empty when that is too little to say anything. */
  render(budget: number): string;
}

/** GitHub's limit for comments, bodies and check output is 65,535 bytes; the rest is reserve for redaction marks. */
export const pageBytes = 65_000;

const gap = '\n\n';

export function page(blocks: readonly Block[], limit: number = pageBytes): string {
  const rendered = blocks.map(() => '');
  let left = limit;
  for (const tier of ['words', 'table', 'optional'] as const) {
    const places = blocks.flatMap((block, index) => (block.tier === tier ? [{ block, index }] : []));
    places.forEach(({ block, index }, position) => {
      const share = tier === 'table' ? Math.floor(left / (places.length - position)) : left;
      if (share <= gap.length) return;
      const text = block.render(share - gap.length);
      if (text === '') return;
      rendered[index] = text;
      left -= byteLength(text) + gap.length;
    });
  }
  return rendered.filter((text) => text !== '').join(gap);
}

/** Words that stand or fall as a whole. */
export function paragraph(text: string): Block {
  return { tier: 'words', render: (budget) => (byteLength(text) <= budget ? text : '') };
}

export function optional(text: string): Block {
  return { tier: 'optional', render: (budget) => (byteLength(text) <= budget ? text : '') };
}

/** A table of as many rows as fit, with a line that says how many do not. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], more: (left: number) => string, maximumRows = 100): Block {
  return {
    tier: 'table',
    render: (budget) => {
      if (rows.length === 0) return '';
      const lines = [row(head), row(head.map(() => '---'))];
      let size = byteLength(lines.join('\n'));
      let shown = 0;
      const reserve = byteLength(gap + more(rows.length));
      for (const cells of rows.slice(0, maximumRows)) {
        const line = row(cells);
        const after = size + 1 + byteLength(line);
        if (after + (shown + 1 < rows.length ? reserve : 0) > budget) break;
        lines.push(line);
        size = after;
        shown += 1;
      }
      if (shown === 0) return '';
      const text = lines.join('\n');
      return shown < rows.length ? text + gap + more(rows.length - shown) : text;
    },
  };
}

export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => (cell === '' ? ' ' : cell)).join(' | ')} |`;
}

/** A folded part; `content` renders into the room that is left for it. */
export function details(summary: string, content: (budget: number) => string, maximumBytes = 8_000): Block {
  const open = `<details><summary>${summary}</summary>\n\n`;
  const close = '\n\n</details>';
  const frame = byteLength(open) + byteLength(close);
  return {
    tier: 'optional',
    render: (budget) => {
      const text = content(Math.min(budget, maximumBytes) - frame);
      return text === '' ? '' : open + text + close;
    },
  };
}
