import type { Millis } from '../kit/time.ts';
import type { Database } from './database.ts';

/**
 * Lets every lease run out now. Only for a process that is known to be the only one on this database: whoever holds a lease is
 * dead, and nobody needs to wait until that shows.
 */
export async function abandonLeases(database: Database, now: Millis): Promise<void> {
  await database.query(`UPDATE leases SET expires_at = $1 WHERE status IN ('held', 'cancelled') AND expires_at > $1`, [new Date(now)]);
}
