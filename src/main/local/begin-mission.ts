import { join, resolve } from 'node:path';

import type { GivenInputs } from '../../config/inputs.ts';
import type { Definition, Problem } from '../../core/mission/definition.ts';
import { missionIdOf } from '../../core/mission/source.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { builtInSteps, createStepRegistry } from '../../steps/registry.ts';
import { CannotRun } from './exit-codes.ts';
import { checkExportFolder } from './export-local.ts';
import { localReach } from './local-reach.ts';
import type { LocalRepository } from './local-repository.ts';
import { onLocalTerms } from './local-terms.ts';
import { isUnderWay, missionFolder, readRecords, takeNumber, writeRecord } from './mission-folder.ts';
import type { MissionRecord } from './mission-folder.ts';
import { checkYesTo } from './options.ts';
import { counted } from './paint.ts';
import { readMission } from './read-mission.ts';
import type { RunEnd } from './reporter.ts';
import { runLocal } from './run-local.ts';
import type { Watcher } from './watcher.ts';

/** A mission that somebody wants carried out here. */
export interface WantedMission {
  /** As typed: a path, or `template:<name>`. */
  readonly file: string;
  readonly inputs: GivenInputs;
  /** Gates and tasks that are approved without asking; `all` for every one. */
  readonly yesTo: readonly string[];
  /** Null: as the file says. */
  readonly maxParallel: number | null;
}

/** A mission that was read, with what people should know about it. */
export interface ReadyMission {
  readonly definition: Definition;
  /** Relative to the repository where it lies in it. */
  readonly file: string;
  readonly yesTo: (name: string) => boolean;
  readonly notes: readonly string[];
}

/** Reads and checks everything, and makes nothing. Throws `CannotRun`. */
export function readyMission(repository: LocalRepository, wanted: WantedMission): { readonly ok: true; readonly mission: ReadyMission } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const reading = readMission({ file: wanted.file, root: repository.root, inputs: wanted.inputs, steps: createStepRegistry(builtInSteps) });
  if (!reading.ok) return reading;
  const { definition, notes } = onLocalTerms(reading.definition, wanted.maxParallel);
  const yesTo = checkYesTo(wanted.yesTo, gatesOf(definition));
  return { ok: true, mission: { definition, file: reading.file, yesTo, notes: [...notes, ...dirtNote(repository)] } };
}

/** How and for whom a mission is carried out. */
export interface Circumstances {
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly watcher: Watcher;
  readonly merge: boolean;
  /** Where ledger and evidence are written; inside the git folder when absent. */
  readonly out?: string;
  /** Where the tasks' programs are looked for; the system's folders when absent. */
  readonly programPath?: string;
}

/** Begins a mission and carries it out as far as it goes without people who are not here. Throws `CannotRun`. */
export async function beginMission(repository: LocalRepository, { definition, file, yesTo, notes }: ReadyMission, circumstances: Circumstances): Promise<RunEnd> {
  const { env, version, watcher, merge, out, programPath } = circumstances;
  if (out !== undefined) checkExportFolder(resolve(out), null);
  localReach(env);
  const number = await takeNumber(repository);
  const record: MissionRecord = {
    version: 1,
    number,
    missionId: missionIdOf(repository.id, number),
    file,
    name: definition.name,
    definition,
    owner: repository.owner,
    repository: repository.name,
    repositoryId: repository.id,
    base: repository.head,
    branch: repository.branch,
    user: repository.user,
    maxParallel: definition.settings.maxParallel,
    out: out === undefined ? join(missionFolder(repository, number), 'export') : resolve(out),
    startedAt: systemClock.now(),
    status: 'running',
  };
  writeRecord(repository, record);
  return runLocal({ repository, record, reporter: watcher.reporter, steps: createStepRegistry(builtInSteps), env, version, yesTo, asking: watcher.asking(repository.root), interruption: watcher.interruption, merge, notes, resuming: null, programPath });
}

/** The same file twice at once is more often a mistake than a wish. */
export function refuseTwice(repository: LocalRepository, file: string): void {
  const present = readRecords(repository).find((record) => record.file === file && isUnderWay(record));
  if (!present) return;
  const again = `missiongate resume ${present.number}`;
  throw new CannotRun(`Mission ${present.number} from ${file} is under way (begun ${new Date(present.startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC). Go on with it: ${again}. Give it up: ${again} --cancel. Begin another one beside it: missiongate run ${file} --new`);
}

/** What a person may be asked about: gates, and tasks that ask for approval. */
export function gatesOf(definition: Definition): readonly string[] {
  return definition.phases.flatMap((phase) => [...phase.tasks.flatMap((task) => (task.waits === 'people' ? [task.id] : [])), ...(phase.gate === null ? [] : [phase.id])]);
}

function dirtNote({ uncommitted, head }: LocalRepository): readonly string[] {
  return uncommitted === 0 ? [] : [`${counted(uncommitted, 'uncommitted change')} ${uncommitted === 1 ? 'is' : 'are'} not part of the mission, which starts from the commit ${head.slice(0, 12)}.`];
}
