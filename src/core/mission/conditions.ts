import { statusFunctionsIn } from '../expression/parse.ts';

/** True when a condition calls `always()`, `failure()` or `cancelled()`. Without one of them `success()` is implied, as in Actions. */
export function asksAboutFailures(condition: string): boolean {
  // Most conditions call nothing of the kind, and are not taken apart for it.
  return /always|failure|cancelled/.test(condition) && statusFunctionsIn(condition).some((name) => name !== 'success');
}
