import { join, resolve } from 'node:path';

import { missionIdOf } from '../../core/mission/source.ts';
import { makePlan } from '../../core/mission/plan.ts';
import type { Definition } from '../../core/mission/definition.ts';
import { reasonOf } from '../../kit/reason-of.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { builtInSteps, createStepRegistry } from '../../steps/registry.ts';
import { describeDryRun, dryRun } from './dry-run.ts';
import { CannotRun, exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { checkExportFolder } from './export-local.ts';
import { localReach } from './local-reach.ts';
import { lookAtRepository } from './local-repository.ts';
import type { LocalRepository } from './local-repository.ts';
import { onLocalTerms } from './local-terms.ts';
import { isUnderWay, missionFolder, readRecords, takeNumber, writeRecord } from './mission-folder.ts';
import type { MissionRecord } from './mission-folder.ts';
import { checkFormat, checkMaxParallel, checkYesTo } from './options.ts';
import type { RunOptions } from './options.ts';
import { counted, plain } from './paint.ts';
import { readMission } from './read-mission.ts';
import { runLocal } from './run-local.ts';
import { watcherOf } from './watcher.ts';

/** `missiongate run <file>`: carries a mission out in a local repository. */
export async function runCommand(file: string, options: RunOptions, version: string): Promise<ExitCode> {
  return orSay('run', async () => {
    const format = checkFormat(options.format);
    const maxParallel = checkMaxParallel(options.maxParallel);
    const { env } = process;
    const repository = await lookAtRepository(options.repo, env);
    const steps = createStepRegistry(builtInSteps);
    const reading = readMission({ file, root: repository.root, inputs: options.input, steps });
    if (!reading.ok) {
      const watcher = watcherOf(format, env);
      watcher.reporter.problems(reading.problems, file);
      return exitCodes.usage;
    }
    const { definition, notes } = onLocalTerms(reading.definition, maxParallel);
    const yesTo = checkYesTo(options.yesTo, gatesOf(definition));
    const told = [...notes, ...dirtNote(repository)];
    if (options.dryRun) return showDryRun(format, definition, reading.file, repository, told);
    if (!options.new) refuseTwice(repository, reading.file);
    if (options.out !== undefined) checkExportFolder(resolve(options.out), null);
    localReach(env);
    const number = await takeNumber(repository);
    const record: MissionRecord = {
      version: 1,
      number,
      missionId: missionIdOf(repository.id, number),
      file: reading.file,
      name: definition.name,
      definition,
      owner: repository.owner,
      repository: repository.name,
      repositoryId: repository.id,
      base: repository.head,
      branch: repository.branch,
      user: repository.user,
      maxParallel: definition.settings.maxParallel,
      out: options.out === undefined ? join(missionFolder(repository, number), 'export') : resolve(options.out),
      startedAt: systemClock.now(),
      status: 'running',
    };
    writeRecord(repository, record);
    const watcher = watcherOf(format, env);
    const { reporter, interruption } = watcher;
    try {
      const end = await runLocal({ repository, record, reporter, steps, env, version, yesTo, asking: watcher.asking(repository.root), interruption, merge: options.merge, notes: told, resuming: null });
      return end.exitCode;
    } finally {
      interruption.dispose();
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

/** What a person may be asked about: gates, and tasks that ask for approval. */
export function gatesOf(definition: Definition): readonly string[] {
  return definition.phases.flatMap((phase) => [...phase.tasks.flatMap((task) => (task.waits === 'people' ? [task.id] : [])), ...(phase.gate === null ? [] : [phase.id])]);
}

function showDryRun(format: 'text' | 'json', definition: Definition, file: string, repository: LocalRepository, notes: readonly string[]): ExitCode {
  const plan = makePlan(definition);
  if (!plan.ok) throw new Error('a mission that was read has no plan');
  const shown = dryRun({ plan: plan.value, file, base: repository.head, steps: createStepRegistry(builtInSteps), notes });
  process.stdout.write(format === 'json' ? `${JSON.stringify(shown)}\n` : `${describeDryRun(shown).join('\n')}\n`);
  return exitCodes.completed;
}

/** The same file twice at once is more often a mistake than a wish. */
function refuseTwice(repository: LocalRepository, file: string): void {
  const present = readRecords(repository).find((record) => record.file === file && isUnderWay(record));
  if (!present) return;
  const again = `missiongate resume ${present.number}`;
  throw new CannotRun(`Mission ${present.number} from ${file} is under way (begun ${new Date(present.startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC). Go on with it: ${again}. Give it up: ${again} --cancel. Begin another one beside it: missiongate run ${file} --new`);
}

function dirtNote({ uncommitted, head }: LocalRepository): readonly string[] {
  return uncommitted === 0 ? [] : [`${counted(uncommitted, 'uncommitted change')} ${uncommitted === 1 ? 'is' : 'are'} not part of the mission, which starts from the commit ${head.slice(0, 12)}.`];
}
