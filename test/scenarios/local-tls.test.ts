import { McpServer, createMcpHandler, fromJsonSchema } from '@modelcontextprotocol/server';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CertificateAuthority } from '../support/certificates.ts';
import type { ServerCertificate } from '../support/certificates.ts';
import { LocalWorld } from '../support/local-world.ts';

let authority: CertificateAuthority;
let world: LocalWorld;
const closing: (() => void)[] = [];

beforeAll(async () => {
  authority = await CertificateAuthority.create();
  world = new LocalWorld();
  world.write('authority.pem', authority.pem);
});
afterAll(() => {
  for (const close of closing) close();
  world.remove();
});

/** A real TLS server on the loopback interface. */
async function serve(certificate: ServerCertificate, answer: RequestListener): Promise<number> {
  const server = createServer(certificate, answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const greeting: RequestListener = (request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ greeting: 'good day', token: request.headers['x-token'] === 'hunter2-of-the-worker' }));

/** An MCP server behind HTTP, which wants a token. */
function mcp(request: IncomingMessage, response: ServerResponse): void {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'tests', version: '1.0.0' });
    server.registerTool('find', { description: 'Finds', inputSchema: fromJsonSchema<{ query: string }>({ type: 'object', required: ['query'], properties: { query: { type: 'string' } } }) }, ({ query }) => ({ content: [{ type: 'text' as const, text: `found ${query}` }] }));
    return server;
  });
  const reply = async (): Promise<void> => {
    if (request.headers.authorization !== 'Bearer let-me-in') {
      response.writeHead(401).end();
      return;
    }
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []));
    const body = request.method === 'POST' ? { body: await text(request) } : {};
    const answer = await handler.fetch(new Request(`https://localhost${request.url}`, { method: request.method ?? 'GET', headers, ...body }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  };
  reply().catch((error: unknown) => response.writeHead(500).end(String(error)));
}

function mission(port: number, tool = false): string {
  return `version: 1
name: outside
phases:
  - id: call
    gate: none
    tasks:
      - id: greet
        uses: http
        with: { url: "https://localhost:${port}/greeting", secret-headers: { X-Token: { secret: TOKEN } } }
${tool ? `      - id: find\n        uses: tool\n        with: { server: docs, tool: find, arguments: { query: gates } }\n` : ''}`;
}

/** Runs a mission with the worker's configuration; the authority is trusted only where it is named. */
async function run(name: string, definition: string, tools: string, trust: boolean) {
  world.commit({ [`${name}.yml`]: definition });
  world.write('../worker.yml', `network: { allow: [localhost] }\nsecrets: { TOKEN: { from: TOKEN, hosts: [localhost] } }\n${tools}`);
  // Not the run that blocks: the servers are in this process.
  const { status, stdout, stderr } = await world.start(['run', `${name}.yml`, '--format', 'json'], {
    MISSIONGATE_WORKER_CONFIG: `${world.folder}/worker.yml`, TOKEN: 'hunter2-of-the-worker', DOCS_TOKEN: 'let-me-in', ...(trust ? { NODE_EXTRA_CA_CERTS: `${world.repository}/authority.pem` } : {}),
  }).ended;
  return { status, said: stdout + stderr };
}

describe('what a task reaches over TLS', () => {
  test('is reached where its certificate is trusted and its name is right: HTTP with a secret header, and a tool of an MCP server', async () => {
    const port = await serve(await authority.sign('localhost'), greeting);
    const docs = await serve(await authority.sign('localhost'), mcp);
    const { status, said } = await run('trusted', mission(port, true), `tools: { docs: { url: "https://localhost:${docs}/mcp", headers: { Authorization: { from: DOCS_TOKEN, prefix: "Bearer " } } } }\n`, true);
    expect(status, said).toBe(0);
    expect(said).toContain('"json":{"greeting":"good day","token":true}');
    expect(said).toContain('"text":"found gates"');
    expect(said).not.toContain('hunter2');
    expect(said).not.toContain('let-me-in');
  });

  test.each([
    ['is signed by nobody known', 'localhost', 1, false, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/],
    ['is for another name', 'elsewhere.test', 1, true, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['has run out', 'localhost', -1, true, /CERT_HAS_EXPIRED/],
  ])('is not reached when its certificate %s, and the way out is said', async (name, host, days, trust, code) => {
    const seen: string[] = [];
    const port = await serve(await authority.sign(host, days), (request, response) => {
      seen.push(request.url ?? '');
      greeting(request, response);
    });
    const { status, said } = await run(name.replaceAll(' ', '-'), mission(port), '', trust);
    expect(status).not.toBe(0);
    expect(said).toMatch(code);
    expect(said).toContain('NODE_EXTRA_CA_CERTS');
    expect(seen).toEqual([]);
  });
});
