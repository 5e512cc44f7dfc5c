import { activeCount, allPassed, phaseOf, taskOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Draft } from './draft.ts';
import { missionOutputs } from './evaluate.ts';
import { failMission } from './fail-mission.ts';
import { failedTasks, mayBegin } from './phases.ts';
import { startRollback } from './rollback.ts';
import { afterSettling, skipWaitingItems } from './settle.ts';
import { nextToStart } from './start.ts';
import { hasFailedIn, isCleanUp, stopsAll } from './stops.ts';

/** Ends a mission whose phases are all passed, or in which nothing goes on any more because something failed. */
export function endMission(draft: Draft): void {
  const mission = draft.mission;
  if (mission?.status !== 'running') return;
  if (allPassed(mission)) return complete(draft, mission);
  const failed = mission.plan.phases.filter((phase) => hasFailedIn(mission, phase.id));
  if (failed.length === 0 || activeCount(mission.counts) > 0 || nextToStart(mission) !== null) return;
  if (mission.plan.phases.some((phase) => phaseOf(mission, phase.id)?.status === 'pending' && mayBegin(mission, phase.id))) return;
  if (stopsAll(mission) ? willCleanUp(mission) || makeWayForCleanUp(draft, mission) : waitsForSomething(mission)) return;
  conclude(draft, `failed: ${failed.map((phase) => phase.id).join(', ')}`);
}

/** The mission has failed: its phases with it, and what succeeded is undone first where that is wanted. */
export function conclude(draft: Draft, reason: string): void {
  const mission = draft.mission;
  if (!mission) return;
  for (const { id } of mission.plan.phases) {
    if (phaseOf(mission, id)?.status === 'failed' || !hasFailedIn(mission, id)) continue;
    draft.emit({ type: 'phase.failed', phase: id, tasks: failedTasks(mission, id) });
  }
  if (mission.plan.settings.onFailure === 'rollback' && startRollback(draft, reason)) return;
  failMission(draft, reason);
}

function waitsForSomething(mission: Mission): boolean {
  return mission.counts.retrying > 0 || mission.counts.waiting > 0 || mission.plan.phases.some((phase) => phaseOf(mission, phase.id)?.status === 'gate');
}

/** Something that is there for a failure is tried again. */
function willCleanUp(mission: Mission): boolean {
  return mission.counts.retrying > 0 && mission.tasks.some(({ id, status }) => status === 'retrying' && isCleanUp(mission, id));
}

/**
 * The first failure stopped everything: what had not started will not, and tasks that ask for what went wrong need not wait for
 * it any longer. True when some of them are free now.
 */
function makeWayForCleanUp(draft: Draft, mission: Mission): boolean {
  const waiting = [...mission.index.tolerant].some((id) => {
    const phase = mission.index.tasks.get(id)?.phase ?? '';
    return taskOf(mission, id)?.status === 'pending' && phaseOf(mission, phase)?.status === 'running';
  });
  const cause = mission.plan.phases.flatMap(({ id }) => (hasFailedIn(mission, id) ? failedTasks(mission, id) : []))[0];
  if (!waiting || cause === undefined) return false;
  const ids = mission.plan.tasks.map(({ id }) => id).filter((id) => phaseOf(mission, mission.index.tasks.get(id)?.phase ?? '')?.status === 'running');
  const before = draft.events.length;
  for (const id of ids.filter((group) => taskOf(mission, group)?.status === 'expanded')) {
    draft.emit({ type: 'task.failed', task: id, attempt: 0, failure: 'cancelled', reason: `not finished, because ${cause} failed`, evidence: null, final: true, retryAt: null });
    skipWaitingItems(draft, id, cause, 'fail-fast', `not started, because ${cause} failed`);
    afterSettling(draft, id);
  }
  const stopped = ids.filter((id) => !mission.index.tolerant.has(id) && ['pending', 'ready', 'retrying', 'waiting'].includes((draft.mission && taskOf(draft.mission, id))?.status ?? ''));
  if (stopped.length > 0) draft.emit({ type: 'tasks.blocked', tasks: stopped, cause, why: 'fail-fast' });
  return draft.events.length > before;
}

/** With a merge wanted, the mission is complete when the change has landed; otherwise when the last gate is open. */
function complete(draft: Draft, mission: Mission): void {
  const landed = mission.plan.settings.merge === 'none' || mission.trunk.head === mission.trunk.base || mission.pull?.state === 'merged';
  if (!landed) return;
  const outputs = missionOutputs(mission);
  draft.emit({ type: 'mission.completed', ...(outputs === null ? {} : { outputs }) });
}
