import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Dossier } from '../../../src/core/dossier/dossier.ts';
import { createEvidenceLinks, dossierForms, readLinkPath } from '../../../src/engine/evidence-links.ts';
import type { LinkTarget } from '../../../src/engine/evidence-links.ts';
import { dossierText, makeDossier, signDossier } from '../../../src/engine/dossier.ts';
import { createEvidenceRoutes } from '../../../src/http/evidence/routes.ts';
import { listening } from '../../support/listening.ts';
import { missionId } from '../../support/pure-world.ts';
import { newSigner } from '../../support/signers.ts';
import { dossierOf, exportOf, shippedMission } from '../../support/shipped-mission.ts';
import { evidenceOf } from '../evidence-of.ts';

const signer = newSigner();
const shipped = shippedMission({ reason: 'the password is hunter2' });
const source = exportOf(shipped, signer);
const links = createEvidenceLinks({ publicUrl: null, secret: 'a-secret-of-this-test-0123456789' });
const headOf = dossierOf(source).signatures.head;
const routes = createEvidenceRoutes({
  store: evidenceOf(shipped.world),
  links,
  webUrl: 'https://github.com',
  routines: null,
  redact: (text) => text.replaceAll('hunter2', '***'),
  dossiers: { head: async (id) => (id === missionId ? headOf : null), of: async (id) => (id === missionId ? makeDossier(source) : { ok: false, reason: 'no such mission' }), sign: (dossier) => signDossier(dossier, signer) },
});
const server = createServer((request, response) => void routes(request, response));
let base = '';

beforeAll(async () => {
  base = await listening(server);
});
afterAll(() => new Promise((resolve) => void server.close(resolve)));

const of = (as?: (typeof dossierForms)[number]): LinkTarget => ({ kind: 'dossier', missionId, ...(as === undefined ? {} : { as }) });
const get = (target: LinkTarget) => fetch(`${base}${links.path(target)}`);

