import { createRequire } from 'node:module';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readMissionIssue } from '../../src/config/read-mission-issue.ts';
import { readRoutine } from '../../src/config/read-routine.ts';
import { isStartedBy, runStatusOf, statusOf } from '../../src/core/schedule/routine.ts';
import type { Watches } from '../../src/engine/ports/observer.ts';
import { HostError } from '../../src/engine/ports/repository-host.ts';
import type { RoutineHost, RoutineRun, Routines, StoredRoutine } from '../../src/engine/ports/routines.ts';
import type { IncomingSignal, Store } from '../../src/engine/ports/store.ts';
import { fireOnce } from '../../src/engine/routines/fire.ts';
import { takeHint } from '../../src/engine/routines/hints.ts';
import { activateRoutines } from '../../src/engine/routines/activate.ts';
import { dueFromNow, lookAtRoutines } from '../../src/engine/routines/look.ts';
import type { StartParts } from '../../src/engine/routines/start-run.ts';
import { plainInk } from '../../src/github/messages/ink.ts';
import { routineIssue } from '../../src/github/messages/routine-issue.ts';
import { routineHintsOf } from '../../src/github/routines/routine-hints.ts';
import { nameAt } from '../../src/github/webhooks/reading.ts';
import { createRoutineHost } from '../../src/github/routines/routine-host.ts';
import { objectMarker } from '../../src/github/projector/desk.ts';
import { sha256 } from '../../src/kit/hash.ts';
import type { Json } from '../../src/kit/json.ts';
import type { Database } from '../../src/store/database.ts';
import { createStore } from '../../src/store/store.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { createEvidenceLinks } from '../../src/engine/evidence-links.ts';
import { emptyDatabase } from '../support/embedded-databases.ts';
import { silentLog } from '../support/engine-world.ts';
import { finish } from '../support/forge-world.ts';
import { gitHubWorld } from './support/github-world.ts';
import type { GitHubWorld } from './support/github-world.ts';

const at = { owner: 'author', repo: 'project' };
const hour = 3_600_000;
const hourly = 'name: Upgrade\non: { schedule: { every: 1h }, repository-dispatch: [advisory] }\nmission: upgrade\n';

const links = createEvidenceLinks({ publicUrl: 'https://gate.example', secret: 'a-secret-of-this-test-0123456789' });
let world: GitHubWorld;
let database: Database;
let store: Store & { readonly watches: Watches; readonly routines: Routines };
let host: RoutineHost;
let memory: Json;
let received: IncomingSignal[];
let owners = 0;

beforeAll(async () => {
  world = await gitHubWorld();
  database = await emptyDatabase();
  store = createStore(database, world.jump);
  host = createRoutineHost({ credentials: world.credentials, ourBot: world.ourBot, redact: (text) => text, clock: world.jump, evidenceLinks: links });
});
afterAll(async () => {
  await store.close();
  await finish(world);
});

beforeEach(async () => {
  for (const table of ['routines', 'routine_revisions', 'routine_runs', 'watches']) await database.query(`DELETE FROM ${table}`);
  memory = { installationId: world.installationId, repository: { id: world.repository.id, owner: 'author', name: 'project', defaultBranch: 'main' }, issue: 0 };
  received = [];
});
afterEach(async () => {
  for (const file of await filesThere()) await world.octokit('author').rest.repos.deleteFile({ ...at, path: file.path, sha: file.sha, message: 'tidy' });
  // What the tidying made GitHub tell is no part of the next test.
  await world.forge.idle();
});

async function filesThere(): Promise<readonly { path: string; sha: string }[]> {
  try {
    const { data } = await world.octokit('author').rest.repos.getContent({ ...at, path: '.github/routines' });
    return Array.isArray(data) ? data : [];
  } catch {
    return [];
  }
}

/** A token lasts an hour, and here hours pass. */
async function client(who: 'author' | 'reviewer' | 'installation') {
  return world.octokit(who === 'installation' ? { token: await world.installationToken() } : who);
}

/** Somebody commits the file straight to the default branch. */
async function commit(text: string, options: { readonly by?: 'author' | 'reviewer' | 'installation'; readonly name?: string; readonly branch?: string; readonly author?: { name: string; email: string } } = {}): Promise<void> {
  const { by = 'author', name = 'upgrade', branch, author } = options;
  const path = `.github/routines/${name}.yml`;
  const known = (await filesThere()).find((file) => file.path === path);
  await (await client(by)).rest.repos.createOrUpdateFileContents({ ...at, path, message: 'routine', content: Buffer.from(text).toString('base64'), ...(known === undefined || branch !== undefined ? {} : { sha: known.sha }), ...(branch === undefined ? {} : { branch }), ...(author === undefined ? {} : { author }) });
}

