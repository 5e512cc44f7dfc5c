import type { Json } from '../../../kit/json.ts';
import { systemActor } from '../actor.ts';
import type { Actor } from '../actor.ts';
import { isAmong, maximumAssignees, peopleMeant } from '../assignment.ts';
import type { AssignmentLook, ReviewWish } from '../assignment.ts';
import { exclusionOf, isSame } from '../contributors.ts';
import { defaultExclusions } from '../definition.ts';
import type { Signal } from '../signal.ts';
import type { Mission } from '../state.ts';
import { mayAct } from './authority.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';

type CommandEntry = Entry<Extract<Signal, { kind: 'command.given' }>>;

/** Who was left out, and why. */
interface LeftOut {
  readonly login: string;
  readonly why: string;
}

/**
 * `/assign`: assignees of the issue, and a review of the pull request where a gate waits. Who is assigned already is not assigned again, and
 * a review of one commit is requested once; whoever cannot be assigned is named, and the others are assigned nevertheless.
 */
export function assignPeople(draft: Draft, entry: CommandEntry): void {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  if (!mission || !mayAct(draft, entry, actor)) return;
  const look = entry.facts.assignment;
  if (look === undefined) return refuse(draft, entry, actor, 'permission-unknown', { reason: 'not looked up' });
  const { added, left } = sorted(look);
  const wanted = peopleMeant(actor.login, command.arguments).filter((login) => isAmong(login, look.present) || isAmong(login, added));
  const review = reviewOf(mission, wanted);
  const facts = { left: left.map(asFact), assigned: wanted, known: peopleOf(mission, look, actor) };
  if (wanted.length === 0) return refuse(draft, entry, actor, 'nobody-assigned', facts);
  if (added.length > 0 || review !== null) draft.emit({ type: 'people.assigned', people: added, review, by: actor });
  accept(draft, entry, actor, 'assigned', facts, left.length > 0);
}

/** `/unassign`: takes people off the issue, and takes back the reviews that `/assign` requested of them. */
export function unassignPeople(draft: Draft, entry: CommandEntry): void {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  if (!mission || !mayAct(draft, entry, actor)) return;
  const look = entry.facts.assignment;
  if (look === undefined) return refuse(draft, entry, actor, 'permission-unknown', { reason: 'not looked up' });
  const meant = peopleMeant(actor.login, command.arguments);
  const asked = mission.asked ?? [];
  const people = meant.filter((login) => isAmong(login, look.present) || asked.some((one) => isSame(one.login, login)));
  const left = meant.filter((login) => !people.includes(login));
  const facts = { left: left.map((login) => asFact({ login, why: 'not-assigned' })), known: look.present };
  if (people.length === 0) return refuse(draft, entry, actor, 'nobody-unassigned', facts);
  const pull = mission.pull?.state === 'open' ? mission.pull.number : null;
  const reviewing = asked.flatMap(({ login, review }) => (isAmong(login, people) && review !== null && review.pull === pull ? [login] : []));
  const review = reviewing.length === 0 || pull === null ? null : { people: reviewing, pull, head: mission.trunk.head };
  draft.emit({ type: 'people.unassigned', people, review, by: actor });
  accept(draft, entry, actor, 'unassigned', facts, left.length > 0);
}

/** Requests the reviews of people whom `/assign` asked when there was no pull request to review. */
export function requestMissingReviews(draft: Draft): void {
  const { mission } = draft;
  const unasked = (mission?.asked ?? []).filter(({ review }) => review === null).map(({ login }) => login);
  const review = mission ? reviewOf(mission, unasked) : null;
  if (review !== null) draft.emit({ type: 'people.assigned', people: [], review, by: systemActor });
}

/** Those who can be assigned, up to GitHub's limit, and the others. */
function sorted({ present, people }: AssignmentLook): { readonly added: readonly string[]; readonly left: readonly LeftOut[] } {
  const can = people.filter(({ assignable }) => assignable === 'yes').map(({ login }) => login);
  const room = Math.max(0, maximumAssignees - present.length);
  const left = people.flatMap(({ login, assignable }): readonly LeftOut[] => (assignable === 'yes' ? [] : [{ login, why: assignable }]));
  return { added: can.slice(0, room), left: [...left, ...can.slice(room).map((login) => ({ login, why: 'full' }))] };
}

/** The review that is to be requested: of those who wrote nothing of the change, and were not asked to look at this commit before. */
function reviewOf(mission: Mission, people: readonly string[]): ReviewWish | null {
  const waits = mission.plan.phases.some(({ id }) => mission.phases.get(id)?.gate.status === 'awaiting');
  if (!waits || mission.pull?.state !== 'open') return null;
  const { number: pull } = mission.pull;
  const { head } = mission.trunk;
  const wasAsked = (login: string): boolean => (mission.asked ?? []).some(({ login: other, review }) => isSame(other, login) && review?.pull === pull && review.head === head);
  const wanted = people.filter((login) => exclusionOf(mission, defaultExclusions, login) === null && !wasAsked(login));
  return wanted.length === 0 ? null : { people: wanted, pull, head };
}

/** People of the mission, for the one who mistyped a name. */
function peopleOf({ requestedBy, source, trunk }: Mission, { present }: AssignmentLook, actor: Actor): readonly string[] {
  const logins = [requestedBy.login, source.issue.author.login, actor.login, ...present, ...trunk.authors.filter((name) => !name.includes('@'))];
  return [...new Set(logins)].slice(0, 50);
}

function asFact({ login, why }: LeftOut): Json {
  return { login, why };
}
