import { makePlan } from '../../src/core/mission/plan.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { median, number } from './results.ts';
import type { Results } from './results.ts';

/** From a definition in memory to a checked plan with its hash. */
export function planning(options: { readonly rounds: number }, results: Results): void {
  for (const [size, limit] of [[10_000, 300], [100_000, 3_000]] as const) {
    const written = definition([phase('p', Array.from({ length: size }, (_, index) => task(`t${index}`, { needs: index === 0 ? [] : [`t${Math.floor(index / 2)}`] })), { gate: null })]);
    makePlan(written);
    const times = Array.from({ length: options.rounds }, () => {
      const started = performance.now();
      makePlan(written);
      return performance.now() - started;
    });
    results.rows.push({ measure: 'Planning', what: `plan of ${number(size)} tasks`, measured: `${number(median(times))} ms` });
    results.bars.push({ name: `plan of ${number(size)} tasks, ms`, value: median(times), limit, kind: 'at most' });
  }
}
