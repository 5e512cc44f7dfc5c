import { definitionDefaults, idPattern, reservedIds } from '../definition.ts';
import type { EventBody } from '../event.ts';
import type { PlannedTask } from '../plan.ts';
import type { ChecklistIntent } from '../request.ts';
import type { Signal } from '../signal.ts';
import { isActive, isPassed, phaseOf, taskOf } from '../state.ts';
import type { Mission, TaskState } from '../state.ts';
import { mayAct } from './authority.ts';
import { release } from './blocked.ts';
import { refuse } from './draft.ts';
import { afterSettling } from './settle.ts';
import type { Draft, Entry } from './draft.ts';

/** Going on after that would build on what is no longer there. */
const undone = 'what the mission did is undone, and it does not go on from there';

type EditEntry = Entry<Extract<Signal, { kind: 'issue.edited' }>>;

/**
 * Reads a person's edit of the checklist as intents. What may not or cannot be done is answered once, all reasons together;
 * the next sync shows the checklist as it stands.
 */
export function mergeChecklist(draft: Draft, entry: EditEntry): void {
  const { actor } = entry.signal;
  const intents = entry.facts.intents ?? [];
  if (!draft.mission || actor.kind === 'bot' || intents.length === 0 || !mayAct(draft, entry, actor)) return;
  if (draft.mission.status === 'cancelled') return refuse(draft, entry, actor, 'mission-over', { status: draft.mission.status });
  const refusals: string[] = [];
  for (const intent of intents) {
    const reason = applyIntent(draft, entry, draft.mission, intent);
    if (reason !== null) refusals.push(reason);
  }
  if (refusals.length > 0) refuse(draft, entry, actor, 'edits-refused', { reasons: refusals });
}

/** Emits what the intent asks for, or returns why not. */
function applyIntent(draft: Draft, entry: EditEntry, mission: Mission, intent: ChecklistIntent): string | null {
  const by = entry.signal.actor;
  if (intent.kind === 'added') return addTask(draft, entry, mission, intent);
  const task = taskOf(mission, intent.task);
  if (!task) return null;
  switch (intent.kind) {
    case 'ticked':
      if (task.status === 'done' || task.status === 'skipped') return null;
      if (isForPeople(mission, task)) return `\`${task.id}\` asks people and is not ticked by hand; comment \`/approve ${task.id}\` when it is asked`;
      if (isUnderWay(task)) return `\`${task.id}\` is being worked on; it will be ticked when it is done`;
      if (mission.rollback !== undefined) return `\`${task.id}\` stays as it is: ${undone}`;
      return settle(draft, task, { type: 'task.completed-by-hand', task: task.id, by });
    case 'unticked':
      return task.status === 'done' ? `\`${task.id}\` is done; to have it done again comment \`/retry ${task.id}\`` : null;
    case 'renamed':
      if (task.item !== undefined) return `\`${task.id}\` gets its name from \`${task.item.group}\``;
      draft.emit({ type: 'task.renamed', task: task.id, title: intent.title, by });
      return task.attempt > 0 ? `\`${task.id}\` has its new name, but work on it began with the old one; \`/retry ${task.id}\` starts again` : null;
    case 'removed':
      if (task.status === 'done' || task.status === 'skipped') return null;
      if (isForPeople(mission, task)) return `\`${task.id}\` asks people and stays in the list; \`/reject ${task.id} <reason>\` says no when it is asked`;
      if (isUnderWay(task)) return `\`${task.id}\` is being worked on and stays in the list; \`/cancel\` ends the mission`;
      if (mission.rollback !== undefined) return `\`${task.id}\` stays in the list: ${undone}`;
      return settle(draft, task, { type: 'task.skipped', task: task.id, by, reason: 'removed from the checklist' });
  }
}

/** People did a task, or gave it up: what waited behind a failed one waits no longer. */
export function settle(draft: Draft, task: TaskState, body: Extract<EventBody, { type: 'task.completed-by-hand' | 'task.skipped' }>): null {
  const group = task.item === undefined ? null : (draft.mission && taskOf(draft.mission, task.item.group));
  for (const settled of [task, group]) if (settled?.status === 'failed') release(draft, settled.id);
  draft.emit(body);
  afterSettling(draft, task.id);
  return null;
}

/** Who may answer is the task's own rule, and a tick would go round it. */
export function isForPeople(mission: Mission, { id }: TaskState): boolean {
  return mission.index.tasks.get(id)?.waits === 'people';
}

/** A group as long as its items are. */
export function isUnderWay({ status }: TaskState): boolean {
  return isActive(status) || status === 'waiting' || status === 'expanded';
}

function addTask(draft: Draft, entry: EditEntry, mission: Mission, intent: Extract<ChecklistIntent, { kind: 'added' }>): string | null {
  const planned = mission.plan.phases.find((phase) => phase.title === intent.phaseTitle) ?? mission.plan.phases.at(-1);
  const phase = planned && phaseOf(mission, planned.id);
  if (!planned || !phase) return null;
  if (mission.rollback !== undefined) return `"${intent.title}" was not added: ${undone}`;
  if (phase.status === 'gate' || isPassed(phase)) return `"${intent.title}" was not added: the tasks of phase "${planned.title}" are over`;
  const task: PlannedTask = {
    id: freeId(mission, intent.title),
    title: intent.title,
    phase: planned.id,
    uses: 'agent',
    with: { prompt: intent.title },
    needs: [],
    continueOnError: false,
    maxAttempts: definitionDefaults.maxAttempts,
    timeoutSeconds: definitionDefaults.timeoutSeconds,
  };
  draft.emit({ type: 'task.added', task, by: entry.signal.actor });
  if (intent.checked) draft.emit({ type: 'task.completed-by-hand', task: task.id, by: entry.signal.actor });
  return null;
}

function freeId(mission: Mission, title: string): string {
  const slug = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 48).replace(/-+$/, '');
  const named = idPattern.test(slug) && !reservedIds.has(slug) ? slug : 'task';
  // Items of a task with a strategy are called after it: `build-1`. These names are kept free.
  const base = isGroup(mission, named) || isGroup(mission, named.replace(/-\d+$/, '')) ? `${named}-more` : named;
  for (let suffix = 1; ; suffix += 1) {
    const id = suffix === 1 ? base : `${base}-${suffix}`;
    if (!mission.tasks.has(id)) return id;
  }
}

function isGroup(mission: Mission, id: string): boolean {
  return mission.index.tasks.get(id)?.strategy !== undefined;
}
