import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { evidenceDigest } from '../../src/core/evidence/pack.ts';
import type { Finding, GuardReport } from '../../src/core/mission/event.ts';
import { findingsMediaType } from '../../src/core/mission/evidence.ts';
import { createEvidenceLinks, readLinkPath } from '../../src/engine/evidence-links.ts';
import type { EvidenceLinks, LinkTarget } from '../../src/engine/evidence-links.ts';
import { createEvidenceRoutes } from '../../src/http/evidence/routes.ts';
import { sha256 } from '../../src/kit/hash.ts';
import { listen } from '../../src/main/http-server.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { commitId, missionId, PureWorld } from '../support/pure-world.ts';
import { evidenceOf } from './evidence-of.ts';

const findings: readonly Finding[] = [
  { rule: 'no-unused-vars', level: 'warning', message: "'x' is never used", path: 'src/app.ts', line: 3 },
  { rule: 'CVE-2024-1234', level: 'error', message: 'known to be broken', path: null, line: null },
];

/** A gate that waits in its second round, after a rejection in the first; every word of it may be hostile. */
function gate(words = 'plain'): { readonly world: PureWorld; readonly artifacts: Map<string, { name: string; mediaType: string; text: string }> } {
  const log = sha256('log');
  const found = sha256('found');
  const artifacts = new Map([[log, { name: `log ${words}`, mediaType: 'text/html', text: `<b>${words}</b>` }], [found, { name: 'findings', mediaType: findingsMediaType, text: JSON.stringify(findings.map((one) => ({ ...one, message: `${one.message} ${words}` }))) }]]);
  const reports: readonly GuardReport[] = [{ guard: 'lint', uses: 'eslint', passed: true, summary: `looked ${words}`, metrics: {}, artifacts: [{ name: 'findings', mediaType: findingsMediaType, digest: found, bytes: 9 }], findings: { errors: 1, warnings: 1, notes: 0, digest: found } }];
  const world = new PureWorld(
    { ...definition([phase('build', [task('api', { title: words })], { gate: { rubric: { coverage_min: 0.8, tests_failed_max: 0 }, approvals: { count: 1, minimumRole: 'write', allowRequester: true } } })]), name: `Add slugs ${words}` },
    (subject, attempt, mission) =>
      subject.startsWith('gate/')
        ? { outcome: 'examined', head: mission.trunk.head, reports, metrics: { coverage: 0.91, tests_passed: 40, tests_failed: 0 }, durationMs: 1 }
        : { outcome: 'succeeded', commit: commitId(subject, String(attempt)), branch: `mission/7/${subject}`, evidence: { summary: `did it ${words}`, artifacts: [{ name: `log ${words}`, mediaType: 'text/plain', digest: log, bytes: 3 }], diff: null, durationMs: 5, producer: `agent ${words}` }, outputs: {} },
  );
  world.start().settle();
  world.say('reviewer', 'reject-gate', 'build', `no docs ${words}`);
  world.say('author', 'retry', 'build');
  world.settle();
  return { world, artifacts };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The app's own HTTP door with nothing behind it but evidence. */
async function door(words?: string, redact: (text: string) => string = (text) => text): Promise<{ readonly url: string; readonly links: EvidenceLinks; readonly get: (target: LinkTarget, change?: (address: string) => string) => Promise<Response> }> {
  const { world, artifacts } = gate(words);
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const links = createEvidenceLinks({ publicUrl: `http://127.0.0.1:${port}`, secret: 'a-secret-of-this-test-0123456789' });
  const server = await listen({ host: '127.0.0.1', port, webhookPath: '/hook', handleWebhook: async (_request, response) => void response.end(), handlePage: createEvidenceRoutes({ store: evidenceOf(world, artifacts), links, webUrl: 'https://github.com', redact, dossiers: null, routines: null }), readiness: {} });
  closing.push(() => server.close(0));
  return { url: server.url, links, get: (target, change = (address) => address) => fetch(change(links.to(target) ?? '')) };
}

const second: LinkTarget = { kind: 'gate', missionId, phase: 'build', round: 2 };
const tagsOf = (page: string) => [...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([tag]) => tag);

describe('the evidence page of a gate', () => {
  it('tells everything: the verdict, who decided, tasks, guards, findings and digests', async () => {
    const { get } = await door();
    const page = await (await get(second)).text();
    for (const words of ['waits for people', 'coverage_min', '≥ 0.8', '0.91', 'tests_failed_max', 'did it plain', 'looked plain', 'known to be broken', "src/app.ts:3", '/approve-gate build', '40 passed']) expect(page, words).toContain(words.replaceAll("'", '&#39;'));
    expect(page).toContain('✓ the pack as it is kept has this digest');
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('keeps the rounds before: what was rejected, by whom and why', async () => {
    const { get } = await door();
    const page = await (await get({ ...second, round: 1 })).text();
    expect(page).toContain('This is an earlier round');
    expect(page).toContain('<strong>reviewer</strong> rejected by comment: no docs plain');
    expect(page).not.toContain('/approve-gate');
  });

  it('lets nothing run, load, send or be framed', async () => {
    const { get } = await door();
    const answer = await get(second);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
    const page = await answer.text();
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(policy).toContain(Buffer.from(sha256(style), 'hex').toString('base64'));
    expect(page).not.toMatch(/<script|<img|<iframe|<link| style=| on[a-z]+=|javascript:/i);
    expect(Object.fromEntries(['referrer-policy', 'cache-control', 'x-content-type-options', 'x-robots-tag'].map((name) => [name, answer.headers.get(name)]))).toEqual({ 'referrer-policy': 'no-referrer', 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff', 'x-robots-tag': 'noindex, nofollow' });
  });

  it.each(['</td></tr></table><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '</style><svg onload=alert(1)>', "' onmouseover='x", '&lt;script&gt;', '${{ x }}', '</title><base href=//evil>'])('shows the words %j and nothing else', async (words) => {
    const calm = await (await (await door()).get(second)).text();
    const page = await (await (await door(words)).get(second)).text();
    expect(tagsOf(page)).toEqual(tagsOf(calm));
  });

  it('has no secret in it', async () => {
    const { get } = await door('s3cret-0123456789', (text) => text.replaceAll('s3cret-0123456789', '[redacted]'));
    const page = await (await get(second)).text();
    expect(page).toContain('[redacted]');
    expect(page).not.toContain('s3cret');
  });
});

describe('the evidence pack', () => {
  it('is the very bytes whose digest stands in the check', async () => {
    const { get } = await door();
    const answer = await get({ ...second, as: 'json' });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const text = await answer.text();
    expect(sha256(text)).toBe(evidenceDigest(JSON.parse(text) as never));
    const page = await (await get(second)).text();
    expect(page).toContain(sha256(text));
  });

  it('leads to its artifacts, which are text whatever they call themselves', async () => {
    const { url, get } = await door('<script>');
    const page = await (await get(second)).text();
    const [path = ''] = page.match(/\/missions\/[^"]*\/artifacts\/[^"]*/) ?? [];
    const answer = await fetch(url + path.replaceAll('&amp;', '&'));
    expect(await answer.text()).toBe('<b><script></b>');
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(answer.headers.get('content-disposition')).toMatch(/^inline; filename="[A-Za-z0-9._-]+"$/);
  });
});

describe('a link to evidence', () => {
  const wrong: readonly (readonly [string, (address: string) => string])[] = [
    ['without its key', (address) => address.replace(/\?.*/, '')],
    ['with an empty key', (address) => address.replace(/key=.*/, 'key=')],
    ['with another key of the same length', (address) => address.replace(/key=./, (start) => (start === 'key=A' ? 'key=B' : 'key=A'))],
    ['with a longer key', (address) => `${address}A`],
    ['with the key of another round', (address) => address.replace('/2?', '/1?')],
    ['with the key of another gate', (address) => address.replace('/build/', '/ship/')],
    ['with the key of another mission', (address) => address.replace(missionId, 'r10-i8')],
    ['with a path that climbs', (address) => address.replace('/build/', '/..%2Fbuild/')],
  ];

  it.each(wrong)('leads nowhere %s', async (_how, change) => {
    const { get } = await door();
    const answer = await get(second, change);
    expect([answer.status, await answer.text()]).toEqual([404, '{"error":"not found"}\n']);
  });

  it('leads nowhere when it is right but the round is not there yet', async () => {
    const { get } = await door();
    expect((await get({ ...second, round: 3 })).status).toBe(404);
    expect((await get({ kind: 'artifact', missionId, digest: 'a'.repeat(64) })).status).toBe(404);
  });

  it('is read only: other methods find nothing, and HEAD has no body', async () => {
    const { links } = await door();
    const address = links.to(second) ?? '';
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await fetch(address, { method })).status).toBe(404);
    const head = await fetch(address, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('means the same on every server that has the secret, and nothing on others', () => {
    const make = (secret: string) => createEvidenceLinks({ publicUrl: 'https://gates.example', secret }).to(second);
    expect(make('one')).toBe(make('one'));
    expect(make('one')).not.toBe(make('two'));
    expect(make('one')).toMatch(/^https:\/\/gates\.example\/missions\/r10-i7\/gates\/build\/2\?key=[A-Za-z0-9_-]{32}$/);
    expect(createEvidenceLinks({ publicUrl: null, secret: 'one' }).to(second)).toBeNull();
  });

  it('is read as it is written', () => {
    const targets: readonly LinkTarget[] = [second, { ...second, as: 'json' }, { kind: 'artifact', missionId, digest: 'a'.repeat(64) }];
    const links = createEvidenceLinks({ publicUrl: null, secret: 'one' });
    for (const target of targets) expect(readLinkPath(links.path(target).replace(/\?.*/, ''))).toEqual(target);
  });
});
