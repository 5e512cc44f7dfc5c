import type { JobRequest } from './ports/queue.ts';

const againMark = '.again-';

/** Makes the key of a job that is handed to the queue once more; equal until the next minute, however many processes look. */
export function againIn(atMs: number): string {
  return `${againMark}${Math.floor(atMs / 60_000)}`;
}

/** True for a job that was handed out once more: should it come to nothing, another one follows by itself. */
export function isOneMore(key: string): boolean {
  return key.includes(againMark);
}

/**
 * Job keys are idempotency keys: equal work has an equal key, and the queue takes it once. `again` makes a new key for work
 * that should have been done by now, in case the queue remembers the key of a job that came to nothing.
 */
export function attemptJob(missionId: string, subject: string, attempt: number, again = ''): JobRequest<'run-attempt'> {
  return { kind: 'run-attempt', key: `${missionId}.${subject.replace('/', '.')}.${attempt}${again}`, payload: { missionId, subject, attempt } };
}

export function integrateJob(missionId: string, subject: string, attempt: number, again = ''): JobRequest<'integrate'> {
  return { kind: 'integrate', key: `${missionId}.${subject.replace('/', '.')}.${attempt}${again}`, payload: { missionId, subject, attempt } };
}

export function syncJob(missionId: string, turn: string | number): JobRequest<'sync-github'> {
  return { kind: 'sync-github', key: `${missionId}.${turn}`, payload: { missionId } };
}

/** Looks at GitHub although nothing changed on our side; equal turns are one look. */
export function lookJob(missionId: string, turn: string, delayMs = 0): JobRequest<'sync-github'> {
  return { kind: 'sync-github', key: `${missionId}.look${turn}`, payload: { missionId, look: true }, delayMs };
}

export function timerJob(timerId: string, delayMs: number): JobRequest<'timer'> {
  return { kind: 'timer', key: timerId, payload: { timerId }, delayMs: Math.max(0, delayMs) };
}
