import { contextOfPhase } from '../context.ts';
import { criteriaAreMet } from '../criteria.ts';
import { judgeGateApprovals } from '../gate-approvals.ts';
import { laneOf } from '../lanes.ts';
import { isPassed, phaseOf, taskOf } from '../state.ts';
import type { Mission, PhaseState } from '../state.ts';
import type { PlannedPhase } from '../plan.ts';
import type { Draft } from './draft.ts';
import { holds, unmet } from './evaluate.ts';
import { giveUpBehind, skipDependents } from './settle.ts';
import { healGate } from './healing.ts';
import { hasFailedIn, isCleanUp, isCleanUpPhase, stopsAll, stopsItself } from './stops.ts';
import { examineAgain } from './trunk.ts';

/** What follows by itself for one phase: it starts or is skipped, its work is over, its gate opens. */
export function advancePhase(draft: Draft, id: string): void {
  const mission = draft.mission;
  const phase = mission && phaseOf(mission, id);
  const planned = mission?.index.phases.get(id);
  if (!mission || !phase || !planned) return;
  if (phase.status === 'pending' && mayBegin(mission, id)) begin(draft, mission, planned);
  else if (phase.status === 'running' && phase.open === 0) finishWork(draft, mission, planned, phase);
  else if (phase.status === 'running' && phase.failed > 0) standStill(draft, mission, planned, phase);
  else if (phase.status === 'gate') advanceGate(draft, mission, id);
}

/** A phase that asks for what went wrong waits until the phases before it are over, however that went. */
export function mayBegin(mission: Mission, id: string): boolean {
  const needs = mission.index.phases.get(id)?.needs ?? [];
  return isCleanUpPhase(mission, id) ? needs.every((need) => isOverFor(mission, need, new Set())) : needs.every((need) => isPassed(phaseOf(mission, need)));
}

/** Passed, failed, or waiting for one that failed. */
function isOverFor(mission: Mission, id: string, seen: Set<string>): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const phase = phaseOf(mission, id);
  if (isPassed(phase) || phase?.status === 'failed') return true;
  if (phase?.status !== 'pending' || isCleanUpPhase(mission, id)) return false;
  return (mission.index.phases.get(id)?.needs ?? []).some((need) => phaseOf(mission, need)?.status === 'failed' || (phaseOf(mission, need)?.status === 'pending' && isOverFor(mission, need, seen)));
}

function begin(draft: Draft, mission: Mission, planned: PlannedPhase): void {
  const { id } = planned;
  if (planned.if === undefined) return draft.emit({ type: 'phase.started', phase: id });
  const held = holds('if', planned.if, contextOfPhase(mission, id));
  if (!held.ok) return draft.emit({ type: 'phase.failed', phase: id, tasks: [], reason: held.error });
  if (held.value) return draft.emit({ type: 'phase.started', phase: id });
  draft.emit({ type: 'phase.skipped', phase: id, reason: unmet(planned.if) });
  for (const task of mission.index.tasksOfPhase.get(id) ?? []) {
    if (draft.mission && taskOf(draft.mission, task)?.skip === 'phase') skipDependents(draft, task);
  }
}

/** Every task is settled: another round, the gate, or the end of the phase. */
function finishWork(draft: Draft, mission: Mission, planned: PlannedPhase, phase: PhaseState): void {
  const { id, until } = planned;
  // What was repaired is examined again; the rounds of the work itself are over.
  const isRepaired = phase.healing !== undefined && phase.gate.status !== 'closed';
  if (planned.mode === 'iterative' && until !== undefined && !isRepaired) {
    const round = phase.round ?? 1;
    const held = holds('until', until.condition, { ...contextOfPhase(mission, id), round });
    if (!held.ok) return draft.emit({ type: 'phase.failed', phase: id, tasks: [], reason: held.error });
    if (!held.value && round < until.maxRounds) return draft.emit({ type: 'phase.repeated', phase: id, round: round + 1 });
    if (!held.value) return draft.emit({ type: 'phase.failed', phase: id, tasks: [], reason: `until (${until.condition.trim()}) did not hold after ${until.maxRounds === 1 ? '1 round' : `${until.maxRounds} rounds`}` });
  }
  leaveWork(draft, planned);
}

function leaveWork(draft: Draft, { id, gate }: PlannedPhase): void {
  if (gate === null) draft.emit({ type: 'phase.completed', phase: id });
  else examineAgain(draft, id, 'all tasks of the phase are done');
}

/** Something failed, and nothing in the phase goes on by itself. */
function standStill(draft: Draft, mission: Mission, planned: PlannedPhase, phase: PhaseState): void {
  const { id } = planned;
  const lane = laneOf(mission.ready, id);
  if (planned.mode === 'partial' && lane.moving > 0) return;
  if (planned.mode === 'partial' && lane.done === 0) return draft.emit({ type: 'phase.failed', phase: id, tasks: failedTasks(mission, id) });
  if (planned.mode === 'partial') {
    // Nobody will try them again once the phase is over: what waits for them is passed over.
    const failed = failedTasks(mission, id);
    for (const task of failed) giveUpBehind(draft, task);
    if ((draft.mission && phaseOf(draft.mission, id))?.open === phase.failed) leaveWork(draft, planned);
    return;
  }
  // Otherwise the mission's end says so; only those who wait for a failure have to know at once.
  if (hasFailedIn(mission, id) && isStuck(mission, id) && mission.plan.phases.some((other) => isCleanUpPhase(mission, other.id))) {
    draft.emit({ type: 'phase.failed', phase: id, tasks: failedTasks(mission, id) });
  }
}

/** Nothing of the phase is under way, and nothing of it may begin. */
function isStuck(mission: Mission, id: string): boolean {
  const lane = laneOf(mission.ready, id);
  if (lane.moving === 0) return true;
  return lane.active === 0 && (stopsAll(mission) || stopsItself(mission, id)) && !lane.ready.some((task) => mission.index.tolerant.has(task)) && !willCleanUp(mission, id);
}

/** Something of the phase that is there for a failure is tried again. */
function willCleanUp(mission: Mission, id: string): boolean {
  return mission.counts.retrying > 0 && (mission.index.tasksOfPhase.get(id) ?? []).some((task) => taskOf(mission, task)?.status === 'retrying' && isCleanUp(mission, task));
}

export function failedTasks(mission: Mission, phase: string): readonly string[] {
  return (mission.index.tasksOfPhase.get(phase) ?? []).filter((id) => taskOf(mission, id)?.status === 'failed');
}

function advanceGate(draft: Draft, mission: Mission, id: string): void {
  const phase = phaseOf(mission, id);
  if (!phase || mission.index.phases.get(id)?.gate === null) return;
  const { gate } = phase;
  if (gate.status === 'failed' || gate.status === 'rejected') return healGate(draft, mission, phase);
  // A gate that was shut when what it stood on ended may wait again long after: for what the trunk holds now.
  if (gate.status === 'awaiting' && gate.head !== mission.trunk.head) return examineAgain(draft, id, 'the trunk has moved since it was examined');
  if (gate.status === 'awaiting' && gate.head !== null && judgeGateApprovals(mission, id)?.state === 'passed' && criteriaAreMet(mission, id)) {
    draft.emit({ type: 'gate.opened', phase: id, round: gate.round, head: gate.head });
    draft.emit({ type: 'phase.completed', phase: id });
  }
}

