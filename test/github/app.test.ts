import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { IncomingSignal } from '../../src/engine/ports/store.ts';
import type { SeenComment } from '../../src/github/acknowledge.ts';
import { createWebhookApp } from '../../src/github/app.ts';
import type { WebhookAppOptions } from '../../src/github/app.ts';
import { StillClock } from '../support/forge-world.ts';
import { listening } from '../support/listening.ts';

const secret = 'a secret of this test';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });

const labelled = {
  action: 'labeled',
  label: { name: 'mission' },
  issue: { number: 7, title: 'Add slugs', body: 'a private thing', user: { login: 'author', type: 'User' }, labels: [{ name: 'mission' }], updated_at: '2026-01-15T09:00:00Z' },
  repository: { id: 10, name: 'shop', default_branch: 'main', owner: { login: 'octo' } },
  installation: { id: 99 },
  sender: { login: 'author', type: 'User' },
};

let server: Server;
let url = '';
let stored: IncomingSignal[] = [];
let problems: Parameters<NonNullable<WebhookAppOptions['onProblem']>>[0][] = [];
let seen: SeenComment[] = [];
let receive: WebhookAppOptions['receive'];

beforeEach(async () => {
  stored = [];
  problems = [];
  seen = [];
  receive = async (signals) => {
    stored.push(...signals);
    return signals.length;
  };
  const app = await createWebhookApp({
    appId: 1,
    privateKey,
    secret,
    apiUrl: 'http://127.0.0.1:1/api/v3',
    ourBot: { login: 'gate[bot]', appId: 1 },
    clock: new StillClock(),
    receive: (signals, delivery) => receive(signals, delivery),
    onProblem: (problem) => problems.push(problem),
    onCommand: (comment) => seen.push(comment),
  });
  server = createServer((incoming, response) => void app.handleWebhook(incoming, response));
  url = `${await listening(server)}/api/github/webhooks`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const sign = (body: string, key = secret) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;

async function deliver(payload: unknown, headers: Record<string, string> = {}, body = JSON.stringify(payload)): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-delivery': 'd-1', 'x-github-event': 'issues', 'x-hub-signature-256': sign(body), ...headers },
    body,
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

describe('the webhook entrance', () => {
  it('stores the signals of a genuine delivery and only then says so', async () => {
    expect(await deliver(labelled)).toEqual({ status: 202, answer: { stored: 1 } });
    expect(stored).toMatchObject([{ missionId: 'r10-i7', source: 'd-1#0', meaning: 'label:10:7:mission:labeled:2026-01-15T09:00:00Z', signal: { kind: 'mission.requested' } }]);
    expect(await deliver({ ...labelled, action: 'pinned' })).toEqual({ status: 202, answer: { stored: 0 } });
  });

  it('tells of a command that was stored just now and will be answered, and of no other', async () => {
    const commented = { ...labelled, action: 'created', label: undefined, comment: { id: 5, body: '/status', user: { login: 'author', type: 'User' }, created_at: '2026-01-15T09:00:00Z' } };
    const says = (body: string, more: object = {}) => deliver({ ...commented, comment: { ...commented.comment, body }, ...more }, { 'x-github-event': 'issue_comment' });
    expect((await says('/status')).status).toBe(202);
    expect(seen).toEqual([{ source: expect.objectContaining({ installationId: 99 }), commentId: 5 }]);
    await says('thank you');
    await says('/help', { issue: { ...labelled.issue, labels: [] } });
    await says('/status', { comment: { ...commented.comment, user: { login: 'other[bot]', type: 'Bot' } } });
    receive = async () => 0;
    await says('/status');
    receive = async () => Promise.reject(new Error('down'));
    expect((await says('/status')).status).toBe(500);
    expect(seen).toHaveLength(1);
  });

  it('answers for each of several deliveries at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => deliver(index % 2 === 0 ? labelled : { ...labelled, action: 'pinned' })));
    expect(answers.map(({ answer }) => answer['stored'])).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 1 : 0)));
  });

  it('refuses a wrong, a missing and a malformed signature without keeping the payload', async () => {
    const body = JSON.stringify(labelled);
    for (const signature of [sign(body, 'other'), sign(`${body} `), 'sha256=', 'nonsense', sign(body).slice(0, -1)]) {
      expect((await deliver(labelled, { 'x-hub-signature-256': signature })).status, signature).toBe(401);
    }
    expect((await deliver(labelled, { 'x-hub-signature-256': '' })).status).toBe(401);
    expect(stored).toEqual([]);
    expect(JSON.stringify(problems)).not.toContain('private thing');
  });

  it('asks for another delivery when it could not store, telling nobody why', async () => {
    receive = () => Promise.reject(new Error('connect ECONNREFUSED postgres://user:password@db'));
    const { status, answer } = await deliver(labelled);
    expect(status).toBe(500);
    expect(answer['error']).toBe('not-stored');
    expect(JSON.stringify(answer)).not.toContain('postgres');
    expect(problems).toMatchObject([{ delivery: { id: 'd-1', event: 'issues' }, status: 500 }]);
    expect(problems[0]?.error).toBeInstanceOf(Error);
    expect(problems[0]?.error).not.toHaveProperty('event');
  });

  it('refuses other methods, other types, other headers and what is no JSON', async () => {
    expect((await fetch(url)).status).toBe(405);
    expect((await deliver(labelled, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    const malformed: Record<string, string>[] = [{ 'x-github-delivery': '' }, { 'x-github-event': '' }, { 'x-github-event': 'constructor' }, { 'x-github-event': '__proto__' }, { 'x-github-event': 'error' }, { 'x-github-delivery': 'a b' }];
    for (const headers of malformed) {
      expect((await deliver(labelled, headers)).status, JSON.stringify(headers)).toBe(400);
    }
    for (const body of ['{', '[]', 'null', '"x"']) expect((await deliver(null, {}, body)).status, body).toBe(400);
  });

  it('refuses a body of more than 25 MB, announced or not, and goes on', async () => {
    const announced = await deliver(labelled, {}, `{"x":"${'x'.repeat(25 * 1024 * 1024)}"}`);
    expect(announced).toMatchObject({ status: 413, answer: { error: 'too-large' } });
    const streamed = await new Promise<number>((resolve, reject) => {
      const outgoing = request(url, { method: 'POST', headers: { 'content-type': 'application/json', 'x-github-delivery': 'd-2', 'x-github-event': 'issues', 'x-hub-signature-256': 'sha256=00', 'transfer-encoding': 'chunked' } }, (response) => {
        response.resume();
        outgoing.destroy();
        resolve(response.statusCode ?? 0);
      });
      outgoing.on('error', reject);
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      for (let sent = 0; sent < 27; sent += 1) outgoing.write(chunk);
    });
    expect(streamed).toBe(413);
    expect((await deliver(labelled)).status).toBe(202);
  });

  it('takes every real payload of the corpus without an error', async () => {
    const corpus = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly { readonly name: string; readonly examples: readonly object[] }[];
    const statuses = new Map<number, number>();
    for (const { name, examples } of corpus) {
      for (const payload of examples) {
        const { status } = await deliver(payload, { 'x-github-event': name });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    expect([...statuses.keys()]).toEqual([202]);
    expect(statuses.get(202)).toBeGreaterThan(300);
    expect(problems).toEqual([]);
  });

  it.each(['', '  ', 'development'])('is not built with the secret %j', async (weak) => {
    const build = createWebhookApp({ appId: 1, privateKey, secret: weak, apiUrl: 'http://x', ourBot: { login: 'gate[bot]', appId: 1 }, clock: new StillClock(), receive: async () => 0 });
    await expect(build).rejects.toThrow('WEBHOOK_SECRET');
  });
});