async function look(): Promise<void> {
  const outcome = await lookAtRoutines({ routines: store.routines, records: store.objects, host, read: readRoutine, clock: world.jump, log: silentLog }, memory);
  memory = outcome.memory;
}

function parts(more: Partial<StartParts> = {}): StartParts {
  return {
    routines: store.routines,
    records: store.objects,
    host,
    repositories: world.host,
    issueOf: (of, run, title, inputs) => routineIssue(plainInk, { routine: of, run, title, inputs, webUrl: 'https://github.example' }),
    receive: async (signals) => {
      received.push(...signals);
      return (await store.receive(signals)).stored;
    },
    clock: world.jump,
    log: silentLog,
    newOwner: () => `process-${(owners += 1)}`,
    holdMs: 30_000,
    ...more,
  };
}

async function routine(name = 'upgrade'): Promise<StoredRoutine> {
  const found = (await store.routines.ofRepository(world.repository.id)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no routine ${name}`);
  return found;
}

async function runs(name = 'upgrade'): Promise<readonly RoutineRun[]> {
  return (await store.routines.runs({ repositoryId: world.repository.id, name }, 100)).toReversed();
}

const told = async () => (await runs()).map((run) => `${run.trigger} ${runStatusOf(run.decided, run.missionStatus, false)}${run.detail === '' ? '' : `: ${run.detail}`}`);

/** Issues that the App opened since the test began. */
function issues(): readonly { number: number; title: string; body: string; labels: readonly string[] }[] {
  return world.repository.issues().filter(({ user, number }) => user.login === world.ourBot.login && number > before).map(({ number, title, body, labels }) => ({ number, title, body: body ?? '', labels: labels.map(({ name }) => name) }));
}
let before = 0;
beforeEach(() => {
  before = Math.max(0, ...world.repository.issues().map(({ number }) => number));
});

/** The latest check about routines. */
function check() {
  const run = world.repository.checkRuns().findLast(({ name }) => name === 'routines');
  if (run === undefined) throw new Error('there is no check');
  return run;
}

/** To the next full hour, at which the routine is due. */
function toTheHour(): number {
  world.clock.advance(hour - (world.clock.now() % hour));
  return world.clock.now();
}

/** The mission of the last run ends. */
async function endMission(status: string): Promise<void> {
  const run = (await runs()).findLast(({ missionId }) => missionId !== null);
  missionStatuses.set(run?.missionId ?? '', status);
}
const missionStatuses = new Map<string, string>();

/** The same routines, with missions that stand as the test says: here nobody decides their signals. */
function withMissions(routines: Routines): Routines {
  return { ...routines, runs: async (key, limit) => (await routines.runs(key, limit)).map((run) => ({ ...run, missionStatus: missionStatuses.get(run.missionId ?? '') ?? run.missionStatus })) };
}

describe('a routine that is due', () => {
  it('opens one issue in the form a person would write, and starts it in the name of whoever pushed the file', async () => {
    await commit('name: Upgrade\non: { schedule: { cron: "0 * * * *", timezone: Europe/Zurich } }\nmission: upgrade\nwith: { leave-out: [typescript, "a: b"], day: "${{ routine.date }}" }\ntitle: "Upgrade of ${{ routine.due }}"\n');
    await look();
    expect(statusOf(await routine())).toBe('active');
    expect(await fireOnce(parts())).toBe(0);
    toTheHour();
    expect(await fireOnce(parts())).toBe(1);
    const [issue, another] = issues();
    expect(another).toBeUndefined();
    expect(issue?.labels).toEqual(['mission', 'mission:queue']);
    expect(issue?.title).toMatch(/^Upgrade of 2026-01-\d\d \d\d:00$/);
    expect(issue?.body).toContain('The routine [upgrade](https://github.example/author/project/blob/main/.github/routines/upgrade.yml) started this for 2026-01-15');
    expect(issue?.body).toContain('00 Europe/Zurich. `author` stands for it (author pushed it).');
    const read = readMissionIssue({ file: 'issue', title: issue?.title ?? '', body: issue?.body ?? '' }, { stepTypes: createStepRegistry(builtInSteps) });
    if (!read.ok || read.value.kind !== 'file') throw new Error('the issue names no file');
    expect(read.value.path).toBe('.github/missions/upgrade.yml');
    expect([...read.value.inputs.values].map(([name, { value }]) => [name, value])).toEqual([['leave-out', '["typescript","a: b"]'], ['day', issue?.title.slice(11, 21)]]);
    expect(received.map(({ missionId, signal }) => [missionId, signal.kind, 'actor' in signal ? signal.actor : null])).toEqual([
      [`r${world.repository.id}-i${issue?.number}`, 'mission.requested', { kind: 'person', login: 'author' }],
      [`r${world.repository.id}-i${issue?.number}`, 'mission.queue-requested', { kind: 'person', login: 'author' }],
    ]);
    expect(await told()).toEqual(['schedule queued: in the name of author']);
    // Nothing more is due.
    expect(await fireOnce(parts())).toBe(0);
  });

  it('opens one issue when several processes see it at once', async () => {
    await commit(hourly);
    await look();
    toTheHour();
    await Promise.all([fireOnce(parts()), fireOnce(parts()), fireOnce(parts())]);
    await fireOnce(parts());
    expect(issues()).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
  });

  it.each(['before', 'after', 'answer-502'] as const)('opens one issue when the call is cut off (%s), and its process with it', async (moment) => {
    await commit(hourly);
    await look();
    toTheHour();
    world.flaky.writes = [];
    world.flaky.cut = { at: 1, moment };
    await fireOnce(parts());
    world.flaky.cut = null;
    world.clock.advance(60_000);
    await fireOnce(parts());
    expect(issues()).toHaveLength(1);
    expect(await told()).toEqual(['schedule queued: in the name of author']);
  });

  it('opens one issue, and says once that it is to begin, when its process dies before that is noted', async () => {
    await commit(hourly);
    await look();
    toTheHour();
    const dies: Routines = { ...store.routines, settle: () => Promise.reject(new Error('killed')) };
    await expect(fireOnce(parts({ routines: dies }))).rejects.toThrow('killed');
    expect(await fireOnce(parts())).toBe(0);
    world.clock.advance(30_000);
    await fireOnce(parts());
    expect(issues()).toHaveLength(1);
    expect(new Set(received.map(({ meaning }) => meaning)).size).toBe(2);
    const [run] = await runs();
    expect(run).toMatchObject({ decided: 'started', issue: issues()[0]?.number });
  });

  it('is carried through when it was paused after its process died with the issue open', async () => {
    await commit(hourly);
    await look();
    toTheHour();
    const dies: Routines = { ...store.routines, settle: () => Promise.reject(new Error('killed')) };
    await expect(fireOnce(parts({ routines: dies, receive: () => Promise.reject(new Error('killed')) }))).rejects.toThrow('killed');
    await store.routines.steer(dueFromNow({ ...(await routine()), pausedBy: 'reviewer' }, world.clock.now()), world.clock.now());
    world.clock.advance(30_000);
    await fireOnce(parts());
    expect(issues()).toHaveLength(1);
    expect(await told()).toEqual(['schedule queued: in the name of author']);
    expect(received.map(({ signal }) => signal.kind)).toEqual(['mission.requested', 'mission.queue-requested']);
  });

  it('begins only when a person says so, where its file wants that', async () => {
    await commit(`${hourly}requires-approval: true\n`);
    await look();
    toTheHour();
    await fireOnce(parts());
    expect(issues().map(({ labels }) => labels)).toEqual([['mission']]);
    expect(issues()[0]?.body).toContain('put the label `mission:queue` on this issue');
    expect(received.map(({ signal }) => signal.kind)).toEqual(['mission.requested']);
  });

  it('starts none while the mission before it goes on, unless the file allows it', async () => {
    await commit(hourly);
    await look();
    toTheHour();
    const watched = () => parts({ routines: withMissions(store.routines) });
    await fireOnce(watched());
    await endMission('running');
    toTheHour();
    await fireOnce(watched());
    expect((await told()).at(-1)).toBe(`schedule skipped: the mission of the run before it, #${issues()[0]?.number}, is still going on`);
    await endMission('completed');
    toTheHour();
    await fireOnce(watched());
    expect(issues()).toHaveLength(2);
    await endMission('running');
    await commit(`${hourly}overlap: allow\n`);
    await look();
    toTheHour();
    await fireOnce(watched());
    expect(issues()).toHaveLength(3);
  });
});

