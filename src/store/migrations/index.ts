import { missions } from './0001-missions.ts';
import { watches } from './0002-watches.ts';
import { trunkHeads } from './0003-trunk-heads.ts';
import { routines } from './0004-routines.ts';

/** Every migration, in order. A released one is never changed: add a new file and one line here. */
export const migrations = [missions, watches, trunkHeads, routines] as const;
