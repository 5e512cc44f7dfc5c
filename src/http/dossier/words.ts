import { visibleText } from '../../core/command/hidden-characters.ts';
import type { Verdict } from '../../core/gate/verdict.ts';
import type { Actor } from '../../core/mission/actor.ts';
import type { Json } from '../../kit/json.ts';
import type { Span, Spans } from './document.ts';

/** Longest text of people or tools that a page or PDF shows in one piece; the JSON holds the whole. */
const longestText = 1_500;

/** A text of people or tools as a reader may see it: nothing invisible, no control characters, not without end. */
export function shown(words: string, longest = longestText): string {
  // oxlint-disable-next-line no-control-regex -- these are the ones to go
  const clean = visibleText(words).replaceAll(/[\u0001-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029]/g, ' ');
  return clean.length <= longest ? clean : `${clean.slice(0, longest).toWellFormed()} … (${(clean.length - longest).toLocaleString('en')} more characters in the JSON)`;
}

/** A digest or commit, as much of it as tells it from others. */
export function brief(digest: string): Span {
  return { code: shown(digest, 200).slice(0, 12) };
}

export function briefs(digests: readonly string[], most = 4): Spans {
  const listed = digests.slice(0, most).flatMap((one, index): Spans => (index === 0 ? [brief(one)] : [' ', brief(one)]));
  return digests.length > most ? [...listed, ` and ${digests.length - most} more`] : listed;
}

export function time(at: string | null): string {
  return at === null ? '–' : `${at.slice(0, 19).replace('T', ' ')} UTC`;
}

export function person({ kind, login }: Actor): string {
  return kind === 'person' ? `@${shown(login, 100)}` : kind === 'system' ? 'Missiongate itself' : `${shown(login, 100)} (${kind})`;
}

export function value(of: Json | undefined): string {
  return shown(typeof of === 'string' ? of : JSON.stringify(of ?? null), 400);
}

export function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function percent(share: number): string {
  return `${(Math.round(share * 1_000) / 10).toLocaleString('en')} %`;
}

export function number(count: number): string {
  return count.toLocaleString('en', { maximumFractionDigits: 4 });
}

export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const good: ReadonlySet<string> = new Set(['done', 'complete', 'completed', 'open', 'approved', 'succeeded', 'valid', 'merged']);
const bad: ReadonlySet<string> = new Set(['failed', 'blocked', 'rejected', 'cancelled', 'tampered', 'forked', 'truncated', 'wrong-key']);

/** A state's word in the colour of what it means. */
export function state(word: string): Span {
  const means: Verdict['state'] = good.has(word) ? 'passed' : bad.has(word) ? 'failed' : word === 'waived' || word === 'partially-failed' ? 'waived' : word === 'awaiting' || word === 'waiting' ? 'waiting' : 'pending';
  return { state: means, text: word };
}