describe('due times that nobody saw', () => {
  it.each([
    ['run-once', '', 1],
    ['skip', 'misfire: skip\n', 0],
    ['catch-up', 'misfire: { catch-up: 3 }\noverlap: allow\n', 3],
  ])('are dealt with as the policy says: %s', async (kind, more, started) => {
    await commit(hourly + more);
    await look();
    toTheHour();
    world.clock.advance(4.5 * hour);
    await fireOnce(parts());
    expect(issues()).toHaveLength(started);
    const [missed] = await runs();
    expect(missed).toMatchObject({ decided: 'skipped', detail: `${5 - started} due times were missed and not made up for (misfire: ${kind})` });
    // From now on it is punctual again.
    toTheHour();
    await fireOnce(parts({ routines: withMissions(store.routines) }));
    expect((await runs()).at(-1)?.due).toBe(world.clock.now());
  });

  it('while it was paused are not made up for; a person may have one mission all the same', async () => {
    await commit(hourly);
    await look();
    await store.routines.steer(dueFromNow({ ...(await routine()), pausedBy: 'reviewer' }, world.clock.now()), world.clock.now());
    toTheHour();
    toTheHour();
    expect(await fireOnce(parts())).toBe(0);
    await store.routines.add(await routine(), { key: 'manual:1', trigger: 'manual', due: world.clock.now(), decided: 'queued', detail: 'reviewer asked for it' }, world.clock.now());
    await fireOnce(parts());
    expect(issues()).toHaveLength(1);
    await store.routines.steer(dueFromNow({ ...(await routine()), pausedBy: null }, world.clock.now()), world.clock.now());
    expect(await fireOnce(parts())).toBe(0);
    expect((await routine()).nextDue).toBe(world.clock.now() + hour);
  });
});

