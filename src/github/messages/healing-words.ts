import type { Mission, PhaseState } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { sentence } from './sentence.ts';
import { someOf } from './words.ts';

/** What the repairs of a gate are doing, or why they ended; null where there are none. */
export function healingWords(ink: Ink, mission: Mission, phase: PhaseState): string | null {
  const rule = mission.index.phases.get(phase.id)?.gate?.heal;
  const { healing } = phase;
  if (!rule || healing === undefined) return null;
  if (healing.stopped !== undefined) return `No further repair begins by itself: ${sentence(ink, healing.stopped, 300)}.`;
  if (phase.status !== 'running' || healing.tasks.length === 0) return null;
  const round = healing.rounds === 0 ? '' : `, round ${healing.rounds} of ${rule.maxRounds}`;
  return `It is being repaired${round}: ${someOf(healing.tasks.map((id) => ink.code(id)), 6)}. When that is done it is examined again by itself.`;
}
