import { afterEach, describe, expect, it } from 'vitest';

import { verifyMission } from '../../src/core/ledger/verify.ts';
import type { AttemptResult, Signal } from '../../src/core/mission/signal.ts';
import { coalesce } from '../../src/engine/coalesce.ts';
import { exportMission } from '../../src/engine/export-mission.ts';
import { HostError } from '../../src/engine/ports/repository-host.ts';
import { definition, oneApproval, phase, task } from '../support/definitions.ts';
import { handDrivenEngine } from '../support/hand-driven.ts';
import { evidence, missionId, person, source } from '../support/pure-world.ts';

type World = Awaited<ReturnType<typeof handDrivenEngine>>;
let open: World[] = [];
afterEach(async () => {
  await Promise.all(open.map((made) => made.close()));
  open = [];
});

/** A promise that a test resolves by hand. */
function barrier(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = () => undefined as void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

async function world(...parts: Parameters<typeof handDrivenEngine>): Promise<World> {
  const made = await handDrivenEngine(...parts);
  open.push(made);
  return made;
}

const write = (id: string, more: Parameters<typeof task>[1] = {}) => task(id, { uses: 'file.write', with: { path: `${id}.txt`, content: id }, ...more });
const ok = (name: string) => ({ id: name, uses: 'command', with: { run: ['check', '0'] } });

async function verified(made: World) {
  const files = { ledger: '', packs: [] as { file: string; text: string }[], artifacts: [] as { file: string; digest: string; text: string }[] };
  for await (const { path, text } of exportMission(made.store, missionId)) {
    if (path === 'ledger.jsonl') files.ledger += text;
    else if (path.startsWith('evidence/')) files.packs.push({ file: path, text });
    else files.artifacts.push({ file: path, digest: path.slice('artifacts/'.length, -'.txt'.length), text });
  }
  return verifyMission({ ...files, ledger: files.ledger.split('\n'), expectedHead: null });
}

describe('the engine', () => {
  it('carries a mission with guards, retries and approvals to its end, and what remains verifies', async () => {
    const made = await world({ definition: definition([phase('build', [write('a'), task('b', { uses: 'command', with: { run: ['make', '0'] }, needs: ['a'] })], { guards: [ok('tests')], gate: { ...oneApproval, rubric: { tests_failed_max: 0 } } })]) });
    await made.begin();
    await made.pass(4);
    expect((await made.mission()).phases.get('build')?.gate).toMatchObject({ status: 'awaiting', metrics: { tests_failed: 0, tests_passed: 1 } });
    expect(made.workspaces.pushed).toEqual(['mission/7/a']);
    await made.say('reviewer', 'approve-gate');
    await made.engine.advance(missionId);
    await made.pass(2);
    expect((await made.mission()).status).toBe('completed');
    expect(await verified(made)).toMatchObject({ valid: true, faults: [], status: 'completed' });
    expect(made.projector.shown.length).toBeGreaterThan(0);
  });

  it('reports a guard that fails, and a step and a guard type that do not exist', async () => {
    const made = await world({ definition: definition([phase('build', [task('a'), task('b', { uses: 'nowhere' })], { guards: [{ id: 'tests', uses: 'command', with: { run: ['check', '3'] } }, { id: 'magic', uses: 'magic', with: {} }] })], { failFast: false }) });
    await made.begin();
    await made.pass(3);
    const failed = await made.mission();
    expect(failed.tasks.get('b')).toMatchObject({ status: 'failed', failure: 'input', reason: expect.stringContaining('there is no step type "nowhere"') as string });
    made.intents.push({ kind: 'ticked', task: 'b' });
    await made.send({ kind: 'issue.edited', source, title: 't', body: 'x', previousBody: 'y', actor: person('author') });
    await made.engine.advance(missionId);
    await made.pass(3);
    const gate = (await made.mission()).phases.get('build')?.gate;
    expect(gate?.status).toBe('failed');
    expect(gate?.reports.map((report) => [report.guard, report.passed])).toEqual([['changes', true], ['tests', false], ['magic', false]]);
  });

  it('retries by timers, gives up in the end, and says what happened', async () => {
    const made = await world({ definition: definition([phase('build', [task('a', { uses: 'command', with: { run: ['make', '2'] }, maxAttempts: 3 })])]) });
    await made.begin();
    await made.pass(10);
    expect((await made.mission()).tasks.get('a')).toMatchObject({ status: 'failed', attempt: 3, failure: 'work' });
    expect((await made.mission()).status).toBe('failed');
  });

  it('loses no attempt when its worker is shut down', async () => {
    const made = await world({ definition: definition([phase('build', [task('a', { uses: 'command', with: { run: ['make', '2'] } })])]) });
    await made.begin();
    made.queue.stop.abort(new Error('SIGTERM'));
    await made.queue.run(['run-attempt']);
    const after = (await made.mission()).tasks.get('a');
    expect(after?.failures).toBe(0);
    expect(after?.losses).toBe(1);
  });

  it('hands a task out again when its worker went silent', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    await made.begin();
    expect((await made.store.claim({ missionId, subject: 'a', attempt: 1 }, 'dead', 30_000, made.clock.now())).outcome).toBe('claimed');
    await made.queue.run(['run-attempt']);
    await made.pass(12);
    expect((await made.mission()).tasks.get('a')).toMatchObject({ status: 'done', attempt: 2 });
  });
});

