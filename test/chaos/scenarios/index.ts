import type { Scenario } from '../chaos-scenario.ts';
import { clockJumps } from './clock-jumps.ts';
import { databaseDown } from './database-down.ts';
import { fullDiskEmbedded } from './full-disk-embedded.ts';
import { fullDisk } from './full-disk.ts';
import { networkResets } from './network-resets.ts';
import { redisFlushed } from './redis-flushed.ts';
import { rollingRestarts } from './rolling-restarts.ts';
import { storm } from './storm.ts';
import { zombies } from './zombies.ts';

/** Every scenario, in the order of the table. A new one is a file here and a line in this list. */
export const scenarios: readonly Scenario[] = [storm, databaseDown, redisFlushed, networkResets, fullDisk, fullDiskEmbedded, zombies, clockJumps, rollingRestarts];