describe('who stands for a routine', () => {
  const standing = async () => {
    await look();
    const { activatedBy, standing: how } = await routine();
    return `${activatedBy ?? 'nobody'}: ${how}`;
  };

  it('is nobody when a bot pushed the file, whatever author its commit names: it waits for a person, who activates it by a push', async () => {
    await commit(hourly, { by: 'installation', author: { name: 'author', email: 'author@users.noreply.github.com' } });
    expect(await standing()).toBe(`nobody: the bot ${world.ourBot.login} pushed it`);
    expect(statusOf(await routine())).toBe('proposed');
    expect(check()).toMatchObject({ conclusion: 'action_required' });
    toTheHour();
    toTheHour();
    expect(await fireOnce(parts())).toBe(0);
    await commit(`${hourly}# read and found good\n`, { by: 'reviewer' });
    expect(await standing()).toBe('reviewer: reviewer pushed it');
    toTheHour();
    await fireOnce(parts());
    expect(received.map(({ signal }) => ('actor' in signal ? signal.actor.login : ''))).toEqual(['reviewer', 'reviewer']);
    expect(check()).toMatchObject({ conclusion: 'success' });
  });

  it.each(['merge', 'squash'] as const)("is whoever merged a bot's pull request (%s)", async (method) => {
    const branch = `propose-${method}`;
    const { data: main } = await world.octokit('author').rest.git.getRef({ ...at, ref: 'heads/main' });
    await (await client('installation')).rest.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: main.object.sha });
    await commit(hourly, { by: 'installation', branch });
    const { data: pull } = await (await client('installation')).rest.pulls.create({ ...at, title: 'A routine', head: branch, base: 'main' });
    await world.octokit('reviewer').rest.pulls.merge({ ...at, pull_number: pull.number, merge_method: method });
    expect(await standing()).toBe(`reviewer: reviewer merged pull request #${pull.number}`);
  });

  it('is nobody when the bot merged its pull request itself', async () => {
    const { data: main } = await world.octokit('author').rest.git.getRef({ ...at, ref: 'heads/main' });
    await (await client('installation')).rest.git.createRef({ ...at, ref: 'refs/heads/propose-alone', sha: main.object.sha });
    await commit(hourly, { by: 'installation', branch: 'propose-alone' });
    const { data: pull } = await (await client('installation')).rest.pulls.create({ ...at, title: 'A routine', head: 'propose-alone', base: 'main' });
    await (await client('installation')).rest.pulls.merge({ ...at, pull_number: pull.number });
    expect(await standing()).toBe(`nobody: pull request #${pull.number} was merged by the bot ${world.ourBot.login}`);
  });

  it('is whoever pushed several commits at once', async () => {
    const checkout = await world.checkout();
    await checkout.git('fetch', '--quiet');
    await checkout.git('checkout', '--quiet', '-B', 'main', 'origin/main');
    await checkout.commit('a routine', { '.github/routines/upgrade.yml': hourly });
    await checkout.commit('something else', { 'other.txt': String(owners) });
    await checkout.git('push', '--quiet', 'origin', 'HEAD:main');
    expect(await standing()).toBe('author: author pushed it');
  });

  it('loses the routine with the permission: it waits for another person', async () => {
    await commit(hourly, { by: 'reviewer' });
    await look();
    world.forge.setRole('author/project', 'reviewer', 'triage');
    toTheHour();
    await fireOnce(parts());
    world.forge.setRole('author/project', 'reviewer', 'write');
    expect(issues()).toEqual([]);
    expect(await told()).toEqual(['schedule denied: reviewer, who stood for it, has the role triage and may not start missions any more']);
    expect(statusOf(await routine())).toBe('proposed');
    toTheHour();
    expect(await fireOnce(parts())).toBe(0);
  });

  it('is not guessed while GitHub cannot tell: the start waits', async () => {
    await commit(hourly);
    await look();
    toTheHour();
    await fireOnce(parts({ repositories: { authorityOf: () => Promise.reject(new HostError('network', 'GitHub is away')) } }));
    expect(issues()).toEqual([]);
    expect(await told()).toEqual(['schedule queued: GitHub is away']);
    world.clock.advance(60_000);
    await fireOnce(parts());
    expect(issues()).toHaveLength(1);
  });
});