describe('signals', () => {
  it('are not given up because much else happens while GitHub is away', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    await made.begin();
    await made.pass(3);
    let away = true;
    let asked = 0;
    made.host.trunk = async () => {
      asked += 1;
      if (away) throw new HostError('rate-limit', 'come back later');
      return { head: made.host.head, authors: [] };
    };
    await made.say('reviewer', 'approve-gate');
    for (let times = 0; times < 30; times += 1) await made.engine.advance(missionId);
    expect(asked).toBe(1);
    away = false;
    await made.pass(3, 30_000);
    expect((await made.mission()).phases.get('build')?.gate.status).toBe('open');
  });

  it('are given up, with a note, when GitHub stays away for an hour', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    await made.begin();
    await made.pass(3);
    made.host.trunk = async () => {
      throw new TypeError('a mistake of ours');
    };
    await made.say('reviewer', 'approve-gate');
    await made.pass(20, 300_000);
    expect(await made.store.missionsWithSignals(made.clock.now() + 1e9, 10)).toEqual([]);
    expect((await made.mission()).phases.get('build')?.gate.status).toBe('awaiting');
  });

  it('that cannot be decided keep nothing else from being decided', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    await made.begin();
    await made.send({ kind: 'command.given', source, conversation: 7, commentId: 1, actor: person('author'), command: { name: 'cancel', arguments: null, text: '', problem: null } } as unknown as Signal);
    await made.say('author', 'pause');
    await made.engine.advance(missionId);
    expect((await made.mission()).status).toBe('paused');
    expect(made.messages).toContain('a signal could not be decided');
  });

  it('that came with the request itself count: an edit made right after the label is merged', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    made.intents.push({ kind: 'renamed', task: 'a', title: 'A better name' });
    await made.send({ kind: 'mission.requested', source, title: 't', body: 'one', actor: person('author') });
    await made.send({ kind: 'issue.edited', source, title: 't', body: 'two', previousBody: 'one', actor: person('author') });
    await made.engine.advance(missionId);
    expect((await made.mission()).plan.tasks[0]?.title).toBe('A better name');
  });

  it('that overtook the request wait for it', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    await made.send({ kind: 'mission.queue-requested', source, actor: person('author') });
    await made.engine.advance(missionId);
    await made.send({ kind: 'mission.requested', source, title: 't', body: '', actor: person('author') });
    await made.engine.advance(missionId);
    expect((await made.mission()).status).toBe('running');
  });
});

