import type { Verdict } from '../../core/gate/verdict.ts';
import type { Html } from '../../kit/html.ts';
import type { Block } from './document.ts';
import { box, colourOf, drawing, label, line, pageWidth, sign } from './draw.ts';

const rowHeight = 24;
const indent = 26;
const mostRows = 60;

interface Row {
  readonly verdict: Verdict;
  readonly depth: number;
  /** Row of the node above it. */
  readonly parent: number | null;
}

/** Why a gate stands as it does, as a tree from the gate down to every line. */
export function verdictTree(verdict: Verdict): Block {
  const all = rowsOf(verdict, 0, null, []);
  const rows = all.slice(0, mostRows);
  const middle = (index: number): number => index * rowHeight + 14;
  const parts: Html[] = [];
  rows.forEach(({ verdict: node, depth, parent }, index) => {
    const x = 12 + depth * indent;
    const y = middle(index);
    if (parent !== null) {
      const from = 12 + (depth - 1) * indent;
      parts.push(line(from, middle(parent) + 9, from, y), line(from, y, x - 9, y));
    }
    if (depth === 0) parts.push(box(0, 2, pageWidth, rowHeight, 'soft', { radius: 4 }));
    parts.push(sign(x, y, node.state), label(x + 13, y + 4, node.name, { bold: depth < 2, width: 270 - depth * indent }));
    parts.push(label(300, y + 4, node.expected ?? '', { colour: 'dim', width: 130 }), label(440, y + 4, node.measured ?? '', { width: node.reason === null ? 510 : 120 }));
    if (node.reason !== null) parts.push(label(570, y + 4, node.reason, { colour: colourOf[node.state], width: 385, size: 11 }));
  });
  const caption = `${verdict.name}: what was asked, what was measured, and why that is enough or not${all.length > rows.length ? `; ${all.length - rows.length} more lines stand in the tables` : ''}.`;
  return { kind: 'drawing', drawing: drawing(pageWidth, rows.length * rowHeight + 6, caption, parts), caption };
}

function rowsOf(verdict: Verdict, depth: number, parent: number | null, rows: Row[]): readonly Row[] {
  const own = rows.length;
  rows.push({ verdict, depth, parent });
  for (const child of verdict.children) rowsOf(child, depth + 1, own, rows);
  return rows;
}
