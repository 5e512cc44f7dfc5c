import { reaches, steeringRole } from '../../core/mission/decide/authority.ts';
import { systemActor } from '../../core/mission/actor.ts';
import { proposalOf, statusOf } from '../../core/schedule/routine.ts';
import type { Json } from '../../kit/json.ts';
import { isJsonObject } from '../../kit/json.ts';
import { HostError } from '../ports/repository-host.ts';
import type { RepositoryHost } from '../ports/repository-host.ts';
import type { RoutinePlace } from '../ports/routines.ts';
import { dueFromNow, reportRoutines } from './look.ts';
import type { LookOutcome, LookParts } from './look.ts';

/** A press of the button that activates what a check shows as proposed, as it lies on the agenda until it is decided. */
export interface ActivationAsked {
  readonly place: RoutinePlace;
  readonly by: string;
  /** Names what the check showed as proposed. */
  readonly proposal: string;
  readonly askedAt: number;
}

/** A look-up that GitHub puts off for longer than this is given up; the button is still there. */
const patienceMs = 24 * 60 * 60_000;
const over = (memory: Json): LookOutcome => ({ memory, quiet: true, over: true });

/**
 * Lets the person who pressed the button stand for the proposed routines that the check showed, if that is still what it would show, and
 * if they may start missions as of now. Whatever was pressed for something else, or by somebody who may not, changes nothing.
 */
export async function activateRoutines(parts: Omit<LookParts, 'read'> & { readonly repositories: Pick<RepositoryHost, 'authorityOf'> }, memory: Json): Promise<LookOutcome> {
  const { routines, repositories, clock, log } = parts;
  const asked = askedIn(memory);
  if (asked === null || clock.now() - asked.askedAt > patienceMs) return over(memory);
  const { place, by } = asked;
  const all = (await routines.ofRepository(place.repository.id)).filter(({ removed }) => !removed);
  const refuse = (reason: string): LookOutcome => {
    log.warn('a button to activate routines was pressed in vain', { repository: place.repository.id, by, reason });
    return over(memory);
  };
  if (proposalOf(all) !== asked.proposal) return refuse('something else is proposed by now');
  const authority = await repositories.authorityOf({ ...place, issue: { number: 0, title: '', author: systemActor } }, by);
  if (!authority.known) throw new HostError('network', `what ${by} may do could not be looked up: ${authority.reason}`);
  if (!reaches(authority, steeringRole)) return refuse(`the role ${authority.role} may not start missions`);
  for (const routine of all.filter((one) => statusOf(one) === 'proposed')) {
    const stands = dueFromNow({ ...routine, activatedBy: by, standing: `${by} activated it by the button of the check` }, clock.now());
    if (await routines.steer(stands, clock.now())) log.info('a routine was activated', { repository: place.repository.id, routine: routine.name, by });
  }
  await reportRoutines(parts, place);
  return over(memory);
}

function askedIn(memory: Json): ActivationAsked | null {
  const isWhole = isJsonObject(memory) && isJsonObject(memory['place']) && typeof memory['by'] === 'string' && typeof memory['proposal'] === 'string' && typeof memory['askedAt'] === 'number';
  // Our own row: what is in it was written by `takeHint`.
  return isWhole ? (memory as unknown as ActivationAsked) : null;
}
