import type { Mission, PhaseState } from '../mission/state.ts';
import type { Verdict } from './verdict.ts';

/** Whatever else a task is, it is under way: every word more would be a write to GitHub more. */
const states = { done: 'passed', skipped: 'passed', failed: 'failed', blocked: 'failed' } as const;

/** How far the repairs of a gate are; null where none was begun, or the gate is open. */
export function healingVerdict(mission: Mission, { id, gate, healing }: PhaseState): Verdict | null {
  const maximum = mission.index.phases.get(id)?.gate?.heal?.maxRounds;
  if (healing === undefined || maximum === undefined || gate.status === 'open' || (healing.rounds === 0 && healing.stopped === undefined)) return null;
  const children = healing.tasks.map((task): Verdict => {
    const status = mission.tasks.get(task)?.status ?? 'pending';
    const state = Object.hasOwn(states, status) ? states[status as keyof typeof states] : 'pending';
    return { name: task, state, expected: null, measured: state === 'pending' ? 'under way' : status, reason: state === 'failed' ? (mission.tasks.get(task)?.reason ?? null) : null, children: [] };
  });
  return {
    name: 'healing',
    state: healing.stopped === undefined ? 'pending' : 'waiting',
    expected: maximum === 1 ? 'at most 1 round' : `at most ${maximum} rounds`,
    measured: `round ${healing.rounds}`,
    reason: healing.stopped === undefined ? null : `stopped: ${healing.stopped}`,
    children,
  };
}

/** True while tasks repair what kept the gate shut: it is examined again by itself. */
export function isHealing({ status, gate, healing }: PhaseState): boolean {
  return status === 'running' && healing !== undefined && healing.stopped === undefined && (gate.status === 'failed' || gate.status === 'rejected');
}
