import { systemActor } from '../actor.ts';
import type { Actor } from '../actor.ts';
import type { Problem } from '../definition.ts';
import { makePlan } from '../plan.ts';
import type { Signal } from '../signal.ts';
import type { EventBody, Said } from '../event.ts';
import { refusalDigest } from '../evolve.ts';
import type { Mission } from '../state.ts';
import { budgetOf, spentIn } from '../scopes.ts';
import { inUnits } from '../spending.ts';
import { mayAct, reaches, steeringRole } from './authority.ts';
import { usedUp } from './budgets.ts';
import { accept, refuse } from './draft.ts';
import { policyProblems } from './policy-problems.ts';
import type { Draft, Entry } from './draft.ts';

/** Labels put within this time were put together. */
const sameMomentMs = 10_000;

type Requested = Extract<Signal, { kind: 'mission.requested' | 'issue.edited' }>;

/** An issue asks to become a mission: by its label, or again by an edit after a refusal. */
export function requestMission(draft: Draft, entry: Entry<Requested>): void {
  const { signal, facts } = entry;
  const { actor, source } = signal;
  if (actor.kind === 'bot') return;
  if (draft.mission) {
    if (signal.kind === 'mission.requested') requestAgain(draft, entry, draft.mission);
    return;
  }
  if (facts.labels && !facts.labels.includes('mission')) return;
  if (actor.kind === 'person' && !reaches(facts.authority, steeringRole)) {
    // An edit by somebody who may not start missions is no new request: the first refusal stands.
    if (signal.kind === 'issue.edited') return;
    const reason = facts.authority?.known ? `role ${facts.authority.role}` : (facts.authority?.reason ?? 'not looked up');
    return refuseMission(draft, { type: 'mission.refused', source, requestedBy: actor, problems: [], code: 'permission', reason });
  }
  const { reading, trunk } = facts;
  if (!reading || !trunk) return;
  const planned = reading.ok ? makePlan(reading.definition) : null;
  const against = reading.ok && planned?.ok === true ? policyProblems(planned.value, facts.policy, reading.definedIn) : [];
  if (!reading.ok || !planned?.ok || against.length > 0) {
    const problems = against.length > 0 ? against : reading.ok ? planProblems(planned, reading.definedIn) : reading.problems;
    return refuseMission(draft, { type: 'mission.refused', source, requestedBy: actor, problems: problems.slice(0, 100), code: 'problems', reason: `${problems.length} problem(s) in the definition` });
  }
  draft.emit({
    type: 'mission.planned',
    source,
    plan: planned.value,
    requestedBy: actor,
    baseCommit: trunk.head,
    definedIn: reading.definedIn,
    adopted: reading.items?.map(({ taskId, line }) => ({ taskId, line })) ?? null,
  });
  for (const item of reading.items ?? []) {
    if (item.checked) draft.emit({ type: 'task.completed-by-hand', task: item.taskId, by: actor });
  }
}

/** The same request may come by label, by edit and by re-reading; the same refusal twice is no news. */
function refuseMission(draft: Draft, body: Extract<EventBody, { type: 'mission.refused' }>): void {
  if (draft.state?.status === 'refused' && draft.state.refusal === refusalDigest(body)) return;
  draft.emit(body);
}

/** The label was put on again, or the issue reopened. */
function requestAgain(draft: Draft, entry: Entry<Requested>, mission: Mission): void {
  const { actor } = entry.signal;
  // A mission runs once, and people are told how to begin anew.
  if (mission.status === 'cancelled') return refuse(draft, entry, actor, 'mission-over', { status: 'cancelled' });
  if (mission.status !== 'paused' || mission.unlabelled !== true || entry.facts.labels?.includes('mission') !== true || !mayAct(draft, entry, actor)) return;
  if (!refuseWithoutBudget(draft, entry, actor, mission)) draft.emit({ type: 'mission.resumed', by: actor });
}

function planProblems(planned: ReturnType<typeof makePlan> | null, file: string): readonly Problem[] {
  if (!planned || planned.ok) return [];
  return planned.error.map(({ code, message }) => ({ code, file, line: 0, column: 0, message }));
}

/** `mission:queue`: starts the mission; afterwards tasks start by themselves as they become ready. */
export function queueMission(draft: Draft, entry: Entry<Extract<Signal, { kind: 'mission.queue-requested' }>>): void {
  const { actor } = entry.signal;
  const { mission } = draft;
  if (actor.kind === 'bot') return;
  if (!mission && draft.state?.status !== 'refused') return;
  // The label is taken off again in any case, so that it can be put again.
  draft.emit({ type: 'label.consumed', label: 'mission:queue', key: entry.key });
  if (!mission) {
    // Both labels at once: the refusal itself says what to do, a second answer would only be noise.
    const together = draft.state?.status === 'refused' && draft.now - draft.state.refusedAt < sameMomentMs;
    if (!together) refuse(draft, entry, actor, 'no-plan');
    return;
  }
  if (!mayAct(draft, entry, actor)) return;
  if (mission.status === 'planned') draft.emit({ type: 'mission.queued', by: actor });
  else if (mission.status === 'paused') queueWhilePaused(draft, entry, actor, mission);
  else if (mission.status !== 'running') refuse(draft, entry, actor, 'mission-over', { status: mission.status });
}

