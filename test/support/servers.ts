import { randomUUID } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

import pg from 'pg';

/** The servers that the production path is tested on. The global set-up starts them and sets these variables. */
export const REDIS_VARIABLE = 'MISSIONGATE_TEST_REDIS_URL';
export const DATABASE_VARIABLE = 'MISSIONGATE_TEST_DATABASE_URL';

export interface Servers {
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

/** False where the servers could not be provided; the global set-up has then said so, loudly. For `describe.skipIf`. */
export function serversAvailable(): boolean {
  return (process.env[REDIS_VARIABLE] ?? '') !== '' && (process.env[DATABASE_VARIABLE] ?? '') !== '';
}

export function requireServers(): Servers {
  const redisUrl = process.env[REDIS_VARIABLE] ?? '';
  const databaseUrl = process.env[DATABASE_VARIABLE] ?? '';
  if (redisUrl === '' || databaseUrl === '') {
    throw new Error(`This test needs servers: run it through vitest with its global set-up, or set ${REDIS_VARIABLE} and ${DATABASE_VARIABLE}.`);
  }
  return { redisUrl, databaseUrl };
}

export interface TestDatabase {
  readonly url: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

/** An empty database of its own on the PostgreSQL server. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { databaseUrl } = requireServers();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await statement(databaseUrl, `CREATE DATABASE ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => statement(databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** A queue prefix that no other test uses: what a database of its own is on PostgreSQL. */
export function testPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}

/** Runs one statement on a connection of its own. */
export async function statement(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export interface Proxy {
  /** The given URL, led through the proxy. */
  readonly url: string;
  /** The server is gone: every connection breaks, new ones are refused. */
  cut(): Promise<void>;
  /** The server is back. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** A TCP proxy before a server, so that a test can take the server away and give it back without disturbing others. */
export async function openProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  const listen = (at: number): Promise<void> => new Promise((resolve, reject) => server.once('error', reject).listen(at, '127.0.0.1', resolve));
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(own);
  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { url: url.href, cut, restore: () => listen(own), close: cut };
}