describe('the files of routines', () => {
  it('are revisions: changed, broken, corrected, removed, and the history stays', async () => {
    await commit(hourly);
    await look();
    await commit('on: { schedule: { every: 1m } }\nmission: upgrade\n');
    await look();
    expect(statusOf(await routine())).toBe('broken');
    expect(check()).toMatchObject({ conclusion: 'failure', title: '1 routine cannot be read' });
    expect(check().summary).toContain('.github/routines/upgrade.yml:1:26');
    const page = `https://gate.example${links.path({ kind: 'routines', repositoryId: world.repository.id })}`;
    expect(check().detailsUrl).toBe(page);
    expect(check().summary).toContain(`[All routines with their due times and runs](${page})`);
    toTheHour();
    expect(await fireOnce(parts())).toBe(0);
    await commit(hourly.replace('1h', '2h'));
    await look();
    expect(await routine()).toMatchObject({ revision: 3, definition: { schedule: { everyMs: 2 * hour } } });
    for (const file of await filesThere()) await world.octokit('author').rest.repos.deleteFile({ ...at, path: file.path, sha: file.sha, message: 'no more' });
    await look();
    expect(await routine()).toMatchObject({ revision: 4, nextDue: null });
    expect(statusOf(await routine())).toBe('ended');
    expect((await store.routines.revisions(await routine(), 10)).map(({ revision, removed }) => [revision, removed])).toEqual([[4, true], [3, false], [2, false], [1, false]]);
    await commit(hourly);
    await look();
    expect(await routine()).toMatchObject({ revision: 5, removed: false });
  });

  it('cost one conditional request while nothing changes', async () => {
    await commit(hourly);
    await look();
    const from = world.forge.requests().length;
    await look();
    expect(world.forge.requests().slice(from).map(({ method, status }) => `${method} ${status}`)).toEqual(['GET 304']);
    expect((await routine()).revision).toBe(1);
  });
});

