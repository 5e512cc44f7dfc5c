import { afterEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';

const mission = (name: string) => `version: 1
name: "Note \${{ inputs.what }}"
inputs: { what: { required: true } }
settings: { merge: squash }
phases:
  - id: write
    title: Write
    tasks: [{ id: note, title: Write it down, uses: file.write, with: { path: "${name}.md", content: "\${{ inputs.what }}\\n" } }]
    gate: { approvals: { count: 0 } }
`;
const routine = 'name: Note\non: { schedule: { every: 30d }, repository-dispatch: [note] }\nmission: note\nwith: { what: "${{ routine.trigger }}" }\noverlap: allow\n';
const files = { '.github/missions/note.yml': mission('note') };
/** The shortest interval there is: what a minute does in production happens here each second. */
const env = { MISSIONGATE_RECONCILE_SECONDS: '1' };

describe('a routine of the real product', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function open(more: Readonly<Record<string, string>> = {}): Promise<ProductWorld> {
    const world = await ProductWorld.open({ files: { ...files, ...more }, env });
    closing.push(() => world.close());
    return world;
  }

  const commit = (world: ProductWorld, text: string, name = 'note') =>
    world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/contents/.github/routines/${name}.yml`, { message: 'a routine', content: Buffer.from(text).toString('base64') });
  const dispatch = (world: ProductWorld) => world.forge.as('author').request('POST', `/repos/${world.repository.fullName}/dispatches`, { event_type: 'note' });
  const issues = (world: ProductWorld) => world.repository.issues().filter(({ title, pull }) => pull === null && title.startsWith('Note'));

  /** Carries a `missiongate routine` command out beside the app, which has the embedded database to itself. */
  async function command(world: ProductWorld, ...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    const process = world.spawn(['routine', ...args]);
    const { code } = await process.exited;
    return { code, output: process.output() };
  }

  async function stop(app: Awaited<ReturnType<ProductWorld['startApp']>>): Promise<void> {
    app.child.kill('SIGTERM');
    await app.exited;
  }

  it('opens an issue on an event, and its mission runs to the end, although the push that brought it was never told', async () => {
    const world = await open();
    world.forge.addWebhookFault({ match: { event: 'push' }, effect: { kind: 'drop' } });
    const app = await world.startApp();
    await commit(world, routine);
    const check = await world.untilCheck('routines', 'success');
    expect(check.summary).toContain('author pushed it');
    await dispatch(world);
    await world.until('the mission is done', () => issues(world).some(({ state }) => state === 'closed'));
    const [issue] = issues(world);
    await world.until('the summary stands there', () => world.comments(issue?.number ?? 0).some((body) => body.includes('complete')));
    expect(issue?.user.login).toBe('missiongate[bot]');
    expect(issue?.body).toContain('The routine [note](');
    expect(world.pull()?.pull.mergedAt).not.toBeNull();
    expect((await world.repository.filesAt()).get('note.md')).toBe('event');
    await stop(app);
    const listed = JSON.parse((await command(world, 'list', '--json')).output) as readonly Record<string, unknown>[];
    expect(listed).toMatchObject([{ repository: 'author/project', name: 'note', status: 'active', standing: { person: 'author', how: 'author pushed it' }, runs: [{ trigger: 'event', status: 'completed', issue: issue?.number }] }]);
    world.contract.assertKept();
  });

  it('starts when a workflow ends badly on the default branch: once for each attempt, and for no other branch', async () => {
    const world = await open({ '.github/workflows/ci.yml': 'on: push\n' });
    const app = await world.startApp();
    await commit(world, 'name: Note\non: { workflow-run: { workflow: ci.yml } }\nmission: note\nwith: { what: "${{ routine.trigger }}" }\noverlap: allow\n');
    await world.untilCheck('routines', 'success');
    const end = (conclusion: 'success' | 'failure', more: { readonly branch?: string; readonly run?: number; readonly attempt?: number } = {}) => world.forge.endWorkflowRun(world.repository.fullName, 'stranger', { workflow: 'ci.yml', conclusion, ...more });
    const main = (await world.repository.refs()).find(({ ref }) => ref === 'refs/heads/main')?.sha ?? '';
    await world.forge.as('author').request('POST', `/repos/${world.repository.fullName}/git/refs`, { ref: 'refs/heads/topic', sha: main });
    await end('success');
    await end('failure', { branch: 'topic' });
    world.forge.addWebhookFault({ match: { event: 'workflow_run' }, effect: { kind: 'duplicate', copies: 2 } });
    const run = await end('failure');
    await end('failure', { run, attempt: 2 });
    await world.until('both missions are done', () => issues(world).filter(({ state }) => state === 'closed').length === 2);
    await stop(app);
    const shown = JSON.parse((await command(world, 'show', 'note', '--json')).output) as { readonly runs: readonly Record<string, unknown>[] };
    expect(shown.runs).toMatchObject([{ trigger: 'event', status: 'completed', detail: 'in the name of author' }, { trigger: 'event', status: 'completed', detail: 'in the name of author' }]);
    expect(issues(world)).toHaveLength(2);
    world.contract.assertKept();
  });

  it('opens one issue when the process dies after GitHub made it and before it heard so', async () => {
    const world = await open();
    const first = await world.startApp({ MISSIONGATE_FAULT: 'during github.issue#1' });
    await commit(world, routine);
    await world.untilCheck('routines', 'success');
    await dispatch(world);
    expect((await first.exited).signal).toBe('SIGKILL');
    expect(issues(world)).toHaveLength(1);
    await world.startApp();
    await world.until('the mission is done', () => issues(world).some(({ state }) => state === 'closed'));
    expect(issues(world)).toHaveLength(1);
    expect(world.doubles()).toEqual([]);
    world.contract.assertKept();
  });

  it('starts by a push to a path that it names, and by none that its own missions make', async () => {
    const world = await open();
    const app = await world.startApp();
    await commit(world, 'name: Note\non: { push: { branches: ["**"], paths: ["note.md", "ask/**"] } }\nmission: note\nwith: { what: "${{ routine.trigger }}" }\noverlap: allow\n');
    await world.untilCheck('routines', 'success');
    const put = (path: string) => world.forge.as('author').request('PUT', `/repos/${world.repository.fullName}/contents/${path}`, { message: path, content: '' });
    await put('other/a.md');
    await put('ask/a.md');
    // The mission writes note.md on its branches and merges it: pushes with a path that is named.
    await world.until('the mission is done', () => issues(world).some(({ state }) => state === 'closed'));
    await put('ask/b.md');
    await world.until('the next one is done', () => issues(world).filter(({ state }) => state === 'closed').length === 2);
    await stop(app);
    const shown = JSON.parse((await command(world, 'show', 'note', '--json')).output) as { readonly runs: readonly Record<string, unknown>[] };
    expect(shown.runs.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(issues(world)).toHaveLength(2);
    world.contract.assertKept();
  });

  it('that nobody stands for is activated by the button of its check, and runs in the name of whoever pressed it', async () => {
    // Nobody knows who brought the first commit of a repository.
    const world = await open({ '.github/routines/note.yml': routine });
    await world.startApp();
    const proposed = await world.untilCheck('routines', 'action_required');
    await world.forge.as('reviewer').pressButton(world.repository.fullName, proposed.id, 'activate-routines');
    const check = await world.untilCheck('routines', 'success');
    expect(check.summary).toContain('reviewer activated it by the button of the check');
    await dispatch(world);
    await world.until('the mission is done', () => issues(world).some(({ state }) => state === 'closed'));
    expect(issues(world)[0]?.body).toContain('`reviewer` stands for it');
    world.contract.assertKept();
  });

  it('is told of, activated, run, paused and resumed in the terminal', async () => {
    // Nobody knows who brought the first commit of a repository.
    const world = await open({ '.github/routines/note.yml': routine });
    const app = await world.startApp();
    await world.untilCheck('routines', 'action_required');
    await stop(app);
    const shown = await command(world, 'show', 'note');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.output).toMatch(/status +proposed/);
    expect(await command(world, 'run', 'note')).toMatchObject({ code: 1, output: expect.stringContaining('activate it first with `missiongate routine activate note --as <login>`') as string });
    expect(await command(world, 'pause', 'notte')).toMatchObject({ code: 1, output: expect.stringContaining('there is no routine "notte". Did you mean "note"? There are: author/project/note') as string });
    expect((await command(world, 'activate', 'note', '--as', 'author')).output).toMatch(/status +active\nwho +author activated it in the terminal/);
    expect((await command(world, 'pause', 'note', '--as', 'reviewer')).output).toMatch(/status +paused \(paused by reviewer\)/);
    expect((await command(world, 'run', 'note')).output).toContain('manual  queued · an operator asked for it');
    await world.startApp();
    await world.until('the mission is done', () => issues(world).some(({ state }) => state === 'closed'));
    expect((await world.repository.filesAt()).get('note.md')).toBe('manual');
    for (const process of world.processes) if (process.child.exitCode === null) process.child.kill('SIGTERM');
    await Promise.all(world.processes.map(({ exited }) => exited));
    const resumed = JSON.parse((await command(world, 'resume', 'note', '--json')).output) as Record<string, unknown>;
    expect(resumed).toMatchObject({ status: 'active', pausedBy: null, nextDue: expect.stringMatching(/T00:00:00\.000Z$/) as string, runs: [{ trigger: 'manual', status: 'completed' }] });
    world.contract.assertKept();
  });
});
