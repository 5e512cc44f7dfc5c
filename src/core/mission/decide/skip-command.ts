import type { Signal } from '../signal.ts';
import { isPassed, phaseOf, taskOf } from '../state.ts';
import { mayAct } from './authority.ts';
import { isForPeople, isUnderWay, settle } from './checklist-edits.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';

/**
 * `/skip <task> <reason>`: the task is left out, as if it had been taken off the checklist, but with a reason. What has begun, what
 * people are asked, and what a gate already judges is not skipped.
 */
export function skipTaskByHand(draft: Draft, entry: Entry<Extract<Signal, { kind: 'command.given' }>>): void {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  if (!mission || !mayAct(draft, entry, actor)) return;
  if (mission.status === 'cancelled' || mission.status === 'completed') return refuse(draft, entry, actor, 'mission-over', { status: mission.status });
  if (mission.rollback !== undefined) return refuse(draft, entry, actor, 'rolled-back', { finished: mission.rollback.finished });
  const id = command.arguments[0] ?? '';
  const task = taskOf(mission, id);
  if (!task || task.undoes !== undefined) return refuse(draft, entry, actor, 'unknown-task', { task: id, verb: 'skip', known: [...mission.index.tasks.keys()].slice(0, 200) });
  if (task.status === 'done' || task.status === 'skipped') return refuse(draft, entry, actor, 'skip-settled', { task: id, status: task.status });
  if (isForPeople(mission, task)) return refuse(draft, entry, actor, 'skip-asks', { task: id });
  if (isUnderWay(task)) return refuse(draft, entry, actor, 'skip-underway', { task: id, status: task.status });
  const phase = phaseOf(mission, mission.index.tasks.get(id)?.phase ?? '');
  if (phase?.status === 'gate' || isPassed(phase)) return refuse(draft, entry, actor, 'skip-after-gate', { task: id, phase: phase?.id ?? '' });
  settle(draft, task, { type: 'task.skipped', task: id, by: actor, reason: command.text.trim() || 'no reason given' });
  accept(draft, entry, actor, 'skipped', { task: id });
}
