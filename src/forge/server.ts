import { randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import type { ControlAnswer } from './control.ts';
import { isGitPath } from './git/smart-http.ts';
import type { SmartHttp } from './git/smart-http.ts';
import { REQUEST_MAX_BYTES } from './model/limits.ts';
import type { World } from './model/world.ts';
import type { Pages } from './pages/pages.ts';
import type { RestApi } from './rest/rest-api.ts';

/** First segments of REST paths when the API is called without `/api/v3`. No account can have these names. */
const API_ROOTS = new Set(['app', 'app-manifests', 'graphql', 'installation', 'meta', 'orgs', 'rate_limit', 'repos', 'user', 'users']);

interface Parts {
  readonly world: World;
  readonly api: RestApi;
  readonly git: SmartHttp;
  readonly pages: Pages;
  readonly control: (body: unknown) => Promise<ControlAnswer>;
  readonly controlToken: string;
}

/** One server for REST, git, pages and the control call; the path decides. */
export function createForgeServer(parts: Parts): Server {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    // The forge's clock is what clients see: Octokit corrects its tokens by this header.
    response.sendDate = false;
    response.setHeader('date', new Date(parts.world.clock.now()).toUTCString());
    serve(parts, request, response).catch((error: unknown) => {
      parts.world.log(`${request.method} ${request.url}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json; charset=utf-8' });
      response.end('{"message":"Server Error"}');
    });
  });
  return server;
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', parts.world.webUrl);
  if (isGitPath(url.pathname)) return parts.git.serve(request, response, url);
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end('{"message":"Request body is too large"}');
    return;
  }
  if (url.pathname === '/_control') return serveControl(parts, request, response, body);
  const path = apiPath(url.pathname, request);
  if (path === null) return parts.pages.serve(request, response, url, body);
  return serveApi(parts, request, response, { path, url, body });
}

/** The REST path without prefix, or null for a page. */
function apiPath(pathname: string, request: IncomingMessage): string | null {
  if (pathname === '/api/graphql') return '/graphql';
  if (pathname === '/api/v3' || pathname.startsWith('/api/v3/')) return pathname.slice('/api/v3'.length) || '/';
  const [, root = '', slug] = pathname.split('/');
  if (API_ROOTS.has(root)) return pathname;
  // An App's page and its REST address are the same path; a browser asks for HTML.
  if (root === 'apps' && slug !== undefined && !(request.headers.accept ?? '').includes('text/html')) return pathname;
  return null;
}

async function serveApi(parts: Parts, request: IncomingMessage, response: ServerResponse, given: { path: string; url: URL; body: Buffer }): Promise<void> {
  if ((request.headers['user-agent'] ?? '') === '') {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end('Request forbidden by administrative rules. Please make sure your request has a User-Agent header\n');
    return;
  }
  const answer = await parts.api.answer({
    method: request.method ?? 'GET',
    path: given.path,
    query: given.url.searchParams,
    credentials: request.headers.authorization,
    accept: request.headers.accept ?? '',
    ifNoneMatch: request.headers['if-none-match'],
    body: given.body,
  });
  if (answer === null) {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, {
    ...answer.headers,
    'x-github-request-id': randomUUID(),
    'x-github-media-type': 'github.v3; format=json',
    'x-content-type-options': 'nosniff',
    ...(answer.content === null ? {} : { 'content-length': String(answer.content.length) }),
  });
  response.end(answer.content ?? undefined);
}

async function serveControl(parts: Parts, request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const send = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
  };
  if (request.method !== 'POST') return send(405, { message: 'POST only' });
  const given = Buffer.from((request.headers.authorization ?? '').replace(/^Bearer /i, ''));
  const token = Buffer.from(parts.controlToken);
  if (given.length !== token.length || !timingSafeEqual(given, token)) return send(401, { message: 'The control token is needed: Authorization: Bearer …' });
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return send(400, { message: 'The body is not JSON' });
  }
  const answer = await parts.control(value);
  return send(answer.status, answer.body);
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > REQUEST_MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
