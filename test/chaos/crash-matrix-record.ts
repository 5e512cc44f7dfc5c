import { appendFileSync, existsSync, readFileSync } from 'node:fs';

import { isFlawless } from './crash-matrix-table.ts';
import { nameOf } from './crash-matrix-batch.ts';
import type { KillResult } from './crash-matrix-batch.ts';
import type { Backend, Kill } from './crash-matrix-run.ts';

interface Line {
  readonly backend: Backend;
  readonly result: KillResult;
}

/**
 * What a matrix has come to so far, a line of JSON for each kill: a run that was cut off goes on from there. What went wrong is not
 * taken over, so that it is tried again. Without a file nothing is kept.
 */
export class KillRecord {
  readonly #file: string | null;
  readonly #lines: readonly Line[];

  constructor(file: string | null) {
    this.#file = file;
    const text = file !== null && existsSync(file) ? readFileSync(file, 'utf8') : '';
    this.#lines = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line])).filter(({ result }) => isFlawless([result]));
  }

  of(backend: Backend): readonly KillResult[] {
    return this.#lines.flatMap((line) => (line.backend === backend ? [line.result] : []));
  }

  has(backend: Backend, kill: Kill): boolean {
    return this.of(backend).some((result) => nameOf(result.kill) === nameOf(kill));
  }

  add(backend: Backend, result: KillResult): void {
    if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify({ backend, result } satisfies Line)}\n`);
  }
}
