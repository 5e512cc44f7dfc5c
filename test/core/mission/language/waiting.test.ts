import { describe, expect, it } from 'vitest';

import type { TaskDefinition } from '../../../../src/core/mission/definition.ts';
import { missionFromRows, runState } from '../../../../src/store/mission-rows.ts';
import type { Json, JsonObject } from '../../../../src/kit/json.ts';
import { definition, phase, task } from '../../../support/definitions.ts';
import * as fc from '../../../support/fast-check.ts';
import { person, source } from '../../../support/pure-world.ts';
import type { PureWorld } from '../../../support/pure-world.ts';
import { scriptedWorld, statuses } from '../../../support/scripted-world.ts';

const hour = 3_600_000;
const ask = (id: string, parameters: JsonObject = {}, more: Partial<TaskDefinition> = {}) => task(id, { uses: 'approval', waits: 'people', timeoutSeconds: 86_400, with: { question: 'Shall it go out?', ...parameters }, ...more });
const pause = (id: string, parameters: JsonObject, more: Partial<TaskDefinition> = {}) => task(id, { uses: 'wait', waits: 'time', timeoutSeconds: 86_400, with: parameters, ...more });
const mission = (tasks: readonly TaskDefinition[], settings = {}, ofPhase = {}) => definition([phase('p', tasks, { gate: null, ...ofPhase })], settings);
const started = (tasks: readonly TaskDefinition[], settings = {}, ofPhase = {}) => scriptedWorld(mission(tasks, settings, ofPhase)).start();

/** Works without letting time pass. */
function work(world: PureWorld): void {
  while (world.todo.length > 0) world.work();
}

const asOf = (world: PureWorld, id: string) => world.mission.tasks.get(id);

