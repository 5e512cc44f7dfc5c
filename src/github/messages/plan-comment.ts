import type { PlannedTask } from '../../core/mission/plan.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { optional, page, paragraph, table } from './page.ts';
import { planGraph } from './plan-graph.ts';
import { gateRule } from './rules.ts';
import { count, short, someOf } from './words.ts';

/** The one answer to a new mission: what will be done, in which order, and what is needed to begin. */
export function planComment(ink: Ink, mission: Mission): string {
  const { plan, index } = mission;
  const gates = plan.phases.filter((phase) => phase.gate !== null);
  const intro = `## 🗺️ Plan: ${ink.plain(plan.name)}\n\n${ink.mention(mission.requestedBy.login)} asked for this mission. It has ${count(plan.tasks.length, 'task')} in ${count(plan.phases.length, 'phase')}, with ${gates.length === 0 ? 'no gate' : count(gates.length, 'gate')}.`;
  const tasks = plan.phases.flatMap((phase) =>
    (index.tasksOfPhase.get(phase.id) ?? []).flatMap((id) => {
      const task = index.tasks.get(id);
      return task ? [[ink.plain(phase.title, 60), ink.code(task.id), ink.plain(task.title, 120), stepOf(ink, task), someOf(task.needs.map((need) => ink.code(need)), 6) || '–']] : [];
    }),
  );
  const rules = gates.flatMap((phase) =>
    phase.gate === null
      ? []
      : [[ink.code(`gate/${phase.id}`), gateRule(ink, phase.gate), someOf(phase.guards.map((guard) => ink.code(guard.id)), 8) || '–']],
  );
  return page([
    paragraph(intro),
    paragraph(howToBegin),
    optional(planGraph(ink, mission)),
    table(['phase', 'task', 'what', 'step', 'needs'], tasks, (left) => `… and ${count(left, 'more task')}; the checklist in the issue has them all.`, 200),
    table(['gate', 'opens with', 'guards'], rules, (left) => `… and ${count(left, 'more gate')}.`),
    paragraph(`<sub>Defined in ${ink.code(mission.definedIn)} · plan ${ink.code(short(plan.planHash))} · up to ${count(plan.settings.maxParallel, 'task')} at a time · ${plan.settings.failFast ? 'stops at the first failure' : 'independent tasks go on after a failure'} · ${endOf(mission)}</sub>`),
  ]);
}

const howToBegin =
  '**To begin**, add the label `mission:queue`, or comment `/resume`. Somebody with write access has to do it. `mission:pause` holds the mission, `/help` shows everything I understand.';

/** The step type, and what makes more or less of the task than one run. */
function stepOf(ink: Ink, task: PlannedTask): string {
  const notes = [
    ...(task.strategy === undefined ? [] : ['matrix' in task.strategy.over ? `${task.strategy.over.matrix.length} items` : 'an item each']),
    ...(task.until === undefined ? [] : [`up to ${count(task.until.maxRounds, 'round')}`]),
    ...(task.if === undefined ? [] : [`if ${ink.code(task.if.replaceAll(/\s+/g, ' ').trim().slice(0, 60).toWellFormed())}`]),
  ];
  return [ink.code(task.uses), ...notes].join(', ');
}

function endOf({ plan }: Mission): string {
  return plan.settings.merge === 'none' ? 'after the last gate the pull request is ready for review' : `after the last gate the pull request is merged (${plan.settings.merge})`;
}
