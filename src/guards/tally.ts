import type { Measured, MetricName } from '../core/gate/metrics.ts';
import { FindingList } from './finding-list.ts';
import type { RepositoryPaths } from './repository-paths.ts';

/** What a guard counts while it reads. */
export class Tally {
  readonly findings = new FindingList();
  readonly paths: RepositoryPaths;
  readonly #counts = new Map<MetricName, number>();

  constructor(paths: RepositoryPaths, names: readonly MetricName[]) {
    this.paths = paths;
    for (const name of names) this.#counts.set(name, 0);
  }

  add(name: MetricName, number = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + number);
  }

  count(name: MetricName): number {
    return this.#counts.get(name) ?? 0;
  }

  metrics(): Measured {
    return Object.fromEntries(this.#counts);
  }
}
