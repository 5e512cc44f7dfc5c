import { bundleSimulator } from './bundle.ts';
import type { Mutation } from './mutations.ts';
import { simulate } from './simulate.ts';

export interface HuntOptions {
  /** Worlds of each kind at most for each planted bug. */
  readonly seeds: number;
  readonly threads?: number;
  readonly tell: (line: string) => void;
}

/** Plants one bug after the other and runs worlds until one breaks. Returns the names of the bugs that no world noticed. */
export async function huntMutations(mutations: readonly Mutation[], { seeds, threads, tell }: HuntOptions): Promise<readonly string[]> {
  const survivors: string[] = [];
  for (const mutation of mutations) {
    const found = await hunt(mutation, seeds, threads);
    if (found === null) survivors.push(mutation.name);
    tell(found === null ? `NOT FOUND  ${mutation.name} (${seeds} worlds)` : `found      ${mutation.name}: ${found}`);
  }
  return survivors;
}

/** What gave the bug away, or null. */
async function hunt(mutation: Mutation, seeds: number, threads: number | undefined): Promise<string | null> {
  const bundle = await bundleSimulator(mutation);
  try {
    // Where GitHub is concerned, bare worlds (five in the time of a whole one) show nothing.
    const kinds = mutation.edits.some(({ file }) => file.startsWith('src/github/')) ? (['whole'] as const) : (['bare', 'whole'] as const);
    // Small portions first: most bugs show at once.
    for (let from = 1, count = 40; from <= seeds; from += count, count *= 2) {
      for (const kind of kinds) {
        const report = await simulate(bundle, { from, count: Math.min(count, seeds - from + 1), enough: 1, kind, ...(threads === undefined ? {} : { threads }) });
        const [first] = report.broken;
        if (first) return first.reason;
      }
    }
    return null;
  } catch (error) {
    // It took its thread along, which nobody can overlook.
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } finally {
    await bundle.remove();
  }
}
