import { evaluateExpression } from '../../expression/evaluate.ts';
import { evaluateTemplate, resolveTemplates } from '../../expression/template.ts';
import type { ExpressionContext } from '../../expression/context.ts';
import { isJsonObject } from '../../../kit/json.ts';
import type { Json } from '../../../kit/json.ts';
import { err, ok } from '../../../kit/result.ts';
import type { Result } from '../../../kit/result.ts';
import { contextOfCondition, contextOfMission, contextOfTask } from '../context.ts';
import { maximumItems } from '../definition.ts';
import type { FanOut } from '../definition.ts';
import type { ExpandedItem } from '../event.ts';
import type { PlannedTask } from '../plan.ts';
import type { Mission, Outputs } from '../state.ts';

/** Whether a condition holds, or why nobody can tell, in words for people. */
export function holds(where: string, condition: string, context: ExpressionContext): Result<boolean, string> {
  const value = evaluateExpression(condition, context);
  if (!value.ok) return err(failureOf(where, condition, value.error));
  return typeof value.value === 'boolean' ? ok(value.value) : err(failureOf(where, condition, null));
}

/** The items of a group: those of its matrix, or what its expression gives. */
export function itemsFor(mission: Mission, planned: PlannedTask, strategy: FanOut): Result<readonly ExpandedItem[], string> {
  if ('matrix' in strategy.over) return ok(strategy.over.matrix.map((value) => ({ title: titleOf(mission, planned, { matrix: value }, Object.values(value)), value })));
  const { forEach } = strategy.over;
  const found = evaluateExpression(forEach, contextOfCondition(mission, planned.id));
  if (!found.ok) return err(failureOf('strategy.for-each', forEach, found.error));
  const list = asList(found.value);
  if (list === null) return err(`strategy.for-each (${brief(forEach)}) gives ${kindOf(found.value)}; expected a list or a map. Correct the expression, then retry the task.`);
  if (list.length > maximumItems) return err(`strategy.for-each (${brief(forEach)}) gives ${list.length} items; at most ${maximumItems} are allowed. Have a step put several into one item.`);
  return ok(list.map((value) => ({ title: titleOf(mission, planned, { item: value }, [value]), value })));
}

/** A map as `{key, value}` in order of key, so that equal maps have equal items. */
function asList(value: Json): readonly Json[] | null {
  if (Array.isArray(value)) return value as readonly Json[];
  if (!isJsonObject(value)) return null;
  return Object.keys(value).sort().map((key) => ({ key, value: value[key] ?? null }));
}

/** The title with its templates filled in; where it has none, the values stand behind it, as in Actions. */
function titleOf(mission: Mission, planned: PlannedTask, value: Pick<ExpressionContext, 'matrix' | 'item'>, shown: readonly (Json | undefined)[]): string {
  const made = evaluateTemplate(planned.title, { ...contextOfTask(mission, planned.id), ...value });
  if (made.ok && made.value !== planned.title && typeof made.value === 'string' && made.value.trim() !== '') return oneLine(made.value, 200);
  return `${planned.title} (${oneLine(shown.map((one) => (typeof one === 'string' ? one : JSON.stringify(one ?? null))).join(', '), 100)})`;
}

/** What a task gives: its templates over what its step gave, or that itself. */
export function outputsOf(mission: Mission, planned: PlannedTask, given: Outputs): Result<Outputs, string> {
  if (planned.outputs === undefined) return ok(given);
  const resolved = resolveTemplates(planned.outputs, { ...contextOfTask(mission, planned.id), result: given });
  if (resolved.ok) return ok(resolved.value as Outputs);
  return err(resolved.error.map(({ path, message }) => failureOf(`outputs.${path.join('.')}`, planned.outputs?.[String(path[0])] ?? '', { message })).join(' '));
}

/** What the mission gives; an output that has no value is left out, because nothing can be done about it any more. */
export function missionOutputs(mission: Mission): Outputs | null {
  const { outputs } = mission.plan;
  if (outputs === undefined) return null;
  const made = Object.entries(outputs).flatMap(([name, text]): [string, Json][] => {
    const value = evaluateTemplate(text, contextOfMission(mission));
    return value.ok ? [[name, value.value]] : [];
  });
  return Object.fromEntries(made);
}

/** Why something was skipped. */
export function unmet(condition: string): string {
  return `its condition does not hold: ${brief(condition)}`;
}

/** Names the expression, what is wrong, and the way out. */
export function failureOf(where: string, expression: string, error: { readonly message: string } | null): string {
  const what = error === null ? 'it must give true or false' : error.message;
  return `${where} (${brief(expression)}) could not be evaluated: ${what.replace(/\.?$/, '.')} Correct it, or what it reads, then retry.`;
}

function brief(expression: string): string {
  return oneLine(expression, 120);
}

function oneLine(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length).toWellFormed()}…`;
}

function kindOf(value: Json): string {
  return value === null ? 'null' : typeof value === 'string' ? 'text' : typeof value === 'number' ? 'a number' : 'true or false';
}
