import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as tcpConnect, isIP, type LookupFunction, type Socket } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

import type { HttpAnswer, HttpRequest, Network } from '../steps/outside.ts';
import { StepError } from '../steps/step-type.ts';
import type { NetworkPolicy } from './network-policy.ts';

export interface GuardedNetworkOptions {
  readonly policy: NetworkPolicy;
  /** How names become addresses; the system's way when absent. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

/** Headers that are credentials whoever set them. */
const credentialHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * HTTP and TCP for steps. A name is resolved once per connection, every address is checked by the policy, only a checked one is
 * connected to, and the address of the socket is checked again: neither a name that changes its address nor a redirect leads
 * into a private network.
 */
export function createGuardedNetwork({ policy, resolve = systemResolve }: GuardedNetworkOptions): Network {
  const lookup: LookupFunction = (host, options, callback) => void lookUp(host, options.all === true, callback);

  async function lookUp(host: string, all: boolean, callback: Parameters<LookupFunction>[2]): Promise<void> {
    try {
      const found = await resolve(host);
      const allowed = found.filter(({ address }) => policy.allows(host, address));
      const [first] = allowed;
      if (!first) throw found[0] ? refused(host, found[0].address) : new StepError('network', `${host} has no address.`);
      if (all) callback(null, allowed);
      else callback(null, first.address, first.family);
    } catch (error) {
      callback(error as Error, '');
    }
  }

  /** An address written as such is never looked up. */
  function checkLiteral(host: string): void {
    const address = host.replace(/^\[|\]$/g, '');
    if (isIP(address) !== 0 && !policy.allows(address, address)) throw refused(host, address);
  }

  function checkSocket(socket: Socket, host: string): void {
    const address = socket.remoteAddress;
    if (address !== undefined && !policy.allows(host, address)) socket.destroy(refused(host, address));
  }

  async function once(url: URL, request: HttpRequest, method: string, body: string | null, headers: Record<string, string>, signal: AbortSignal): Promise<{ answer: IncomingMessage; content: Buffer }> {
    checkLiteral(url.hostname);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const options: RequestOptions = { method, headers, lookup, signal, agent: false, maxHeaderSize: 64 * 1024 };
    return new Promise((settle, fail) => {
      const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > request.maximumBytes) answer.destroy(tooLarge(url, request.maximumBytes));
          else chunks.push(chunk);
        });
        answer.on('end', () => settle({ answer, content: Buffer.concat(chunks) }));
        answer.on('error', fail);
      });
      outgoing.on('socket', (socket) => socket.once('connect', () => checkSocket(socket, host)));
      outgoing.on('error', fail);
      outgoing.end(body ?? undefined);
    });
  }

  return {
    async request(request): Promise<HttpAnswer> {
      const limit = AbortSignal.timeout(request.timeoutMs);
      const signal = AbortSignal.any([request.signal, limit]);
      let url = parseUrl(request.url);
      let { method, body } = request;
      let headers: Record<string, string> = lowerCase({ 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'missiongate', ...request.headers, ...request.secretHeaders });
      const secretNames = new Set(Object.keys(request.secretHeaders ?? {}).map((name) => name.toLowerCase()));
      for (let count = 0; ; count += 1) {
        try {
          const { answer, content } = await once(url, request, method, body, headers, signal);
          const status = answer.statusCode ?? 0;
          const location = answer.headers.location;
          if (!redirects.has(status) || location === undefined || request.maximumRedirects === 0) {
            return { status, headers: headersOf(answer), body: decoded(url, answer, content, request.maximumBytes), url: url.href };
          }
          if (count >= request.maximumRedirects) throw new StepError('network', `${shown(request.url)} led through more than ${request.maximumRedirects} redirects.`);
          const next = parseUrl(URL.canParse(location, url.href) ? new URL(location, url).href : location);
          if (status === 303 || ((status === 301 || status === 302) && method === 'POST')) {
            method = method === 'HEAD' ? 'HEAD' : 'GET';
            body = null;
            headers = without(headers, (name) => name.startsWith('content-'));
          }
          if (next.origin !== url.origin) headers = without(headers, (name) => credentialHeaders.has(name) || secretNames.has(name) || name === 'host');
          url = next;
        } catch (error) {
          throw failureOf(error, `${request.method} ${shown(url.href)}`, { limit, signal: request.signal, timeoutMs: request.timeoutMs });
        }
      }
    },
    connect({ host, port, timeoutMs, signal: outer }) {
      const limit = AbortSignal.timeout(timeoutMs);
      const attempted = `connect to ${host}:${port}`;
      return new Promise<void>((settle, fail) => {
        const failing = (error: unknown): void => fail(failureOf(error, attempted, { limit, signal: outer, timeoutMs }));
        try {
          checkLiteral(host);
        } catch (error) {
          failing(error);
          return;
        }
        const socket = tcpConnect({ host: host.replace(/^\[|\]$/g, ''), port, lookup });
        const onAbort = (): void => void socket.destroy(new Error('aborted'));
        AbortSignal.any([outer, limit]).addEventListener('abort', onAbort, { once: true });
        socket.once('connect', () => {
          const address = socket.remoteAddress ?? '';
          socket.destroy();
          if (policy.allows(host, address)) settle();
          else failing(refused(host, address));
        });
        socket.once('error', failing);
      });
    },
  };
}