describe('a task that asks people', () => {
  it('waits without a worker, and is done with the names of those who agreed', () => {
    const world = started([ask('go'), task('ship', { needs: ['go'], if: 'size(tasks.go.outputs["approved-by"]) == 1' })]);
    expect(statuses(world.mission)).toEqual({ go: 'waiting', ship: 'pending' });
    expect(world.todo).toEqual([]);
    world.say('reviewer', 'approve', 'go');
    expect(world.lastAnswer()).toEqual({ accepted: true, code: 'approval-given' });
    expect(asOf(world, 'go')).toMatchObject({ status: 'done', outputs: { 'approved-by': ['reviewer'] }, evidence: { producer: 'approval' } });
    expect(world.events.find(({ body }) => body.type === 'approval.given')?.body).toMatchObject({ by: person('reviewer'), role: 'write', via: 'comment', attempt: 1 });
    work(world);
    expect(world.mission.status).toBe('completed');
  });

  it('needs no name when it is the only one that asks; with several, or none, people are told what to type', () => {
    const world = started([ask('go'), ask('stop'), task('other')], { maxParallel: 4 });
    world.say('reviewer', 'approve');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'which-approval' });
    world.say('reviewer', 'approve', 'go');
    world.say('reviewer', 'approve');
    expect(statuses(world.mission)).toMatchObject({ go: 'done', stop: 'done' });
    world.say('reviewer', 'approve');
    expect(world.lastAnswer()?.code).toBe('no-approval-waiting');
    world.say('reviewer', 'approve', 'other');
    expect(world.lastAnswer()?.code).toBe('approval-not-asked');
    world.say('reviewer', 'approve', 'ohter');
    expect(world.lastAnswer()?.code).toBe('unknown-approval');
  });

  it('leaves the bare word to other bots where nothing asks people', () => {
    const world = started([task('a')]);
    expect(world.say('reviewer', 'approve')).toEqual([]);
  });

  it('takes answers from those it names, by role or by person, and from nobody else', () => {
    const world = started([ask('go', { from: ['role:maintain', '@stranger'], count: 2 })]);
    world.say('reviewer', 'approve', 'go');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'approval-not-yours' });
    world.say('Stranger', 'approve', 'go');
    world.say('admin', 'approve', 'go');
    expect(asOf(world, 'go')?.outputs).toEqual({ 'approved-by': ['Stranger', 'admin'] });
  });

  it('takes a look-up that failed for a no', () => {
    const world = started([ask('go')]);
    const command = { name: 'approve', arguments: ['go'], text: '', problem: null };
    world.force('c', { kind: 'command.given', source, conversation: 7, commentId: 1, actor: person('reviewer'), command }, { authority: { known: false, reason: 'GitHub is away' } });
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'permission-unknown' });
    expect(asOf(world, 'go')?.status).toBe('waiting');
  });

  it('counts persons, not comments, and no bots', () => {
    const world = started([ask('go', { count: 2 })]);
    world.say('reviewer', 'approve', 'go');
    world.roles.set('REVIEWER', 'write');
    world.say('REVIEWER', 'approve', 'go');
    expect(world.lastAnswer()).toEqual({ accepted: true, code: 'approval-given-already' });
    world.force('bot', { kind: 'command.given', source, conversation: 7, commentId: 9, actor: { kind: 'bot', login: 'admin' }, command: { name: 'approve', arguments: ['go'], text: '', problem: null } });
    expect(asOf(world, 'go')?.status).toBe('waiting');
    world.say('author', 'approve', 'go');
    expect(asOf(world, 'go')?.status).toBe('done');
  });

  it('leaves out who asked for the mission when it says so', () => {
    const world = started([ask('go', { 'allow-requester': false })]);
    world.say('author', 'approve', 'go');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'approval-own-mission' });
    world.say('author', 'reject', 'go', 'not yet');
    expect(asOf(world, 'go')?.status).toBe('failed');
  });

  it('fails for good on a no, with the reason; people may have it asked again', () => {
    const world = started([ask('go', {}, { maxAttempts: 5 })]);
    world.say('reviewer', 'reject', 'go');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'approval-reason-missing' });
    world.say('reviewer', 'reject', 'go', 'the changelog is missing');
    expect(asOf(world, 'go')).toMatchObject({ status: 'failed', failure: 'work', reason: 'rejected by @reviewer: the changelog is missing', attempt: 1 });
    expect(world.mission.status).toBe('failed');
    world.say('author', 'retry', 'go');
    expect(asOf(world, 'go')).toMatchObject({ status: 'waiting', attempt: 2, wait: { approvals: [], refusedBy: null } });
    world.say('author', 'approve', 'go');
    expect(world.mission.status).toBe('completed');
  });

  it('does not take words for an answer that are older than its question', () => {
    const world = started([task('first'), ask('go', {}, { needs: ['first'] })]);
    world.say('reviewer', 'approve', 'go');
    expect(world.lastAnswer()?.code).toBe('approval-not-asked');
    const before = world.now;
    world.now += hour;
    work(world);
    const written = { kind: 'command.given', source, conversation: 7, commentId: 5, writtenAt: before, actor: person('reviewer'), command: { name: 'approve', arguments: ['go'], text: '', problem: null } } as const;
    world.force('late', written);
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'approval-asked-later' });
    expect(asOf(world, 'go')?.status).toBe('waiting');
  });

  it('has a time, after which it has failed, and a late answer changes nothing', () => {
    const world = started([ask('go', { count: 2 }, { timeoutSeconds: 7200 })]);
    world.say('reviewer', 'approve', 'go');
    expect(world.timers.map(({ fireAt }) => fireAt)).toEqual([world.now + 2 * hour]);
    world.fireNextTimer();
    expect(asOf(world, 'go')).toMatchObject({ status: 'failed', failure: 'timeout', reason: '1 of 2 approvals came before its time was over' });
    world.say('admin', 'approve', 'go');
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'mission-over' });
  });

  it('fills in what it asks, and fails with the reason when a value does not fit', () => {
    const world = started([task('count'), ask('go', { question: 'Release ${{ tasks.count.outputs.version }}?', count: '${{ tasks.count.outputs.people }}' }, { needs: ['count'] })]);
    world.worker = () => ({ outcome: 'succeeded', commit: null, branch: null, evidence: { summary: '', artifacts: [], diff: null, durationMs: 1, producer: 'noop' }, outputs: { version: '2.0', people: 3 } });
    work(world);
    expect(asOf(world, 'go')?.wait).toMatchObject({ question: 'Release 2.0?', count: 3 });
    const wrong = started([ask('go', { count: '${{ 7 * 6 }}' })]);
    expect(asOf(wrong, 'go')).toMatchObject({ status: 'failed', failure: 'input', reason: expect.stringContaining('from 1 to 10') });
  });

  it('cannot be gone round by ticking or removing it in the checklist', () => {
    const world = started([ask('go'), task('ship', { needs: ['go'] })]);
    const edit = { kind: 'issue.edited', source, title: 'Add slugs', body: '', actor: person('author') } as const;
    world.force('e1', edit, { intents: [{ kind: 'ticked', task: 'go' }] });
    world.force('e2', edit, { intents: [{ kind: 'removed', task: 'go' }] });
    expect(world.lastAnswer()).toEqual({ accepted: false, code: 'edits-refused' });
    expect(asOf(world, 'go')?.status).toBe('waiting');
  });

  it('lets others go on beside it: it takes no place among the attempts under way', () => {
    const world = started([ask('go'), task('a'), task('b')], { maxParallel: 1 });
    expect(world.todo.map(({ subject }) => subject)).toEqual(['a']);
    work(world);
    expect(statuses(world.mission)).toEqual({ go: 'waiting', a: 'done', b: 'done' });
  });

  it('holds what comes after it in a phase that does one thing at a time', () => {
    const world = started([task('a'), ask('go'), task('b')], {}, { maxParallel: 1 });
    work(world);
    expect(statuses(world.mission)).toEqual({ a: 'done', go: 'waiting', b: 'ready' });
    world.say('reviewer', 'approve', 'go');
    work(world);
    expect(world.mission.status).toBe('completed');
  });

  it('can be asked for each item, one after the other', () => {
    const strategy = { over: { matrix: [{ n: 'eu' }, { n: 'us' }] }, mode: 'sequential', maxParallel: 1, failFast: true, minSuccess: 1, collect: 'concat', schema: null } as const;
    const world = started([ask('go', { question: 'Roll out to ${{ matrix.n }}?' }, { strategy })]);
    expect(statuses(world.mission)).toEqual({ go: 'expanded', 'go-1': 'waiting', 'go-2': 'pending' });
    world.say('reviewer', 'approve', 'go-1');
    expect(asOf(world, 'go-2')?.wait).toMatchObject({ question: 'Roll out to us?' });
    world.say('admin', 'approve');
    expect(asOf(world, 'go')?.outputs).toEqual({ items: [{ 'approved-by': ['reviewer'] }, { 'approved-by': ['admin'] }] });
  });

  it('takes answers while the mission is paused, which start nothing before it goes on; none after it was cancelled', () => {
    const world = started([ask('go'), task('ship', { needs: ['go'] })]);
    world.say('author', 'pause');
    world.say('reviewer', 'approve', 'go');
    expect(statuses(world.mission)).toEqual({ go: 'done', ship: 'ready' });
    expect(world.todo).toEqual([]);
    world.say('author', 'resume');
    expect(world.todo.map(({ subject }) => subject)).toEqual(['ship']);
    const cancelled = started([ask('go')]);
    cancelled.say('author', 'cancel');
    cancelled.say('reviewer', 'approve', 'go');
    expect(cancelled.lastAnswer()).toEqual({ accepted: false, code: 'mission-over' });
    cancelled.settle();
    expect(asOf(cancelled, 'go')?.status).toBe('waiting');
  });

  it('is not waited for after a failure that stops everything, and is asked on when that was mended', () => {
    const world = started([ask('go'), task('a')]);
    world.worker = () => ({ outcome: 'failed', failure: 'input', reason: 'broken', evidence: null });
    work(world);
    expect(world.mission.status).toBe('failed');
    world.worker = () => ({ outcome: 'succeeded', commit: null, branch: null, evidence: { summary: '', artifacts: [], diff: null, durationMs: 1, producer: 'noop' }, outputs: {} });
    world.say('author', 'retry', 'a');
    work(world);
    expect(statuses(world.mission)).toEqual({ go: 'waiting', a: 'done' });
    world.say('reviewer', 'approve', 'go');
    expect(world.mission.status).toBe('completed');
  });

  it('is waited for when failures stop nothing else', () => {
    const world = scriptedWorld(mission([ask('go'), task('a')], { failFast: false }), () => ({ fails: 'input' })).start();
    work(world);
    expect(world.mission.status).toBe('running');
    world.say('reviewer', 'approve', 'go');
    expect(world.mission.status).toBe('partially-failed');
  });

  it('ends with the time of its phase', () => {
    const world = started([ask('go')], {}, { timeoutSeconds: 600 });
    world.fireNextTimer();
    expect(asOf(world, 'go')).toMatchObject({ status: 'failed', failure: 'timeout' });
    expect(world.mission.status).toBe('failed');
  });
});

