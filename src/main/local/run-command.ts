import { givenInputs } from '../../config/inputs.ts';
import { makePlan } from '../../core/mission/plan.ts';
import { reasonOf } from '../../kit/reason-of.ts';
import { builtInSteps, createStepRegistry } from '../../steps/registry.ts';
import { beginMission, readyMission, refuseTwice } from './begin-mission.ts';
import type { ReadyMission } from './begin-mission.ts';
import { describeDryRun, dryRun } from './dry-run.ts';
import { CannotRun, exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { lookAtRepository } from './local-repository.ts';
import type { LocalRepository } from './local-repository.ts';
import { checkFormat, checkInputs, checkMaxParallel } from './options.ts';
import type { RunOptions } from './options.ts';
import { plain } from './paint.ts';
import { watcherOf } from './watcher.ts';

/** `missiongate run <file>`: carries a mission out in a local repository. */
export async function runCommand(file: string, options: RunOptions, version: string): Promise<ExitCode> {
  return orSay('run', async () => {
    const format = checkFormat(options.format);
    const maxParallel = checkMaxParallel(options.maxParallel);
    const { env } = process;
    const repository = await lookAtRepository(options.repo, env);
    const ready = readyMission(repository, { file, inputs: givenInputs('--input', checkInputs(options.input)), yesTo: options.yesTo, maxParallel });
    if (!ready.ok) {
      const watcher = watcherOf(format, env);
      watcher.reporter.problems(ready.problems, file);
      return exitCodes.usage;
    }
    const { mission } = ready;
    if (options.dryRun) return showDryRun(format, mission, repository);
    if (!options.new) refuseTwice(repository, mission.file);
    const watcher = watcherOf(format, env);
    try {
      const end = await beginMission(repository, mission, { env, version, watcher, merge: options.merge, out: options.out });
      return end.exitCode;
    } finally {
      watcher.interruption.dispose();
    }
  });
}

/** Says why a command could not be carried out: what is expected in one sentence, a surprise with the way to go on. */
export async function orSay(command: 'run' | 'resume', work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    process.stderr.write(`missiongate ${command}: ${plain(reasonOf(error), 2_000)}\n`);
    if (error instanceof CannotRun) return error.exitCode;
    process.stderr.write('What was done so far is kept; go on with: missiongate resume\n');
    return exitCodes.failed;
  }
}

function showDryRun(format: 'text' | 'json', { definition, file, notes }: ReadyMission, repository: LocalRepository): ExitCode {
  const plan = makePlan(definition);
  if (!plan.ok) throw new Error('a mission that was read has no plan');
  const shown = dryRun({ plan: plan.value, file, base: repository.head, steps: createStepRegistry(builtInSteps), notes });
  process.stdout.write(format === 'json' ? `${JSON.stringify(shown)}\n` : `${describeDryRun(shown).join('\n')}\n`);
  return exitCodes.completed;
}
