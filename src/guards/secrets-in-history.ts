import { StepError } from '../steps/step-type.ts';
import { breathe } from './breathe.ts';
import { isBinary, secretsIn } from './find-secrets.ts';
import type { FoundSecret } from './find-secrets.ts';
import type { CommitSize, TrunkHistory, TrunkVersion } from './guard-type.ts';
import { inNumbers } from './numbers.ts';
import { portions } from './portions.ts';

/** Text that is searched of one version, as of one file. */
const longestVersion = 2 * 1024 * 1024;

/** A secret, and the commit that brought it. */
export interface BroughtSecret extends FoundSecret {
  readonly commit: string;
  readonly path: string;
}

export interface HistorySearch {
  /** Oldest first; one secret in one file once, however often it came and went. */
  readonly brought: readonly BroughtSecret[];
  /** What was found in each content, by its id. */
  readonly found: ReadonlyMap<string, readonly FoundSecret[]>;
  /** Any id, to tell the kind of ids by; null when there is none. */
  readonly sample: string | null;
  readonly commits: readonly CommitSize[];
  readonly searched: number;
  /** What could not be searched, in words. */
  readonly refused: readonly string[];
}

/**
 * Searches every content that the commits brought in, each once. A secret that stood in what a commit replaced was not brought by it:
 * it is told for the commit that wrote it first, or not at all where the base holds it. Memory is bound by one portion, time by the sizes.
 */
export async function searchHistory(history: TrunkHistory, isIgnored: (path: string) => boolean, signal: AbortSignal): Promise<HistorySearch> {
  const { commits, versions, isWhole } = await history.versions();
  const refused = isWhole ? [] : ['the history of the trunk, which is too long to be read ("history: false" leaves it out)'];
  const wanted = versions.filter(({ path }) => !isIgnored(path));
  const found = new Map<string, readonly FoundSecret[]>();
  let searched = 0;
  for (const group of portions(distinct(wanted), ({ path, commit }) => `${path} at ${commit.slice(0, 12)}`, refused)) {
    const contents = await history.read(group.map(({ id }) => id));
    for (const { id, path, commit } of group) {
      if (signal.aborted) throw new StepError('cancelled', 'the examination was cancelled');
      await breathe();
      const bytes = contents.get(id);
      if (bytes === undefined) throw new StepError('environment', `git gave no content for ${path} at ${commit.slice(0, 12)}`);
      if (bytes.length > longestVersion && isBinary(bytes)) continue;
      if (bytes.length > longestVersion) {
        refused.push(`${path} at ${commit.slice(0, 12)} (${inNumbers(bytes.length)} bytes; up to ${inNumbers(longestVersion)} are searched)`);
        continue;
      }
      searched += 1;
      found.set(id, await secretsIn(path, bytes));
    }
  }
  return { brought: await bringers(history, wanted, found), found, sample: wanted[0]?.id ?? null, commits, searched, refused };
}

function distinct(versions: readonly TrunkVersion[]): readonly TrunkVersion[] {
  const known = new Set<string>();
  return versions.filter(({ id }) => !known.has(id) && known.add(id));
}

async function bringers(history: TrunkHistory, versions: readonly TrunkVersion[], found: ReadonlyMap<string, readonly FoundSecret[]>): Promise<readonly BroughtSecret[]> {
  const before = new Map<string, ReadonlySet<string>>();
  const brought = new Map<string, BroughtSecret>();
  for (const { id, path, commit, before: replaced } of versions) {
    const secrets = found.get(id) ?? [];
    if (secrets.length === 0) continue;
    for (const one of replaced) if (!before.has(one.id)) before.set(one.id, await identitiesIn(history, found, path, one));
    for (const secret of secrets) {
      const key = `${secret.identity} ${path}`;
      if (!brought.has(key) && !replaced.some((one) => before.get(one.id)?.has(secret.identity))) brought.set(key, { ...secret, path, commit });
    }
  }
  return [...brought.values()];
}

async function identitiesIn(history: TrunkHistory, found: ReadonlyMap<string, readonly FoundSecret[]>, path: string, { id, bytes: size }: TrunkVersion['before'][number]): Promise<ReadonlySet<string>> {
  const known = found.get(id);
  if (known !== undefined) return new Set(known.map(({ identity }) => identity));
  // What is too long to be searched excuses nothing.
  if (size > longestVersion) return new Set();
  const bytes = (await history.read([id])).get(id);
  if (bytes === undefined) throw new StepError('environment', `git gave no content for ${path} before it was changed`);
  return new Set((await secretsIn(path, bytes)).map(({ identity }) => identity));
}