describe('webhooks about routines', () => {
  const hints = (from: number) => world.hooks.slice(from).flatMap((hook) => routineHintsOf({ id: hook.headers['x-github-delivery'] ?? '', name: hook.headers['x-github-event'] ?? '', payload: hook.payload }, world.ourBot));

  it('say that files changed, so that they are looked at at once', async () => {
    const from = world.hooks.length;
    await commit(hourly);
    await world.octokit('author').rest.repos.createOrUpdateFileContents({ ...at, path: `other-${owners}.txt`, message: 'x', content: '' });
    await world.forge.idle();
    const found = hints(from).filter(({ kind }) => kind === 'files');
    expect(found).toMatchObject([{ kind: 'files', place: { installationId: world.installationId, repository: { id: world.repository.id, owner: 'author', name: 'project', defaultBranch: 'main' } } }]);
    for (const hint of [...found, ...found]) await takeHint({ routines: store.routines, watches: store.watches, clock: world.jump }, hint);
    const taken = await store.watches.take('one', 1_000, world.clock.now(), 10);
    expect(taken.map(({ subject }) => subject)).toEqual([`routines:${world.repository.id}`]);
    memory = taken[0]?.memory ?? null;
    await look();
    expect(statusOf(await routine())).toBe('active');
  });

  it('start a routine by an event, once for each however often it is delivered, and none that did not ask for it', async () => {
    await commit(hourly);
    await look();
    const from = world.hooks.length;
    for (const type of ['advisory', 'something-else']) await world.octokit('author').rest.repos.createDispatchEvent({ ...at, event_type: type });
    await world.forge.idle();
    const found = hints(from);
    expect(found.map((hint) => (hint.kind === 'event' && hint.event.kind === 'repository-dispatch' ? hint.event.type : ''))).toEqual(['advisory', 'something-else']);
    for (const hint of [...found, ...found]) await takeHint({ routines: store.routines, watches: store.watches, clock: world.jump }, hint);
    await fireOnce(parts());
    expect(issues()).toHaveLength(1);
    expect(await told()).toEqual(['event queued: in the name of author']);
  });

  it('start a routine by a push of anybody but ourselves, to no branch of a mission, and once', async () => {
    await commit('name: Upgrade\non: { push: { branches: [main, "rel-*"], paths: ["src/**"] } }\nmission: upgrade\noverlap: allow\n');
    await look();
    const from = world.hooks.length;
    const put = async (by: 'author' | 'installation', path: string, branch = 'main') => (await client(by)).rest.repos.createOrUpdateFileContents({ ...at, path: `${path}-${(owners += 1)}`, branch, message: 'x', content: '' });
    const { data: main } = await world.octokit('author').rest.git.getRef({ ...at, ref: 'heads/main' });
    for (const name of ['rel-1', 'topic', 'mission/7/trunk', 'mission/7/build']) await world.octokit('author').rest.git.createRef({ ...at, ref: `refs/heads/${name}`, sha: main.object.sha });
    await put('author', 'src/a');
    await put('author', 'docs/a');
    await put('installation', 'src/b');
    for (const branch of ['rel-1', 'topic', 'mission/7/trunk', 'mission/7/build']) await put('author', 'src/c', branch);
    await world.octokit('author').rest.git.deleteRef({ ...at, ref: 'heads/rel-1' });
    await world.forge.idle();
    const found = hints(from);
    for (const hint of [...found, ...found]) await takeHint({ routines: store.routines, watches: store.watches, clock: world.jump }, hint);
    expect(await told()).toEqual(['event queued: push to main', 'event queued: push to rel-1']);
    await fireOnce(parts());
    expect(issues()).toHaveLength(2);
    expect(received.filter(({ signal }) => signal.kind === 'mission.queue-requested').map(({ signal }) => 'actor' in signal && signal.actor)).toEqual([{ kind: 'person', login: 'author' }, { kind: 'person', login: 'author' }]);
  });

  it('start none by what a mission landed, whoever merged it', async () => {
    await commit('name: Upgrade\non: { push: { branches: [main] } }\nmission: upgrade\n');
    await look();
    const { data: main } = await world.octokit('author').rest.git.getRef({ ...at, ref: 'heads/main' });
    await world.octokit('author').rest.git.createRef({ ...at, ref: 'refs/heads/mission/8/trunk', sha: main.object.sha });
    await world.octokit('author').rest.repos.createOrUpdateFileContents({ ...at, path: `landed-${(owners += 1)}`, branch: 'mission/8/trunk', message: 'x', content: '' });
    const { data: pull } = await world.octokit('author').rest.pulls.create({ ...at, title: 'What mission 8 did', head: 'mission/8/trunk', base: 'main' });
    const from = world.hooks.length;
    await world.octokit('author').rest.pulls.merge({ ...at, pull_number: pull.number, merge_method: 'squash' });
    await world.forge.idle();
    for (const hint of hints(from)) await takeHint({ routines: store.routines, watches: store.watches, clock: world.jump }, hint);
    await fireOnce(parts());
    expect(await told()).toEqual(['event skipped: the push landed what mission #8 did, and no mission starts the next']);
    expect(issues()).toEqual([]);
  });

  it('tell of tags, and of branches of which nobody knows what changed', () => {
    const payload = (more: object) => ({ ref: 'refs/heads/main', after: 'a'.repeat(40), commits: [{ added: ['x'], removed: [], modified: ['y'] }], sender: { login: 'author', type: 'User' }, repository: { id: 5, name: 'project', owner: { login: 'author' }, default_branch: 'main' }, installation: { id: 1 }, ...more });
    const events = (more: object) => routineHintsOf({ id: 'd', name: 'push', payload: payload(more) }, world.ourBot).flatMap((hint) => (hint.kind === 'event' ? [[hint.event, hint.key]] : []));
    const key = `push:${'a'.repeat(40)}:d`;
    expect(events({})).toEqual([[{ kind: 'push', ref: { kind: 'branch', name: 'main' }, paths: ['x', 'y'] }, key]]);
    expect(events({ forced: true })).toMatchObject([[{ paths: null }, key]]);
    expect(events({ ref: 'refs/tags/v1', commits: [] })).toMatchObject([[{ ref: { kind: 'tag', name: 'v1' } }, key]]);
    for (const nothing of [{ deleted: true }, { after: '0'.repeat(40) }, { ref: 'refs/notes/x' }, { ref: 'refs/heads/' }, { sender: { login: world.ourBot.login.toUpperCase(), type: 'Bot' } }]) expect(events(nothing)).toEqual([]);
  });

  it('tell how a workflow ended, for commits of the default branch alone', () => {
    const payload = (run: object, action = 'completed') => ({ action, workflow_run: { id: 7, run_attempt: 2, path: '.github/workflows/ci.yml', conclusion: 'failure', head_branch: 'main', head_repository: { id: 5 }, ...run }, repository: { id: 5, name: 'project', owner: { login: 'author' }, default_branch: 'main' }, installation: { id: 1 } });
    const hint = (run: object, action?: string) => routineHintsOf({ id: 'd', name: 'workflow_run', payload: payload(run, action) }, world.ourBot)[0] ?? null;
    expect(hint({})).toMatchObject({ kind: 'event', event: { kind: 'workflow-run', workflow: 'ci.yml', conclusion: 'failure' }, key: 'workflow-run:7:2' });
    for (const other of [{ head_branch: 'topic' }, { head_repository: { id: 6 } }, { conclusion: null }, { path: 'dynamic/pages' }]) expect(hint(other)).toBeNull();
    expect(hint({}, 'requested')).toBeNull();
    const ended = { kind: 'workflow-run', workflow: 'ci.yml', conclusion: 'failure' } as const;
    const file = (conclusions: readonly string[], workflow = 'ci.yml') => ({ dispatches: [], push: null, workflowRun: { workflow, conclusions } });
    expect([file(['failure']), file(['success']), file(['failure'], 'other.yml'), { dispatches: ['ci.yml'], push: null, workflowRun: null }].map((one) => isStartedBy(one, ended))).toEqual([true, false, false, false]);
  });

  it('are understood as GitHub sends them', () => {
    const corpus = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly { readonly name: string; readonly examples: readonly object[] }[];
    const example = corpus.find(({ name }) => name === 'workflow_run')?.examples.find((one) => nameAt(one, 'workflow_run', 'path') !== null && nameAt(one, 'workflow_run', 'conclusion') === 'success');
    const payload = { ...example, installation: { id: 1 } };
    expect(routineHintsOf({ id: 'd', name: 'workflow_run', payload }, world.ourBot)[0]).toMatchObject({ kind: 'event', event: { kind: 'workflow-run', workflow: 'test.yml', conclusion: 'success' } });
  });

  it('mean nothing in any other shape', () => {
    for (const payload of [null, {}, { repository: 1 }, { action: 'x', repository: { id: 1 } }]) expect(['push', 'repository_dispatch', 'workflow_run', 'issues'].map((name) => routineHintsOf({ id: 'd', name, payload }, world.ourBot))).toEqual([[], [], [], []]);
  });
});

