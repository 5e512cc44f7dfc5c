import type { JsonObject } from '../../kit/json.ts';
import { planHash } from './plan.ts';
import type { Plan, PlannedTask } from './plan.ts';

/** The plan with one more task at the end of a phase (a person added a checklist item). */
export function withTask(plan: Plan, task: PlannedTask): Plan {
  const { planHash: _replaced, ...body } = plan;
  const next = { ...body, tasks: [...plan.tasks, task] };
  return { planHash: planHash(next), ...next };
}

/** The plan with other words for one task. For an agent task whose prompt was its title, the prompt follows. */
export function withTaskTitle(plan: Plan, taskId: string, title: string): Plan {
  const { planHash: _replaced, ...body } = plan;
  const next = {
    ...body,
    tasks: plan.tasks.map((task): PlannedTask => (task.id === taskId ? { ...task, title, with: followTitle(task, title) } : task)),
  };
  return { planHash: planHash(next), ...next };
}

function followTitle(task: PlannedTask, title: string): JsonObject {
  const prompt = task.with.prompt;
  if (task.uses !== 'agent' || typeof prompt !== 'string' || !prompt.startsWith(task.title)) return task.with;
  return { ...task.with, prompt: title + prompt.slice(task.title.length) };
}
