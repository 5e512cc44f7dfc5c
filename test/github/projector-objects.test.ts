import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ObjectRecord } from '../../src/engine/ports/projector.ts';
import { buttons } from '../../src/github/projector/check-runs.ts';
import { finish } from '../support/forge-world.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { evidence, gitHubWorld, MissionOnForge } from './support/github-world.ts';
import type { GitHubWorld } from './support/github-world.ts';

const small = definition([phase('build', [task('api')])]);

let world: GitHubWorld;
beforeAll(async () => {
  world = await gitHubWorld();
});
afterAll(() => finish(world));

const ours = (mission: MissionOnForge) => world.repository.comments(mission.number).filter(({ user }) => user.login === world.app.botLogin);
const bodyOf = (mission: MissionOnForge) => world.repository.issue(mission.number).body ?? '';
const pullOf = (mission: MissionOnForge) => world.repository.pulls().find(({ pull }) => pull.headRef === `mission/${mission.number}/trunk`);
const runsOf = (mission: MissionOnForge) => world.repository.checkRuns().filter(({ externalId }) => externalId.startsWith(`mg:${mission.missionId}:`));

describe('what people see', () => {
  it('a refusal: one comment, edited when it changes and when it is solved', async () => {
    const mission = await MissionOnForge.open(world, definition([]), { title: 'Empty' });
    await mission.request();
    await mission.syncAll();
    expect(ours(mission)).toHaveLength(1);
    expect(ours(mission)[0]?.body).toContain('1 problem to solve');
    expect((await mission.sync()).writes).toBe(0);
    Object.assign(mission.definition, small);
    await mission.request();
    await mission.syncAll();
    expect(ours(mission).map(({ body }) => /^(✅ Solved|## 🗺️ Plan)/.exec(body)?.[0])).toEqual(['✅ Solved', '## 🗺️ Plan']);
  });

  it('a stranger\'s label: refused with the reason, nothing started', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Stranger' });
    await mission.request('stranger');
    await mission.syncAll();
    expect(ours(mission).map(({ body }) => body)).toEqual([expect.stringContaining('needs **write access**')]);
    expect((await world.repository.refs()).map((ref) => JSON.stringify(ref)).join()).not.toContain(`mission/${mission.number}/`);
  });

  it('on an ordinary issue an answer to what is ours alone, and nothing else', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Talk', labels: [] });
    await mission.comment('author', 'help');
    await mission.comment('author', 'approve-gate');
    await mission.syncAll();
    expect(ours(mission).map(({ body }) => body.split('\n')[0])).toEqual([expect.stringContaining('this issue is no mission')]);
    expect(world.repository.comments(mission.number).flatMap(({ reactions }) => reactions.map(({ content }) => content))).toEqual(['confused']);
  });

  it('their own words in the issue, byte for byte, and their edits', async () => {
    const text = 'Hello @reviewer\r\n\r\n- [ ] Do api\r\n\r\nBye 👋';
    const mission = await MissionOnForge.open(world, small, { title: 'Words', body: text });
    mission.items = [{ taskId: 'api', line: 3, checked: false }];
    await mission.request('author', text);
    await mission.syncAll();
    expect(bodyOf(mission)).toContain('Hello @reviewer\r\n');
    const before = bodyOf(mission);
    const edited = before.replace('Bye', 'Good bye').replace('- [ ] Do api', '- [x] Do api');
    await world.forge.as('reviewer').editIssue('author/project', mission.number, { body: edited });
    await mission.send({ kind: 'issue.edited', source: mission.source, title: 'Words', body: edited, previousBody: before, actor: { kind: 'person', login: 'reviewer' } });
    expect(mission.mission.tasks.get('api')).toMatchObject({ status: 'done', doneBy: { login: 'reviewer' } });
    await mission.syncAll();
    expect(bodyOf(mission)).toContain('Good bye 👋');
    expect(bodyOf(mission)).toMatch(/- \[x\] Do api/);
  });

  it('a failure on the untouched default branch: one comment with the evidence, no red check there', async () => {
    const mission = await MissionOnForge.open(world, definition([phase('build', [task('api')], { gate: null })]), { title: 'Note' });
    const log = { name: 'output', mediaType: 'text/plain', digest: 'e'.repeat(64), bytes: 5 };
    mission.artifacts.set(log.digest, 'why it broke\n');
    await mission.request();
    await mission.queue();
    const notes = () => ours(mission).filter(({ body }) => body.includes('task/api'));
    for (const [attempt, reason] of [[1, 'it broke'], [2, 'it broke again']] as const) {
      mission.todo = [];
      await mission.send({ kind: 'attempt.started', subject: 'api', attempt, worker: 'w1' });
      await mission.send({ kind: 'attempt.finished', subject: 'api', attempt, result: { outcome: 'failed', failure: 'input', reason, evidence: evidence(reason, { artifacts: [log], diff: null }) } });
      await mission.syncAll();
      expect(notes().map(({ body }) => body)).toEqual([expect.stringContaining(`Failed (input): ${reason}\n`)]);
      expect(notes()[0]?.body).toContain('why it broke');
      expect(notes()[0]?.body).toContain('`/retry api`');
      expect(bodyOf(mission)).toContain(`\`api\` failed: ${reason}. To try again comment \`/retry api\``);
      expect((await mission.sync()).writes).toBe(0);
      await mission.comment('author', 'retry', 'api');
      await mission.syncAll();
    }
    expect(runsOf(mission)).toEqual([]);
    await mission.work();
    await mission.syncAll();
    expect(notes().map(({ body }) => body)).toEqual([expect.stringMatching(/^✅ Solved: `task\/api` \(.*\) is done at attempt 3\./)]);
    expect(runsOf(mission).map(({ name, conclusion }) => [name, conclusion])).toContainEqual(['task/api', 'success']);
  });

  it('a gate that has opened: the composite check no longer says that it waits', async () => {
    const mission = await MissionOnForge.open(world, definition([phase('build', [task('api')]), phase('ship', [task('note')], { needs: ['build'] })]), { title: 'Opened' });
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    const composite = () => runsOf(mission).find(({ name }) => name === 'missiongate');
    expect(composite()).toMatchObject({ conclusion: 'action_required', title: 'gate/build is waiting for approval' });
    await mission.comment('reviewer', 'approve-gate', 'build');
    await mission.syncAll();
    expect(composite()).toMatchObject({ conclusion: 'action_required', title: 'Under way.' });
    await mission.work();
    await mission.comment('reviewer', 'reject-gate', 'ship', 'not', 'yet');
    await mission.syncAll();
    expect(runsOf(mission).findLast(({ name }) => name === 'missiongate')).toMatchObject({ conclusion: 'failure', title: 'gate/ship is shut' });
  });

  it('buttons on a waiting gate only, within GitHub\'s limits', async () => {
    for (const { label, description, identifier } of Object.values(buttons)) expect([label.length <= 20, description.length <= 40, identifier.length <= 20]).toEqual([true, true, true]);
    const mission = await MissionOnForge.open(world, small, { title: 'Buttons' });
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    const gate = () => runsOf(mission).find(({ name }) => name === 'gate/build');
    expect(gate()).toMatchObject({ status: 'completed', conclusion: 'action_required', externalId: `mg:${mission.missionId}:gate/build:1` });
    expect(gate()?.actions.map(({ identifier }) => identifier)).toEqual(['approve', 'reject', 'examine']);
    expect(pullOf(mission)).toMatchObject({ pull: { draft: true } });
    await mission.comment('reviewer', 'approve-gate');
    await mission.syncAll();
    expect(gate()).toMatchObject({ conclusion: 'success', actions: [] });
    expect(pullOf(mission)).toMatchObject({ issue: { state: 'open' }, pull: { draft: false, mergedAt: null } });
    expect(mission.mission.status).toBe('completed');
    expect(ours(mission).at(-1)?.body).toContain('is ready for review and yours to merge');
  });

  it('no secret, wherever it came from', async () => {
    const secret = 'ghs_0123456789abcdef0123456789abcdef0123';
    const mission = await MissionOnForge.open(world, { ...definition([phase('build', [task('api', { title: `use ${secret}` })])]), name: `Name ${secret}` }, { title: 'Secrets' });
    mission.redact = (text) => text.replaceAll(secret, '[redacted]');
    mission.reports = [{ guard: 'tests', uses: 'command', passed: true, summary: `with ${secret}`, metrics: {}, artifacts: [{ name: 'log', mediaType: 'text/plain', digest: 'a'.repeat(64), bytes: 3 }] }];
    mission.artifacts.set('a'.repeat(64), `log of ${secret}\n`.repeat(2000));
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    const runs = runsOf(mission);
    const leaving = world.forge.requests().filter(({ actor }) => actor.kind === 'installation').map(({ body }) => JSON.stringify(body ?? null));
    expect(leaving.filter((body) => body.includes(secret) || body.includes(secret.slice(0, 20)))).toEqual([]);
    expect(runs.find(({ name }) => name === 'gate/build')?.text).toContain('[redacted]');
  });
});

describe('a sync that meets resistance', () => {
  it('writes nothing more when another process has taken over', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Taken' });
    await mission.request();
    mission.ours = false;
    expect(await mission.sync()).toMatchObject({ writes: 0, signals: [] });
    mission.ours = true;
    await mission.syncAll();
    expect(ours(mission)).toHaveLength(1);
  });

  it('remembers nothing of a call that was answered after another process had taken over', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Answered late' });
    await mission.request();
    mission.onRecord = (moment, { key, state }) => {
      if (key === 'comment:plan' && state === 'present' && moment === 'before') mission.ours = false;
    };
    expect(await mission.sync()).toMatchObject({ overtaken: true });
    expect(mission.records.get('comment:plan')).toMatchObject({ state: 'intended', remoteId: null });
    mission.onRecord = () => undefined;
    mission.ours = true;
    await mission.syncAll();
    expect(ours(mission)).toHaveLength(1);
  });

  it('writes everything else when GitHub refuses one object, and never makes the pull request ready then', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Refused' });
    await mission.request();
    await mission.queue();
    await mission.work();
    world.forge.addFault({ match: { method: 'POST', path: '/check-runs$' }, effect: { status: 403, body: { message: 'Resource not accessible by integration' } } });
    const outcome = await mission.sync();
    expect(outcome.problems?.map(({ failure }) => failure)).toEqual(['permission', 'permission', 'permission']);
    expect(outcome.againInMs).toBeGreaterThan(0);
    expect(bodyOf(mission)).toContain('`gate/build` waits for 1 approval');
    await mission.comment('reviewer', 'approve-gate', 'build');
    await mission.sync();
    expect(pullOf(mission)).toMatchObject({ pull: { draft: true } });
    world.forge.clearFaults();
    await mission.syncAll();
    expect(pullOf(mission)).toMatchObject({ pull: { draft: false } });
    expect(runsOf(mission).map(({ name }) => name).toSorted()).toEqual(['gate/build', 'missiongate', 'task/api']);
  });

  it('stops at a limit and goes on afterwards', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Limit' });
    await mission.request();
    world.forge.addFault({ match: { method: 'POST', path: '/comments$' }, times: 1, effect: { status: 403, headers: { 'retry-after': '30' }, body: { message: 'You have exceeded a secondary rate limit.' } } });
    await expect(mission.sync()).rejects.toMatchObject({ failure: 'rate-limit', retryAfterMs: 30_000 });
    await expect(mission.sync()).rejects.toMatchObject({ failure: 'rate-limit' });
    world.clock.advance(30_000);
    await mission.syncAll();
    expect(ours(mission)).toHaveLength(1);
  });

  it('leaves alone what people deleted', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Deleted' });
    await mission.request();
    await mission.comment('author', 'pause');
    const [command] = world.repository.comments(mission.number);
    await world.forge.as('author').deleteComment('author/project', command?.id ?? 0);
    await mission.syncAll();
    const [plan] = ours(mission);
    await world.forge.as('author').deleteComment('author/project', plan?.id ?? 0);
    await mission.syncAll();
    expect(ours(mission)).toEqual([]);
  });

  it('tells why GitHub does not merge yet, and merges when it does', async () => {
    const mission = await MissionOnForge.open(world, definition([phase('build', [task('api')])], { merge: 'merge' }), { title: 'Merge later' });
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    await mission.comment('reviewer', 'approve-gate');
    world.forge.addFault({ match: { method: 'PUT', path: '/merge$' }, times: 1, effect: { status: 405, body: { message: 'Required status check "ci" is expected.' } } });
    const refused = await mission.sync();
    expect(refused.signals.map(({ signal }) => signal)).toEqual([{ kind: 'merge.refused', reason: 'Required status check "ci" is expected.' }]);
    // Supervision has it looked at again: a look by the queue could be lost.
    expect(refused.againInMs).toBeNull();
    await mission.syncAll();
    expect(mission.mission.status).toBe('completed');
    expect(pullOf(mission)?.pull.mergedAt).not.toBeNull();
  });

  it('merges only the commit that the gates stand on', async () => {
    const mission = await MissionOnForge.open(world, definition([phase('build', [task('api')])], { merge: 'merge' }), { title: 'Pushed meanwhile' });
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    await mission.comment('reviewer', 'approve-gate');
    const checkout = await world.checkout();
    await checkout.git('fetch', '--quiet', 'origin');
    await checkout.git('checkout', '--quiet', '-B', 'late', `origin/mission/${mission.number}/trunk`);
    await checkout.commit('late', { 'late.txt': 'x' });
    await checkout.git('push', '--quiet', 'origin', `HEAD:refs/heads/mission/${mission.number}/trunk`);
    await mission.sync();
    expect(mission.mission.phases.get('build')?.gate.status).toBe('evaluating');
    expect(pullOf(mission)?.pull.mergedAt).toBeNull();
    await mission.work();
    await mission.syncAll();
    expect(pullOf(mission)?.pull).toMatchObject({ mergedAt: null, draft: true });
    expect(runsOf(mission).filter(({ name }) => name === 'gate/build').map(({ conclusion }) => conclusion)).toEqual(['success', 'action_required']);
  });

  it('ends the check of a round that was left while it was being examined', async () => {
    const mission = await MissionOnForge.open(world, small, { title: 'Pushed twice' });
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    const checkout = await world.checkout();
    const push = async (file: string): Promise<void> => {
      await checkout.git('fetch', '--quiet', 'origin');
      await checkout.git('checkout', '--quiet', '-B', 'twice', `origin/mission/${mission.number}/trunk`);
      await checkout.commit(file, { [file]: 'x' });
      await checkout.git('push', '--quiet', 'origin', `HEAD:refs/heads/mission/${mission.number}/trunk`);
      await mission.send({ kind: 'trunk.pushed', source: mission.mission.source, head: await checkout.git('rev-parse', 'HEAD'), actor: { kind: 'person', login: 'author' } });
    };
    const rounds = () => runsOf(mission).filter(({ name }) => name === 'gate/build').map(({ status, conclusion }) => conclusion ?? status);
    await push('once.txt');
    await mission.syncAll();
    expect(rounds()).toEqual(['action_required', 'in_progress']);
    await push('twice.txt');
    await mission.work();
    await mission.syncAll();
    expect(rounds()).toEqual(['action_required', 'cancelled', 'action_required']);
    expect((await mission.sync()).writes).toBe(0);
  });
});

