#!/usr/bin/env node
// Provides the servers that tests of the production path need: redis-server and PostgreSQL.
//
//   node scripts/test-servers.mjs ensure   installs what is missing where it may (Debian or Ubuntu, as root)
//   node scripts/test-servers.mjs start    starts both on ports and in folders of their own, prints their URLs as JSON
//   node scripts/test-servers.mjs stop     stops what `start` started
//
// As a module: ensureServers, startServers, stopServers, and for chaos tests killRedis, runRedis, crashPostgres, runPostgres.
// Nothing that runs on this machine already is ever touched.
import { execFile, spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER_PREFIX = 'missiongate-servers-';
const START_TIMEOUT_MS = 20_000;

/** Which of the two are missing: `redis-server`, `postgresql`. */
export function missingServers() {
  const missing = [];
  if (findProgram('redis-server') === undefined) missing.push('redis-server');
  if (findPostgres() === undefined) missing.push('postgresql');
  return missing;
}

/** Installs what is missing where that is possible without asking. Rejects with a sentence that says what to do elsewhere. */
export async function ensureServers() {
  const missing = missingServers();
  if (missing.length === 0) return;
  if (!isRoot() || findProgram('apt-get') === undefined) {
    throw new Error(
      `${missing.join(' and ')} missing, and can be installed without asking only on Debian or Ubuntu as root. ` +
        `Install by hand: "sudo apt-get install -y ${missing.join(' ')}" (Debian, Ubuntu), "brew install redis postgresql@16" (macOS), ` +
        '"apk add redis postgresql" (Alpine).',
    );
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env: environment, maxBuffer: 1e8 });
  try {
    await install();
  } catch {
    // The package lists of a fresh image are often missing or old.
    await run('apt-get', ['update'], { env: environment, maxBuffer: 1e8 });
    await install();
  }
  const still = missingServers();
  if (still.length > 0) throw new Error(`apt-get ran, but ${still.join(' and ')} cannot be found afterwards.`);
}

/**
 * Starts both servers for the process `owner` (default: this one) and resolves once they answer. Servers of owners that
 * no longer live are stopped first, so that an interrupted test run leaves nothing behind for long. `postgresData` is an
 * empty folder for the database (a small file system, say); without it, it lies beside the rest.
 */
export async function startServers({ owner = process.pid, postgresData } = {}) {
  await stopServers({ ofDeadOwners: true });
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const record = { owner, folder, redisPort: await freePort(), postgresPort: await freePort(), postgresData: postgresData ?? join(folder, 'postgres') };
  note(record);
  try {
    await makePostgres(record);
    await Promise.all([runRedis(folder), runPostgres(folder)]);
    return { redisUrl: `redis://127.0.0.1:${record.redisPort}`, databaseUrl: `postgres://missiongate@127.0.0.1:${record.postgresPort}/postgres`, folder };
  } catch (error) {
    await stopOne(readRecord(folder));
    throw error;
  }
}

/**
 * Stops the servers of one `folder` (as returned by `startServers`), or those of owners that died. Without a folder and
 * without `ofDeadOwners`, also those that the `start` command left running; never those of another living test run.
 */
export async function stopServers({ folder, ofDeadOwners = false } = {}) {
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name);
    const record = name.startsWith(FOLDER_PREFIX) ? readRecord(path) : undefined;
    if (record === undefined) continue;
    const abandoned = record.owner === 0 ? !ofDeadOwners : !isAlive(record.owner);
    if (folder === undefined ? abandoned : folder === path) await stopOne(record);
  }
}