describe('a task that waits for time', () => {
  it('is done when its time has passed, not before, and no worker sees it', () => {
    const world = started([pause('cool', { duration: '1h30m' }), task('next', { needs: ['cool'] })]);
    expect(statuses(world.mission)).toEqual({ cool: 'waiting', next: 'pending' });
    expect([world.todo, world.timers.map(({ fireAt }) => fireAt - world.now)]).toEqual([[], [1.5 * hour]]);
    world.settle();
    expect(asOf(world, 'cool')).toMatchObject({ status: 'done', outputs: { 'waited-ms': 1.5 * hour } });
    expect(world.mission.status).toBe('completed');
  });

  it('until an instant that has passed waits not at all', () => {
    const world = started([pause('cool', { until: '1970-01-01T00:00:01Z' })]);
    const { now } = world;
    world.settle();
    expect([world.now, world.mission.status]).toEqual([now, 'completed']);
  });

  it('longer than its limit, or to no instant at all, fails at once and says so', () => {
    expect(asOf(started([pause('cool', { duration: '2h' }, { timeoutSeconds: 3600 })]), 'cool')).toMatchObject({ status: 'failed', failure: 'input', reason: expect.stringContaining('timeout-minutes') });
    expect(asOf(started([pause('cool', { until: '${{ "tomorrow" }}' })]), 'cool')).toMatchObject({ status: 'failed', reason: expect.stringContaining('not an instant') });
  });

  it('passes while the mission is paused; what follows starts when it goes on', () => {
    const world = started([pause('cool', { duration: '1h' }), task('next', { needs: ['cool'] })]);
    world.say('author', 'pause');
    world.fireNextTimer();
    expect(statuses(world.mission)).toEqual({ cool: 'done', next: 'ready' });
    expect(world.todo).toEqual([]);
    world.say('author', 'resume');
    world.settle();
    expect(world.mission.status).toBe('completed');
  });

  it('is not undone when the mission is rolled back', () => {
    const world = started([pause('cool', { duration: '1s' }), task('work', { needs: ['cool'] }), task('breaks', { needs: ['work'] })], { onFailure: 'rollback' });
    world.worker = (subject) => (subject === 'breaks' ? { outcome: 'failed', failure: 'input', reason: 'broken', evidence: null } : { outcome: 'succeeded', commit: null, branch: null, evidence: { summary: '', artifacts: [], diff: null, durationMs: 1, producer: 'noop' }, outputs: {} });
    world.settle();
    expect(world.mission.rollback?.tasks).toEqual(['work']);
  });

  it('is not ended by the timer of an earlier attempt', () => {
    const world = started([pause('cool', { duration: '1h' })]);
    world.force('old', { kind: 'timer.fired', purpose: { kind: 'end-wait', task: 'cool', attempt: 0 } });
    expect(asOf(world, 'cool')?.status).toBe('waiting');
  });
});

