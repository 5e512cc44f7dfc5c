import { bundleSimulator } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import type { WorldKind } from './common-world.ts';
import type { Mutation } from './mutations.ts';
import { simulate } from './simulate.ts';
import { SoundWorlds } from './sound-worlds.ts';
import type { Portion } from './sound-worlds.ts';

export interface HuntOptions {
  /** Worlds of each kind at most for each planted bug. */
  readonly seeds: number;
  readonly threads?: number;
  readonly tell: (line: string) => void;
  /** A bug that the code has already, whichever is planted: what it breaks proves nothing. */
  readonly already?: Mutation;
}

/**
 * Plants one bug after the other and runs worlds until one breaks. Returns the names of the bugs that no world noticed. A world that
 * breaks without any planted bug is left out: it would seem to find every one of them.
 */
export async function huntMutations(mutations: readonly Mutation[], options: HuntOptions): Promise<readonly string[]> {
  const { seeds, tell, already } = options;
  const worlds = await SoundWorlds.of(options);
  const survivors: string[] = [];
  try {
    for (const mutation of mutations) {
      const bundle = await bundleSimulator(...(already === undefined ? [] : [already]), mutation);
      try {
        const found = await hunt(mutation, bundle, worlds, options);
        if (found === null) survivors.push(mutation.name);
        tell(found === null ? `NOT FOUND  ${mutation.name} (${seeds} worlds)` : `found      ${mutation.name}: ${found}`);
      } finally {
        await bundle.remove();
      }
    }
  } finally {
    await worlds.remove();
  }
  return survivors;
}

/** What gave the bug away, or null. */
async function hunt(mutation: Mutation, bundle: Bundle, worlds: SoundWorlds, { seeds, threads }: HuntOptions): Promise<string | null> {
  // Where GitHub is concerned, bare worlds (five in the time of a whole one) show nothing.
  const kinds: readonly WorldKind[] = mutation.edits.some(({ file }) => file.startsWith('src/github/')) ? ['whole'] : ['bare', 'whole'];
  // Small portions first: most bugs show at once.
  for (let from = 1, count = 40; from <= seeds; from += count, count *= 2) {
    for (const kind of kinds) {
      const portion = { from, count: Math.min(count, seeds - from + 1), kind };
      for (;;) {
        const first = await firstBroken(bundle, { ...portion, without: worlds.broken(kind) }, threads);
        if (first === null) break;
        if (first.seed !== null && (await worlds.isSound(first.seed, kind))) return first.reason;
        await worlds.examine(portion);
        if (first.seed === null) return first.reason;
      }
    }
  }
  return null;
}

/** The first world that broke; without a seed when it took its thread along, which nobody can overlook. */
async function firstBroken(bundle: Bundle, portion: Portion & { readonly without: readonly number[] }, threads: number | undefined): Promise<{ readonly seed: number | null; readonly reason: string } | null> {
  try {
    const { broken } = await simulate(bundle, { ...portion, enough: 1, ...(threads === undefined ? {} : { threads }) });
    return broken[0] ?? null;
  } catch (error) {
    return { seed: null, reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
