import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readRoutine } from '../../src/config/read-routine.ts';
import { createEvidenceLinks, readLinkPath } from '../../src/engine/evidence-links.ts';
import type { LinkTarget } from '../../src/engine/evidence-links.ts';
import type { RoutineRun, StoredRoutine } from '../../src/engine/ports/routines.ts';
import { createEvidenceRoutes } from '../../src/http/evidence/routes.ts';
import type { EvidenceStore } from '../../src/http/evidence/read-gate.ts';
import { listening } from '../support/listening.ts';

const read = readRoutine('name: Night <b>work</b>\non: { schedule: { cron: "0 3 * * *", timezone: Europe/Zurich }, push: { branches: [main] } }\nmission: upgrade\n', 'nightly.yml');
if (!read.ok) throw new Error('the routine of this test is wrong');
const place = { installationId: 1, repository: { id: 7, owner: 'author', name: 'project', defaultBranch: 'main' } };
const nightly: StoredRoutine = { repositoryId: 7, name: 'nightly', place, revision: 3, digest: 'd', removed: false, definition: read.value, problems: [], activatedBy: 'author', standing: 'author pushed it', pausedBy: null, nextDue: Date.parse('2026-01-15T02:00:00Z') };
const all: readonly StoredRoutine[] = [
  { ...nightly, name: 'gone', removed: true, activatedBy: null, standing: 'the file was removed', nextDue: null },
  { ...nightly, name: 'broken', definition: null, activatedBy: null, problems: [{ code: 'x', severity: 'error', message: 'on names nothing', file: '.github/routines/broken.yml', line: 2, column: 3 }], standing: 'the file has problems', nextDue: null } as unknown as StoredRoutine,
  nightly,
  { ...nightly, name: 'held', pausedBy: 'reviewer', nextDue: null },
  { ...nightly, name: 'offered', activatedBy: null, standing: 'the bot x[bot] pushed it', nextDue: null },
];
const run = (more: Partial<RoutineRun>): RoutineRun => ({ repositoryId: 7, name: 'nightly', id: '1', key: 'k', trigger: 'schedule', due: Date.parse('2026-01-14T02:00:00Z'), revision: 3, decided: 'started', detail: 'in the name of author, password hunter2', issue: 12, missionId: 'r7-i12', missionStatus: 'completed', createdAt: 0, ...more });

let asked = 0;
const links = createEvidenceLinks({ publicUrl: null, secret: 'a-secret-of-this-test-0123456789' });
const routes = createEvidenceRoutes({
  store: {} as EvidenceStore,
  links,
  webUrl: 'https://github.com',
  redact: (text) => text.replaceAll('hunter2', '***'),
  dossiers: null,
  routines: {
    async ofRepository(id) {
      asked += 1;
      return id === 7 ? all : [];
    },
    runs: async ({ name }) => (name === 'nightly' ? [run({}), run({ decided: 'skipped', issue: null, missionId: null, missionStatus: null, detail: 'an overlap' })] : []),
    revisions: async () => [],
  },
});
const server = createServer((request, response) => void routes(request, response).then((taken) => taken || response.writeHead(599).end()));
let base = '';
beforeAll(async () => {
  base = await listening(server);
});
afterAll(() => new Promise((resolve) => void server.close(resolve)));

const of = (as?: 'json', repositoryId = 7): LinkTarget => ({ kind: 'routines', repositoryId, ...(as === undefined ? {} : { as }) });
const get = (target: LinkTarget) => fetch(`${base}${links.path(target)}`);

describe('the routines of a repository behind their link', () => {
  it('are a page that says of each when it is due, what became of it last, and why it stands so', async () => {
    const response = await get(of());
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const rows = [...page.matchAll(/<tr><td><a href="#([^"]+)">.*?<\/tr>/g)].map(([row]) => row.replaceAll(/<[^>]+>/g, '|').replaceAll(/\|+/g, '|'));
    expect(rows).toEqual([
      '|broken|broken|–|never|the file has problems|',
      '|held|paused|–|never|paused by reviewer; author pushed it|',
      '|nightly|active|2026-01-15 03:00 Europe/Zurich|completed · |#12| |· in the name of author, password ***|author pushed it|',
      '|offered|proposed|–|never|the bot x[bot] pushed it|',
      '|gone|ended|–|never|the file was removed|',
    ]);
    expect(page).toContain('<h2>Night &lt;b&gt;work&lt;/b&gt;</h2>');
    expect(page).toContain('cron 0 3 * * * (Europe/Zurich), on a push (branches main)');
    expect(page).toContain('<code>.github/routines/broken.yml:2:3</code> on names nothing');
    expect(page).toContain('href="https://github.com/author/project/issues/12"');
    expect(page).not.toContain('hunter2');
  });

  it('are the same as JSON, under the same key, which the page links to', async () => {
    const response = await get(of('json'));
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toMatchObject([
      { name: 'broken', status: 'broken', problems: [{ line: 2 }] },
      { name: 'held', status: 'paused', pausedBy: 'reviewer', nextDue: null },
      { repository: 'author/project', name: 'nightly', status: 'active', nextDue: '2026-01-15T02:00:00.000Z', lastRun: '2026-01-14T02:00:00.000Z', runs: [{ status: 'completed', issue: 12, mission: 'r7-i12', detail: 'in the name of author, password ***' }, { status: 'skipped', detail: 'an overlap' }] },
      { name: 'offered', status: 'proposed', standing: { person: null, how: 'the bot x[bot] pushed it' } },
      { name: 'gone', status: 'ended' },
    ]);
    expect(await (await get(of())).text()).toContain(links.path(of('json')).replace('&', '&amp;'));
  });

  it('show themselves to nobody without the key of that repository, and nothing is read then', async () => {
    const before = asked;
    const { pathname } = new URL(links.path(of()), base);
    const key = (target: LinkTarget) => new URL(links.path(target), base).search;
    for (const search of ['', '?key=x', key(of(undefined, 8)), key({ kind: 'dossier', missionId: 'r7-i12' })]) expect((await fetch(base + pathname + search)).status).toBe(404);
    expect(asked).toBe(before);
    expect((await get(of(undefined, 8))).status).toBe(404);
  });

  it('have paths that are read as they are written', () => {
    for (const as of [undefined, 'json'] as const) expect(readLinkPath(links.path(of(as)).split('?')[0] ?? '')).toEqual(of(as));
    for (const path of ['/repositories/0/routines', '/repositories/7/routines.xml', '/repositories/7', '/repositories/7/routines/x']) expect(readLinkPath(path)).toBeNull();
  });
});