function systemResolve(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new StepError('input', `${JSON.stringify(text.slice(0, 200))} is not a URL.`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new StepError('input', `${shown(text)} is refused: its protocol is ${JSON.stringify(url.protocol)}, only http and https are reached.`);
  if (url.username !== '' || url.password !== '') throw new StepError('input', `${shown(text)} is refused: it holds a user or a password. Name a secret of the worker's configuration in "secret-headers".`);
  return url;
}

/** What Node says of a certificate that does not hold: trying again changes nothing. */
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET|^ERR_TLS_CERT/;

/** Without query, which may hold what is nobody's business. */
function shown(text: string): string {
  if (!URL.canParse(text)) return JSON.stringify(text.slice(0, 100));
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function refused(host: string, address: string): StepError {
  const what = host.replace(/^\[|\]$/g, '') === address ? address : `${host} (${address})`;
  return new StepError('permission', `${what} is not a public address, and this worker's policy does not allow it. Whoever runs the worker can add the host or network to "network.allow" in its configuration.`);
}

function tooLarge(url: URL, bytes: number): StepError {
  return new StepError('work', `${shown(url.href)} answered with more than ${bytes} bytes. Ask for less, or raise "max-bytes".`);
}

function decoded(url: URL, answer: IncomingMessage, content: Buffer, maximumBytes: number): Buffer {
  const encoding = answer.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const decode = { gzip: gunzipSync, 'x-gzip': gunzipSync, deflate: inflateSync, br: brotliDecompressSync }[encoding];
  if (encoding === 'identity' || content.length === 0) return content;
  if (!decode) throw new StepError('work', `${shown(url.href)} answered in the encoding ${JSON.stringify(encoding.slice(0, 40))}, which nobody asked for.`);
  try {
    return decode(content, { maxOutputLength: maximumBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(url, maximumBytes);
    throw new StepError('network', `${shown(url.href)} answered with a damaged body.`);
  }
}

function headersOf(answer: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function without(headers: Readonly<Record<string, string>>, isUnwanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isUnwanted(name)));
}

function failureOf(error: unknown, attempted: string, by: { readonly limit: AbortSignal; readonly signal: AbortSignal; readonly timeoutMs: number }): StepError {
  if (error instanceof StepError) return error;
  if (by.signal.aborted) return new StepError('cancelled', `${attempted} was ended because the attempt was cancelled.`);
  if (by.limit.aborted) return new StepError('timeout', `${attempted} did not finish within ${by.timeoutMs / 1000} s. Try again later, or raise "timeout-seconds".`);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('ERR_INVALID') || code === 'ERR_UNESCAPED_CHARACTERS') return new StepError('input', `${attempted} is refused: ${message.slice(0, 200)}`);
  if (code !== undefined && untrusted.test(code)) return new StepError('permission', `${attempted} is refused: the certificate of that server is not to be trusted (${code}). When it is signed by an authority of your own, whoever runs the worker can name a file with its certificate in NODE_EXTRA_CA_CERTS.`);
  return new StepError('network', `${attempted} failed: ${code ?? message.slice(0, 200)}. Try again; when it stays so, look at the address and at this worker's network.`);
}
