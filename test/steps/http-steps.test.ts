import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { createGuardedNetwork } from '../../src/worker/guarded-network.ts';
import { isPublicAddress, networkPolicy } from '../../src/worker/network-policy.ts';
import { memoryOutside } from './support/memory-outside.ts';
import { createStepWorld, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
});
afterAll(() => steps.close());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real server on the loopback interface; `seen` holds what it was asked. */
async function serve(answer: Answer) {
  const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  }));
  const { port } = server.address() as AddressInfo;
  return { port, seen };
}

/** An outside with the real network: names resolve as given, the policy is the operator's. */
function networked(allow: readonly string[], names: Record<string, string | (() => string)> = {}) {
  const network = createGuardedNetwork({
    policy: networkPolicy(allow),
    resolve: async (host) => {
      const found = names[host];
      if (found === undefined) throw Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' });
      return [{ address: typeof found === 'string' ? found : found(), family: 4 }];
    },
  });
  const secrets = {
    forUrl: (name: string, url: string) => (name === 'KEY' && new URL(url).hostname === 'a.test' ? ({ ok: true, value: 'hunter2' } as const) : ({ ok: false, reason: `There is no secret ${name} for this host.` } as const)),
  };
  return memoryOutside({ network, secrets });
}

const json: Answer = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'session=1' }).end('{"ok":true}');

