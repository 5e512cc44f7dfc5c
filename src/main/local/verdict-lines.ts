import type { Verdict } from '../../core/gate/verdict.ts';
import { plain } from './paint.ts';
import type { Paint } from './paint.ts';

/** Lines of one part that are shown before the rest is only counted; what did not pass is always shown first. */
const mostLines = 30;

const titles: { readonly [part: string]: string } = { rubric: 'Rubric', guards: 'Guards', evidence: 'Evidence', approvals: 'Approvals', waivers: 'Waivers', healing: 'Healing' };

/** One part of a gate's verdict: a heading and what is in it, or a single line where it has nothing below. */
export function describeVerdict(part: Verdict, paint: Paint): readonly string[] {
  const title = paint.bold((Object.hasOwn(titles, part.name) ? titles[part.name] : undefined) ?? plain(part.name));
  if (part.children.length === 0) return [title, line(part, paint, 1, part.name === 'evidence' ? 'of every task' : (part.expected ?? part.name))];
  const below = part.children.flatMap((child) => descend(child, paint, 1));
  const shown = below.length <= mostLines ? below : below.toSorted((one, other) => Number(one.passed) - Number(other.passed)).slice(0, mostLines);
  const heading = part.name === 'approvals' ? [line(part, paint, 1, part.expected ?? '')] : [];
  return [title, ...heading, ...shown.map(({ text }) => text), ...(shown.length < below.length ? [paint.dim(`    … and ${below.length - shown.length} more lines`)] : [])];
}

interface Line {
  readonly text: string;
  readonly passed: boolean;
}

function descend(verdict: Verdict, paint: Paint, depth: number): readonly Line[] {
  return [{ text: line(verdict, paint, depth, verdict.name), passed: verdict.state === 'passed' }, ...verdict.children.flatMap((child) => descend(child, paint, depth + 1))];
}

function line({ state, expected, measured, reason }: Verdict, paint: Paint, depth: number, name: string): string {
  const asked = expected === null || expected === name ? '' : `(asked: ${plain(expected)})`;
  const value = [measured === null ? '' : plain(measured, 120), asked].filter((part) => part !== '').join(' ');
  const found = [value, reason === null || reason === measured ? '' : plain(reason, 160)].filter((part) => part !== '').join(' · ');
  return `${'  '.repeat(depth)}${mark(state, paint)} ${plain(name)}${found === '' ? '' : `  ${paint.dim(found)}`}`;
}

function mark(state: Verdict['state'], paint: Paint): string {
  switch (state) {
    case 'passed':
      return paint.tone('good', '✔');
    case 'failed':
      return paint.tone('bad', '✖');
    case 'waived':
      return paint.tone('waits', '⚠');
    default:
      return paint.tone('waits', '…');
  }
}