describe('a dossier behind its link', () => {
  it('is a page that runs nothing and shows no secret', async () => {
    const response = await get(of());
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page).toContain('Give every product a readable address');
    expect(page).toContain('the password is ***');
    expect(page).not.toContain('hunter2');
  });

  it('is the very dossier that is signed, its signature, and a PDF', async () => {
    expect(await (await get(of('json'))).text()).toBe(dossierText(dossierOf(source)));
    expect(JSON.parse(await (await get(of('dsse.json'))).text())).toMatchObject({ payloadType: 'application/vnd.in-toto+json', signatures: [{ keyid: signer.publicKey.keyId }] });
    const pdf = await get(of('pdf'));
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(Buffer.from(await pdf.arrayBuffer()).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('shows itself to nobody without the key, and not with the key of something else', async () => {
    const { pathname } = new URL(links.path(of()), base);
    expect((await fetch(base + pathname)).status).toBe(404);
    const gateKey = new URL(links.path({ kind: 'gate', missionId, phase: 'build', round: 2 }), base).search;
    expect((await fetch(base + pathname + gateKey)).status).toBe(404);
    expect((await get({ kind: 'dossier', missionId: 'r10-i8' })).status).toBe(404);
  });

  it('is made one at a time: few may wait, and more are told to come again', async () => {
    const release: (() => void)[] = [];
    let atWork = 0;
    let most = 0;
    let heads = 0;
    const slow = createEvidenceRoutes({
      store: evidenceOf(shipped.world), links, webUrl: 'https://github.com', routines: null, redact: (text) => text,
      dossiers: {
        sign: () => null,
        // A mission that goes on all the time: nothing that was made is of use for the next.
        head: async () => `${(heads += 1)}`,
        async of() {
          atWork += 1;
          most = Math.max(most, atWork);
          await new Promise<void>((resolve) => void release.push(resolve));
          atWork -= 1;
          return makeDossier(source);
        },
      },
    });
    const second = createServer((request, response) => void slow(request, response));
    const address = `${await listening(second)}${links.path(of('json'))}`;
    const statuses: number[] = [];
    const asked = Array.from({ length: 12 }, async () => {
      const response = await fetch(address);
      statuses.push(response.status);
      return [response.status, response.headers.get('retry-after')];
    });
    await expect.poll(() => statuses).toEqual([503, 503, 503]);
    for (let answered = 0; answered < 9; answered += 1) {
      await expect.poll(() => release.length).toBeGreaterThan(answered);
      release[answered]?.();
    }
    const answers = await Promise.all(asked);
    expect(answers.filter(([status]) => status === 200)).toHaveLength(9);
    expect(answers.filter(([status]) => status === 503)).toEqual([[503, '10'], [503, '10'], [503, '10']]);
    expect(most).toBe(1);
    const later = fetch(address);
    await expect.poll(() => release.length).toBe(10);
    release[9]?.();
    expect((await later).status).toBe(200);
    await new Promise((resolve) => void second.close(resolve));
  });

  describe('that was made before', () => {
    /** Routes of their own, with a ledger that a test moves on, and a count of what was exported. */
    async function served() {
      const world = { exports: 0, head: headOf, dossierAt: (head: string): Dossier => ({ ...dossierOf(source), signatures: { ...dossierOf(source).signatures, head } }), wait: Promise.resolve() };
      const own = createEvidenceRoutes({
        store: evidenceOf(shipped.world), links, webUrl: 'https://github.com', routines: null, redact: (text) => text,
        dossiers: {
          head: async () => world.head,
          async of() {
            world.exports += 1;
            await world.wait;
            return { ok: true, dossier: world.dossierAt(world.head) };
          },
          sign: (dossier) => signDossier(dossier, signer),
        },
      });
      const third = createServer((request, response) => void own(request, response));
      const at = await listening(third);
      opened.push(third);
      return { world, ask: (as?: (typeof dossierForms)[number], tag?: string | null) => fetch(`${at}${links.path(of(as))}`, tag ? { headers: { 'if-none-match': tag } } : {}) };
    }
    const opened: Server[] = [];
    afterEach(() => Promise.all(opened.splice(0).map((one) => new Promise((resolve) => void one.close(resolve)))));

    it('is exported once, whatever forms of it are asked for and how often', async () => {
      const { world, ask } = await served();
      const texts: string[] = [];
      for (const as of [undefined, 'json', 'dsse.json', 'pdf', undefined, 'json', 'dsse.json', 'pdf'] as const) texts.push(await (await ask(as)).text());
      expect(texts.slice(0, 4)).toEqual(texts.slice(4));
      expect(new Set(texts).size).toBe(4);
      expect(world.exports).toBe(1);
    });

    it('is not sent again to whoever has it, until the mission goes on', async () => {
      const { world, ask } = await served();
      const first = await ask();
      const tag = first.headers.get('etag');
      expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      for (const named of [tag, `W/${tag}`, `"other", ${tag}`]) {
        const again = await ask(undefined, named);
        expect({ status: again.status, text: await again.text(), tag: again.headers.get('etag'), policy: again.headers.get('content-security-policy') }).toEqual({ status: 304, text: '', tag, policy: first.headers.get('content-security-policy') });
      }
      expect((await ask(undefined, '"other"')).status).toBe(200);
      expect((await ask('json', tag)).status).toBe(200);
      expect(world.exports).toBe(1);
      world.head = 'f'.repeat(64);
      const later = await ask(undefined, tag);
      expect(later.status).toBe(200);
      expect(later.headers.get('etag')).not.toBe(tag);
      expect(world.exports).toBe(2);
    });

    it('is answered at once while another is being made', async () => {
      const { world, ask } = await served();
      await ask('json');
      const before = world.head;
      let release = (): void => undefined;
      world.wait = new Promise((resolve) => {
        release = resolve;
      });
      world.head = 'e'.repeat(64);
      const slow = ask('json');
      await expect.poll(() => world.exports).toBe(2);
      world.head = before;
      expect((await ask('json')).status).toBe(200);
      release();
      expect((await slow).status).toBe(200);
    });

    it('is kept under the head that it was made at, should the ledger have gone on meanwhile', async () => {
      const { world, ask } = await served();
      world.dossierAt = () => dossierOf(source);
      world.head = 'd'.repeat(64);
      await ask('json');
      await ask('json');
      expect(world.exports).toBe(2);
      world.head = headOf;
      await ask('json');
      expect(world.exports).toBe(2);
    });

    it('is made anew every time where it does not verify, and nobody is told that nothing changed', async () => {
      const { world, ask } = await served();
      const sound = dossierOf(source);
      world.dossierAt = () => ({ ...sound, signatures: { ...sound.signatures, verification: { ...sound.signatures.verification, verdict: 'tampered' } } });
      const first = await ask();
      expect(first.headers.get('etag')).toBeNull();
      expect(first.headers.get('cache-control')).toBe('private, no-store');
      await ask();
      expect(world.exports).toBe(2);
    });
  });

  it('has paths that are read as they are written', () => {
    for (const as of [undefined, ...dossierForms]) expect(readLinkPath(links.path(of(as)).split('?')[0] ?? '')).toEqual(of(as));
    expect(readLinkPath(`/missions/${missionId}/dossier.exe`)).toBeNull();
  });
});
