import { ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import { parseItemText } from './item-line.ts';
import type { ItemLine } from './item-line.ts';
import { scanBlocks } from './scan-blocks.ts';
import type { Block, TooDeep } from './scan-blocks.ts';

/** A block at the top of the text or directly in an item, with what is inside. */
export interface OutlineNode {
  readonly block: Block;
  readonly children: readonly OutlineNode[];
  /** Items with a box whose text is not empty: their first line, taken apart. */
  readonly task: (Pick<ItemLine, 'text' | 'id' | 'suffix' | 'tail' | 'box'> & { readonly column: number }) | null;
}

const box = /^\[([ xX])\]([ \t].*)$/;

/** The text as a tree. A task is an item, with a box, in a list at the top level: GitHub shows exactly these as its task list. */
export function outline(markdown: string): Result<readonly OutlineNode[], TooDeep> {
  const scanned = scanBlocks(markdown);
  if (!scanned.ok) return scanned;
  const children: OutlineNode[][] = scanned.value.map(() => []);
  const top: OutlineNode[] = [];
  for (const [index, block] of scanned.value.entries()) {
    const own = children[index] ?? [];
    const first = scanned.value[index + 1];
    const node: OutlineNode = { block, children: own, task: first?.parent === index ? taskOf(block, first) : null };
    (block.parent < 0 ? top : children[block.parent])?.push(node);
  }
  return ok(top);
}

function taskOf(item: Block, first: Block): OutlineNode['task'] {
  const start = first.lines[0];
  if (item.kind !== 'item' || first.kind !== 'paragraph' || !start || start.line !== item.line) return null;
  const match = box.exec(start.text);
  const rest = match?.[2] ?? '';
  if (!match || rest.trim() === '') return null;
  return { box: match[1] ?? ' ', column: start.column, ...parseItemText(rest) };
}
