import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { Problem } from '../../core/mission/definition.ts';
import { plainInk } from '../../github/messages/ink.ts';
import type { Ink } from '../../github/messages/ink.ts';
import { reasonOf } from '../../kit/reason-of.ts';
import { CannotRun, exitCodes } from '../local/exit-codes.ts';
import { actionInputs, inputProblem, readCall } from './inputs.ts';
import type { Call, Command } from './inputs.ts';
import { resumeHere, runMission } from './mission-command.ts';
import { giveOutputs } from './outputs.ts';
import type { Outcome } from './outputs.ts';
import { gateCommand } from './gate-command.ts';
import { planCommand } from './plan-command.ts';
import { refused } from './refused.ts';
import { showSummary } from './summary.ts';
import { surroundingsOf } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';
import { validateCommand } from './validate-command.ts';
import { verifyCommand } from './verify-command.ts';
import { openWorkflowLog } from './workflow-log.ts';
import type { WorkflowLog } from './workflow-log.ts';

const commands: { readonly [command in Command]: (surroundings: Surroundings) => Outcome | Promise<Outcome> } = {
  run: runMission,
  resume: resumeHere,
  validate: validateCommand,
  plan: planCommand,
  gate: gateCommand,
  verify: verifyCommand,
};

/** The reusable Action, from what the runner hands over to the exit code: those of `missiongate run`, for every command. */
export async function runAction(env: NodeJS.ProcessEnv, version: string): Promise<number> {
  const log = openWorkflowLog();
  const outcome = await outcomeOf(env, version, log);
  for (const name of giveOutputs(outcome.outputs)) log.annotate({ level: 'notice', title: `Output ${name}`, message: `The output ${name} is too long for GitHub and left empty; the summary and the evidence have it.` });
  await showSummary(outcome.summary);
  log.close();
  return outcome.exitCode;
}

async function outcomeOf(env: NodeJS.ProcessEnv, version: string, log: WorkflowLog): Promise<Outcome> {
  const call = readCall(Object.keys(env));
  if (!call.ok) return refused({ log, ink: plainInk }, call.error);
  let ink = plainInk;
  try {
    enter(call.value, env);
    const surroundings = surroundingsOf(call.value, env, version, log);
    ink = surroundings.ink;
    return await commands[call.value.command](surroundings);
  } catch (error) {
    return error instanceof CannotRun ? refused({ log, ink }, [problemOf(error)]) : broken(log, ink, error);
  }
}

/** The checkout, where every path of the workflow begins. */
function enter(call: Call, env: NodeJS.ProcessEnv): void {
  const folder = resolve(env.GITHUB_WORKSPACE ?? '.', call.text('path') || '.');
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new CannotRun(`path: there is no folder ${folder}. Check the repository out first (actions/checkout), and name the folder it was checked out into.`);
  if (needsRepository.includes(call.command) && !isInRepository(folder)) throw new CannotRun(`path: ${folder} is no git repository. Check one out first (actions/checkout), and name the folder it was checked out into.`);
  process.chdir(folder);
}

const needsRepository: readonly Command[] = ['run', 'resume', 'gate'];

function isInRepository(folder: string): boolean {
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInRepository(dirname(folder)));
}

/** Sentences of the command line name its options; in a workflow they are inputs. */
function problemOf({ message }: CannotRun): Problem {
  const [, option, rest] = /^(?:--)?([a-z-]+): (.*)$/s.exec(message) ?? [];
  const name = option === 'out' ? 'folder' : option;
  return name !== undefined && rest !== undefined && Object.hasOwn(actionInputs, name) ? inputProblem(name, rest) : { code: 'environment', file: 'with', line: 0, column: 0, message };
}

/** A surprise: nothing is pretended, and what is there stays. */
function broken(log: WorkflowLog, ink: Ink, error: unknown): Outcome {
  const reason = ink.text(reasonOf(error), 4_000);
  log.endGroup();
  log.annotate({ level: 'failure', title: 'Missiongate', message: `${reason}\nWhat was done so far is kept in the checkout: command: resume in the same job goes on with it.` });
  if (error instanceof Error) log.line(ink.text(error.stack ?? '', 8_000));
  return { exitCode: exitCodes.failed, outputs: { status: 'failed' }, summary: `## ❌ It could not be carried out\n\n${ink.plain(reason, 2_000)}` };
}
