import type { Scenario } from '../chaos-scenario.ts';
import { storm } from './storm.ts';

/** Every scenario, in the order of the table. A new one is a file here and a line in this list. */
export const scenarios: readonly Scenario[] = [storm];