describe('a proposed routine', () => {
  /** What `reconcile` does with what lies on the agenda. */
  async function decide(authorityOf: StartParts['repositories']['authorityOf'] = (source, login) => world.host.authorityOf(source, login)): Promise<void> {
    for (const { subject, memory: asked } of await store.watches.take('one', 1_000, world.clock.now(), 10)) {
      expect(subject).toMatch(/^activation:/);
      const outcome = await activateRoutines({ routines: store.routines, records: store.objects, host, repositories: { authorityOf }, clock: world.jump, log: silentLog }, asked);
      expect(outcome.over).toBe(true);
      await store.watches.remove('one', subject);
    }
  }

  /** The bot proposes it, and a person presses the button of the check. */
  async function press(): Promise<void> {
    await commit(hourly, { by: 'installation' });
    await look();
    expect(check()).toMatchObject({ conclusion: 'action_required', actions: [{ label: 'Activate' }] });
    const from = world.hooks.length;
    await world.forge.as('reviewer').pressButton('author/project', check().id, 'activate-routines');
    await world.forge.idle();
    const hints = world.hooks.slice(from).flatMap((hook) => routineHintsOf({ id: hook.headers['x-github-delivery'] ?? '', name: hook.headers['x-github-event'] ?? '', payload: hook.payload }, world.ourBot));
    expect(hints).toMatchObject([{ kind: 'activation', by: 'reviewer' }]);
    for (const hint of [...hints, ...hints]) await takeHint({ routines: store.routines, watches: store.watches, clock: world.jump }, hint);
  }

  it('is activated by the button of its check, in the name of whoever pressed it', async () => {
    await press();
    expect(statusOf(await routine())).toBe('proposed');
    await decide();
    expect(await routine()).toMatchObject({ activatedBy: 'reviewer', standing: 'reviewer activated it by the button of the check', nextDue: expect.any(Number) as number });
    expect(check()).toMatchObject({ conclusion: 'success', actions: [] });
    toTheHour();
    await fireOnce(parts());
    expect(received.map(({ signal }) => 'actor' in signal && signal.actor)).toEqual([{ kind: 'person', login: 'reviewer' }, { kind: 'person', login: 'reviewer' }]);
  });

  it('is activated also when another routine, whose due time the check shows, has become due meanwhile', async () => {
    await commit(hourly, { name: 'other' });
    await press();
    const due = (await routine('other')).nextDue;
    toTheHour();
    await fireOnce(parts());
    expect((await routine('other')).nextDue).not.toBe(due);
    await decide();
    expect(statusOf(await routine())).toBe('active');
  });

  it('stays one when the person may not start missions any more as it is decided', async () => {
    await press();
    world.forge.setRole('author/project', 'reviewer', 'triage');
    await decide();
    world.forge.setRole('author/project', 'reviewer', 'write');
    expect(statusOf(await routine())).toBe('proposed');
  });

  it('stays one when its file says something else by then, though the check would read the same', async () => {
    await press();
    await commit(hourly.replace('mission: upgrade', 'mission: another'), { by: 'installation' });
    await look();
    await decide();
    expect(await routine()).toMatchObject({ revision: 2, activatedBy: null });
    expect(statusOf(await routine())).toBe('proposed');
  });

  it('waits while GitHub does not tell what the person may do', async () => {
    await press();
    await expect(decide(async () => ({ known: false, reason: 'GitHub is away' }))).rejects.toMatchObject({ failure: 'network' });
    world.clock.advance(60_000);
    await decide();
    expect(statusOf(await routine())).toBe('active');
  });

  it('is not activated by a bot, by a button of another App, or by another button', () => {
    const payload = (more: object, run: object = {}) => ({ action: 'requested_action', requested_action: { identifier: 'activate-routines' }, check_run: { id: 1, external_id: `mg:routines:${'a'.repeat(40)}:${'c'.repeat(16)}:${'b'.repeat(40)}`, app: { id: world.ourBot.appId }, ...run }, sender: { login: 'author', type: 'User' }, repository: { id: 5, name: 'project', owner: { login: 'author' } }, installation: { id: 1 }, ...more });
    const hinted = (more: object, run?: object) => routineHintsOf({ id: 'd', name: 'check_run', payload: payload(more, run) }, world.ourBot);
    expect(hinted({})).toMatchObject([{ kind: 'activation', by: 'author', proposal: 'b'.repeat(40), key: 'd' }]);
    for (const more of [{ sender: { login: 'x[bot]', type: 'Bot' } }, { sender: null }, { action: 'rerequested' }, { requested_action: { identifier: 'approve' } }]) expect(hinted(more)).toEqual([]);
    for (const run of [{ app: { id: world.ourBot.appId + 1 } }, { external_id: 'mg:gate:x' }]) expect(hinted({}, run)).toEqual([]);
  });
});

describe("a stranger's issue that looks like one of a routine", () => {
  it('is taken for none: the routine opens its own', async () => {
    await commit(hourly);
    await look();
    toTheHour();
    world.flaky.writes = [];
    world.flaky.cut = { at: 1, moment: 'before' };
    await fireOnce(parts());
    world.flaky.cut = null;
    const [run] = await runs();
    // The marker is no secret: who knows the due time knows it.
    const marker = objectMarker(`routine:${world.repository.id}:upgrade:${sha256(run?.key ?? '').slice(0, 24)}`, 'issue');
    const forged = await world.forge.as('stranger').openIssue('author/project', { title: 'Upgrade', body: `Mission: \`upgrade\`\n\n${marker}` });
    world.clock.advance(60_000);
    await fireOnce(parts());
    expect(issues().map(({ number }) => number)).not.toContain(forged.number);
    expect(issues().map(({ body }) => body.includes(marker))).toEqual([true]);
    expect(received.every(({ missionId }) => missionId.endsWith(`-i${issues()[0]?.number}`))).toBe(true);
  });
});
