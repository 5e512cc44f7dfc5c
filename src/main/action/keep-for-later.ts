import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { pack } from 'tar-stream';

import { isJsonObject } from '../../kit/json.ts';
import type { RepositoryGit } from '../../worker/local-repository/repository-git.ts';
import { extractTar } from '../../store/pglite-tar.ts';
import { CannotRun } from '../local/exit-codes.ts';
import type { LocalRepository } from '../local/local-repository.ts';
import { databaseFolder, hasDatabase, missionFolder, readRecords, writeRecord } from '../local/mission-folder.ts';
import type { MissionRecord } from '../local/mission-folder.ts';

/** Below the folder with the evidence: what another job needs to go on with a mission. */
const keptFolder = 'resume';
const names = { mission: 'mission.json', database: 'database.tar.gz', branches: 'branches.bundle' } as const;

/** What stands in `mission.json`. */
interface Kept {
  readonly record: MissionRecord;
  /** Branches of the mission and where they stand. */
  readonly branches: { readonly [name: string]: string };
}

/**
 * Leaves, beside the evidence, everything that a job on another machine needs to go on: record, database, and the commits of the mission's
 * branches, without what the checkout has anyway. Of a mission that is over nothing is left.
 */
export async function keepForLater(repository: LocalRepository, record: MissionRecord): Promise<void> {
  const folder = join(record.out, keptFolder);
  rmSync(folder, { recursive: true, force: true });
  if (!hasDatabase(repository, record.number)) return;
  mkdirSync(folder, { recursive: true });
  const branches = await branchesOf(repository.git, record.number);
  const grown = Object.entries(branches).filter(([, commit]) => commit !== record.base);
  if (grown.length > 0) await gitOrThrow(repository.git, ['bundle', 'create', '--quiet', join(folder, names.branches), ...grown.map(([name]) => name), `^${record.base}`], 'The branches of the mission could not be kept');
  writeFileSync(join(folder, names.database), await packed(databaseFolder(repository, record.number)));
  const latest = readRecords(repository).find(({ number }) => number === record.number) ?? record;
  const kept: Kept = { record: latest, branches };
  writeFileSync(join(folder, names.mission), `${JSON.stringify(kept, null, 2)}\n`);
}

/**
 * Brings a mission that another job kept into this checkout, unless it is here already. Null when nothing was kept in the folder. Throws
 * `CannotRun` when the checkout is not the one it was begun in, or holds another mission of that number.
 */
export async function bringBack(repository: LocalRepository, out: string): Promise<MissionRecord | null> {
  const folder = join(out, keptFolder);
  if (!existsSync(join(folder, names.mission))) return null;
  const { record, branches } = readKept(join(folder, names.mission));
  const { number } = record;
  const present = readRecords(repository).find((one) => one.number === number);
  if (present !== undefined) {
    if (present.missionId === record.missionId && present.startedAt === record.startedAt) return present;
    throw new CannotRun(`folder: this checkout has a mission ${number} already (${present.name}). Resume in a fresh checkout.`);
  }
  const base = await repository.git({ args: ['cat-file', '-e', `${record.base}^{commit}`] });
  if (base.exitCode !== 0) throw new CannotRun(`folder: mission ${number} began at ${record.base}, which is not in this checkout. Check out that commit: actions/checkout with ref: ${record.base} (the output base of the step that ran it).`);
  if (existsSync(join(folder, names.branches))) await gitOrThrow(repository.git, ['bundle', 'unbundle', join(folder, names.branches)], 'The branches of the mission could not be brought back');
  for (const [name, commit] of Object.entries(branches)) await gitOrThrow(repository.git, ['update-ref', name, commit, ''], 'A branch of the mission could not be made');
  mkdirSync(missionFolder(repository, number), { recursive: true, mode: 0o700 });
  extractTar(gunzipSync(readFileSync(join(folder, names.database))), databaseFolder(repository, number));
  const brought = { ...record, out };
  writeRecord(repository, brought);
  return brought;
}

/** The keys of the jobs before are gone with their machines: who checks the ledger must know the public ones. */
export function earlierKeys(repository: LocalRepository, record: MissionRecord): string | null {
  const exported = join(record.out, 'keys.json');
  if (!existsSync(exported)) return null;
  // The export is written anew, from this copy.
  const copy = join(missionFolder(repository, record.number), 'earlier-keys.json');
  copyFileSync(exported, copy);
  return copy;
}

function readKept(file: string): Kept {
  let value: unknown = null;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Told below, like everything else that is none.
  }
  if (!isKept(value)) throw new CannotRun(`folder: ${file} is not what a run of this Action leaves. Download the whole folder that the earlier job uploaded.`);
  return value;
}

function isKept(value: unknown): value is Kept {
  if (!isJsonObject(value) || !isJsonObject(value.record) || !isJsonObject(value.branches)) return false;
  const { version, number, missionId, base, definition } = value.record;
  if (typeof number !== 'number') return false;
  const own = `refs/heads/mission/${number}/`;
  return (
    version === 1 && Number.isInteger(number) && number > 0 && typeof missionId === 'string' && typeof base === 'string' && /^[0-9a-f]{40,64}$/.test(base) && isJsonObject(definition) &&
    Object.entries(value.branches).every(([name, commit]) => name.startsWith(own) && typeof commit === 'string' && /^[0-9a-f]{40,64}$/.test(commit))
  );
}

async function branchesOf(git: RepositoryGit, number: number): Promise<Kept['branches']> {
  const listing = await gitOrThrow(git, ['for-each-ref', '--format=%(refname) %(objectname)', `refs/heads/mission/${number}/`], 'The branches of the mission could not be listed');
  return Object.fromEntries(listing.split('\n').filter((line) => line !== '').map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
}

async function gitOrThrow(git: RepositoryGit, args: readonly string[], failure: string): Promise<string> {
  const { exitCode, stdout, stderr } = await git({ args });
  if (exitCode !== 0) throw new Error(`${failure}: ${stderr.trim().split('\n')[0] ?? 'git refused'}`);
  return stdout;
}

/** Empty folders count: the database will not open without them, and uploaded artifacts leave them out. */
async function packed(folder: string): Promise<Buffer> {
  const archive = pack();
  const add = (path: string): void => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        archive.entry({ name, type: 'directory' });
        add(name);
      } else if (entry.isFile()) archive.entry({ name }, readFileSync(join(folder, name)));
    }
  };
  add('');
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return gzipSync(Buffer.concat(parts));
}
