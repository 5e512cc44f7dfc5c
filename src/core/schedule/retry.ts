import { sha256 } from '../../kit/hash.ts';
import type { RetryRule } from '../mission/definition.ts';
import type { FailureKind } from '../mission/failure-kind.ts';

/** What happens after something failed. Decided by class of failure, never by message text (STYLE 14). */
export type RetryDecision = { readonly retry: true; readonly delayMs: number } | { readonly retry: false };

/** Classes of failed calls to a host of the outside world (GitHub first of all). */
export type HostFailure = 'network' | 'rate-limit' | 'permission' | 'gone' | 'conflict' | 'unexpected';

interface Delays {
  readonly firstDelayMs: number;
  readonly maximumDelayMs: number;
  /** Why it may pass next time, or why not. */
  readonly why: string;
}

interface AttemptRule extends Delays {
  /** `work` failures use up the task's own `max-attempts`; `circumstance` failures have a bound of their own. */
  readonly counts: 'work' | 'circumstance' | 'never';
}

const never = { counts: 'never', firstDelayMs: 0, maximumDelayMs: 0, why: 'nothing changes by trying again' } as const;

/** A failed attempt of a task or of a gate's guards. The page docs/reference/retries.md shows these tables; a test compares them. */
export const attemptRetries: { readonly [kind in FailureKind]: AttemptRule } = {
  work: { counts: 'work', firstDelayMs: 1_000, maximumDelayMs: 300_000, why: 'agents and unsteady tests may do better' },
  timeout: { counts: 'work', firstDelayMs: 1_000, maximumDelayMs: 300_000, why: 'as work' },
  network: { counts: 'circumstance', firstDelayMs: 5_000, maximumDelayMs: 300_000, why: 'the other side may be back' },
  environment: { counts: 'circumstance', firstDelayMs: 30_000, maximumDelayMs: 600_000, why: 'a disk may be freed, a tool installed' },
  conflict: { counts: 'circumstance', firstDelayMs: 0, maximumDelayMs: 30_000, why: 'the trunk moved: it is done again on the new one' },
  lost: { counts: 'circumstance', firstDelayMs: 0, maximumDelayMs: 30_000, why: 'the worker died, not the task' },
  input: never,
  permission: never,
  cancelled: never,
};

/** A call to a host that failed: the job or look-up that needed it is put off for so long, unless the host itself says how long. */
export const hostRetries: { readonly [failure in HostFailure]: Delays } = {
  network: { firstDelayMs: 2_000, maximumDelayMs: 300_000, why: 'the host may be back' },
  'rate-limit': { firstDelayMs: 60_000, maximumDelayMs: 900_000, why: 'the host says when; where it does not, at least a minute' },
  conflict: { firstDelayMs: 5_000, maximumDelayMs: 300_000, why: 'two changes met; the next try sees both' },
  permission: { firstDelayMs: 60_000, maximumDelayMs: 1_800_000, why: 'a person has to grant it: looked at slowly, not like a network' },
  gone: { firstDelayMs: 10_000, maximumDelayMs: 1_800_000, why: 'just made and not yet seen everywhere, or taken away by a person' },
  unexpected: { firstDelayMs: 2_000, maximumDelayMs: 300_000, why: 'a mistake of ours, or an answer that nobody thought of' },
};

/** What needed the call, and how long it goes on trying. */
export const hostSituations = {
  /** Merging, bringing GitHub up to date: goes on until it is done or no longer wanted. */
  job: { forMs: Number.POSITIVE_INFINITY },
  /** Facts for a signal: given up after this time with a note; a command can be given again. */
  'look-up': { forMs: 60 * 60_000 },
} as const;

/** A read is repeated within the call, while its caller waits: these classes, so often, so soon. Writes never are. */
export const readRepeats: { readonly [failure in 'network' | 'token']: Delays & { readonly times: number } } = {
  network: { times: 2, firstDelayMs: 250, maximumDelayMs: 1_000, why: 'a connection that broke' },
  token: { times: 2, firstDelayMs: 250, maximumDelayMs: 1_000, why: 'the token was refused (401): once more with a new one' },
};

/** Attempts that circumstances (lost workers, networks, conflicts) may cost before a person is asked. */
export const maximumLosses = 5;

