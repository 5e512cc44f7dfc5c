import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';

import { statement } from '../support/servers.ts';

export interface Servers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** Runs `work` with a new PostgreSQL database and an emptied Redis: nobody works on what others left. */
export async function onFreshServers<T>(servers: Servers, work: (fresh: Servers) => Promise<T>): Promise<T> {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  await statement(servers.databaseUrl, `CREATE DATABASE ${name}`);
  const redis = new Redis(servers.redisUrl);
  await redis.flushall();
  redis.disconnect();
  const url = new URL(servers.databaseUrl);
  url.pathname = `/${name}`;
  try {
    return await work({ databaseUrl: url.href, redisUrl: servers.redisUrl });
  } finally {
    await statement(servers.databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    // What one contender left to be written must not slow the next one down.
    await statement(servers.databaseUrl, 'CHECKPOINT');
  }
}