describe('waiting in missions of any shape', () => {
  const kinds = fc.constantFrom('work' as const, 'people' as const, 'time' as const);
  const shapes = fc.array(fc.record({ kind: kinds, needs: fc.array(fc.nat(), { maxLength: 2 }) }), { minLength: 1, maxLength: 10 });

  it('ends whatever order workers, people and time come in, and a state that was put away and read again is the same', () => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat()), (drawn, chances) => {
        const tasks = drawn.map(({ kind, needs }, index) => {
          const before = { needs: index === 0 ? [] : [...new Set(needs.map((need) => `t${need % index}`))] };
          return kind === 'people' ? ask(`t${index}`, {}, before) : kind === 'time' ? pause(`t${index}`, { duration: '1h' }, before) : task(`t${index}`, before);
        });
        const world = started(tasks, { maxParallel: 2 });
        const next = () => Number(chances.next().value);
        for (let turn = 0; world.mission.status === 'running' && turn < 200; turn += 1) {
          const asking = [...world.mission.tasks.values()].filter(({ status, wait }) => status === 'waiting' && wait?.for === 'people');
          const ways = [...(world.todo.length > 0 ? ['work'] : []), ...(asking.length > 0 ? ['answer'] : []), ...(world.timers.some(({ signal }) => signal.kind === 'timer.fired' && signal.purpose.kind === 'end-wait') ? ['time'] : [])];
          const way = ways[next() % ways.length];
          if (way === 'work') world.work(next() % world.todo.length);
          else if (way === 'answer') world.say('reviewer', 'approve', asking[next() % asking.length]?.id ?? '');
          else world.fireNextTimer();
          const { mission: now } = world;
          const read = JSON.parse(JSON.stringify({ run: runState(now), phases: [...now.phases.values()], tasks: [...now.tasks.values()] })) as { run: Json; phases: never[]; tasks: never[] };
          const again = missionFromRows(read.run, now.plan, read.phases, read.tasks);
          expect('counts' in again && [again.counts, again.ready.map((lane) => [lane.active, lane.waiting, lane.moving, lane.done]).toJS()]).toEqual([now.counts, now.ready.map((lane) => [lane.active, lane.waiting, lane.moving, lane.done]).toJS()]);
        }
        expect(world.mission.status).toBe('completed');
        for (const { body } of world.events) if (body.type === 'task.queued' || body.type === 'task.started') expect(world.mission.index.tasks.get(body.task)?.waits).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });
});

describe('what a step says to people', () => {
  it('is recorded with its result, once for each attempt', () => {
    const world = started([task('tell', { until: { condition: 'round == 2', maxRounds: 3 } })]);
    world.worker = () => ({ outcome: 'succeeded', commit: null, branch: null, evidence: { summary: '', artifacts: [], diff: null, durationMs: 1, producer: 'notify' }, outputs: {}, notices: ['Hello.'] });
    const { todo } = world;
    const [first] = todo;
    work(world);
    world.force('again', { kind: 'attempt.finished', subject: 'tell', attempt: first?.attempt ?? 1, result: world.worker('tell', 1, world.mission) });
    expect(world.events.flatMap(({ body }) => (body.type === 'notice.given' ? [[body.attempt, body.number, body.text]] : []))).toEqual([[1, 1, 'Hello.'], [2, 1, 'Hello.']]);
  });
});
