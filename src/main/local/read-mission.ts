import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';

import type { GivenInputs } from '../../config/inputs.ts';
import { templateFile, templateName } from '../../config/mission-templates.ts';
import type { Definition, Problem } from '../../core/mission/definition.ts';
import { makePlan } from '../../core/mission/plan.ts';
import { didYouMean } from '../../kit/nearest-word.ts';
import type { StepRegistry } from '../../steps/registry.ts';
import { readMission as readAnyMission } from '../read-mission.ts';
import { readTemplate, templateNames } from '../template-files.ts';
import { CannotRun } from './exit-codes.ts';

export interface ReadRequest {
  /** As typed: a path, or `template:<name>`. */
  readonly file: string;
  /** Top of the repository; files that the mission includes are read below it. */
  readonly root: string;
  readonly inputs: GivenInputs;
  readonly steps: StepRegistry;
}

export type MissionReading =
  | { readonly ok: true; readonly definition: Definition; /** Relative to the repository where it lies in it. */ readonly file: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The largest file that is read; the reader itself refuses above 16 MB with a place and a reason. */
const mostBytes = 64 * 1024 * 1024;

/** Reads a mission file with its inputs and everything it includes; all problems at once. */
export function readMission({ file, root, inputs, steps }: ReadRequest): MissionReading {
  const source = file.startsWith('template:') ? templateSource(file) : fileSource(file, root);
  const read = readAnyMission(source, { stepTypes: steps, inputs, readFile: (name) => includedText(root, name) });
  if (!read.ok) return { ok: false, problems: read.error.map((problem) => asTyped(problem, root)) };
  const { definition } = read.value;
  const plan = makePlan(definition);
  if (!plan.ok) return { ok: false, problems: plan.error.map(({ code, message }) => ({ code, file: source.file, line: 0, column: 0, message })) };
  const missing = withoutAgent(definition, source.file);
  return missing.length > 0 ? { ok: false, problems: missing } : { ok: true, definition, file: source.file };
}

interface MissionText {
  readonly file: string;
  readonly text: string;
}

function fileSource(file: string, root: string): MissionText {
  const path = resolve(file);
  const text = textOf(path);
  if (text === null) throw new CannotRun(`There is no file ${file}. Mission files usually lie in .github/missions/ of the repository.`);
  const inside = relative(realpathSync(root), realpathSync(path)).split(sep).join('/');
  return { file: inside.startsWith('../') || isAbsolute(inside) ? file : inside, text };
}

function templateSource(word: string): MissionText {
  const name = templateName(word);
  const text = name === null ? null : readTemplate(name);
  if (name !== null && text !== null) return { file: templateFile(name), text };
  const names = templateNames();
  throw new CannotRun(`There is no template ${JSON.stringify(word.slice('template:'.length))}.${didYouMean(word.slice('template:'.length), names)} There are: ${names.join(', ')}.`);
}

/** `file:line:column: message`, or without a place where the file as a whole is meant. */
export function describeProblem({ file, line, column, message }: Problem): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}

function textOf(path: string): string | null {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (!facts?.isFile()) return null;
  if (facts.size > mostBytes) throw new CannotRun(`${path} has ${facts.size} bytes; a mission file has at most 16 MB.`);
  return readFileSync(path, 'utf8');
}

/** A link may not lead out of the repository. */
function includedText(root: string, name: string): string | null {
  const path = join(root, name);
  const facts = statSync(path, { throwIfNoEntry: false });
  if (!facts?.isFile()) return null;
  const inside = relative(realpathSync(root), realpathSync(path));
  return inside.startsWith('..') || isAbsolute(inside) ? null : textOf(path);
}

/** Files of the repository are named from where the person stands. */
function asTyped(problem: Problem, root: string): Problem {
  const path = join(root, problem.file);
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? { ...problem, file: relative('', path) } : problem;
}

/** The one agent of this version follows scripts. What needs another is said before anything is begun, not in the middle. */
function withoutAgent(definition: Definition, file: string): readonly Problem[] {
  const tasks = definition.phases.flatMap((phase) => phase.tasks).filter((task) => task.uses === 'agent' && needsAgent(task.with));
  return tasks.map((task) => ({ code: 'no-agent', file, line: 0, column: 0, message: noAgent(task.id, task.with.agent) }));
}

function needsAgent(parameters: Readonly<Record<string, unknown>>): boolean {
  return parameters.script === undefined || (parameters.agent !== undefined && parameters.agent !== 'scripted');
}

export function noAgent(task: string, name: unknown): string {
  const wanted = typeof name === 'string' ? `the agent ${JSON.stringify(name)}, which is not configured here` : 'an agent, and none is configured here';
  return `The task "${task}" is for ${wanted}: this version runs scripted agents only. Give the task "with: { script: [ … ] }" (docs/reference/step-types.md), or let a program do it: "uses: command".`;
}
