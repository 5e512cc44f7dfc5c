import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

import type { Locks } from '../locks.ts';
import { permits, roleAtLeast, roleOf } from '../model/roles.ts';
import type { Account, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { mayPush } from '../operations/merging.ts';
import { knownCommits, refsChanged } from '../operations/refs.ts';
import type { RefChange } from '../operations/push-event.ts';
import { repositoryIsVisible } from '../rest/access.ts';
import { accountOf } from '../rest/actor.ts';
import type { Actor } from '../rest/actor.ts';
import { authenticate } from '../rest/authenticate.ts';
import { Problem } from '../rest/problem.ts';
import type { RequestLog } from '../rest/request-record.ts';
import { ZERO_SHA } from './bare-repository.ts';
import { declineReport, readCommandList } from './receive-commands.ts';
import type { CommandList } from './receive-commands.ts';
import { bareGitEnvironment } from './run-git.ts';

const PATH = /^\/([A-Za-z0-9-]{1,39})\/([\w.-]{1,100}?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** True for a path that git clients use. */
export function isGitPath(path: string): boolean {
  return PATH.test(path);
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Git's smart HTTP protocol, through `git http-backend` on the real repositories. */
export class SmartHttp {
  readonly #world: World;
  readonly #locks: Locks;
  readonly #log: RequestLog;

  constructor(parts: { world: World; locks: Locks; log: RequestLog }) {
    this.#world = parts.world;
    this.#locks = parts.locks;
    this.#log = parts.log;
  }

  async serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const [, owner = '', name = '', action = ''] = PATH.exec(url.pathname) ?? [];
    const service = action === 'info/refs' ? url.searchParams.get('service') : action;
    const pushes = service === 'git-receive-pack';
    let actor: Actor = { kind: 'anonymous' };
    let refusal: Refusal | null = null;
    let repository: Repository | undefined;
    try {
      actor = authenticate(this.#world, request.headers.authorization);
      repository = this.#world.repository(owner, name);
      demand(actor, repository, pushes);
    } catch (error) {
      if (error instanceof Problem) refusal = new Refusal(401, 'Invalid username or token.');
      else if (error instanceof Refusal) refusal = error;
      else throw error;
    }
    const record = this.#log.begin({
      at: this.#world.clock.now(),
      kind: 'git',
      actor,
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams.toString(),
      accept: '',
      route: service,
      body: undefined,
    });
    await this.#log.tell(record, 'before');
    if (refusal !== null || repository === undefined) {
      request.resume();
      record.status = refusal?.status ?? 404;
      response.writeHead(record.status, { 'content-type': 'text/plain; charset=utf-8', ...(record.status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {}) });
      response.end(`${refusal?.message ?? 'Repository not found.'}\n`);
    } else if (action === 'git-receive-pack') {
      const target = repository;
      const account = accountOf(actor) as Account;
      record.status = await this.#locks.run(target.fullName.toLowerCase(), () => this.#receive(request, response, url, target, account));
    } else {
      record.status = await this.#backend(request, response, url, repository, accountOf(actor), null, {});
    }
    this.#world.log(`git ${service ?? action} ${owner}/${name} → ${record.status}`);
    await this.#log.tell(record, 'after');
    // The client hears of the end when everything that follows has happened and every observer has seen it.
    if (!response.writableEnded) response.end();
  }

  /** A push: protection is checked before git sees it; afterwards the refs that moved become events. */
  async #receive(request: IncomingMessage, response: ServerResponse, url: URL, repository: Repository, account: Account): Promise<number> {
    const chunks = request[Symbol.asyncIterator]();
    const list = await readCommandList(async () => {
      const { done, value } = (await chunks.next()) as { done?: boolean; value: Buffer };
      return done === true ? null : value;
    });
    if (list === null || request.headers['content-encoding'] !== undefined) {
      response.writeHead(400).end('The push could not be read.\n');
      return 400;
    }
    const violation = protectionViolation(repository, account, list);
    if (violation !== null) {
      for (let chunk = await chunks.next(); chunk.done !== true; chunk = await chunks.next());
      response.writeHead(200, { 'content-type': 'application/x-git-receive-pack-result', 'cache-control': 'no-cache' }).end(declineReport(list, violation));
      return 200;
    }
    const guarded = list.commands.some(({ ref }) => repository.protections.get(branchOf(ref))?.allowForcePushes === false);
    const before = new Map((await repository.git.refs()).map((ref) => [ref.ref, ref.sha]));
    const known = await knownCommits(repository);
    const status = await this.#backend(request, response, url, repository, account, { first: list.consumed, rest: chunks }, guarded ? { GIT_CONFIG_COUNT: '4', GIT_CONFIG_KEY_3: 'receive.denyNonFastForwards', GIT_CONFIG_VALUE_3: 'true' } : {});
    const after = new Map((await repository.git.refs()).map((ref) => [ref.ref, ref.sha]));
    // What moved is read from the repository itself, whatever became of the connection.
    const changes: RefChange[] = [...new Set([...before.keys(), ...after.keys()])]
      .map((ref) => ({ ref, before: before.get(ref) ?? ZERO_SHA, after: after.get(ref) ?? ZERO_SHA }))
      .filter((change) => change.before !== change.after);
    await refsChanged(this.#world, repository, account, changes, known);
    return status;
  }

  /** Runs `git http-backend` and streams its answer; leaves the response open. Resolves with the HTTP status. */
  #backend(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    repository: Repository,
    account: Account | null,
    body: { first: Buffer; rest: AsyncIterator<Buffer> } | null,
    extra: Record<string, string>,
  ): Promise<number> {
    const action = (PATH.exec(url.pathname) ?? [])[3] ?? '';
    const { headers } = request;
    const protocol = headers['git-protocol'];
    const child = spawn('git', ['http-backend'], {
      cwd: repository.git.path,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: bareGitEnvironment({
        GIT_PROJECT_ROOT: repository.git.path,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: `/${action}`,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: headers['content-type'] ?? '',
        REMOTE_ADDR: '127.0.0.1',
        // CONTENT_LENGTH is left out on purpose: git http-backend spins for ever when a client promised more than it sent.
        ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
        ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
        ...(account === null ? {} : { REMOTE_USER: account.login, GIT_COMMITTER_NAME: account.login, GIT_COMMITTER_EMAIL: `${account.id}@users.noreply.github.com` }),
        ...extra,
      }),
    });
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => this.#world.log(`git http-backend: ${chunk.toString('utf8').trim()}`));
    // A client that went away must not leave git waiting for the rest of its pack.
    const onClose = (): void => {
      if (!response.writableEnded) child.stdin.destroy();
      child.stdout.resume();
    };
    response.on('close', onClose);
    void feed(child.stdin, body?.first ?? Buffer.alloc(0), body?.rest ?? request[Symbol.asyncIterator]());
    return new Promise((resolve) => {
      let head = Buffer.alloc(0);
      let status = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        if (status !== 0) {
          if (!response.destroyed && !response.write(chunk)) {
            child.stdout.pause();
            response.once('drain', () => child.stdout.resume());
          }
          return;
        }
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const fields = parseHead(head.toString('latin1', 0, end));
        status = Number((fields['status'] ?? '200').slice(0, 3));
        delete fields['status'];
        response.writeHead(status, fields);
        if (head.length > end + 4) response.write(head.subarray(end + 4));
      });
      child.on('error', (error) => this.#world.log(`git http-backend: ${error.message}`));
      child.on('close', () => {
        response.off('close', onClose);
        if (status === 0 && !response.headersSent) response.writeHead(500);
        resolve(status === 0 ? 500 : status);
      });
    });
  }
}

