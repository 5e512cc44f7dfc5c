import { getInput } from '@actions/core';

import type { Problem } from '../../core/mission/definition.ts';
import { didYouMean } from '../../kit/nearest-word.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';

export const commands = ['run', 'resume', 'validate', 'plan', 'gate', 'verify'] as const;
export type Command = (typeof commands)[number];

interface InputRule {
  /** Commands that read it; with any other one it is a mistake. */
  readonly of: readonly Command[];
  /** Commands that cannot do without it. */
  readonly requiredBy?: readonly Command[];
  readonly choices?: readonly string[];
}

/** Every input of `action.yml`. */
export const actionInputs = {
  command: { of: commands, choices: commands },
  path: { of: commands },
  mission: { of: ['run', 'plan', 'gate'], requiredBy: ['run', 'plan'] },
  inputs: { of: ['run', 'plan', 'gate'] },
  'yes-to': { of: ['run', 'resume'] },
  'max-parallel': { of: ['run'] },
  budget: { of: ['resume'] },
  folder: { of: ['run', 'resume', 'verify'], requiredBy: ['verify'] },
  'when-waiting': { of: ['run', 'resume'], choices: ['fail', 'pass'] },
  keyless: { of: ['run', 'resume'], choices: ['true', 'false'] },
  files: { of: ['validate'] },
  phase: { of: ['gate'] },
  guards: { of: ['gate'] },
  rubric: { of: ['gate'] },
  base: { of: ['gate'] },
  key: { of: ['verify'] },
  anchor: { of: ['verify'] },
} as const satisfies { readonly [name: string]: InputRule };

export type InputName = keyof typeof actionInputs;

/** What the workflow asks for. */
export interface Call {
  readonly command: Command;
  /** Without white space around it; empty when it was not given. */
  text(name: InputName): string;
  /** As it was written: places in it count from its first line. */
  written(name: InputName): string;
  /** Values one a line or with commas between. */
  list(name: InputName): readonly string[];
}

const rules: readonly (readonly [InputName, InputRule])[] = Object.entries(actionInputs) as [InputName, InputRule][];

/** Reads what the runner hands over, and finds everything that is wrong with it. `given`: names of the environment. */
export function readCall(given: readonly string[]): Result<Call, readonly Problem[]> {
  const problems: Problem[] = [];
  const report = (name: string, message: string) => problems.push(inputProblem(name, message));
  for (const variable of given) {
    const name = /^INPUT_(.+)$/.exec(variable)?.[1]?.toLowerCase();
    if (name === undefined || Object.hasOwn(actionInputs, name)) continue;
    report(name, `The Action has no such input.${didYouMean(name, Object.keys(actionInputs)) || ` It has: ${Object.keys(actionInputs).join(', ')}.`}`);
  }
  const word = text('command') || 'run';
  const command = commands.find((known) => known === word);
  if (command === undefined) report('command', `Found ${JSON.stringify(word.slice(0, 60))}, expected one of ${commands.join(', ')}.${didYouMean(word, commands)}`);
  for (const [name, { of, requiredBy, choices }] of rules) {
    const value = text(name);
    if (value === '') {
      if (command !== undefined && requiredBy?.includes(command)) report(name, `The command ${command} needs it.${examples[name] === undefined ? '' : ` For example: ${examples[name]}.`}`);
    } else if (command !== undefined && !of.includes(command)) report(name, `The command ${command} does not read it: it is for ${of.join(', ')}. Leave it out, or set another command.`);
    else if (name !== 'command' && choices !== undefined && !choices.includes(value)) report(name, `Found ${JSON.stringify(value.slice(0, 60))}, expected ${choices.join(' or ')}.`);
  }
  if (command === 'gate') problems.push(...gateProblems());
  if (command === undefined || problems.length > 0) return err(problems);
  return ok({ command, text, written: (name) => getInput(name, { trimWhitespace: false }), list: (name) => listed(text(name)) });
}

const examples: { readonly [name in InputName]?: string } = {
  mission: 'mission: .github/missions/add-endpoint.yml, or mission: template:fix-bug',
  folder: 'folder: evidence',
};

/** A gate comes from a mission file or from the workflow itself, never from both. */
function gateProblems(): readonly Problem[] {
  const fromFile = text('mission') !== '' || text('phase') !== '';
  const own = (['guards', 'rubric'] as const).filter((name) => text(name) !== '');
  if (fromFile && own.length > 0) return own.map((name) => inputProblem(name, 'The gate comes from mission and phase already. Leave one of the two out.'));
  if (!fromFile && own.length === 0) return [inputProblem('mission', 'The command gate needs a gate: name mission and phase, or write guards (and rubric) here.')];
  if (fromFile) return (['mission', 'phase'] as const).filter((name) => text(name) === '').map((name) => inputProblem(name, 'The command gate needs both mission and phase.'));
  return text('guards') === '' ? [inputProblem('guards', 'A rubric alone has nothing to measure: say what examines the checkout.')] : [];
}

function text(name: InputName): string {
  return getInput(name);
}

function listed(value: string): readonly string[] {
  return value.split(/[\n,]/).map((one) => one.trim()).filter((one) => one !== '');
}

/** Inputs are shown as people write them in their workflow. */
export function inputFile(name: string): string {
  return `with.${name}`;
}

export function inputProblem(name: string, message: string): Problem {
  return { code: 'input', file: inputFile(name), line: 0, column: 0, message };
}
