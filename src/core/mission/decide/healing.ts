import type { Actor } from '../actor.ts';
import { systemActor } from '../actor.ts';
import { diagnose } from '../../gate/healing.ts';
import type { Ailment } from '../../gate/healing.ts';
import type { HealRule } from '../heal.ts';
import { hasLanded, phaseOf, taskOf } from '../state.ts';
import type { Mission, PhaseState } from '../state.ts';
import type { Draft } from './draft.ts';
import { healTasks } from './heal-tasks.ts';

/**
 * A gate that did not pass repairs itself where its definition says so: tasks are made from its reasons, and when they are done it is
 * examined again. At most so many rounds in a row; then, or when a repair failed or nothing can be repaired, it waits for a person.
 */
export function healGate(draft: Draft, mission: Mission, phase: PhaseState): void {
  const rule = mission.index.phases.get(phase.id)?.gate?.heal;
  const { gate, healing } = phase;
  if (!rule || healing?.stopped !== undefined || hasLanded(mission)) return;
  // Without lines the guards could not run: that is no matter of the work.
  const isDue = gate.status === 'failed' ? gate.lines.length > 0 : gate.status === 'rejected' && rule.onRejection === true;
  if (!isDue) return;
  const rounds = healing?.rounds ?? 0;
  const stop = (reason: string): void => draft.emit({ type: 'healing.stopped', phase: phase.id, rounds, reason });
  const failed = (healing?.tasks ?? []).filter((id) => taskOf(mission, id)?.status === 'failed');
  if (failed.length > 0) return stop(`the repair failed: ${failed.join(', ')}`);
  if (rounds >= rule.maxRounds) return stop(`${rounds === 1 ? '1 round' : `${rounds} rounds`} of repair did not make it pass`);
  const tasks = healTasks(mission, { phase: phase.id, gateRound: gate.round, number: rounds + 1, rule }, ailmentsOf(phase));
  if (tasks.length === 0) return stop('no task can repair what keeps it shut');
  draft.emit({ type: 'healing.started', phase: phase.id, round: gate.round, number: rounds + 1, maximum: rule.maxRounds satisfies HealRule['maxRounds'], tasks: tasks.map(({ id }) => id) });
  for (const task of tasks) draft.emit({ type: 'task.added', task, by: systemActor });
}

function ailmentsOf({ gate }: PhaseState): readonly Ailment[] {
  if (gate.status !== 'rejected') return diagnose(gate);
  return [{ class: 'rejection', rules: [], reasons: [gate.reason ?? 'no reason given'], findings: [] }];
}

/** A person wants the gate to be looked at again: its rounds of repair are counted from the beginning. */
export function forgetHealing(draft: Draft, id: string, by: Actor): void {
  if (draft.mission && phaseOf(draft.mission, id)?.healing !== undefined) draft.emit({ type: 'healing.reset', phase: id, by });
}
