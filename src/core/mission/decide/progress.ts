import { activeCount, phaseOf, taskOf } from '../state.ts';
import type { Mission, TaskState } from '../state.ts';
import type { Draft } from './draft.ts';
import { examineAgain } from './trunk.ts';

/**
 * Emits everything that follows by itself from the present state: phases start, tasks are queued up to the limit, guards
 * run, gates open, the mission ends. Costs O(phases + tasks queued now), whatever the size of the mission.
 */
export function progress(draft: Draft): void {
  for (;;) {
    const mission = draft.mission;
    if (!mission || mission.status === 'paused' || mission.status === 'planned') return;
    if (mission.status === 'completed' || mission.status === 'cancelled' || mission.status === 'failed') return;
    const before = draft.events.length;
    for (const phase of mission.plan.phases) advancePhase(draft, phase.id);
    queueTasks(draft);
    endMission(draft);
    if (draft.events.length === before) return;
  }
}

function advancePhase(draft: Draft, id: string): void {
  const mission = draft.mission;
  const phase = mission && phaseOf(mission, id);
  const planned = mission?.index.phases.get(id);
  if (!mission || !phase || !planned) return;
  if (phase.status === 'pending' && planned.needs.every((need) => phaseOf(mission, need)?.status === 'complete')) {
    draft.emit({ type: 'phase.started', phase: id });
  } else if (phase.status === 'running' && phase.open === 0) {
    if (planned.gate === null) draft.emit({ type: 'phase.completed', phase: id });
    else examineAgain(draft, id, 'all tasks of the phase are done');
  } else if (phase.status === 'gate') {
    advanceGate(draft, mission, id);
  }
}

function advanceGate(draft: Draft, mission: Mission, id: string): void {
  const gate = phaseOf(mission, id)?.gate;
  const rule = mission.index.phases.get(id)?.gate;
  if (!gate || !rule) return;
  if (gate.status === 'awaiting' && gate.head !== null && gate.approvals.length >= rule.approvals.count) {
    draft.emit({ type: 'gate.opened', phase: id, round: gate.round, head: gate.head });
    draft.emit({ type: 'phase.completed', phase: id });
  }
}

function queueTasks(draft: Draft): void {
  for (;;) {
    const mission = draft.mission;
    if (!mission) return;
    if (activeCount(mission.counts) >= mission.plan.settings.maxParallel) return;
    const stopped = mission.plan.settings.failFast && hasFailed(mission);
    const id = mission.ready.find((candidate) => mayStart(taskOf(mission, candidate), stopped));
    const task = id === undefined ? null : taskOf(mission, id);
    if (!task) return;
    draft.emit({ type: 'task.queued', task: task.id, attempt: task.attempt + 1, base: mission.trunk.head });
  }
}

/** After a failure that stops everything else, a task still starts when a person asked for it: `/retry` set its counters back. */
function mayStart(task: TaskState | null, stopped: boolean): boolean {
  if (task?.status !== 'ready') return false;
  return !stopped || (task.attempt > 0 && task.failures === 0 && task.losses === 0);
}

function hasFailed(mission: Mission): boolean {
  return mission.plan.phases.some((phase) => (phaseOf(mission, phase.id)?.failed ?? 0) > 0);
}

function endMission(draft: Draft): void {
  const mission = draft.mission;
  if (!mission) return;
  if (mission.plan.phases.every((phase) => phaseOf(mission, phase.id)?.status === 'complete')) return complete(draft, mission);
  const failed = mission.plan.phases.filter((phase) => (phaseOf(mission, phase.id)?.failed ?? 0) > 0);
  if (failed.length === 0 || activeCount(mission.counts) > 0) return;
  const { failFast } = mission.plan.settings;
  const waitsForSomething =
    mission.counts.retrying > 0 ||
    mission.counts.ready > 0 ||
    mission.plan.phases.some((phase) => phaseOf(mission, phase.id)?.status === 'gate') ||
    mission.plan.phases.some((phase) => isFresh(mission, phase.id));
  if (!failFast && waitsForSomething) return;
  for (const phase of failed) {
    if (phaseOf(mission, phase.id)?.status === 'failed') continue;
    const tasks = (mission.index.tasksOfPhase.get(phase.id) ?? []).filter((id) => taskOf(mission, id)?.status === 'failed');
    draft.emit({ type: 'phase.failed', phase: phase.id, tasks });
  }
  draft.emit({ type: 'mission.failed', reason: `failed: ${failed.map((phase) => phase.id).join(', ')}` });
}

/** A phase that will start in the next round of this loop. */
function isFresh(mission: Mission, id: string): boolean {
  const needs = mission.index.phases.get(id)?.needs ?? [];
  return phaseOf(mission, id)?.status === 'pending' && needs.every((need) => phaseOf(mission, need)?.status === 'complete');
}

/** With a merge wanted, the mission is complete when the change has landed; otherwise when the last gate is open. */
function complete(draft: Draft, mission: Mission): void {
  const landed = mission.plan.settings.merge === 'none' || mission.trunk.head === mission.trunk.base || mission.pull?.state === 'merged';
  if (landed) draft.emit({ type: 'mission.completed' });
}

