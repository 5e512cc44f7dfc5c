import { beforeAll, describe, expect, it } from 'vitest';

import { finish, forgeWorld, statusOf } from '../support/forge-world.ts';
import { Contract } from '../support/openapi/contract.ts';
import { KNOWN_FAULTS } from '../support/openapi/known-faults.ts';

const ISSUES = '/repos/{owner}/{repo}/issues';
const CHECKS = '/repos/{owner}/{repo}/check-runs';

describe('the contract with GitHub\'s description', () => {
  let contract: Contract;
  beforeAll(() => {
    contract = new Contract();
  });

  function request(method: string, route: string | null, more: { query?: string; body?: unknown; byApp?: boolean } = {}): string {
    return contract.request({ method, route, path: route ?? '/unknown', query: more.query ?? '', body: more.body, byApp: more.byApp ?? true }).join('\n');
  }

  it('notices misspelt names, wrong values and what is missing in a request', () => {
    expect(request('POST', ISSUES, { body: { title: 'ok' } })).toBe('');
    expect(request('POST', ISSUES, { body: { titel: 'no' } })).toContain('unknown name "titel"');
    expect(request('POST', ISSUES, { body: {} })).toContain("must have required property 'title'");
    expect(request('GET', ISSUES, { query: 'per_pge=5' })).toContain('unknown query parameter "per_pge"');
    expect(request('GET', ISSUES, { query: 'state=opend' })).toContain('must be equal to one of the allowed values');
    expect(request('GET', ISSUES, { query: 'state=open&per_page=many' })).toContain('must be integer');
    expect(request('GET', null)).toContain('no such operation');
    expect(request('POST', CHECKS, { body: { name: 'x', head_sha: 'y', conclusion: 'passed' } })).not.toBe('');
    expect(request('POST', CHECKS, { body: { name: 'x', head_sha: 'y', actions: [{ label: 'x'.repeat(21), description: 'd', identifier: 'i' }] } })).toContain('20 characters');
    expect(request('GET', '/user', {})).toContain('not enabled for GitHub Apps');
    expect(request('GET', '/user', { byApp: false })).toBe('');
  });

  it('notices answers that GitHub would not give', () => {
    const answer = (status: number, body: unknown) => contract.answer({ method: 'GET', route: '/users/{username}', path: '/users/x', status, body, contentType: 'application/json' }).join('\n');
    expect(answer(200, { login: 'x' })).toContain("must have required property 'id'");
    expect(answer(299, {})).toContain('not documented');
    expect(answer(404, { message: 'Not Found', documentation_url: 'https://docs.github.com', status: '404' })).toBe('');
    expect(answer(304, null)).toBe('');
    expect(contract.answer({ method: 'DELETE', route: '/installation/token', path: '/installation/token', status: 204, body: { a: 1 }, contentType: '' })).toHaveLength(1);
  });

  it('notices webhooks that GitHub would not send', () => {
    expect(contract.webhook('issues', 'opened', { action: 'opened' }).join('\n')).toContain("must have required property 'issue'");
    expect(contract.webhook('issues', 'exploded', {}).join('\n')).toContain('not in GitHub\'s description');
  });

  it('holds a test to it: requests, coverage of routes, and everything the forge says', async () => {
    const world = await forgeWorld({ invalidRequests: 'forbidden' });
    const octokit = world.octokit('installation');
    const at = { owner: 'author', repo: 'project' };
    await octokit.rest.issues.create({ ...at, title: 'Fine' });
    world.contract.assertKept();
    expect(world.contract.uncovered(world.app.appId)).toEqual([]);
    expect(await statusOf(octokit.rest.git.getRef({ ...at, ref: 'heads/none' }))).toBe(404);
    expect(world.contract.uncovered(world.app.appId)).toEqual(['GET /repos/{owner}/{repo}/git/ref/{ref}']);
    await octokit.request('POST /repos/{owner}/{repo}/issues', { ...at, title: 'Misspelt', lables: ['x'] } as never);
    expect(() => world.contract.assertKept()).toThrow('unknown name "lables"');
    await expect(finish(world)).rejects.toThrow('violated 1 times');
  });

  it('forgives the description only where a reason is written down', () => {
    for (const fault of KNOWN_FAULTS) expect(fault.reason.length).toBeGreaterThan(20);
    expect(contract.version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
