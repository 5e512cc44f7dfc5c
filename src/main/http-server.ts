import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpParts {
  readonly host: string;
  readonly port: number;
  readonly webhookPath: string;
  handleWebhook(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Answers what is for people; false when the path is none of its own. */
  readonly handlePage?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** What must answer before this process takes traffic, by name. Each rejects with its reason when it does not. */
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
}

export interface RunningServer {
  readonly url: string;
  /** Stops taking connections and waits for requests being answered, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * The app's HTTP door: webhooks, `GET /healthz` (the process answers) and `GET /readyz` (everything it needs answers).
 * Pages for people come after these. Anything else is 404; nothing internal is ever shown, and no address is ever logged.
 */
export async function listen(parts: HttpParts): Promise<RunningServer> {
  let closing = false;
  const server = createServer((request, response) => {
    route(parts, request, response, () => closing).catch(() => {
      if (!response.headersSent) answer(response, 500, { error: 'internal error' });
      else response.destroy();
    });
  });
  // GitHub sends its deliveries within seconds; slow senders may not hold connections.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${parts.host.includes(':') ? `[${parts.host}]` : parts.host}:${port}`,
    async close(graceMs) {
      closing = true;
      await closeServer(server, graceMs);
    },
  };
}

async function route(parts: HttpParts, request: IncomingMessage, response: ServerResponse, closing: () => boolean): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (path === parts.webhookPath) return parts.handleWebhook(request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 404, { error: 'not found' });
  if (path === '/healthz') return answer(response, 200, { status: 'ok' });
  if (path === '/readyz') return readiness(parts, response, closing());
  if (parts.handlePage !== undefined && (await parts.handlePage(request, response))) return;
  return answer(response, 404, { error: 'not found' });
}

async function readiness(parts: HttpParts, response: ServerResponse, closing: boolean): Promise<void> {
  const checks = await Promise.all(
    Object.entries(parts.readiness).map(async ([name, check]) => {
      try {
        await check();
        return [name, 'ok'] as const;
      } catch {
        // The reason may hold addresses and user names; it stands in the log of whoever failed.
        return [name, 'not ready'] as const;
      }
    }),
  );
  const ready = !closing && checks.every(([, state]) => state === 'ok');
  answer(response, ready ? 200 : 503, { status: ready ? 'ready' : closing ? 'stopping' : 'not ready', ...Object.fromEntries(checks) });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(force);
}
