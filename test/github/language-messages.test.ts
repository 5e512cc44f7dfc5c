import { describe, expect, it } from 'vitest';

import type { MissionEvent } from '../../src/core/mission/event.ts';
import { gateCheck } from '../../src/github/messages/gate-check.ts';
import { questionComment, noticeComment } from '../../src/github/messages/approval-words.ts';
import { answerComment } from '../../src/github/messages/answer-comment.ts';
import { plainInk as ink } from '../../src/github/messages/ink.ts';
import { issueStatus } from '../../src/github/messages/issue-status.ts';
import { planComment } from '../../src/github/messages/plan-comment.ts';
import { summaryComment } from '../../src/github/messages/summary-comment.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { PureWorld } from '../support/pure-world.ts';
import { scriptedWorld } from '../support/scripted-world.ts';

const lastAnswer = (world: PureWorld): string => {
  const { body } = world.events.findLast((event): event is MissionEvent => event.body.type === 'answer.given') ?? {};
  return body?.type === 'answer.given' ? answerComment(ink, body, world.mission) : '';
};
const chain = [task('a'), task('b', { needs: ['a'] })];

describe('a budget in words', () => {
  const used = () => {
    const world = scriptedWorld(definition([phase('p', chain)], { budget: { tokens: 1000, usd: 2 } }), () => ({ usage: { tokens: 1200, usd: 0.5 } })).start();
    world.settle();
    return world;
  };

  it('stands in the status of the issue when it is used up, with what to type', () => {
    const text = issueStatus(ink, used().mission);
    expect(text).toContain('**Paused, because a budget is used up.**');
    expect(text).toContain('The budget of the mission is used up: 1,200 of 1,000 tokens, $0.50 of $2.00.');
    expect(text).toContain('`/budget tokens=2000 usd=4`');
  });

  it('is told as a share before', () => {
    const world = scriptedWorld(definition([phase('p', chain)], { budget: { tokens: 1000 } }), (subject) => (subject === 'a' ? { usage: { tokens: 800 } } : undefined)).start();
    world.work();
    expect(issueStatus(ink, world.mission)).toContain('75 % of the budget of the mission is used up.');
  });

  it('stands in the check of a gate', () => {
    const world = scriptedWorld(definition([phase('p', [task('a')], { budget: { tokens: 9000 } })]), () => ({ usage: { tokens: 1200 } })).start();
    world.settle();
    const state = world.mission.phases.get('p');
    if (!state) throw new Error('there is no phase');
    expect(gateCheck(ink, { mission: world.mission, phase: state, pack: null, excerpts: new Map(), ledgerHead: 'abc' }).summary).toContain('Budget of phase `p`: 1,200 of 9,000 tokens.');
  });

  it('answers /budget, a bound that is too small, and /resume without one', () => {
    const world = used();
    world.say('stranger', 'budget');
    expect(lastAnswer(world)).toContain('- the mission: 1,200 of 1,000 tokens, $0.50 of $2.00');
    world.say('author', 'budget', '', '1100');
    expect(lastAnswer(world)).toContain('more is used up already');
    world.say('author', 'resume');
    expect(lastAnswer(world)).toContain('so nothing could start');
    world.say('author', 'budget', 'nowhere', '5000');
    expect(lastAnswer(world)).toContain('there is no phase or task called `nowhere`');
    world.say('author', 'budget', '', '5000');
    expect([world.mission.status, lastAnswer(world).includes('has its new bound')]).toEqual(['running', true]);
  });
});

describe('the end of a mission in words', () => {
  it('says that it failed in part, and what to do', () => {
    const world = scriptedWorld(definition([phase('p', [task('a'), task('b')], { gate: null })], { failFast: false }), (subject) => (subject === 'a' ? { fails: 'input' } : undefined)).start();
    world.settle();
    const text = summaryComment(ink, world.mission);
    expect(text).toContain('## ⚠️ Mission partially failed');
    expect(text).toContain('The mission has done what it could');
    expect(text).toContain('`/retry a`');
    expect(issueStatus(ink, world.mission)).toContain('**Partially failed.**');
  });

  it('says what was undone and what could not be, and offers no retry', () => {
    const world = scriptedWorld(definition([phase('p', [task('a'), task('b', { needs: ['a'] }), task('c', { needs: ['b'] })], { gate: null })], { onFailure: 'rollback' }), (subject) => (subject === 'c' || subject === 'undo/a' ? { fails: 'input' } : undefined)).start();
    while (world.mission.rollback === undefined) world.work();
    expect(issueStatus(ink, world.mission)).toContain('**Failed; what succeeded is being undone.**');
    world.settle();
    const status = issueStatus(ink, world.mission);
    expect(status).toContain('Could not be undone: `a`.');
    expect(status).toContain('2 of 3 tasks');
    expect(status + summaryComment(ink, world.mission)).not.toContain('/retry');
    expect(summaryComment(ink, world.mission)).toContain('What 1 task had done was undone; `a` could not be undone');
    world.say('author', 'retry', 'c');
    expect(lastAnswer(world)).toContain('what it had done was undone');
  });

  it('shows what the mission gives', () => {
    const world = scriptedWorld({ ...definition([phase('p', [task('a')], { gate: null })]), outputs: { version: 'v${{ tasks.a.outputs.n }}' } }, () => ({ outputs: { n: 3 } })).start();
    world.settle();
    expect(summaryComment(ink, world.mission)).toContain('| `version` | v3 |');
  });

  it('says why a phase failed by itself', () => {
    const world = scriptedWorld(definition([phase('p', [task('a')], { gate: null, mode: 'iterative', until: { condition: 'false', maxRounds: 1 } })])).start();
    world.settle();
    expect(issueStatus(ink, world.mission)).toContain('❌ Phase `p` failed: until (false) did not hold after 1 round.');
  });
});

