import type { Draft } from './draft.ts';
import { missionOutputs } from './evaluate.ts';

/** `partially-failed` only where the mission was told to go on after failures, and something is done that was not undone. */
export function failMission(draft: Draft, reason: string): void {
  const mission = draft.mission;
  if (!mission) return;
  const partially = !mission.plan.settings.failFast && mission.rollback === undefined && mission.counts.done > 0;
  const outputs = missionOutputs(mission);
  draft.emit({ type: 'mission.failed', reason, ...(partially ? { partially } : {}), ...(outputs === null ? {} : { outputs }) });
}
