import type { EventBody } from '../../src/core/mission/event.ts';

/** Of the processes of every simulated world, in milliseconds. */
export const leaseMs = 30_000;
export const pacing = { everyMs: 45_000, signalAgeMs: 2_000, jobAgeMs: 60_000, timersEveryMs: 45_000 };

/** An event in a line: its type and the plain facts. */
export function tellEvent({ type, ...facts }: EventBody): string {
  const plainFacts = Object.entries(facts).flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [`${name}=${String(value).slice(0, 60)}`] : []));
  return `${type} ${plainFacts.join(' ')}`;
}

export function brokenConnection(party: string, what: string): Error {
  return Object.assign(new Error(`${party}: the connection broke (${what})`), { code: 'ECONNRESET' });
}