describe('the pull request of a mission that is cancelled', () => {
  /** A mission whose process dies when the pull request has been asked for, before or after the call. */
  async function cancelledWhileOpening(death: { readonly at: 'before' | 'after'; readonly state: 'intended' | 'present' }): Promise<MissionOnForge> {
    const mission = await MissionOnForge.open(world, small, { title: 'Changed minds' });
    mission.onRecord = (moment, record) => {
      if (record.key === 'pull' && moment === death.at && record.state === death.state) throw new Error('killed');
    };
    await mission.request();
    await mission.queue();
    await mission.work();
    await expect(mission.syncAll()).rejects.toThrow('killed');
    mission.onRecord = () => undefined;
    await mission.comment('author', 'cancel');
    await mission.syncAll();
    return mission;
  }

  it('is known to it when it was made already, although nobody could tell of it before', async () => {
    const mission = await cancelledWhileOpening({ at: 'before', state: 'present' });
    expect(mission.mission).toMatchObject({ status: 'cancelled', pull: { number: pullOf(mission)?.issue.number, state: 'open' } });
  });

  it('is not made any more when it was only about to be', async () => {
    const mission = await cancelledWhileOpening({ at: 'after', state: 'intended' });
    expect(pullOf(mission)).toBeUndefined();
    expect(mission.mission).toMatchObject({ status: 'cancelled', pull: null });
  });
});

