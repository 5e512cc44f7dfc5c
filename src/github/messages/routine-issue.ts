import { inZone, zoneOf } from '../../core/schedule/due-times.ts';
import { routineFolder } from '../../core/schedule/routine.ts';
import type { RoutineDefinition } from '../../core/schedule/routine.ts';
import type { RoutineRun, StoredRoutine } from '../../engine/ports/routines.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { Millis } from '../../kit/time.ts';
import type { Ink } from './ink.ts';

export interface RoutineIssueInput {
  readonly routine: StoredRoutine & { readonly definition: RoutineDefinition };
  readonly run: Pick<RoutineRun, 'trigger' | 'due'>;
  /** As the routine's file has it, worked out; null: the usual one. */
  readonly title: string | null;
  readonly inputs: JsonObject;
  readonly webUrl: string;
}

/** The issue that a routine opens: the very text with which a person would start the mission, and where it comes from. */
export function routineIssue(ink: Ink, { routine, run, title, inputs, webUrl }: RoutineIssueInput): { readonly title: string; readonly body: string } {
  const { definition, place, name, activatedBy } = routine;
  const { owner, name: repository, defaultBranch } = place.repository;
  const file = `${webUrl}/${owner}/${repository}/blob/${encodeURIComponent(defaultBranch)}/${routineFolder}/${name}.yml`;
  const who = `${ink.code(activatedBy ?? '')} stands for it (${ink.plain(routine.standing)})`;
  const begins = definition.requiresApproval ? '\n\nIt waits: put the label `mission:queue` on this issue to let it begin.' : '';
  const given = Object.entries(inputs).map(([input, value]) => `- ${input}: \`${textOf(value)}\``);
  return {
    title: ink.title(title ?? `${definition.title}, ${dueWords(definition, run.due)}`, 200),
    body: [
      `Mission: \`${definition.mission}\``,
      `The routine [${name}](${file}) started this ${reason(definition, run)}. ${who}.${begins}`,
      ...(given.length === 0 ? [] : [`## Inputs\n\n${given.join('\n')}`]),
    ].join('\n\n'),
  };
}

function reason(definition: RoutineDefinition, { trigger, due }: RoutineIssueInput['run']): string {
  const at = dueWords(definition, due);
  if (trigger === 'schedule') return `for ${at}`;
  return trigger === 'event' ? `on an event at ${at}` : `because somebody asked for a run at ${at}`;
}

/** `2026-01-15 03:00 Europe/Zurich` */
export function dueWords({ schedule }: Pick<RoutineDefinition, 'schedule'>, due: Millis): string {
  const zone = zoneOf(schedule);
  const { date, time } = inZone(due, zone);
  return `${date} ${time} ${zone}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
