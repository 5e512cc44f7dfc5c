import { isPassed, phaseOf } from '../state.ts';
import { advancePhase } from './phases.ts';
import { endMission } from './ending.ts';
import { continueRollback } from './rollback.ts';
import type { Draft } from './draft.ts';
import { pauseWithoutBudget, startTasks } from './start.ts';

/**
 * Emits everything that follows by itself from the present state: phases start, tasks are queued up to the limit, guards
 * run, gates open, the mission ends. Costs O(phases) for every task queued now, whatever the size of the mission.
 */
export function progress(draft: Draft): void {
  for (;;) {
    const mission = draft.mission;
    if (mission?.status !== 'running') return;
    const before = draft.events.length;
    if (mission.rollback === undefined) {
      for (const phase of mission.plan.phases) if (!isPassed(phaseOf(mission, phase.id))) advancePhase(draft, phase.id);
      startTasks(draft);
      endMission(draft);
      pauseWithoutBudget(draft);
    } else {
      startTasks(draft);
      continueRollback(draft);
    }
    if (draft.events.length === before) return;
  }
}