describe('a change that GitHub made and nobody recorded', () => {
  /** Dies when the change of an object is about to be recorded; GitHub has made it. */
  async function dieRecording(mission: MissionOnForge, isIt: (record: ObjectRecord, known: ObjectRecord | undefined) => boolean): Promise<void> {
    mission.onRecord = (moment, record) => {
      if (moment === 'before' && isIt(record, mission.records.get(record.key))) throw new Error('killed');
    };
    await expect(mission.syncAll()).rejects.toThrow('killed');
    mission.onRecord = () => undefined;
  }

  async function untilGate(title: string): Promise<MissionOnForge> {
    const mission = await MissionOnForge.open(world, small, { title });
    await mission.request();
    await mission.queue();
    await mission.work();
    await mission.syncAll();
    return mission;
  }

  it('is taken back when it is not wanted any more: a pull request that was made ready is a draft again', async () => {
    const mission = await untilGate('Ready or not');
    await mission.comment('reviewer', 'approve-gate');
    await dieRecording(mission, ({ key, memory }) => key === 'pull' && memory === '{"draft":false}');
    expect(pullOf(mission)?.pull.draft).toBe(false);
    await world.forge.as('author').request('PUT', '/repos/author/project/contents/late.txt', { message: 'late', content: 'eA==', branch: `mission/${mission.number}/trunk` });
    const head = pullOf(mission)?.pull.headSha ?? '';
    await mission.send({ kind: 'trunk.pushed', source: mission.mission.source, head, actor: { kind: 'person', login: 'author' } });
    await mission.work();
    await mission.syncAll();
    expect(pullOf(mission)?.pull.draft).toBe(true);
  });

  it('is taken back when it is not wanted any more: a check says again what it said', async () => {
    const mission = await untilGate('Pause');
    const before = runsOf(mission).map(({ name, title, summary }) => ({ name, title, summary }));
    await mission.comment('author', 'pause');
    await dieRecording(mission, ({ key, rendered }, known) => key.startsWith('check:missiongate') && rendered !== null && rendered !== known?.rendered);
    expect(runsOf(mission).map(({ name, title, summary }) => ({ name, title, summary }))).not.toEqual(before);
    await mission.comment('author', 'resume');
    await mission.syncAll();
    expect(runsOf(mission).map(({ name, title, summary }) => ({ name, title, summary }))).toEqual(before);
  });
});