/** Every delay is longer by up to this share of itself, so that what failed together does not come back together. */
export const jitter = 0.25;

/** True when the failure uses up the task's own attempts. */
export function countsAsFailure(kind: FailureKind): boolean {
  return attemptRetries[kind].counts === 'work';
}

/**
 * Whether and when to make another attempt. `failures` and `losses` include the attempt that just failed. The delay doubles
 * with each one, up to the rule's maximum, with jitter taken from `key` — so that equal inputs decide equally. A task's own rule
 * narrows what is tried again and sets the delays of its own failures; what happened to us and not to the task (a lost worker, a
 * trunk that moved) is tried again in any case, unless the rule allows nothing at all.
 */
export function decideRetry(kind: FailureKind, spent: { readonly failures: number; readonly losses: number; readonly maxAttempts: number }, key: string, own?: RetryRule): RetryDecision {
  const rule = attemptRetries[kind];
  const bound = rule.counts === 'work' ? spent.maxAttempts : maximumLosses;
  const used = rule.counts === 'work' ? spent.failures : spent.losses;
  if (rule.counts === 'never' || used >= bound || !isAllowed(kind, own?.on)) return { retry: false };
  return { retry: true, delayMs: delay(isOurs(kind) ? rule : withOwn(rule, own), used, key) };
}

function isAllowed(kind: FailureKind, on: readonly FailureKind[] | undefined): boolean {
  return on === undefined || on.includes(kind) || (isOurs(kind) && on.length > 0);
}

function isOurs(kind: FailureKind): boolean {
  return kind === 'lost' || kind === 'conflict';
}

function withOwn(rule: Delays, own: RetryRule | undefined): Delays & { readonly factor: number } {
  const firstDelayMs = own?.initialSeconds === undefined ? rule.firstDelayMs : own.initialSeconds * 1000;
  const maximumDelayMs = own?.maxSeconds === undefined ? Math.max(rule.maximumDelayMs, firstDelayMs) : own.maxSeconds * 1000;
  return { firstDelayMs, maximumDelayMs, factor: own?.factor ?? 2, why: rule.why };
}

/** What a job or look-up has been through: its failures in a row, this one included, and what the host asked for. */
export interface HostTrouble {
  readonly failures: number;
  /** Milliseconds since it was first wanted. */
  readonly sinceMs: number;
  /** The host's own word on when to come back; null when it gave none. */
  readonly retryAfterMs: number | null;
}

/** Whether and when a job or look-up that a host refused is tried again: never before the host's own time. */
export function decideHostRetry(situation: keyof typeof hostSituations, failure: HostFailure, trouble: HostTrouble, key: string): RetryDecision {
  if (trouble.sinceMs >= hostSituations[situation].forMs) return { retry: false };
  if (trouble.retryAfterMs !== null) return { retry: true, delayMs: trouble.retryAfterMs + Math.round(1_000 * jitter * fraction(key)) };
  return { retry: true, delayMs: delay(hostRetries[failure], trouble.failures, key) };
}

/** Whether and when a read is repeated while its caller waits; `repeats` counts those made already. */
export function decideReadRepeat(failure: HostFailure | 'token', { repeats, retryAfterMs }: { readonly repeats: number; readonly retryAfterMs: number | null }, key: string): RetryDecision {
  if (failure !== 'network' && failure !== 'token') return { retry: false };
  const rule = readRepeats[failure];
  // A host that names its time is not kept asking, nor the caller waiting.
  if (repeats >= rule.times || retryAfterMs !== null) return { retry: false };
  return { retry: true, delayMs: delay(rule, repeats + 1, key) };
}

/** The delay after the n-th failure in a row, n ≥ 1. */
function delay(rule: Delays & { readonly factor?: number }, failures: number, key: string): number {
  const base = Math.min(rule.firstDelayMs * (rule.factor ?? 2) ** Math.max(0, failures - 1), rule.maximumDelayMs);
  return Math.round(base * (1 + jitter * fraction(key)));
}

/** A number in [0, 1) that depends on the key alone. */
function fraction(key: string): number {
  return Number.parseInt(sha256(key).slice(0, 8), 16) / 0x1_0000_0000;
}
