import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createEvidenceLinks, dossierForms, readLinkPath } from '../../../src/engine/evidence-links.ts';
import type { LinkTarget } from '../../../src/engine/evidence-links.ts';
import { dossierText, makeDossier, signDossier } from '../../../src/engine/dossier.ts';
import { createEvidenceRoutes } from '../../../src/http/evidence/routes.ts';
import { missionId } from '../../support/pure-world.ts';
import { newSigner } from '../../support/signers.ts';
import { dossierOf, exportOf, shippedMission } from '../../support/shipped-mission.ts';
import { evidenceOf } from '../evidence-of.ts';

const signer = newSigner();
const shipped = shippedMission({ reason: 'the password is hunter2' });
const source = exportOf(shipped, signer);
const links = createEvidenceLinks({ publicUrl: null, secret: 'a-secret-of-this-test-0123456789' });
const routes = createEvidenceRoutes({
  store: evidenceOf(shipped.world),
  links,
  webUrl: 'https://github.com',
  redact: (text) => text.replaceAll('hunter2', '***'),
  dossiers: { of: async (id) => (id === missionId ? makeDossier(source) : { ok: false, reason: 'no such mission' }), sign: (dossier) => signDossier(dossier, signer) },
});
const server = createServer((request, response) => void routes(request, response));
let base = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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
    const slow = createEvidenceRoutes({
      store: evidenceOf(shipped.world), links, webUrl: 'https://github.com', redact: (text) => text,
      dossiers: {
        sign: () => null,
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
    second.listen(0, '127.0.0.1');
    await once(second, 'listening');
    const address = `http://127.0.0.1:${(second.address() as AddressInfo).port}${links.path(of('json'))}`;
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

  it('has paths that are read as they are written', () => {
    for (const as of [undefined, ...dossierForms]) expect(readLinkPath(links.path(of(as)).split('?')[0] ?? '')).toEqual(of(as));
    expect(readLinkPath(`/missions/${missionId}/dossier.exe`)).toBeNull();
  });
});