/** Started and paused at once, in whatever order the two arrived: it starts when it is resumed. */
function queueWhilePaused(draft: Draft, entry: Entry, actor: Actor, mission: Mission): void {
  if (!mission.queued) draft.emit({ type: 'mission.queued', by: actor });
  // A no for now, with the way out.
  refuse(draft, entry, actor, 'queue-while-paused', { by: mission.pausedBy?.login ?? '' });
}

type Steering = Extract<Signal, { kind: 'mission.pause-requested' | 'mission.resume-requested' | 'command.given' }>;

/** Nothing new starts while a mission is paused; running attempts finish. */
export function pauseMission(draft: Draft, entry: Entry<Steering>): void {
  const { actor } = entry.signal;
  const { mission } = draft;
  const { signal } = entry;
  if (signal.kind === 'mission.pause-requested' && signal.why === 'unlabelled') return pauseUnlabelled(draft, { ...entry, signal });
  if (!mission || isOutdated(entry, true) || !mayAct(draft, entry, actor)) return;
  if (isOvertaken(mission, entry)) return accept(draft, entry, actor, 'overtaken', {}, true);
  // Paused for its budget alone it would go on with a larger one; now it waits for the person too.
  if (mission.status === 'running' || mission.status === 'planned' || mission.pausedFor !== undefined) draft.emit({ type: 'mission.paused', by: actor, ...saidIn(entry) });
  else if (mission.status !== 'paused') return refuse(draft, entry, actor, 'mission-over', { status: mission.status });
  accept(draft, entry, actor, 'paused');
}

/** Without its label an issue is shown as no mission: nothing more starts until the label is back. */
function pauseUnlabelled(draft: Draft, entry: Entry<Extract<Signal, { kind: 'mission.pause-requested' }>>): void {
  const { actor } = entry.signal;
  const { mission } = draft;
  if (!mission || entry.facts.labels?.includes('mission') === true) return;
  if ((mission.status !== 'running' && mission.status !== 'planned') || !mayAct(draft, entry, actor)) return;
  draft.emit({ type: 'mission.paused', by: actor, why: 'unlabelled' });
  refuse(draft, entry, actor, 'paused-unlabelled');
}

export function resumeMission(draft: Draft, entry: Entry<Steering>): void {
  const { actor } = entry.signal;
  const { mission } = draft;
  if (!mission || isOutdated(entry, false) || !mayAct(draft, entry, actor)) return;
  if (isOvertaken(mission, entry)) return accept(draft, entry, actor, 'overtaken', {}, true);
  if (mission.status === 'paused' && refuseWithoutBudget(draft, entry, actor, mission)) return;
  const isCommand = entry.signal.kind === 'command.given';
  if (mission.status === 'planned' && isCommand) draft.emit({ type: 'mission.queued', by: actor });
  // Said of a mission that runs it is noted all the same: an older `/pause` may still be on its way.
  if (mission.status === 'paused' || isCommand && (mission.status === 'running' || mission.status === 'planned')) draft.emit({ type: 'mission.resumed', by: actor, ...saidIn(entry) });
  else if (mission.status !== 'running' && mission.status !== 'planned') return refuse(draft, entry, actor, 'mission-over', { status: mission.status });
  accept(draft, entry, actor, 'resumed');
}

/** Nothing would start: a larger budget has to come first. Then it goes on by itself, whoever had paused it. */
function refuseWithoutBudget(draft: Draft, entry: Entry, actor: Actor, mission: Mission): boolean {
  const scope = usedUp(mission);
  if (scope === null) return false;
  if (mission.pausedFor === undefined) draft.emit({ type: 'mission.paused', by: systemActor, why: 'budget', scope, ...saidIn(entry) });
  refuse(draft, entry, actor, 'budget-used-up', { scope, spent: { ...inUnits(spentIn(mission, scope)) }, budget: { ...budgetOf(mission, scope) } });
  return true;
}

/** Where in the order of commands this one stands: comments may arrive in any order, the later word counts. */
function saidIn({ signal }: Entry): { readonly said?: Said } {
  return signal.kind === 'command.given' && signal.writtenAt !== undefined ? { said: { at: signal.writtenAt, comment: signal.commentId } } : {};
}

/** A later `/pause` or `/resume` was obeyed already. */
function isOvertaken(mission: Mission, entry: Entry<Steering>): boolean {
  const { said } = saidIn(entry);
  const latest = mission.steered;
  return said !== undefined && latest !== undefined && (said.at < latest.at || (said.at === latest.at && said.comment < latest.comment));
}

/** Label signals may arrive late or swapped: the labels that are on the issue now decide. */
function isOutdated(entry: Entry<Steering>, labelled: boolean): boolean {
  if (entry.signal.kind === 'command.given' || !entry.facts.labels) return false;
  return entry.facts.labels.includes('mission:pause') !== labelled;
}
