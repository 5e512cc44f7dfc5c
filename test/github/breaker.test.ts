import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createAppCredentials } from '../../src/github/credentials.ts';
import { usualBreaker } from '../../src/kit/circuit-breaker.ts';
import type { CircuitChange } from '../../src/kit/circuit-breaker.ts';
import { finish } from '../support/forge-world.ts';
import { gitHubWorld } from './support/github-world.ts';
import type { GitHubWorld } from './support/github-world.ts';

let world: GitHubWorld;
beforeAll(async () => {
  world = await gitHubWorld({ invalidRequests: 'refused' });
});
afterAll(() => finish(world));
afterEach(() => world.forge.clearFaults());

const repo = { owner: 'author', repo: 'project' };
const { failuresToOpen, firstPauseMs } = usualBreaker;

/** A client of its own, with the number of requests that left it and what its breaker reported. */
function fresh() {
  const seen = { sent: 0, changes: [] as CircuitChange[] };
  const counting: typeof globalThis.fetch = (input, init) => {
    seen.sent += 1;
    return globalThis.fetch(input, init);
  };
  const credentials = createAppCredentials({ appId: world.app.appId, privateKey: world.app.privateKey, apiUrl: world.forge.apiUrl, clock: world.jump, fetch: counting, limits: { writeSpacingMs: 0 }, onCircuitChange: (change) => void seen.changes.push(change) });
  const client = credentials.installation(world.installationId);
  const look = () => client.read('a look', (octokit) => octokit.rest.repos.get(repo)).then(({ status }) => status, (error: unknown) => error);
  const write = () => client.write({ write: 'label-removal', what: 'a label', priority: 'status', content: false }, (octokit) => octokit.rest.issues.createLabel({ ...repo, name: 'x', color: '000000' })).then(({ status }) => status, (error: unknown) => error);
  return { seen, look, write, credentials };
}

describe('the breaker of GitHub', () => {
  it.each([['answers 502', { status: 502 }], ['resets connections', 'reset']] as const)('sends nothing more while GitHub %s, lets one call try after a pause, and reports each change once', async (_, effect) => {
    const { seen, look, write } = fresh();
    expect(await look()).toBe(200);
    const before = seen.sent;
    world.forge.addFault({ match: { actor: 'installation' }, effect });
    for (let turn = 0; turn < 10; turn += 1) await look();
    expect(seen.sent - before).toBe(failuresToOpen);
    expect(await look()).toMatchObject({ failure: 'network', retryAfterMs: expect.any(Number) });
    expect(await write()).toMatchObject({ failure: 'network' });
    expect(seen.sent - before).toBe(failuresToOpen);
    expect(seen.changes).toMatchObject([{ circuit: 'opened', host: new URL(world.forge.apiUrl).host }]);
    world.forge.clearFaults();
    world.clock.advance(firstPauseMs);
    expect(await look()).toBe(200);
    expect(seen.changes.map(({ circuit }) => circuit)).toEqual(['opened', 'closed']);
  });

  it('is one for the App, its tokens and all its installations', async () => {
    const { seen, look, credentials } = fresh();
    world.forge.addFault({ match: { path: '/access_tokens$' }, effect: { status: 503 } });
    for (let turn = 0; turn < 10; turn += 1) await look();
    expect(seen.sent).toBe(failuresToOpen);
    await expect(credentials.identity()).rejects.toMatchObject({ failure: 'network' });
    await expect(credentials.contentsOf(world.installationId, world.repository.id)()).rejects.toMatchObject({ failure: 'network' });
    expect(seen.sent).toBe(failuresToOpen);
  });

  it.each([401, 403, 404, 409, 422])('stays closed however often GitHub answers %i', async (status) => {
    const { seen, write } = fresh();
    world.forge.addFault({ match: { actor: 'installation' }, effect: { status } });
    for (let turn = 0; turn < 3 * failuresToOpen; turn += 1) await write();
    expect(seen.changes).toEqual([]);
    expect(seen.sent).toBeGreaterThanOrEqual(3 * failuresToOpen);
  });
});
