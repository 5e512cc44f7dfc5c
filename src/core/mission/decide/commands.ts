import { isActive, phaseOf, taskOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Signal } from '../signal.ts';
import { assignPeople, unassignPeople } from './assign.ts';
import { mayAct } from './authority.ts';
import { release } from './blocked.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';
import { setBudget } from './budget-command.ts';
import { meetCriterion } from './criteria.ts';
import { approveGate, rejectGate } from './gates.ts';
import { forgetHealing } from './healing.ts';
import { pauseMission, resumeMission } from './request.ts';
import { settleGroup } from './settle.ts';
import { skipTaskByHand } from './skip-command.ts';
import { examineAgain } from './trunk.ts';
import { approveTask, rejectTask } from './waits.ts';
import { confirmWaiver, requestWaiver, withdrawWaiver } from './waivers.ts';

type CommandEntry = Entry<Extract<Signal, { kind: 'command.given' }>>;

/** What each slash command decides. A command that is not listed here was answered by the parser. */
const deciders: { readonly [name: string]: (draft: Draft, entry: CommandEntry) => void } = {
  'approve-gate': (draft, entry) => {
    const { actor, command, via = 'comment' } = entry.signal;
    const [given, second] = command.arguments;
    // `/approve-gate sha=0123abc` leaves out the gate.
    const first = given === '' ? undefined : given;
    // `/approve-gate 0123abc` names a commit, not a gate.
    const commitFirst = first !== undefined && second === undefined && /^[0-9a-f]{7,40}$/i.test(first) && draft.mission?.phases.has(first) === false;
    approveGate(draft, entry, { actor, via, phase: commitFirst ? null : (first ?? null), commit: (commitFirst ? first : second) ?? null });
  },
  'reject-gate': (draft, entry) => {
    const { actor, command, via = 'comment' } = entry.signal;
    rejectGate(draft, entry, { actor, via, phase: command.arguments[0] ?? null, commit: null, reason: command.text });
  },
  approve: approveTask,
  reject: rejectTask,
  retry,
  skip: skipTaskByHand,
  pause: pauseMission,
  resume: resumeMission,
  cancel: (draft, entry) => {
    const { actor, command } = entry.signal;
    const { mission } = draft;
    if (!mission || !mayAct(draft, entry, actor)) return;
    if (mission.status === 'completed' || mission.status === 'cancelled') return refuse(draft, entry, actor, 'mission-over', { status: mission.status });
    draft.emit({ type: 'mission.cancelled', by: actor, reason: [...command.arguments, command.text].join(' ').trim() });
    accept(draft, entry, actor, 'cancelled');
  },
  'meet-criterion': meetCriterion,
  waive: requestWaiver,
  'approve-waiver': confirmWaiver,
  'withdraw-waiver': withdrawWaiver,
  budget: setBudget,
  assign: assignPeople,
  unassign: unassignPeople,
  plan: (draft, entry) => {
    if (draft.mission) accept(draft, entry, entry.signal.actor, 'plan', {}, true);
  },
  status: (draft, entry) => {
    if (draft.mission) accept(draft, entry, entry.signal.actor, 'status', { ...statusFacts(draft.mission) }, true);
  },
  help: (draft, entry) => {
    const { authority } = entry.facts;
    accept(draft, entry, entry.signal.actor, 'help', { role: authority?.known ? authority.role : 'unknown', login: entry.signal.actor.login, command: entry.signal.command.arguments[0] ?? null }, true);
  },
};

/** Commands that no other well-known bot answers to. */
const ownCommands: ReadonlySet<string> = new Set(['approve-gate', 'reject-gate', 'approve-waiver', 'withdraw-waiver']);

export const decidedCommands: readonly string[] = Object.keys(deciders);

export function obeyCommand(draft: Draft, entry: CommandEntry): void {
  const { actor, command } = entry.signal;
  if (actor.kind !== 'person') return;
  const labelled = entry.facts.labels?.includes('mission') ?? false;
  const ordinary = !draft.mission && draft.state?.status !== 'refused' && !labelled;
  // On an ordinary issue other bots may own the same words; only what nobody else has is answered there.
  if (ordinary && !ownCommands.has(command.name)) return;
  if (command.problem) return refuse(draft, entry, actor, command.problem.code, { message: command.problem.message, name: command.name });
  if (!draft.mission) {
    if (command.name === 'help') deciders.help?.(draft, entry);
    else refuse(draft, entry, actor, 'no-mission', { labelled });
    return;
  }
  const decider = Object.hasOwn(deciders, command.name) ? deciders[command.name] : undefined;
  if (decider) decider(draft, entry);
  else refuse(draft, entry, actor, 'unknown-command', { name: command.name });
}