describe('the trunk', () => {
  it('is never put back by a look-up that is older than a merge which another process recorded', async () => {
    const made = await world({ definition: definition([phase('build', [write('a')])]) });
    await made.begin();
    await made.queue.run(['run-attempt']);
    const old = made.host.head;
    const recorded = barrier();
    const late = barrier();
    const merging: Promise<void>[] = [];
    made.host.trunk = async () => {
      recorded.resolve();
      await late.promise;
      return { head: made.host.head, authors: [] };
    };
    const other = made.process({
      host: {
        async trunk() {
          if (merging.length > 0) return { head: made.host.head, authors: [] };
          // While this answer is under way the merge is made, and recorded by the first process.
          merging.push(made.queue.run(['integrate']));
          await recorded.promise;
          return { head: old, authors: [] };
        },
      },
    });
    await made.send({ kind: 'review.submitted', source, pull: 9, reviewId: 1, verdict: 'approved', commit: old, text: '', actor: person('reviewer') });
    await other.advance(missionId);
    late.resolve();
    await Promise.all(merging);
    expect(made.host.head).not.toBe(old);
    expect((await made.mission()).trunk.head).toBe(made.host.head);
  });

  it('shows a push that came while a merge was being recorded, without any approval', async () => {
    const made = await world({ definition: definition([phase('build', [write('a')], { gate: { ...oneApproval, approvals: { ...oneApproval.approvals, count: 0 } } })], { merge: 'squash' }) });
    await made.begin();
    await made.queue.run(['run-attempt']);
    const merge = made.host.mergeInto.bind(made.host);
    made.host.mergeInto = async (...request) => {
      const result = await merge(...request);
      made.host.head = 'f'.repeat(40);
      await made.send({ kind: 'trunk.pushed', source, head: made.host.head, actor: person('stranger') });
      await made.engine.advance(missionId);
      return result;
    };
    await made.queue.run(['integrate']);
    await made.pass(4);
    expect((await made.mission()).trunk.head).toBe('f'.repeat(40));
    expect((await made.mission()).phases.get('build')?.gate.head).toBe('f'.repeat(40));
  });
});

describe('evidence', () => {
  it('is stored as it was judged although the plan changes with the next signal', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    await made.begin();
    const result: AttemptResult = { outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} };
    await made.send({ kind: 'attempt.finished', subject: 'a', attempt: 1, result });
    await made.engine.advance(missionId);
    made.intents.push({ kind: 'renamed', task: 'a', title: 'Another name' });
    await made.send({ kind: 'attempt.finished', subject: 'gate/build', attempt: 1, result: { outcome: 'examined', head: made.host.head, reports: [], metrics: {}, durationMs: 1 } });
    await made.send({ kind: 'trunk.pushed', source, head: 'e'.repeat(40), actor: person('stranger') });
    await made.say('author', 'retry', 'a');
    await made.send({ kind: 'issue.edited', source, title: 't', body: 'two', previousBody: 'one', actor: person('author') });
    await made.engine.advance(missionId);
    expect(await verified(made)).toMatchObject({ valid: true, faults: [] });
  });

  it('has names and words without half characters, whatever a step left', async () => {
    const long = `${'x'.repeat(199)}🚀 and more`;
    const made = await world({ definition: definition([phase('build', [write('a', { title: long })])]) });
    const messages: string[] = [];
    const merge = made.host.mergeInto.bind(made.host);
    made.host.mergeInto = (where, request) => {
      messages.push(request.message);
      return merge(where, request);
    };
    await made.begin();
    await made.pass(2);
    expect(messages.map((message) => message.isWellFormed())).toEqual([true]);
  });
});

describe('supervision', () => {
  it('looks after every mission although one is in trouble', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    const bad = 'r1-i1';
    await made.send({ kind: 'mission.requested', source, title: 't', body: '', actor: person('author') }, bad);
    await made.send({ kind: 'mission.requested', source, title: 't', body: '', actor: person('author') });
    const engine = made.process({ store: { ...made.store, hold: (id, work) => (id === bad ? Promise.reject(new Error('its row is broken')) : made.store.hold(id, work)) } });
    made.clock.at += 10_000;
    await engine.superviseOnce();
    expect((await made.mission()).status).toBe('planned');
  });

  it('repeats rounds until it is closed', async () => {
    const made = await world({ definition: definition([phase('build', [task('a')])]) });
    const running = made.engine.startSupervision();
    await running.close(0);
    expect(made.messages).not.toContain('a supervision round failed and will be repeated');
  });
});

describe('work of one kind', () => {
  it('never runs twice at the same time, also when somebody asks at the very moment it ends', async () => {
    let running = 0;
    let most = 0;
    const once = coalesce(async () => {
      running += 1;
      most = Math.max(most, running);
      for (let moment = 0; moment < 10; moment += 1) await Promise.resolve();
      running -= 1;
    });
    const first = once('k');
    const chained = [first.then(() => once('k')), first.then(() => undefined).then(() => once('k')), first.finally(() => undefined).then(() => once('k'))];
    await Promise.all([first, once('k'), ...chained]);
    expect(most).toBe(1);
  });
});
