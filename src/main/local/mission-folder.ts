import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Definition } from '../../core/mission/definition.ts';
import type { LocalRepository } from './local-repository.ts';

/** What is kept of a mission beside its database: enough to go on with it, and to list it without opening anything. */
export interface MissionRecord {
  readonly version: 1;
  readonly number: number;
  readonly missionId: string;
  /** As the person knows it: relative to the repository where it lies in it. */
  readonly file: string;
  readonly name: string;
  /** Checked and completed; it is not read again, whatever becomes of the file. */
  readonly definition: Definition;
  readonly owner: string;
  readonly repository: string;
  readonly repositoryId: number;
  readonly base: string;
  /** Branch that was checked out when it began. */
  readonly branch: string | null;
  readonly user: { readonly name: string; readonly login: string };
  readonly maxParallel: number;
  /** Where ledger and evidence are written, in full. */
  readonly out: string;
  readonly startedAt: number;
  /** How it stood when a process last let go of it; `running` also after one that was killed. */
  readonly status: string;
}

/** Ends of a mission that leave nothing to go on with. */
const overStatuses: readonly string[] = ['completed', 'cancelled'];

export function isUnderWay(record: MissionRecord): boolean {
  return !overStatuses.includes(record.status) && !record.status.includes('failed');
}

/** Where missions of a repository are kept: inside its git folder, so that no worktree ever looks changed. */
export function stateFolder(repository: Pick<LocalRepository, 'gitDir'>): string {
  return join(repository.gitDir, 'missiongate');
}

export function missionFolder(repository: Pick<LocalRepository, 'gitDir'>, number: number): string {
  return join(stateFolder(repository), String(number));
}

/** Takes the next number: above every mission here, and above every branch `mission/<n>/…`, wherever that came from. */
export async function takeNumber(repository: LocalRepository): Promise<number> {
  const folder = stateFolder(repository);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { stdout } = await repository.git({ args: ['for-each-ref', '--format=%(refname)', 'refs/heads/mission/', 'refs/remotes/'] });
  const ofBranches = [...stdout.matchAll(/\/mission\/([1-9]\d{0,8})\//g)].map((match) => Number(match[1]));
  for (let number = Math.max(0, ...numbersIn(folder), ...ofBranches) + 1; ; number += 1) {
    try {
      mkdirSync(join(folder, String(number)), { mode: 0o700 });
      return number;
    } catch (error) {
      // Another process took it in the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Replaced in one step: a process that dies leaves the old record or the new one. */
export function writeRecord(repository: Pick<LocalRepository, 'gitDir'>, record: MissionRecord): void {
  const file = join(missionFolder(repository, record.number), 'mission.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Missions of a repository, latest first. A folder whose process died before it wrote its record is none. */
export function readRecords(repository: Pick<LocalRepository, 'gitDir'>): readonly MissionRecord[] {
  return numbersIn(stateFolder(repository))
    .sort((a, b) => b - a)
    .flatMap((number) => {
      const file = join(missionFolder(repository, number), 'mission.json');
      return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as MissionRecord] : [];
    });
}

/** A mission that is over needs no database any more: its ledger and evidence are exported. */
export function removeDatabase(repository: Pick<LocalRepository, 'gitDir'>, number: number): void {
  rmSync(databaseFolder(repository, number), { recursive: true, force: true });
}

export function databaseFolder(repository: Pick<LocalRepository, 'gitDir'>, number: number): string {
  return join(missionFolder(repository, number), 'database');
}

export function hasDatabase(repository: Pick<LocalRepository, 'gitDir'>, number: number): boolean {
  return existsSync(join(databaseFolder(repository, number), 'PG_VERSION'));
}

function numbersIn(folder: string): number[] {
  return existsSync(folder) ? readdirSync(folder).flatMap((name) => (/^[1-9]\d{0,8}$/.test(name) ? [Number(name)] : [])) : [];
}