describe('addresses', () => {
  test.each([
    '127.0.0.1', '127.1.2.3', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '169.254.170.2', '100.64.0.1', '100.100.100.200', '192.0.0.192', '198.18.0.1', '192.0.2.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '168.63.129.16',
    '::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', 'fec0::1', '2001:db8::1', 'localhost', '',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['1.1.1.1', '8.8.8.8', '140.82.121.4', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test('a policy allows names, addresses and networks', () => {
    const policy = networkPolicy(['10.1.0.0/16', 'db.internal', '*.staging.example', '192.168.0.7', 'fd00::/8']);
    expect(['10.1.2.3', '192.168.0.7', 'fd00::1', '1.1.1.1'].map((address) => policy.allows('x', address))).toEqual([true, true, true, true]);
    expect(['10.2.0.1', '192.168.0.8', '127.0.0.1', '::1'].map((address) => policy.allows('x', address))).toEqual([false, false, false, false]);
    expect(['db.internal', 'DB.internal.', 'a.staging.example'].map((host) => policy.allows(host, '10.9.9.9'))).toEqual([true, true, true]);
    expect(['staging.example', 'evil-db.internal', 'a.staging.example.evil'].map((host) => policy.allows(host, '10.9.9.9'))).toEqual([false, false, false]);
  });
});

describe('http refuses what is not public', () => {
  test.each(['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '127.0.0.1.'])('http://%s', async (host) => {
    const { port, seen } = await serve(json);
    const outside = networked([], { localhost: '127.0.0.1' });
    expect(await steps.failing('http', { url: `http://${host}:${port}/` }, { outside })).toMatchObject({ failure: 'permission', message: expect.stringContaining('network.allow') });
    expect(seen).toEqual([]);
  });

  test('a name that leads to a private address', async () => {
    const { port, seen } = await serve(json);
    expect(await steps.failing('http', { url: `http://innocent.test:${port}/` }, { outside: networked([], { 'innocent.test': '127.0.0.1' }) })).toMatchObject({ failure: 'permission' });
    expect(seen).toEqual([]);
  });

  test('a redirect to a private address, by number and by name', async () => {
    const inner = await serve(json);
    for (const target of [`http://127.0.0.1:${inner.port}/`, `http://inner.test:${inner.port}/`, `//inner.test:${inner.port}/`]) {
      const outer = await serve((_request, response) => void response.writeHead(302, { location: target }).end());
      const outside = networked(['a.test'], { 'a.test': '127.0.0.1', 'inner.test': '127.0.0.1' });
      expect(await steps.failing('http', { url: `http://a.test:${outer.port}/` }, { outside })).toMatchObject({ failure: 'permission' });
    }
    expect(inner.seen).toEqual([]);
  });

  test('a name that changes its address between two requests', async () => {
    const { port, seen } = await serve((_request, response) => void response.writeHead(302, { location: '/again' }).end());
    let asked = 0;
    // Allowed by network, not by name: the second answer of the name server is another address.
    const outside = networked(['127.0.0.1/32'], { 'rebind.test': () => ((asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2') });
    expect(await steps.failing('http', { url: `http://rebind.test:${port}/` }, { outside })).toMatchObject({ failure: 'permission', message: expect.stringContaining('127.0.0.2') });
    expect(seen).toHaveLength(1);
  });

  test('other protocols and users in the address', async () => {
    expect(steps.problems('http', { url: 'file:///etc/passwd' })).toEqual(['with.url is neither http nor https.']);
    expect(steps.problems('http', { url: 'https://me:secret@example.com' })).toEqual([expect.stringContaining('holds a user or a password')]);
    const { port } = await serve((_request, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    expect(await steps.failing('http', { url: `http://a.test:${port}/` }, { outside: networked(['a.test'], { 'a.test': '127.0.0.1' }) })).toMatchObject({ failure: 'input' });
  });
});

describe('http', () => {
  const outside = networked(['a.test', 'b.test'], { 'a.test': '127.0.0.1', 'b.test': '127.0.0.1' });

  test('sends what it is told and gives the answer, without cookies', async () => {
    const { port, seen } = await serve(json);
    const { outcome } = await steps.run('http', { url: `http://a.test:${port}/items?q=1`, json: { a: 1 }, headers: { 'X-Trace': 'y' } }, { outside });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/items?q=1', body: '{"a":1}', headers: { 'content-type': 'application/json', 'x-trace': 'y', host: `a.test:${port}` } });
    expect(outcome.outputs).toMatchObject({ status: 200, body: '{"ok":true}', json: { ok: true } });
    expect(JSON.stringify(outcome.outputs)).not.toContain('session');
    expect(outcome.summary).not.toContain('q=1');
  });

  test('secrets come from the worker, for their hosts only, and do not follow a redirect elsewhere', async () => {
    const other = await serve(json);
    const { port, seen } = await serve((request, response) => void (request.url === '/here' ? response.end('here') : response.writeHead(307, { location: request.url === '/same' ? '/here' : `http://b.test:${other.port}/` }).end()));
    const secret = { 'secret-headers': { Authorization: { secret: 'KEY', prefix: 'Bearer ' }, 'X-Mine': { secret: 'KEY' } } };
    await steps.run('http', { url: `http://a.test:${port}/same`, ...secret }, { outside });
    await steps.run('http', { url: `http://a.test:${port}/other`, ...secret }, { outside });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer hunter2', 'Bearer hunter2', 'Bearer hunter2']);
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(JSON.stringify(other.seen[0]?.headers)).not.toContain('hunter2');
    expect(await steps.failing('http', { url: `http://b.test:${port}/`, ...secret }, { outside })).toMatchObject({ failure: 'permission', message: 'There is no secret KEY for this host.' });
  });

  test('credentials in a definition are refused when it is read', () => {
    expect(steps.problems('http', { url: 'https://example.com', headers: { authorization: 'Bearer x', 'X-Auth-Token': 'x', Host: 'y' } })).toEqual([
      expect.stringContaining('with.headers.authorization is a credential'), expect.stringContaining('with.headers.X-Auth-Token is a credential'), 'with.headers.Host is set by the worker itself.',
    ]);
  });

  test('a status that is not expected fails, with the answer as evidence; a server in trouble may be asked again', async () => {
    const { port } = await serve((request, response) => void response.writeHead(Number(request.url?.slice(1))).end('why'));
    expect(await steps.failing('http', { url: `http://a.test:${port}/404` }, { outside })).toMatchObject({ failure: 'work', artifacts: [{ name: 'answer', text: 'why' }] });
    for (const status of [429, 500, 503]) expect(await steps.failing('http', { url: `http://a.test:${port}/${status}` }, { outside })).toMatchObject({ failure: 'network' });
    expect((await steps.run('http', { url: `http://a.test:${port}/404`, expect: [404] }, { outside })).outcome.outputs).toMatchObject({ status: 404 });
  });

  test('an answer that is too long fails, also when it was packed small', async () => {
    const plain = await serve((_request, response) => void response.end('x'.repeat(5000)));
    expect(await steps.failing('http', { url: `http://a.test:${plain.port}/`, 'max-bytes': 1000 }, { outside })).toMatchObject({ failure: 'work', message: expect.stringContaining('more than 1000 bytes') });
    const packed = await serve((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000))));
    expect(await steps.failing('http', { url: `http://a.test:${packed.port}/` }, { outside })).toMatchObject({ failure: 'work', message: expect.stringContaining('more than 1000000 bytes') });
  });

  test('a packed answer is unpacked', async () => {
    const { port } = await serve((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello')));
    expect((await steps.run('http', { url: `http://a.test:${port}/` }, { outside })).outcome.outputs['body']).toBe('hello');
  });

  test('a server that never answers is given up', async () => {
    const { port } = await serve(() => undefined);
    expect(await steps.failing('http', { url: `http://a.test:${port}/` }, { outside, timeoutMs: 100 })).toMatchObject({ failure: 'timeout' });
  });

  test('redirects in a circle end', async () => {
    const { port, seen } = await serve((_request, response) => void response.writeHead(302, { location: '/' }).end());
    expect(await steps.failing('http', { url: `http://a.test:${port}/`, 'max-redirects': 3 }, { outside })).toMatchObject({ failure: 'network', message: expect.stringContaining('more than 3 redirects') });
    expect(seen).toHaveLength(4);
    expect((await steps.run('http', { url: `http://a.test:${port}/`, 'max-redirects': 0, expect: [302] }, { outside })).outcome.outputs['status']).toBe(302);
  });

  test('a post that is redirected becomes a get, as browsers do; 307 stays what it was', async () => {
    const { port, seen } = await serve((request, response) => void (request.url === '/end' ? response.end('ok') : response.writeHead(Number(request.url?.slice(1)), { location: '/end' }).end()));
    await steps.run('http', { url: `http://a.test:${port}/302`, body: 'x' }, { outside });
    await steps.run('http', { url: `http://a.test:${port}/307`, body: 'x' }, { outside });
    expect(seen.filter(({ url }) => url === '/end').map(({ method, body }) => [method, body])).toEqual([['GET', ''], ['POST', 'x']]);
  });

  test('a cancelled attempt ends its request; a name that does not exist is a matter of the network', async () => {
    const controller = new AbortController();
    const { port } = await serve(() => controller.abort());
    expect(await steps.failing('http', { url: `http://a.test:${port}/` }, { outside, signal: controller.signal })).toMatchObject({ failure: 'cancelled' });
    expect(await steps.failing('http', { url: 'http://nowhere.test/' }, { outside })).toMatchObject({ failure: 'network' });
  });
});

describe('service.health', () => {
  const names = { 'a.test': '127.0.0.1' };

  test('looks until the service is healthy, on the attempt’s clock', async () => {
    let looks = 0;
    const { port } = await serve((_request, response) => void response.writeHead((looks += 1) < 3 ? 503 : 200).end());
    const outside = networked(['a.test'], names);
    const { outcome } = await steps.run('service.health', { url: `http://a.test:${port}/health`, 'every-seconds': 5 }, { outside });
    expect(outcome.outputs).toEqual({ healthy: true, looks: 3, 'duration-ms': 10_000 });
    expect(outside.slept).toEqual([5000, 5000]);
  });

  test('gives up in time, and says what it saw last', async () => {
    const { port } = await serve((_request, response) => void response.writeHead(500).end());
    const outside = networked(['a.test'], names);
    expect(await steps.failing('service.health', { url: `http://a.test:${port}/`, 'within-seconds': 10, 'every-seconds': 4 }, { outside })).toMatchObject({ failure: 'work', message: expect.stringContaining('it answered 500') });
    expect(outside.slept).toEqual([4000, 4000]);
  });

  test('a port that takes connections is healthy, one that does not is not', async () => {
    const { port } = await serve(json);
    const outside = networked(['a.test'], names);
    expect((await steps.run('service.health', { tcp: { host: 'a.test', port } }, { outside })).outcome.outputs['healthy']).toBe(true);
    await closing.pop()!();
    expect(await steps.failing('service.health', { tcp: { host: 'a.test', port }, 'within-seconds': 3 }, { outside })).toMatchObject({ failure: 'work', message: expect.stringContaining('ECONNREFUSED') });
  });

  test('an address that is not allowed is not asked again and again', async () => {
    const outside = networked([], { 'a.test': '127.0.0.1' });
    for (const target of [{ url: 'http://a.test/' }, { tcp: { host: 'a.test', port: 22 } }, { tcp: { host: '127.0.0.1', port: 22 } }]) expect(await steps.failing('service.health', target, { outside })).toMatchObject({ failure: 'permission' });
    expect(outside.slept).toEqual([]);
  });
});