/** Starts (again) the redis-server of a folder on its port. Without `appendOnly` it remembers nothing of its last life. */
export async function runRedis(folder, { appendOnly = true } = {}) {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('redis-server is not installed.');
  const record = readRecord(folder);
  const data = join(folder, 'redis');
  mkdirSync(data, { recursive: true });
  const log = openSync(join(folder, 'redis.log'), 'a');
  const settings = ['--port', record.redisPort, '--bind', '127.0.0.1', '--dir', data, '--appendonly', appendOnly ? 'yes' : 'no', '--save', '', '--maxmemory-policy', 'noeviction', '--databases', '64'];
  const child = spawn(program, settings.map(String), { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  note({ ...record, redisPid: child.pid });
  await untilAnswers(record.redisPort, join(folder, 'redis.log'));
}

/** `kill -9` for the redis-server of a folder; resolves when it is gone. */
export async function killRedis(folder) {
  const { redisPid, redisPort } = readRecord(folder);
  if (redisPid !== undefined && isRedis(redisPid)) process.kill(redisPid, 'SIGKILL');
  await untilSilent(redisPort);
}

async function makePostgres({ folder, postgresData: data }) {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('PostgreSQL is not installed.');
  mkdirSync(data, { mode: 0o700, recursive: true });
  if (isRoot()) {
    // PostgreSQL refuses to run as root: the user its package made owns the data.
    const { uid, gid } = await postgresUser();
    for (const path of [folder, data]) chownSync(path, uid, gid);
  }
  await asPostgres(join(programs, 'initdb'), ['-D', data, '-U', 'missiongate', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
}

/** Starts (again) the PostgreSQL server of a folder on its port; resolves when it has recovered and answers. */
export async function runPostgres(folder) {
  const { postgresPort, postgresData: data } = readRecord(folder);
  const settings = `-p ${postgresPort} -k ${data} -c listen_addresses=127.0.0.1 -c fsync=on -c max_connections=300 -c shared_buffers=128MB -c log_min_messages=fatal`;
  await asPostgres(join(findPostgres(), 'pg_ctl'), ['-D', data, '-l', join(folder, 'postgres.log'), '-w', '-t', '30', '-o', settings, 'start']);
}

/** The PostgreSQL server of a folder ends as in a crash: every process at once, nothing written, no farewell. */
export async function crashPostgres(folder) {
  await asPostgres(join(findPostgres(), 'pg_ctl'), ['-D', readRecord(folder).postgresData, '-m', 'immediate', '-w', 'stop']);
}

async function stopOne({ folder, redisPid, postgresData }) {
  const programs = findPostgres();
  if (programs !== undefined && existsSync(join(postgresData, 'postmaster.pid'))) {
    await asPostgres(join(programs, 'pg_ctl'), ['-D', postgresData, '-m', 'immediate', '-w', 'stop']).catch(() => {});
  }
  if (redisPid !== undefined && isRedis(redisPid)) process.kill(redisPid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** A pid may have been given to another program since: only a redis-server can be ours. */
function isRedis(pid) {
  if (!isAlive(pid)) return false;
  try {
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('redis-server');
  } catch {
    return false;
  }
}

function note(record) {
  writeFileSync(join(record.folder, 'servers.json'), JSON.stringify(record));
}

function readRecord(path) {
  try {
    return JSON.parse(readFileSync(join(path, 'servers.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

async function asPostgres(program, args) {
  // The output goes to files, not pipes: a server started by pg_ctl would keep a pipe open for ever.
  const [command, ...rest] = isRoot() ? ['runuser', '-u', 'postgres', '--', program, ...args] : [program, ...args];
  const child = spawn(command, rest, { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with code ${code}`))));
  });
}

async function postgresUser() {
  const id = async (flag) => Number((await run('id', [flag, 'postgres'])).stdout.trim());
  return { uid: await id('-u'), gid: await id('-g') };
}

function findPostgres() {
  const packaged = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .toSorted((a, b) => Number(b) - Number(a))
        .map((version) => join('/usr/lib/postgresql', version, 'bin'))
    : [];
  const onPath = findProgram('initdb')?.replace(/[/\\]initdb$/, '');
  return [...packaged, onPath].find((folder) => folder !== undefined && existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
}

function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function isRoot() {
  return process.getuid?.() === 0;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function untilSilent(port) {
  for (;;) {
    const silent = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(false);
      });
      socket.once('error', () => resolve(true));
    });
    if (silent) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function untilAnswers(port, log) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const answers = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
      socket.once('data', (data) => {
        resolve(data.toString().startsWith('+PONG'));
        socket.destroy();
      });
      socket.once('error', () => resolve(false));
    });
    if (answers) return;
    if (Date.now() > deadline) throw new Error(`redis-server does not answer: ${readFileSync(log, 'utf8').slice(-500)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function main(command) {
  if (command === 'ensure') await ensureServers();
  // Owner 0 lives for ever: these servers run until `stop`.
  else if (command === 'start') console.log(JSON.stringify(await startServers({ owner: 0 })));
  else if (command === 'stop') await stopServers();
  else {
    console.error('Usage: node scripts/test-servers.mjs ensure|start|stop');
    process.exitCode = 2;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv[2]);
