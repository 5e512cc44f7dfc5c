import { basename } from 'node:path';

import { checkTemplates } from '../core/expression/check.ts';
import type { Problem } from '../core/mission/definition.ts';
import { cronProblem, isTimezone, shortestPauseMs, timezones } from '../core/schedule/due-times.ts';
import type { Schedule } from '../core/schedule/due-times.ts';
import type { Misfire } from '../core/schedule/misfire.ts';
import { routineLimits } from '../core/schedule/routine.ts';
import type { RoutineDefinition } from '../core/schedule/routine.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { didYouMean } from '../kit/nearest-word.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { duration } from './issue-words.ts';
import { templateName } from './mission-templates.ts';
import { ProblemList, quoted } from './problems.ts';
import { readPushFilter } from './read-push-filter.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlPath } from './read-yaml.ts';
import { kebabCase, longestId, Shape } from './shape.ts';

const keys = ['$schema', 'version', 'name', 'on', 'mission', 'with', 'misfire', 'overlap', 'title', 'requires-approval'] as const;
const longestDays = 31;
const mostCatchUp = 20;
const mostDispatches = 20;
/** GitHub's limit for a type of `repository_dispatch`. */
const longestDispatch = 100;
const longestValue = 1_000;
/** As GitHub calls them. */
const workflowConclusions = ['success', 'failure', 'cancelled', 'timed_out', 'action_required', 'neutral', 'skipped', 'stale', 'startup_failure'] as const;
/** As an issue's line `Mission:` takes it. */
const missionName = /^(?:\.github\/missions\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;
const inputName = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/;
/** What a title and inputs may name; the reference is docs/reference/routine-file.md. */
const templateScope = { roots: ['routine'], statusFunctions: false, hashFiles: false, inputs: null, env: null, matrix: null, tasks: null, phases: null } as const;

/**
 * Reads a routine file (`config/schemas/routine.v1.schema.json` says the same in JSON Schema): the routine with everything that is not said
 * filled in, or every problem with its place.
 */
export function readRoutine(text: string, file: string): Result<RoutineDefinition, readonly Problem[]> {
  const yaml = readYaml(file, text, { limits: routineLimits });
  if (!yaml.ok) return yaml;
  const problems = new ProblemList(file);
  const shape = new Shape(yaml.value, problems);
  const routine = read(shape, yaml.value.value, idOf(shape, file));
  return problems.isEmpty ? ok(routine) : err(problems.list());
}

/** A routine is known by its file's name, in the terminal and in its history. */
function idOf(shape: Shape, file: string): string {
  const id = basename(file).replace(/\.ya?ml$/i, '');
  if (!kebabCase.test(id) || id.length > longestId) shape.report('bad-id', [], `A routine is called as its file: ${quoted(basename(file))} must be in kebab-case, letters a–z, digits and single hyphens, at most ${longestId} characters, like "nightly-upgrade.yml".`);
  return id;
}

function read(shape: Shape, value: Json, id: string): RoutineDefinition {
  const root = shape.mapping(value, [], 'The routine', keys, ['on', 'mission']) ?? {};
  shape.text(root.$schema, ['$schema'], 'The schema address', 2048);
  if (root.version !== undefined && root.version !== 1) shape.report('version', ['version'], `The version is ${quoted(root.version)}; this program reads version 1.`);
  const on = root.on === undefined ? undefined : shape.mapping(root.on, ['on'], 'on', ['schedule', 'repository-dispatch', 'workflow-run', 'push']);
  if (on !== undefined && Object.keys(on).length === 0) shape.report('empty', ['on'], 'on names nothing that starts the routine: give it a schedule, types of repository-dispatch, a workflow-run, or push.');
  const misfire = readMisfire(shape, root.misfire);
  const overlap = shape.oneOf(root.overlap, ['overlap'], 'overlap', ['skip', 'allow'] as const) ?? 'skip';
  if (misfire.kind === 'catch-up' && misfire.most > 1 && overlap === 'skip') {
    shape.report('contradiction', ['misfire'], 'misfire starts several missions at once, and overlap lets only one go on. Say "overlap: allow", or "misfire: run-once".', 'key');
  }
  const issueTitle = shape.text(root.title, ['title'], 'title', 200) ?? null;
  checkTemplatesAt(shape, issueTitle, ['title']);
  return {
    title: shape.text(root.name, ['name'], 'name', 200) ?? id,
    schedule: readSchedule(shape, on?.schedule),
    dispatches: readDispatches(shape, on?.['repository-dispatch']),
    workflowRun: readWorkflowRun(shape, on?.['workflow-run']),
    push: readPushFilter(shape, on?.push),
    mission: readMissionName(shape, root.mission),
    inputs: readInputs(shape, root.with),
    misfire,
    overlap,
    issueTitle,
    requiresApproval: shape.boolean(root['requires-approval'], ['requires-approval'], 'requires-approval') ?? false,
  };
}

function readSchedule(shape: Shape, value: Json | undefined): Schedule | null {
  const path = ['on', 'schedule'];
  const found = value === undefined ? undefined : shape.mapping(value, path, 'schedule', ['cron', 'timezone', 'every']);
  if (!found) return null;
  if ((found.cron === undefined) === (found.every === undefined)) {
    shape.report('contradiction', path, 'schedule has either cron, like "0 3 * * 1-5", or every, like 6h.');
    return null;
  }
  if (found.every !== undefined) {
    if (found.timezone !== undefined) shape.report('contradiction', [...path, 'timezone'], 'every counts hours that pass, in no time zone. Leave timezone out, or write cron.', 'key');
    return readEvery(shape, found.every, [...path, 'every']);
  }
  const cron = shape.text(found.cron, [...path, 'cron'], 'cron', 200);
  const wrong = cron === undefined ? null : cronProblem(cron);
  if (wrong !== null) shape.report('bad-cron', [...path, 'cron'], `${quoted(cron)} is no schedule: ${wrong}.`);
  const timezone = shape.text(found.timezone, [...path, 'timezone'], 'timezone', 100) ?? 'UTC';
  if (!isTimezone(timezone)) shape.report('unknown-word', [...path, 'timezone'], `${quoted(timezone)} is no time zone, like "Europe/Zurich" or "UTC".${didYouMean(timezone, timezones())}`);
  return cron === undefined || wrong !== null ? null : { kind: 'cron', cron: cron.trim(), timezone };
}

function readEvery(shape: Shape, value: Json, path: YamlPath): Schedule | null {
  const text = shape.text(value, path, 'every', 40);
  if (text === undefined) return null;
  const seconds = duration(text, longestDays * 86_400);
  const everyMs = seconds.ok ? seconds.value * 1000 : 0;
  if (everyMs >= shortestPauseMs) return { kind: 'every', everyMs };
  shape.report('out-of-range', path, `${quoted(text)} must be a time from ${shortestPauseMs / 60_000}m to ${longestDays}d, like 30m, 6h or 2d.`);
  return null;
}

function readDispatches(shape: Shape, value: Json | undefined): readonly string[] {
  const path = ['on', 'repository-dispatch'];
  const listed = shape.list(value, path, 'repository-dispatch');
  if (listed !== undefined && (listed.length === 0 || listed.length > mostDispatches)) shape.report('out-of-range', path, `repository-dispatch has ${listed.length} types; it must have 1 to ${mostDispatches}.`);
  return listed?.flatMap((item, index) => shape.text(item, [...path, index], 'A type of repository-dispatch', longestDispatch) ?? []) ?? [];
}

function readWorkflowRun(shape: Shape, value: Json | undefined): RoutineDefinition['workflowRun'] {
  const path = ['on', 'workflow-run'];
  const found = value === undefined ? undefined : shape.mapping(value, path, 'workflow-run', ['workflow', 'conclusion'], ['workflow']);
  if (!found) return null;
  const workflow = shape.text(found.workflow, [...path, 'workflow'], 'workflow', 200);
  if (workflow !== undefined && !/^[^/\\]+\.ya?ml$/.test(workflow)) shape.report('bad-name', [...path, 'workflow'], `${quoted(workflow)} is no file in .github/workflows, like "ci.yml".`);
  const listed = shape.list(found.conclusion, [...path, 'conclusion'], 'conclusion');
  if (listed?.length === 0) shape.report('empty', [...path, 'conclusion'], 'conclusion names none; leave it out for failures.');
  const conclusions = listed?.flatMap((item, index) => shape.oneOf(item, [...path, 'conclusion', index], 'A conclusion', workflowConclusions) ?? []);
  return workflow === undefined ? null : { workflow, conclusions: conclusions ?? ['failure'] };
}

function readMissionName(shape: Shape, value: Json | undefined): string {
  const name = shape.text(value, ['mission'], 'mission', 200);
  if (name === undefined || templateName(name) !== null || (missionName.test(name) && !name.includes('..'))) return name ?? '';
  shape.report('bad-name', ['mission'], `${quoted(name)} is no name of a mission file: letters, digits, dots, hyphens and underscores, for a file in .github/missions, or "template:" and the name of a template.`);
  return name;
}

/** Values go through the issue's text, where each has a line of its own. */
function readInputs(shape: Shape, value: Json | undefined): JsonObject {
  const found = shape.anyMapping(value, ['with'], 'with', 'inputs of the mission') ?? {};
  for (const [name, given] of Object.entries(found)) {
    const path = ['with', name];
    if (!inputName.test(name)) shape.report('bad-name', path, `${quoted(name)} is no name of an input: letters, digits, "-" and "_", not beginning with a digit.`, 'key');
    const text = typeof given === 'string' ? given : isJsonObject(given) || Array.isArray(given) ? JSON.stringify(given) : null;
    if (given === null || given === undefined) shape.report('wrong-type', path, `with.${name.slice(0, 60)} is empty; leave it out, or give it a value.`);
    else if (text !== null && (text.length > longestValue || /[\n\r`]|<!--/.test(text))) shape.report('bad-value', path, `with.${name.slice(0, 60)} must fit on one line of an issue: at most ${longestValue} characters, no line break, no backtick, no "<!--".`);
  }
  checkTemplatesAt(shape, found, ['with']);
  return found;
}

function checkTemplatesAt(shape: Shape, tree: Json, path: YamlPath): void {
  for (const found of checkTemplates(tree, templateScope)) shape.reportInside('expression', [...path, ...found.path], found.offset, found.length, found.message);
}

function readMisfire(shape: Shape, value: Json | undefined): Misfire {
  const path = ['misfire'];
  if (value === undefined) return { kind: 'run-once' };
  if (isJsonObject(value)) {
    const found = shape.mapping(value, path, 'misfire', ['catch-up'], ['catch-up']) ?? {};
    return { kind: 'catch-up', most: shape.integer(found['catch-up'], [...path, 'catch-up'], 'catch-up', 1, mostCatchUp) ?? 1 };
  }
  if (value === 'catch-up') shape.report('wrong-type', path, 'misfire needs to know how many due times are made up for at most: { catch-up: 3 }.');
  else return { kind: shape.oneOf(value, path, 'misfire', ['skip', 'run-once'] as const) ?? 'run-once' };
  return { kind: 'run-once' };
}
