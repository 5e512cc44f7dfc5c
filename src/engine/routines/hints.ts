import { isStartedBy, statusOf } from '../../core/schedule/routine.ts';
import type { RoutineEvent } from '../../core/schedule/routine.ts';
import type { Json } from '../../kit/json.ts';
import type { Clock } from '../../kit/time.ts';
import type { Watches } from '../ports/observer.ts';
import type { RoutinePlace, Routines } from '../ports/routines.ts';
import type { ActivationAsked } from './activate.ts';

/** What a webhook says about routines. */
export type RoutineHint =
  /** Files below `.github/routines` may have changed. */
  | { readonly kind: 'files'; readonly place: RoutinePlace }
  /** A person pressed the button of a check that shows proposed routines; `key` exists once for each press. */
  | { readonly kind: 'activation'; readonly place: RoutinePlace; readonly by: string; readonly proposal: string; readonly key: string }
  /** An event that routines may be started by; `key` exists once for each happening. */
  | { readonly kind: 'event'; readonly place: RoutinePlace; readonly event: RoutineEvent; readonly key: string };

export function routinesSubject(repositoryId: number): string {
  return `routines:${repositoryId}`;
}

/** Takes a hint, durably when it resolves; the same hint twice does nothing more. */
export async function takeHint({ routines, watches, clock }: { readonly routines: Routines; readonly watches: Pick<Watches, 'add' | 'hasten'>; readonly clock: Clock }, hint: RoutineHint): Promise<void> {
  const now = clock.now();
  const { id } = hint.place.repository;
  if (hint.kind === 'files') {
    const subject = routinesSubject(id);
    await watches.add([{ subject, memory: hint.place, lookAt: now }]);
    return watches.hasten(now, subject);
  }
  if (hint.kind === 'activation') {
    const { place, by, proposal } = hint;
    const asked: ActivationAsked = { place, by, proposal, askedAt: now };
    // What GitHub must be asked for is asked later: a webhook is acknowledged once it is stored.
    return watches.add([{ subject: `activation:${id}:${hint.key}`, memory: asked as unknown as Json, lookAt: now }]);
  }
  for (const routine of await routines.ofRepository(id)) {
    if (statusOf(routine) !== 'active' || routine.definition === null || !isStartedBy(routine.definition, hint.event)) continue;
    await routines.add(routine, { key: `event:${hint.key}`, trigger: 'event', due: now, decided: 'queued', detail: wordsOf(hint.event) }, now);
  }
}

function wordsOf(event: RoutineEvent): string {
  if (event.kind === 'push') return `push to ${event.ref.kind === 'tag' ? 'tag ' : ''}${event.ref.name.slice(0, 200)}`;
  return event.kind === 'repository-dispatch' ? `repository_dispatch ${event.type}` : `${event.workflow}: ${event.conclusion}`;
}
