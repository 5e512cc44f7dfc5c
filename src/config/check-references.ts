import type { Definition, PhaseDefinition, TaskDefinition } from '../core/mission/definition.ts';
import { makePlan } from '../core/mission/plan.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { quoted } from './problems.ts';
import type { Position, ProblemList } from './problems.ts';
import { maximumProblems } from './problems.ts';

/** Where the parts of a definition stand; indexes count as in the definition. */
export interface DefinitionPlaces {
  phase(phase: number): Position;
  phaseNeed(phase: number, need: number): Position;
  task(phase: number, task: number): Position;
  taskNeed(phase: number, task: number, need: number): Position;
}

/** Most tasks of one mission, those of missions it includes counted. */
export const maximumTasks = 100_000;

/** Leaves room for "-10000". */
const longestGroupId = 57;

/** Looking for the nearest word among more ids than this would take long for many problems. */
const mostHints = 5_000;

/** Phases are stages for people to decide on; the planner's work grows with the square of their number. */
export const maximumPhases = 200;

/**
 * Reports too many phases, ids given twice, needs that lead nowhere, circles (by their members, in order) and tasks that need a task of a
 * phase which does not come before theirs. The order rules are the planner's own (`makePlan`), so that what is accepted here can
 * be planned.
 */
export function checkReferences(definition: Definition, places: DefinitionPlaces, problems: ProblemList): void {
  if (definition.phases.length > maximumPhases) {
    problems.add('too-many-phases', places.phase(maximumPhases), `A mission has at most ${maximumPhases} phases; this one has ${definition.phases.length}.`);
    return;
  }
  const phaseIds = definition.phases.map((phase) => phase.id);
  const taskIds = definition.phases.flatMap((phase) => phase.tasks.map((task) => task.id));
  const hint = (word: string, known: readonly string[]): string => (known.length > mostHints || problems.size > maximumProblems ? '' : didYouMean(word, known));
  const groups = new Set(definition.phases.flatMap((phase) => phase.tasks.flatMap((task) => (task.strategy ? [task.id] : []))));
  const knownPhases = new Set(phaseIds);
  const knownTasks = new Set(taskIds);
  const seenPhases = new Set<string>();
  const seenTasks = new Set<string>();
  // Places cost a look at the text: they are found out when there is something to say of them.
  const placeOf = new Map<string, () => Position>();
  const needPlace = new Map<string, () => Position>();
  const clean: PhaseDefinition[] = [];

  for (const [p, phase] of definition.phases.entries()) {
    const isNew = isFirst(seenPhases, phase.id);
    if (isNew) placeOf.set(`phase ${phase.id}`, () => places.phase(p));
    else problems.add('duplicate-id', places.phase(p), `Two phases have the id "${phase.id}"; give one of them another id.`);
    const needs = phase.needs.filter((need, n) => {
      if (knownPhases.has(need)) return true;
      problems.add('unknown-dependency', places.phaseNeed(p, n), `Phase "${phase.id}" needs the phase ${quoted(need)}, which does not exist.${hint(need, phaseIds)}`);
      return false;
    });
    const tasks: TaskDefinition[] = [];
    for (const [t, task] of phase.tasks.entries()) {
      const isNewTask = isFirst(seenTasks, task.id);
      if (isNewTask) placeOf.set(`task ${task.id}`, () => places.task(p, t));
      else problems.add('duplicate-id', places.task(p, t), `Two tasks have the id "${task.id}"; ids of tasks are unique in the whole mission.`);
      if (task.id === 'trunk') problems.add('bad-id', places.task(p, t), 'A task cannot have the id "trunk": that is the name of the branch finished tasks are merged into.');
      const group = task.id.replace(/-\d+$/, '');
      if (group !== task.id && groups.has(group)) problems.add('duplicate-id', places.task(p, t), `The id "${task.id}" is taken: the items of "${group}" are named "${group}-1", "${group}-2" and so on. Give this task another id.`);
      if (task.strategy && task.id.length > longestGroupId) problems.add('bad-id', places.task(p, t), `The id of a task with a strategy has at most ${longestGroupId} characters: its items add a number to it.`);
      const taskNeeds = task.needs.filter((need, n) => {
        needPlace.set(`${task.id} ${need}`, () => places.taskNeed(p, t, n));
        if (knownTasks.has(need)) return true;
        const advice = knownPhases.has(need) ? ' That is a phase; put it under `needs` of the phase.' : hint(need, taskIds);
        problems.add('unknown-dependency', places.taskNeed(p, t, n), `Task "${task.id}" needs the task ${quoted(need)}, which does not exist.${advice}`);
        return false;
      });
      // The planner's hash covers `with`; it plays no part in order and may be large.
      if (isNewTask) tasks.push({ ...task, needs: taskNeeds, with: {} });
    }
    if (isNew) clean.push({ ...phase, needs, tasks });
  }

  const plan = makePlan({ ...definition, phases: clean });
  if (plan.ok) return;
  for (const found of plan.error) {
    const [first = '', second = ''] = found.members;
    if (found.code === 'cycle') {
      const noun = found.message.startsWith('phase') ? 'phase' : 'task';
      problems.add('cycle', placeOf.get(`${noun} ${first}`)?.() ?? { line: 0, column: 0 }, `${sentence(found.message)} Remove one of these needs.`);
    } else if (found.code === 'later-phase') {
      problems.add('later-phase', needPlace.get(`${first} ${second}`)?.() ?? { line: 0, column: 0 }, sentence(found.message));
    }
  }
}

function isFirst(seen: Set<string>, id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
