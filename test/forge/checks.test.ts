import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { finish, forgeWorld, statusOf } from '../support/forge-world.ts';
import type { ForgeWorld } from '../support/forge-world.ts';

const at = { owner: 'author', repo: 'project' };
const REPOSITORY = 'author/project';

describe('check runs', () => {
  let world: ForgeWorld;
  let head_sha: string;
  beforeEach(async () => {
    world = await forgeWorld();
    head_sha = (await world.repository.commits())[0]?.sha ?? '';
  });
  afterEach(() => finish(world));

  type Create = NonNullable<Parameters<ReturnType<ForgeWorld['octokit']>['rest']['checks']['create']>[0]>;
  function create(more: Partial<Create> = {}) {
    return world.octokit('installation').rest.checks.create({ ...at, name: 'gate/build', head_sha, ...more });
  }

  it('are written by Apps only, each by the App that made it', async () => {
    expect(await statusOf(world.octokit('author').rest.checks.create({ ...at, name: 'mine', head_sha }))).toBe(403);
    const { data } = await create();
    const app = await world.forge.createApp({ slug: 'rival', name: 'Rival', owner: 'author', events: [], permissions: { checks: 'write' } });
    const installation_id = world.forge.install(app.appId, 'author', 'all');
    const jwt = world.octokit({ token: world.appJwt({ iss: app.appId, key: app.privateKey }) }).rest;
    const rival = world.octokit({ token: (await jwt.apps.createInstallationAccessToken({ installation_id })).data.token }).rest;
    expect(await statusOf(rival.checks.update({ ...at, check_run_id: data.id, conclusion: 'success' }))).toBe(403);
    expect(await statusOf(rival.checks.get({ ...at, check_run_id: data.id }))).toBe(0);
    expect(await statusOf(create({ head_sha: '0'.repeat(40) }))).toBe(422);
  });

  it('limit summary and text to 65,535 bytes, not characters', async () => {
    const output = (summary: string) => ({ output: { title: 'Evidence', summary } });
    expect(await statusOf(create(output('x'.repeat(65_535))))).toBe(0);
    expect(await statusOf(create(output('x'.repeat(65_536))))).toBe(422);
    expect(await statusOf(create(output('é'.repeat(32_768))))).toBe(422);
    expect(await statusOf(create(output('🚀'.repeat(16_383))))).toBe(0);
    expect(await statusOf(create({ output: { title: 'No summary' } as never }))).toBe(422);
  });

  it('take 50 annotations a request and append those of later requests', async () => {
    const annotations = Array.from({ length: 50 }, (_, line) => ({ path: 'README.md', start_line: line + 1, end_line: line + 1, annotation_level: 'warning' as const, message: `line ${line}` }));
    const { data } = await create({ output: { title: 'Many', summary: 'Many', annotations } });
    const update = (more: typeof annotations) =>
      world.octokit('installation').rest.checks.update({ ...at, check_run_id: data.id, output: { title: 'Many', summary: 'Many', annotations: more } });
    expect(await statusOf(update([...annotations, ...annotations.slice(0, 1)]))).toBe(422);
    expect((await update(annotations.slice(0, 7))).data.output.annotations_count).toBe(57);
    const octokit = world.octokit('installation');
    expect(await octokit.paginate(octokit.rest.checks.listAnnotations, { ...at, check_run_id: data.id, per_page: 20 })).toHaveLength(57);
    const wide = annotations.slice(0, 1).map((one) => ({ ...one, end_line: 3, start_column: 1 }));
    expect(await statusOf(update(wide))).toBe(422);
  });

  it('have three short buttons at most, which the API never returns', async () => {
    const action = { label: 'Approve gate', description: 'Open it', identifier: 'approve' };
    const created = await create({ conclusion: 'action_required', actions: [action, { ...action, identifier: 'reject' }, { ...action, identifier: 'waive' }] });
    expect(created.data).not.toHaveProperty('actions');
    expect((await world.octokit('installation').rest.checks.get({ ...at, check_run_id: created.data.id })).data).not.toHaveProperty('actions');
    expect(await statusOf(create({ actions: Array.from({ length: 4 }, () => action) }))).toBe(422);
    expect(await statusOf(create({ actions: [{ ...action, label: 'x'.repeat(21) }] }))).toBe(422);
    expect(await statusOf(create({ actions: [{ ...action, description: 'x'.repeat(41) }] }))).toBe(422);
    expect(await statusOf(create({ actions: [{ ...action, identifier: 'x'.repeat(21) }] }))).toBe(422);
  });

  it('are completed by a conclusion and need one to be completed', async () => {
    expect((await create({ status: 'in_progress', conclusion: 'success' })).data).toMatchObject({ status: 'completed', conclusion: 'success' });
    expect(await statusOf(create({ status: 'completed' } as never))).toBe(422);
    expect(await statusOf(create({ conclusion: 'stale' as never }))).toBe(422);
    expect(await statusOf(create({ conclusion: 'passed' as never }))).toBe(422);
    const { data } = await create({ conclusion: 'failure' });
    expect((await world.octokit('installation').rest.checks.update({ ...at, check_run_id: data.id, status: 'in_progress' })).data).toMatchObject({ status: 'in_progress', conclusion: null, completed_at: null });
  });

  it('press buttons only while completed and only for people who write; the App hears who it was', async () => {
    const actions = [{ label: 'Approve gate', description: 'Open it', identifier: 'approve' }];
    const { data } = await create({ status: 'in_progress', actions });
    const press = (who: string, identifier = 'approve') => statusOf(world.forge.as(who).pressButton(REPOSITORY, data.id, identifier));
    expect(await press('reviewer')).toBe(422);
    await world.octokit('installation').rest.checks.update({ ...at, check_run_id: data.id, conclusion: 'action_required', actions });
    expect(await press('stranger')).toBe(403);
    expect(await press('reviewer', 'other')).toBe(422);
    expect(await press('reviewer')).toBe(0);
    expect(await statusOf(world.forge.as('stranger').rerequest(REPOSITORY, data.id))).toBe(403);
    await world.forge.as('reviewer').rerequest(REPOSITORY, data.id);
    await world.forge.idle();
    const heard = world.forge.deliveries().filter((one) => one.event === 'check_run' && one.action?.startsWith('re') === true);
    expect(heard.map((one) => [one.action, (one.payload['sender'] as { login: string }).login, one.payload['requested_action']])).toEqual([
      ['requested_action', 'reviewer', { identifier: 'approve' }],
      ['rerequested', 'reviewer', undefined],
    ]);
  });

  it('list the latest of each name unless all are asked for', async () => {
    await create({ conclusion: 'failure' });
    await create({ conclusion: 'success' });
    await create({ name: 'task/a' });
    const { checks } = world.octokit('installation').rest;
    const names = async (filter?: 'all') => (await checks.listForRef({ ...at, ref: 'main', ...(filter === undefined ? {} : { filter }) })).data.check_runs.map((run) => `${run.name}:${run.conclusion}`);
    expect(await names()).toEqual(['task/a:null', 'gate/build:success']);
    expect(await names('all')).toHaveLength(3);
    expect((await checks.listForRef({ ...at, ref: 'main', status: 'completed' })).data.total_count).toBe(1);
    const suites = (await checks.listSuitesForRef({ ...at, ref: 'main' })).data;
    expect(suites.check_suites.map((suite) => [suite.status, suite.latest_check_runs_count])).toEqual([['in_progress', 2]]);
  });

  it('announce creation, completion, and the suite when all of it is done', async () => {
    const { data } = await create({ status: 'in_progress' });
    await world.octokit('installation').rest.checks.update({ ...at, check_run_id: data.id, output: { title: 'Half', summary: 'Half' } });
    await world.octokit('installation').rest.checks.update({ ...at, check_run_id: data.id, conclusion: 'success' });
    await world.forge.idle();
    expect(world.forge.deliveries().filter((one) => one.event.startsWith('check')).map((one) => `${one.event}.${one.action}`)).toEqual(['check_run.created', 'check_run.completed', 'check_suite.completed']);
  });
});
