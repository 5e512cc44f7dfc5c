import type { Verdict } from '../../core/gate/verdict.ts';
import { byteLength } from './cut.ts';
import type { Ink } from './ink.ts';
import { row } from './page.ts';
import type { Block } from './page.ts';
import { count } from './words.ts';

/** `waived` never looks like `passed`. */
export const verdictMarks: { readonly [state in Verdict['state']]: string } = { passed: '✅', failed: '❌', waived: '⚠️', waiting: '⏳', pending: '🔎' };

/** Parts of a gate as people call them; what stands below them has names of its own. */
const partNames: { readonly [name: string]: string } = { rubric: 'Rubric', guards: 'Guards', evidence: 'Evidence', approvals: 'Approvals', waivers: 'Waivers', healing: 'Healing' };

/** A row of the tree: a verdict and how deep it stands. */
export interface TreeRow {
  readonly verdict: Verdict;
  /** 0 for the parts of the gate. */
  readonly depth: number;
}

/** The parts of a verdict and all that is in them, from top to bottom. */
export function treeRows(children: readonly Verdict[], depth = 0): readonly TreeRow[] {
  return children.flatMap((verdict) => [{ verdict, depth }, ...treeRows(verdict.children, depth + 1)]);
}

export function partName(name: string): string {
  return (Object.hasOwn(partNames, name) ? partNames[name] : undefined) ?? name;
}

/** More rows than this are no help to anybody; the page has them all. What did not pass has room for twice as many. */
const maximumRows = 60;

/**
 * A verdict as a table. Where there is no room for all of it, what passed is left out first and counted: what keeps the gate
 * shut is what people came for.
 */
export function verdictTree(ink: Ink, verdict: Verdict): Block {
  const rows = treeRows(verdict.children);
  const head = [row(['', 'what', 'asked', 'found']), row(['---', '---', '---', '---'])].join('\n');
  const lines = rows.map(({ verdict: one, depth }) => row(cells(ink, one, depth)));
  return {
    tier: 'table',
    render: (budget) => {
      if (rows.length === 0) return '';
      const room = budget - byteLength(head) - byteLength(`\n\n${left(rows.length, rows.length)}`);
      const kept = fitting(rows, lines, room);
      if (kept.size === 0) return '';
      const missing = rows.filter((_, index) => !kept.has(index));
      const table = [head, ...lines.filter((_, index) => kept.has(index))].join('\n');
      return missing.length === 0 ? table : `${table}\n\n${left(missing.length, missing.filter(({ verdict: { state } }) => state === 'passed').length)}`;
    },
  };
}

/** Rows by importance until the room is used up: parts, then what did not pass, then what did. */
function fitting(rows: readonly TreeRow[], lines: readonly string[], room: number): ReadonlySet<number> {
  const kept = new Set<number>();
  let used = 0;
  const order = [...rows.keys()].toSorted((one, other) => weight(rows[one]) - weight(rows[other]) || one - other);
  for (const index of order) {
    const size = byteLength(lines[index] ?? '') + 1;
    if (kept.size >= (weight(rows[index]) === 2 ? maximumRows : 2 * maximumRows) || used + size > room) continue;
    kept.add(index);
    used += size;
  }
  return kept;
}

function weight(one: TreeRow | undefined): number {
  if (one === undefined || one.depth === 0) return 0;
  return one.verdict.state === 'passed' ? 2 : 1;
}

function left(missing: number, passed: number): string {
  if (missing === passed) return `… and ${count(missing, 'more line')}, all passed.`;
  return `… and ${count(missing, 'more line')}, ${passed} of them passed.`;
}

/** Indents, and does not part from what follows where a column is narrow. */
const step = '&nbsp;&nbsp;&nbsp;';

function cells(ink: Ink, verdict: Verdict, depth: number): readonly string[] {
  const { name, state, expected, measured, reason } = verdict;
  const isPart = depth === 0;
  const label = isPart ? `**${ink.plain(partName(name), 60)}**` : `${step.repeat(Math.min(depth, 4))}${ink.code(name, 80)}`;
  const why = reason === null ? [] : [ink.plain(reason, 240)];
  const found = [...(measured === null ? [] : [ink.plain(measured, 160)]), ...why].join(' · ');
  return [verdictMarks[state], label, expected === null ? '' : ink.plain(expected, 100), found];
}