/** `/retry <task>`: another attempt of a failed or finished task; `/retry <phase>`: its gate is examined again. */
function retry(draft: Draft, entry: CommandEntry): void {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  if (!mission || !mayAct(draft, entry, actor)) return;
  const target = command.arguments[0];
  if (target === undefined) return refuse(draft, entry, actor, 'retry-what', { failed: failedTasks(mission) });
  if (mission.status === 'cancelled' || mission.pull?.state === 'merged') return refuse(draft, entry, actor, 'mission-over', { status: mission.status });
  if (mission.rollback !== undefined) return refuse(draft, entry, actor, 'rolled-back', { finished: mission.rollback.finished });
  const task = taskOf(mission, target);
  if (!task) return retryGate(draft, entry, target);
  const phase = phaseOf(mission, mission.index.tasks.get(target)?.phase ?? '');
  if (isActive(task.status) || task.status === 'waiting' || task.status === 'expanded' || task.status === 'ready' || task.status === 'pending') return refuse(draft, entry, actor, 'retry-underway', { task: target, status: task.status });
  if (task.status === 'blocked') return refuse(draft, entry, actor, 'retry-blocked', { task: target, reason: task.reason });
  if (phase?.status === 'complete') return refuse(draft, entry, actor, 'retry-after-gate', { task: target, phase: phase.id });
  if (phase?.status === 'skipped') return refuse(draft, entry, actor, 'retry-skipped-phase', { task: target, phase: phase.id, reason: phase.reason ?? '' });
  if (phase && phase.gate.approvals.length > 0) {
    draft.emit({ type: 'gate.approvals-voided', phase: phase.id, round: phase.gate.round, reason: `@${actor.login} asked for another attempt of ${target}` });
  }
  draft.emit({ type: 'task.retried', task: target, by: actor });
  // A group is not over either when one of its items is tried again.
  for (const freed of [task, task.item === undefined ? null : taskOf(mission, task.item.group)]) {
    if (freed?.status === 'failed' || freed?.skip !== undefined) release(draft, freed.id);
  }
  // A group that had nothing to do has nothing to do again.
  settleGroup(draft, target);
  accept(draft, entry, actor, 'retried', { task: target });
}

/** A phase that failed without one of its tasks to blame: its condition, its `until`, its time. */
function retryPhase(draft: Draft, entry: CommandEntry, target: string): void {
  draft.emit({ type: 'phase.retried', phase: target, by: entry.signal.actor });
  accept(draft, entry, entry.signal.actor, 'retried', { task: target });
}

function retryGate(draft: Draft, entry: CommandEntry, target: string): void {
  const { actor } = entry.signal;
  const { mission } = draft;
  const phase = mission && phaseOf(mission, target);
  if (mission && phase?.status === 'failed') {
    const failed = failedTasks(mission).filter((id) => mission.index.tasks.get(id)?.phase === target);
    return failed.length > 0 ? refuse(draft, entry, actor, 'retry-what', { failed }) : retryPhase(draft, entry, target);
  }
  const gate = mission && phaseOf(mission, target)?.gate;
  if (!mission || !gate) return refuse(draft, entry, actor, 'unknown-task', { task: target, known: [...(mission?.index.tasks.keys() ?? [])].slice(0, 200) });
  if (phase?.status === 'running' && phase.healing !== undefined) return refuse(draft, entry, actor, 'gate-healing', { phase: target, tasks: phase.healing.tasks });
  if (gate.status !== 'failed' && gate.status !== 'rejected' && gate.status !== 'awaiting') {
    return refuse(draft, entry, actor, 'gate-not-waiting', { phase: target, status: gate.status, reason: gate.reason });
  }
  forgetHealing(draft, target, actor);
  examineAgain(draft, target, `@${actor.login} asked for it`);
  accept(draft, entry, actor, 'retried', { task: target });
}

function failedTasks(mission: Mission): readonly string[] {
  return [...mission.index.tasks.keys()].filter((id) => taskOf(mission, id)?.status === 'failed').slice(0, 50);
}

function statusFacts(mission: Mission): { readonly [name: string]: string | number } {
  return { status: mission.status, ...mission.counts, tasks: mission.tasks.size };
}

