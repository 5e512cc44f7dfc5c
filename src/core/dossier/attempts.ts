import type { EventBody } from '../mission/event.ts';
import type { AttemptEvidence } from '../mission/evidence.ts';
import type { AttemptPart } from './dossier.ts';

/** Attempts by task, put together from what is told of them. */
export interface Attempts {
  see(body: EventBody, at: string): void;
  readonly byTask: ReadonlyMap<string, ReadonlyMap<number, AttemptPart>>;
}

export function newAttempts(): Attempts {
  const byTask = new Map<string, Map<number, AttemptPart>>();
  const note = (task: string, attempt: number, at: string, told: Partial<AttemptPart>) => {
    const ofTask = byTask.get(task) ?? new Map<number, AttemptPart>();
    byTask.set(task, ofTask.set(attempt, { ...(ofTask.get(attempt) ?? begun(attempt, at)), ...told }));
  };
  return {
    byTask,
    see(body, at) {
      switch (body.type) {
        case 'task.queued':
          return note(body.task, body.attempt, at, { queuedAt: at });
        case 'task.started':
          return note(body.task, body.attempt, at, { startedAt: at });
        case 'task.produced':
          return note(body.task, body.attempt, at, { commit: body.commit, ...left(body.evidence) });
        case 'task.completed':
        case 'task.repeated':
          return note(body.task, body.attempt, at, { endedAt: at, outcome: 'succeeded', ...(body.commit === null ? {} : { commit: body.commit }), ...left(body.evidence) });
        case 'task.failed':
          return note(body.task, body.attempt, at, { endedAt: at, outcome: 'failed', reason: body.reason, ...left(body.evidence) });
        default:
          return undefined;
      }
    },
  };
}

export function attemptsOf({ byTask }: Attempts): ReadonlyMap<string, readonly AttemptPart[]> {
  return new Map([...byTask].map(([task, ofTask]) => [task, [...ofTask.values()]]));
}

function begun(attempt: number, at: string): AttemptPart {
  return { attempt, queuedAt: at, startedAt: null, endedAt: null, outcome: 'unfinished', reason: null, commit: null, producer: null, durationMs: null, usage: null };
}

function left(evidence: AttemptEvidence | null): Partial<AttemptPart> {
  return evidence === null ? {} : { producer: evidence.producer, durationMs: evidence.durationMs, usage: evidence.usage ?? null };
}
