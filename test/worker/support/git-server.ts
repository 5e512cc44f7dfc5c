import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const EXEC_PATH = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();

/** Environment of the tests' own git commands: no configuration of whoever runs the tests, a fixed author. */
export const TEST_GIT_ENV = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada Author',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_NAME: 'Ada Author',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, env: TEST_GIT_ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
}

export type Fault = 'drop' | 'unavailable' | 'redirect' | null;

export interface GitServer {
  readonly cloneUrl: string;
  readonly bare: string;
  readonly folder: string;
  /** Username and password that may read and write; another that may only read. */
  readonly writer: { readonly username: string; readonly password: string };
  readonly reader: { readonly username: string; readonly password: string };
  /** Requests as `METHOD path?query`, in order. */
  readonly requests: string[];
  /** What happens to the next requests whose path matches. */
  fault: { readonly kind: Fault; readonly path: RegExp } | null;
  /** Commits `files` (content, or null to delete) on a branch and returns the commit id. */
  commit(branch: string, files: Record<string, string | null>, message?: string): string;
  readonly head: (branch: string) => string | null;
  close(): Promise<void>;
}

/** Real git over smart HTTP (`git http-backend`) with basic auth and faults, on a repository of one commit. */
export async function startGitServer(): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'missiongate-git-server-'));
  const bare = join(folder, 'repository.git');
  const seed = join(folder, 'seed');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], { env: TEST_GIT_ENV });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', seed], { env: TEST_GIT_ENV });
  git(seed, 'remote', 'add', 'origin', bare);
  const writer = { username: 'x-access-token', password: 'writer-token-4f1c' };
  const reader = { username: 'x-access-token', password: 'reader-token-9d2e' };
  const state: { fault: GitServer['fault'] } = { fault: null };
  const requests: string[] = [];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (state.fault?.path.test(`${url.pathname}${url.search}`)) {
      if (state.fault.kind === 'drop') request.socket.destroy();
      else if (state.fault.kind === 'redirect') response.writeHead(301, { location: 'http://localhost:1/elsewhere.git/info/refs' }).end();
      else response.writeHead(503).end('unavailable');
      return;
    }
    const [username, password] = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString().split(':');
    const known = [writer, reader].find((user) => user.username === username && user.password === password);
    if (!known) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?');
      return;
    }
    if (`${url.pathname}${url.search}`.includes('git-receive-pack') && known !== writer) {
      response.writeHead(403).end('read only');
      return;
    }
    serve(request, response, url);
  }

  function serve(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const backend = spawn(join(EXEC_PATH, 'git-http-backend'), {
      env: {
        PATH: TEST_GIT_ENV.PATH,
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        ...(request.headers['content-length'] ? { CONTENT_LENGTH: request.headers['content-length'] } : {}),
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: 'test',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined);
    let head: Buffer | null = Buffer.alloc(0);
    backend.stdout.on('data', (chunk: Buffer) => {
      if (head === null) {
        response.write(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      const headers = head.subarray(0, end).toString('latin1').split('\r\n').map((line) => line.split(': ') as [string, string]);
      const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200';
      response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'status')));
      response.write(head.subarray(end + 4));
      head = null;
    });
    backend.on('close', () => response.end());
  }

  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  const handle: GitServer = {
    cloneUrl: `http://127.0.0.1:${port}/repository.git`,
    bare,
    folder,
    writer,
    reader,
    requests,
    get fault() {
      return state.fault;
    },
    set fault(fault) {
      state.fault = fault;
    },
    commit(branch, files, message = 'Change') {
      const exists = handle.head(branch) !== null;
      if (exists) {
        git(seed, 'fetch', '--quiet', 'origin');
        git(seed, 'checkout', '--quiet', '--force', '-B', branch, `origin/${branch}`);
      } else if (git(seed, 'rev-list', '--all', '--count') !== '0') {
        git(seed, 'checkout', '--quiet', '--force', '-B', branch, 'main');
      }
      for (const [path, content] of Object.entries(files)) {
        const file = join(seed, path);
        if (content === null) rmSync(file);
        else {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        }
      }
      git(seed, 'add', '--all', '--force');
      git(seed, 'commit', '--quiet', '--allow-empty', '--message', message);
      git(seed, 'push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
      return git(seed, 'rev-parse', 'HEAD');
    },
    head(branch) {
      try {
        return git(bare, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`);
      } catch {
        return null;
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
  handle.commit('main', { 'README.md': '# Test\n', 'src/add.js': 'exports.add = (a, b) => a + b;\n', '.gitignore': 'ignored/\n*.log\n' }, 'Begin');
  return handle;
}
