import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from '@sigstore/mock';

import { listening } from './listening.ts';

/** A token as GitHub Actions gives one; whoever checks its signature is not asked here. */
export function idToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: 'https://token.actions.githubusercontent.com', sub: 'repo:octo/demo:ref:refs/heads/main', aud: 'sigstore', exp: 4_000_000_000 })}.${part({})}`;
}

export interface SigstoreServers {
  /** What a job has in its environment that may ask for tokens, and where our program finds the two services. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A certificate authority, a public log and GitHub's giver of tokens, on one port of this machine. */
export async function startSigstore(): Promise<SigstoreServers> {
  const keys = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const authority = keys();
  const fulcio = fulcioHandler(await initializeCA(authority, await initializeCTLog(authority)));
  const rekor = rekorHandler(await initializeTLog('https://rekor.example.test', keys()));
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      if (path === '/token') {
        response.writeHead(request.headers.authorization === 'Bearer of-the-job' ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify({ value: idToken() }));
        return;
      }
      const handler = [fulcio, rekor].find((one) => one.path === path);
      if (handler === undefined) response.writeHead(404).end();
      else handler.fn(Buffer.concat(parts).toString()).then(({ statusCode, response: body, contentType }) => response.writeHead(statusCode, { 'content-type': contentType ?? 'text/plain' }).end(body), (error: unknown) => response.writeHead(500).end(String(error)));
    });
  });
  const url = await listening(server);
  return {
    env: { ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?version=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job', MISSIONGATE_SIGSTORE_FULCIO_URL: url, MISSIONGATE_SIGSTORE_REKOR_URL: url },
    close: () => new Promise((done) => server.close(() => done())),
  };
}
