import { isoTime } from '../../kit/time.ts';
import type { RubricLine } from '../mission/event.ts';
import type { PhaseState } from '../mission/state.ts';
import type { Waiver } from '../mission/waiver.ts';
import type { Verdict } from './verdict.ts';

/** The exceptions of a gate that were asked for or count; null when there are none. */
export function waiversVerdict({ waivers = [] }: PhaseState): Verdict | null {
  const children = waivers.flatMap((waiver) => waiverVerdict(waiver) ?? []);
  if (children.length === 0) return null;
  const asked = children.filter(({ state }) => state === 'waiting').length;
  return { name: 'waivers', state: asked > 0 ? 'waiting' : 'waived', expected: null, measured: counts(children.length - asked, asked), reason: null, children };
}

function counts(confirmed: number, asked: number): string {
  return [confirmed > 0 ? `${confirmed} confirmed` : '', asked > 0 ? `${asked} to be confirmed` : ''].filter((part) => part !== '').join(', ');
}

function waiverVerdict({ rule, status, by, approvedBy, reason, control, until, daysLeft }: Waiver): Verdict | null {
  if (status !== 'requested' && status !== 'approved') return null;
  const who = `asked for by ${by.login}${approvedBy === null ? '' : `, confirmed by ${approvedBy.login}`}`;
  const left = daysLeft === undefined ? '' : `, ${daysLeftWords(daysLeft)}`;
  return { name: rule, state: status === 'requested' ? 'waiting' : 'waived', expected: `until ${day(until)}${left}`, measured: who, reason: `${reason.replace(/[.\s]*$/, '')}. Instead: ${control}`, children: [] };
}

/** What stands beside a waived line in place of a verdict: never that it passed. */
export function waivedReason({ reason, waived }: RubricLine, { waivers = [] }: Pick<PhaseState, 'waivers'>): string {
  const left = waivers.find(({ number }) => number === waived?.waiver)?.daysLeft;
  const until = waived === undefined ? '' : ` until ${day(waived.until)}${left === undefined ? '' : `, ${daysLeftWords(left)}`}`;
  return `waived${until}${reason === null ? '' : `: ${reason}`}`;
}

export function daysLeftWords(days: number): string {
  if (days <= 1) return 'less than a day left';
  return `${days} days left`;
}

function day(at: number): string {
  return `${isoTime(at).slice(0, 16).replace('T', ' ')} UTC`;
}
