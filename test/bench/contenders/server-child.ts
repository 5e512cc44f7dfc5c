import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves on a free port, prints the address, and runs until its standard input ends. */
export async function serveUntilStdinEnds(handle: (request: IncomingMessage, response: ServerResponse) => void, close: () => Promise<void>): Promise<void> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  server.closeAllConnections();
  await close();
  process.exit(0);
}
