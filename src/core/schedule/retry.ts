import { sha256 } from '../../kit/hash.ts';
import type { FailureKind } from '../mission/event.ts';

/** What happens after a failed attempt. Decided by class of failure, never by message text (STYLE 14). */
export type RetryDecision = { readonly retry: true; readonly delayMs: number } | { readonly retry: false };

interface RetryRule {
  /** `work` failures use up the task's own `max-attempts`; `circumstance` failures have a bound of their own. */
  readonly counts: 'work' | 'circumstance' | 'never';
  readonly firstDelayMs: number;
  readonly maximumDelayMs: number;
}

/**
 * | class       | why it may pass next time                          |
 * | ----------- | -------------------------------------------------- |
 * | work        | the program failed: agents and flaky tests may do better |
 * | timeout     | as work                                            |
 * | network     | the other side may be back                          |
 * | environment | a disk may be freed, a tool installed               |
 * | conflict    | the trunk moved: do it again on the new one         |
 * | lost        | the worker died, not the task                       |
 * | input, permission, cancelled | nothing changes by trying again    |
 */
const rules: { readonly [kind in FailureKind]: RetryRule } = {
  work: { counts: 'work', firstDelayMs: 1_000, maximumDelayMs: 300_000 },
  timeout: { counts: 'work', firstDelayMs: 1_000, maximumDelayMs: 300_000 },
  network: { counts: 'circumstance', firstDelayMs: 5_000, maximumDelayMs: 300_000 },
  environment: { counts: 'circumstance', firstDelayMs: 30_000, maximumDelayMs: 600_000 },
  conflict: { counts: 'circumstance', firstDelayMs: 0, maximumDelayMs: 30_000 },
  lost: { counts: 'circumstance', firstDelayMs: 0, maximumDelayMs: 30_000 },
  input: { counts: 'never', firstDelayMs: 0, maximumDelayMs: 0 },
  permission: { counts: 'never', firstDelayMs: 0, maximumDelayMs: 0 },
  cancelled: { counts: 'never', firstDelayMs: 0, maximumDelayMs: 0 },
};

/** Attempts that circumstances (lost workers, networks, conflicts) may cost before a person is asked. */
export const maximumLosses = 5;

/** True when the failure uses up the task's own attempts. */
export function countsAsFailure(kind: FailureKind): boolean {
  return rules[kind].counts === 'work';
}

/**
 * Whether and when to try again. `failures` and `losses` include the attempt that just failed. The delay doubles with
 * each one, up to the rule's maximum, with up to 25 % jitter taken from `key` — so that equal inputs decide equally.
 */
export function decideRetry(kind: FailureKind, spent: { readonly failures: number; readonly losses: number; readonly maxAttempts: number }, key: string): RetryDecision {
  const rule = rules[kind];
  const bound = rule.counts === 'work' ? spent.maxAttempts : maximumLosses;
  const used = rule.counts === 'work' ? spent.failures : spent.losses;
  if (rule.counts === 'never' || used >= bound) return { retry: false };
  const base = Math.min(rule.firstDelayMs * 2 ** Math.max(0, used - 1), rule.maximumDelayMs);
  return { retry: true, delayMs: Math.round(base * (1 + 0.25 * fraction(key))) };
}

/** A number in [0, 1) that depends on the key alone. */
function fraction(key: string): number {
  return Number.parseInt(sha256(key).slice(0, 8), 16) / 0x1_0000_0000;
}