describe('the plan in words', () => {
  it('says what has a condition, items or rounds', () => {
    const strategy = { over: { matrix: [{ n: 1 }, { n: 2 }] }, mode: 'parallel', maxParallel: 2, failFast: true, minSuccess: 1, collect: 'concat', schema: null } as const;
    const world = new PureWorld(definition([phase('p', [task('a', { strategy }), task('b', { if: 'tasks.a.result == "success"', needs: ['a'], until: { condition: 'true', maxRounds: 3 } })])]));
    world.label('mission');
    const text = planComment(ink, world.mission);
    expect(text).toContain('`noop`, 2 items');
    expect(text).toContain('`noop`, up to 3 rounds, if `tasks.a.result == "success"`');
  });
});

describe('a question to people in words', () => {
  const asks = (parameters = {}) => scriptedWorld(definition([phase('p', [task('go', { title: 'Release it', uses: 'approval', waits: 'people', timeoutSeconds: 86_400, with: { question: 'Shall `v2` go out?\n@everyone closes #7 <b>', ...parameters } })], { gate: null })])).start();
  const comment = (world: PureWorld): string => {
    const go = world.mission.tasks.get('go');
    return go?.wait?.for === 'people' ? questionComment(ink, world.mission, go, go.wait) : '';
  };

  it('says who can answer, what to type and until when, in the status and in a comment of its own', () => {
    const world = asks({ from: ['role:maintain', '@ada'], count: 2 });
    for (const text of [issueStatus(ink, world.mission), comment(world)]) {
      expect(text).toContain('somebody with maintain access or more or `ada`');
      expect(text).toContain('`/approve go`');
      expect(text).toContain('`/reject go <reason>`');
      expect(text).toContain('until 1970-01-02 00:16 UTC');
      expect(text).toContain('Shall `v2` go out?');
    }
    expect(comment(world)).toContain('**2 approvals** are needed');
  });

  it('keeps what a mission asks from mentioning anybody, closing anything or being HTML', () => {
    expect(comment(asks())).not.toMatch(/@everyone|#7|<b>/);
    expect(noticeComment(ink, 'tell', 'Hi @everyone\nsecond `line`')).toMatch(/@\u200Beveryone\nsecond `line`/);
  });

  it('tells in the same comment how it went', () => {
    const world = asks({ count: 2 });
    world.say('reviewer', 'approve', 'go');
    expect(lastAnswer(world)).toContain('`go` still needs 1 more');
    expect(comment(world)).toContain('**1 more approval** is needed; given by `reviewer`');
    world.say('admin', 'approve', 'go');
    expect(comment(world)).toContain('✅ Approved by `reviewer` and `admin`.');
    const refused = asks();
    refused.say('reviewer', 'reject', 'go', 'no notes');
    expect(comment(refused)).toContain('❌ `reviewer` said no.');
    expect(issueStatus(ink, refused.mission)).toContain('rejected by @\u200Breviewer: no notes');
    const cancelled = asks();
    cancelled.say('author', 'cancel');
    expect(comment(cancelled)).toContain('not asked any more');
  });

  it('answers every way of missing it with the way to do it', () => {
    const world = asks({ 'allow-requester': false });
    world.say('author', 'approve');
    expect(lastAnswer(world)).toContain('wants the answer of somebody else');
    world.say('stranger', 'approve', 'go');
    expect(lastAnswer(world)).toContain('people with write access or more');
    world.say('reviewer', 'approve', 'goo');
    expect(lastAnswer(world)).toContain('Did you mean `/approve go`?');
    world.say('reviewer', 'reject', 'go');
    expect(lastAnswer(world)).toContain('`/reject go <reason>`');
  });
});
