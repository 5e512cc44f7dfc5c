import type { GatePart, RoundPart } from '../../core/dossier/dossier.ts';
import type { Html } from '../../kit/html.ts';
import type { Block } from './document.ts';
import { box, drawing, label, pageWidth } from './draw.ts';
import { percent } from './words.ts';

const rowHeight = 26;
const left = 170;
const testsWide = 300;
const coverageLeft = 680;
const coverageWide = 180;
const mostRounds = 12;

/** Tests and coverage of every round of a gate, the latest last; null where neither was measured. */
export function roundBars({ phase, rounds }: GatePart): Block | null {
  const measured = rounds.filter(({ metrics }) => metrics['tests'] !== undefined || metrics['coverage'] !== undefined).slice(-mostRounds);
  if (measured.length === 0) return null;
  const most = Math.max(1, ...measured.map((round) => testsOf(round)));
  const parts: Html[] = [label(left, 14, 'tests', { size: 11, colour: 'dim' }), label(coverageLeft, 14, 'lines covered', { size: 11, colour: 'dim' })];
  measured.forEach((round, index) => {
    const y = 22 + index * rowHeight;
    const value = (name: string): number => round.metrics[name] ?? 0;
    parts.push(label(left - 12, y + 14, `${phase}, round ${round.round}`, { anchor: 'end', width: left - 16 }));
    let x = left;
    for (const [name, colour] of [['tests_passed', 'good'], ['tests_failed', 'bad'], ['tests_skipped', 'dim']] as const) {
      const wide = (value(name) / most) * testsWide;
      if (wide > 0) parts.push(box(x, y + 2, wide, 16, colour, { radius: 2 }));
      x += wide;
    }
    if (round.metrics['tests'] !== undefined) parts.push(label(x + 8, y + 14, told(round), { size: 11, colour: 'dim', width: coverageLeft - x - 12 }));
    const coverage = round.metrics['coverage'];
    if (coverage === undefined) return;
    parts.push(box(coverageLeft, y + 2, coverageWide, 16, 'line', { radius: 2 }), box(coverageLeft, y + 2, Math.min(1, Math.max(0, coverage)) * coverageWide, 16, 'good', { radius: 2 }), label(coverageLeft + coverageWide + 8, y + 14, percent(coverage), { size: 11 }));
  });
  const caption = `Tests and coverage of gate ${phase}, round by round: passed, failed, skipped.`;
  return { kind: 'drawing', drawing: drawing(pageWidth, 22 + measured.length * rowHeight + 4, caption, parts), caption };
}

function testsOf({ metrics }: RoundPart): number {
  return (metrics['tests_passed'] ?? 0) + (metrics['tests_failed'] ?? 0) + (metrics['tests_skipped'] ?? 0);
}

function told({ metrics }: RoundPart): string {
  return (['passed', 'failed', 'skipped'] as const).flatMap((kind) => (metrics[`tests_${kind}`] === undefined ? [] : [`${metrics[`tests_${kind}`] ?? 0} ${kind}`])).join(', ');
}
