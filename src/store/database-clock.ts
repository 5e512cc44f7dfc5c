import type { Clock } from '../kit/time.ts';
import type { Database } from './database.ts';

/** How often the database is asked what time it is, in milliseconds: its clock may be set, this machine may have slept. */
const ASK_EVERY_MS = 10_000;

/**
 * The database's clock, for every process that shares it: leases, timers and turns are compared by one clock, whatever the
 * machines' own clocks say and however they jump. Between two looks the time is carried on by the process's stopwatch, which
 * no clock setting moves. `sleep` is the given clock's. While the database does not answer, the last look holds.
 */
export async function databaseClock(database: Database, local: Clock, stopwatch: () => number = () => performance.now()): Promise<Clock & { stop(): void }> {
  let offset = await look();

  async function look(): Promise<number> {
    const asked = stopwatch();
    const { rows } = await database.query<{ now: string }>(`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS now`);
    // The answer was made somewhere between question and arrival.
    return Number(rows[0]?.now) - (asked + stopwatch()) / 2;
  }

  const asking = setInterval(() => {
    look().then(
      (found) => (offset = found),
      () => undefined,
    );
  }, ASK_EVERY_MS);
  asking.unref();
  return {
    now: () => Math.round(stopwatch() + offset),
    sleep: (ms, signal) => local.sleep(ms, signal),
    stop: () => clearInterval(asking),
  };
}
