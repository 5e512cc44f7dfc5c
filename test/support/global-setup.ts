import { ensureServers, startServers, stopServers } from '../../scripts/test-servers.mjs';
import { DATABASE_VARIABLE, REDIS_VARIABLE, serversAvailable } from './servers.ts';

/** The suites that need servers, for the message that says what did not run. */
const SUITES = [
  'test/store/database-server.test.ts',
  'test/store/migrate.test.ts (on a server)',
  'test/queue/queue-redis.test.ts',
  'test/queue/queue-postgres.test.ts',
  'scenarios on Redis and PostgreSQL',
];

/**
 * Starts redis-server and PostgreSQL once for the whole run, on ports and in folders of their own, and stops them
 * afterwards. Servers given by the environment are used as they are. Without servers the run goes on, after saying so
 * in a box; with CI=true it fails.
 */
export async function setup(): Promise<(() => Promise<void>) | void> {
  if (serversAvailable()) return;
  try {
    await ensureServers();
    const { redisUrl, databaseUrl, folder } = await startServers();
    process.env[REDIS_VARIABLE] = redisUrl;
    process.env[DATABASE_VARIABLE] = databaseUrl;
    return () => stopServers({ folder });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env['CI'] === 'true') throw new Error(`CI runs every suite, but the servers are not there: ${reason}`, { cause: error });
    process.stderr.write(box([`These suites will NOT run:`, ...SUITES.map((suite) => `  - ${suite}`), '', `Why: ${reason}`, `Or set ${REDIS_VARIABLE} and ${DATABASE_VARIABLE}.`]));
  }
}

function box(lines: readonly string[]): string {
  const wrapped = lines.flatMap((line) => line.match(/.{1,96}(?:\s|$)|.{1,96}/g) ?? ['']);
  const rule = '═'.repeat(98);
  return ['', `╔${rule}╗`, ...wrapped.map((line) => `║ ${line.trimEnd().padEnd(96)} ║`), `╚${rule}╝`, ''].join('\n');
}
