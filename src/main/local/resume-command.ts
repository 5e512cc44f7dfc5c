import { resolve } from 'node:path';

import { builtInSteps, createStepRegistry } from '../../steps/registry.ts';
import { gatesOf } from './begin-mission.ts';
import type { Circumstances } from './begin-mission.ts';
import { CannotRun, exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { checkExportFolder } from './export-local.ts';
import type { GoOn } from './go-on.ts';
import { lookAtRepository } from './local-repository.ts';
import type { LocalRepository } from './local-repository.ts';
import { isUnderWay, readRecords, removeDatabase } from './mission-folder.ts';
import type { MissionRecord } from './mission-folder.ts';
import { checkBudget, checkFormat, checkYesTo } from './options.ts';
import type { ResumeOptions } from './options.ts';
import { plain } from './paint.ts';
import type { RunEnd } from './reporter.ts';
import { orSay } from './run-command.ts';
import { runLocal } from './run-local.ts';
import { watcherOf } from './watcher.ts';

/** `missiongate resume [mission]`: goes on with a mission where it was left, however that came about. */
export async function resumeCommand(number: string | undefined, options: ResumeOptions, version: string): Promise<ExitCode> {
  return orSay('resume', async () => {
    const format = checkFormat(options.format);
    const budget = checkBudget(options.budget);
    const { env } = process;
    const repository = await lookAtRepository(options.repo, env);
    const found = chosen(readRecords(repository), number);
    const yesTo = checkYesTo(options.yesTo, gatesOf(found.definition));
    if (found.status === 'completed' || found.status === 'cancelled') {
      // The process that ended it may have died before it tidied up.
      removeDatabase(repository, found.number);
      process.stdout.write(`Mission ${found.number} (${plain(found.name)}) is ${found.status} already. Its evidence: ${found.out}\n`);
      return found.status === 'completed' ? exitCodes.completed : exitCodes.failed;
    }
    const watcher = watcherOf(format, env);
    try {
      const end = await resumeMission(repository, found, { yesTo, budget, cancel: options.cancel }, { env, version, watcher, merge: options.merge, out: options.out });
      return end.exitCode;
    } finally {
      watcher.interruption.dispose();
    }
  });
}

/** What resuming a mission may change. */
export interface Resuming extends Pick<GoOn, 'budget' | 'cancel'> {
  readonly yesTo: (name: string) => boolean;
}

/** Goes on with a mission that is not over. Throws `CannotRun`. */
export async function resumeMission(repository: LocalRepository, found: MissionRecord, { yesTo, budget, cancel }: Resuming, { env, version, watcher, merge, out, programPath }: Circumstances): Promise<RunEnd> {
  const record = { ...found, out: out === undefined ? found.out : resolve(out) };
  checkExportFolder(record.out, found.missionId);
  return runLocal({ repository, record, reporter: watcher.reporter, steps: createStepRegistry(builtInSteps), env, version, yesTo, asking: watcher.asking(repository.root), interruption: watcher.interruption, merge, notes: [], resuming: { budget, cancel }, programPath });
}

/** The mission that is meant: the one with the number, else the one under way, else the latest if it failed. */
export function chosen(records: readonly MissionRecord[], number: string | undefined): MissionRecord {
  const list = (some: readonly MissionRecord[]) => some.slice(0, 10).map((record) => `\n  ${record.number}  ${record.status.padEnd(10)} ${plain(record.name, 60)} (${plain(record.file, 200)})`).join('');
  if (number !== undefined) {
    const found = records.find((record) => String(record.number) === number);
    if (found) return found;
    throw new CannotRun(records.length === 0 ? `There is no mission ${number} in this repository, and no other. Begin one: missiongate run <file>` : `There is no mission ${number} in this repository. There are:${list(records)}`);
  }
  const underWay = records.filter(isUnderWay);
  const [first, second] = underWay;
  if (first && second) throw new CannotRun(`Which one? Under way are:${list(underWay)}`);
  const latest = first ?? records[0];
  if (!latest) throw new CannotRun('No mission was ever begun in this repository. Begin one: missiongate run <file>');
  return latest;
}
