import { HostError } from '../engine/ports/repository-host.ts';
import { CircuitBreaker } from '../kit/circuit-breaker.ts';
import type { CircuitBreakerParts } from '../kit/circuit-breaker.ts';
import { hostErrorOf } from './host-errors.ts';

/** The breaker of one GitHub. Only what says that GitHub is away counts (no connection, 5xx): a refusal is an answer. */
export function githubBreaker({ apiUrl, clock, onChange }: { readonly apiUrl: string } & Pick<CircuitBreakerParts, 'clock' | 'onChange'>): CircuitBreaker {
  const { host } = new URL(apiUrl);
  return new CircuitBreaker({
    host,
    clock,
    isAway: (error) => hostErrorOf(error, 'calling GitHub', clock.now()).failure === 'network',
    refusal: (retryAfterMs) => new HostError('network', `${host} does not answer; nothing is sent to it for another ${Math.ceil(retryAfterMs / 1_000)} s`, { retryAfterMs }),
    ...(onChange === undefined ? {} : { onChange }),
  });
}