async function feed(target: Writable, first: Buffer, rest: AsyncIterator<Buffer>): Promise<void> {
  try {
    target.write(first);
    for (let chunk = await rest.next(); chunk.done !== true; chunk = await rest.next()) {
      if (target.destroyed) break;
      if (!target.write(chunk.value)) {
        await new Promise<void>((resolve) => {
          target.once('drain', resolve);
          target.once('close', resolve);
        });
      }
    }
  } catch {
    // The client went away in mid-push; git sees the end of its input and refuses what is incomplete.
  } finally {
    target.end();
  }
}

function parseHead(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const at = line.indexOf(':');
    if (at > 0) fields[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
  }
  return fields;
}

function demand(actor: Actor, repository: Repository | undefined, pushes: boolean): void {
  if (actor.kind === 'app') throw new Refusal(401, 'Invalid username or token.');
  if (actor.kind === 'anonymous' && (pushes || repository === undefined || repository.private)) throw new Refusal(401, 'Authentication required.');
  if (repository === undefined || !repositoryIsVisible(actor, repository)) throw new Refusal(404, 'Repository not found.');
  const denied = new Refusal(403, `Permission to ${repository.fullName}.git denied to ${accountOf(actor)?.login ?? 'anonymous'}.`);
  if (actor.kind === 'installation') {
    const reaches = actor.repositoryIds === null || actor.repositoryIds.has(repository.id);
    const allowed = reaches && actor.installation.account.id === repository.owner.id && permits(actor.permissions, 'contents', pushes ? 'write' : 'read');
    if (!allowed) throw denied;
  }
  if (actor.kind === 'user' && pushes && !roleAtLeast(roleOf(repository, actor.account), 'write')) throw denied;
  if (pushes && repository.archived) throw new Refusal(403, 'This repository was archived so it is read-only.');
}

function branchOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}

function protectionViolation(repository: Repository, account: Account, list: CommandList): string | null {
  for (const { ref, after } of list.commands) {
    const branch = branchOf(ref);
    const protection = repository.protections.get(branch);
    if (protection === undefined || !ref.startsWith('refs/heads/')) continue;
    if (after === ZERO_SHA && !protection.allowDeletions) return `Cannot delete the protected branch ${branch}.`;
    if (!mayPush(repository, branch, account)) return `Protected branch update failed for ${ref}. Changes must be made through a pull request.`;
  }
  return null;
}
