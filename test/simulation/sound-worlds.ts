import { bundleSimulator } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import type { WorldKind } from './common-world.ts';
import type { Mutation } from './mutations.ts';
import { simulate } from './simulate.ts';

export interface Portion {
  readonly from: number;
  readonly count: number;
  readonly kind: WorldKind;
}

interface SoundWorldsOptions {
  readonly threads?: number;
  readonly tell: (line: string) => void;
  readonly already?: Mutation;
}

/**
 * The worlds as they are without any planted bug, run as far as somebody has to know: what breaks by itself proves nothing about a bug.
 * What was found is kept for all bugs of a hunt.
 */
export class SoundWorlds {
  readonly #bundle: Bundle;
  readonly #options: SoundWorldsOptions;
  readonly #examined = new Set<string>();
  readonly #broken = { bare: new Set<number>(), whole: new Set<number>() };

  private constructor(bundle: Bundle, options: SoundWorldsOptions) {
    this.#bundle = bundle;
    this.#options = options;
  }

  static async of(options: SoundWorldsOptions): Promise<SoundWorlds> {
    return new SoundWorlds(await bundleSimulator(...(options.already === undefined ? [] : [options.already])), options);
  }

  remove(): Promise<void> {
    return this.#bundle.remove();
  }

  /** Seeds whose worlds are known to break by themselves. */
  broken(kind: WorldKind): readonly number[] {
    return [...this.#broken[kind]];
  }

  /** True when this world holds as long as no bug is planted. */
  async isSound(seed: number, kind: WorldKind): Promise<boolean> {
    await this.examine({ from: seed, count: 1, kind });
    return !this.#broken[kind].has(seed);
  }

  /** Finds every world of a portion that breaks by itself. Rejects when one takes its thread along: then nothing can be hunted there. */
  async examine(portion: Portion): Promise<void> {
    const { threads, tell } = this.#options;
    const name = `${portion.kind} ${portion.from} ${portion.count}`;
    if (this.#examined.has(name)) return;
    this.#examined.add(name);
    const known = this.#broken[portion.kind];
    const { broken } = await simulate(this.#bundle, { ...portion, enough: Number.POSITIVE_INFINITY, without: [...known], ...(threads === undefined ? {} : { threads }) });
    for (const { seed, reason } of broken) {
      known.add(seed);
      tell(`left out   a ${portion.kind} world that breaks without any planted bug: ${reason}`);
    }
  }
}
