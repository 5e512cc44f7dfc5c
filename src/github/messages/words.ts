import type { RepositoryRole } from '../../core/mission/definition.ts';
import type { PhaseStatus, TaskStatus } from '../../core/mission/state.ts';

/** `3 tasks`, `1 task`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[], conjunction = 'and'): string {
  if (words.length <= 1) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1) ?? ''}`;
}

/** At most `maximum` words, and how many more there are. */
export function someOf(words: readonly string[], maximum: number): string {
  return words.length <= maximum ? list(words) : `${words.slice(0, maximum).join(', ')} and ${words.length - maximum} more`;
}

export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** A commit as GitHub shows it. */
export function short(commit: string): string {
  return commit.slice(0, 12);
}

export const taskWords: { readonly [status in TaskStatus | 'cancelled']: string } = {
  pending: 'waits',
  ready: 'ready',
  queued: 'queued',
  running: 'running',
  integrating: 'being merged',
  retrying: 'will be tried again',
  waiting: 'waits for people or time',
  expanded: 'its items are at work',
  done: 'done',
  failed: 'failed',
  blocked: 'blocked',
  skipped: 'skipped',
  cancelled: 'cancelled',
};

export const phaseWords: { readonly [status in PhaseStatus]: string } = {
  pending: 'waits for its turn',
  running: 'running',
  gate: 'at its gate',
  complete: 'complete',
  failed: 'failed',
  skipped: 'skipped',
};

export const roleWords: { readonly [role in RepositoryRole]: string } = {
  none: 'no access',
  read: 'read access',
  triage: 'triage access',
  write: 'write access',
  maintain: 'maintain access',
  admin: 'admin access',
};
