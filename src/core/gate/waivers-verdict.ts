import { isoTime } from '../../kit/time.ts';
import type { RubricLine } from '../mission/event.ts';
import type { PhaseState } from '../mission/state.ts';
import type { Waiver } from '../mission/waiver.ts';
import { worstOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A line of a rubric as one node: waived is neither passed nor failed. */
export function lineVerdict({ rule, expected, measured, passed, reason, waived }: RubricLine): Verdict {
  if (passed) return { name: rule, state: 'passed', expected, measured, reason: null, children: [] };
  if (waived === undefined) return { name: rule, state: 'failed', expected, measured, reason, children: [] };
  return { name: rule, state: 'waived', expected, measured, reason: `${reason ?? rule}; waived until ${isoTime(waived.until).slice(0, 10)}`, children: [] };
}

/** The waivers of a gate that are asked for or count; null when there is none. */
export function waiversVerdict({ waivers = [], gate }: Pick<PhaseState, 'waivers' | 'gate'>): Verdict | null {
  const children = waivers.flatMap((waiver) => (waiver.status === 'requested' || waiver.status === 'approved' ? [waiverVerdict(waiver, gate.lines)] : []));
  if (children.length === 0) return null;
  return { name: 'waivers', state: worstOf(children), expected: null, measured: null, reason: null, children };
}

/** A waiver that does not count because its rule passes is told so; one that does not cover what is measured now has failed. */
function waiverVerdict(waiver: Waiver, lines: readonly RubricLine[]): Verdict {
  const { rule, expected, status, by, approvedBy, until, reason, control, daysLeft } = waiver;
  const end = isoTime(until).slice(0, 10);
  if (status === 'requested') return { name: rule, state: 'waiting', expected, measured: waiver.measured, reason: `${by.login} asks to waive it until ${end}: ${reason}; instead: ${control}`, children: [] };
  const line = lines.find((one) => one.rule === rule);
  if (line === undefined) return { name: rule, state: 'pending', expected, measured: waiver.measured, reason: 'not measured yet', children: [] };
  if (!line.passed && line.waived?.waiver !== waiver.number) return { name: rule, state: 'failed', expected, measured: line.measured, reason: `the waiver until ${end} is for ${waiver.measured}, and does not cover what is measured now`, children: [] };
  const left = daysLeft === undefined ? '' : daysLeft <= 1 ? ', less than a day left' : `, ${daysLeft} days left`;
  const words = `until ${end}${left}: asked for by ${by.login}, confirmed by ${approvedBy?.login ?? 'somebody'}: ${reason}; instead: ${control}`;
  return { name: rule, state: line.passed ? 'passed' : 'waived', expected, measured: waiver.measured, reason: line.passed ? null : words, children: [] };
}

/** How the repairs of a gate are; null where it does not repair itself, or nothing was tried. */
export function healingVerdict({ healing, status }: Pick<PhaseState, 'healing' | 'status'>, maximum: number | undefined): Verdict | null {
  if (healing === undefined || maximum === undefined) return null;
  const measured = `round ${healing.rounds} of ${maximum}`;
  if (healing.stopped !== undefined) return { name: 'healing', state: 'waiting', expected: null, measured, reason: healing.stopped, children: [] };
  return status === 'running' ? { name: 'healing', state: 'pending', expected: null, measured, reason: `being repaired by ${healing.tasks.join(', ')}`, children: [] } : null;
}
