import { describe, expect, it } from 'vitest';

import type { PolicyLook, RepositoryPolicy } from '../../../src/core/gate/policy.ts';
import type { ApprovalRule } from '../../../src/core/mission/definition.ts';
import { judgeGateApprovals } from '../../../src/core/mission/gate-approvals.ts';
import type { SignalFacts } from '../../../src/core/mission/signal.ts';
import { viewMission } from '../../../src/core/mission/view.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { commitId, diligent, person, PureWorld, source } from '../../support/pure-world.ts';

const policyOf = (policy: Partial<RepositoryPolicy>): PolicyLook => ({ known: true, policy: { approvals: null, waivers: null, ...policy } });

/** A repository where patches, policy and people are what the test says. */
class Team extends PureWorld {
  patch: string | null = 'patch-1';
  metrics: { [name: string]: number } = { coverage: 0.9 };
  policy: PolicyLook | undefined;
  standing: SignalFacts['standing'];

  constructor(approvals: Partial<ApprovalRule> = {}) {
    const rule = { rubric: { coverage_min: 0.8 }, approvals: { count: 1, minimumRole: 'write' as const, allowRequester: true, ...approvals } };
    super(definition([phase('build', [task('a')], { gate: rule })]), (subject, attempt, mission) => {
      if (!subject.startsWith('gate/')) return diligent(subject, attempt, mission);
      return { outcome: 'examined', head: mission.trunk.head, reports: [], metrics: this.metrics, durationMs: 1, patchId: this.patch };
    });
    this.roles.set('second', 'write');
  }

  override factsFor(...[signal]: Parameters<PureWorld['factsFor']>): SignalFacts {
    return { ...super.factsFor(signal), ...(this.policy === undefined ? {} : { policy: this.policy }), ...(this.standing === undefined ? {} : { standing: this.standing }) };
  }

  get gate() {
    const gate = this.mission.phases.get('build')?.gate;
    if (!gate) throw new Error('there is no gate');
    return gate;
  }

  push(login: string, name: string, contributors: SignalFacts['trunk'] = { head: '', authors: [] }): void {
    this.trunk = { ...contributors, head: commitId(name), authors: [...new Set([...this.trunk.authors, ...contributors.authors])] };
    this.force(`push ${name}`, { kind: 'trunk.pushed', source, head: this.trunk.head, actor: person(login) });
  }

  answered() {
    const given = this.events.findLast(({ body }) => body.type === 'answer.given')?.body;
    return given?.type === 'answer.given' ? given.answer : null;
  }

  kinds(): readonly string[] {
    return this.events.map(({ body }) => body.type);
  }
}

function waiting(team: Team): Team {
  team.start().settle();
  return team;
}

const composite = (team: Team) => viewMission(team.mission).checks.find(({ name }) => name === 'missiongate');

describe('approvals and a push', () => {
  it('are held while the gate is examined, and the check is pending before anything else', () => {
    const team = waiting(new Team({ count: 2 }));
    team.say('reviewer', 'approve-gate');
    team.push('author', 'rebased');
    expect(team.gate).toMatchObject({ status: 'evaluating', approvals: [], held: { reason: '@author pushed to the trunk', approvals: [{ by: person('reviewer') }] } });
    expect(composite(team)).toMatchObject({ head: team.trunk.head, status: 'in_progress', conclusion: null });
    expect(viewMission(team.mission).pull).toMatchObject({ draft: true, merge: null });
    team.say('second', 'approve-gate');
    expect(team.lastAnswer()?.code).toBe('gate-not-waiting');
  });

  it('are kept when patch, policy and verdicts are the same, for the new commit, and open the gate', () => {
    const team = waiting(new Team({ count: 2 }));
    const first = team.gate;
    team.say('reviewer', 'approve-gate');
    team.push('author', 'rebased');
    team.settle();
    expect(team.events.findLast(({ body }) => body.type === 'gate.approval-kept')?.body).toMatchObject({ by: person('reviewer'), fromHead: first.head, head: team.trunk.head, fromEvidence: first.evidenceDigest, evidenceDigest: team.gate.evidenceDigest });
    expect(team.gate.approvals).toMatchObject([{ by: person('reviewer'), head: team.trunk.head, keptFrom: { head: first.head } }]);
    expect(team.gate.held).toBeUndefined();
    team.say('second', 'approve-gate');
    expect(team.gate.status).toBe('open');
  });

  it('keep an open gate open after a rebase, once that is known', () => {
    const team = waiting(new Team());
    team.say('reviewer', 'approve-gate');
    expect(team.mission.status).toBe('completed');
    team.push('author', 'rebased');
    expect(team.mission.status).toBe('running');
    expect(composite(team)).toMatchObject({ status: 'in_progress', conclusion: null });
    team.settle();
    expect(team.gate.status).toBe('open');
    expect(team.mission.status).toBe('completed');
    expect(composite(team)).toMatchObject({ head: team.trunk.head, conclusion: 'success' });
  });

  it('are kept through two pushes of which only the last was judged', () => {
    const team = waiting(new Team({ count: 2 }));
    team.say('reviewer', 'approve-gate');
    team.push('author', 'one');
    team.push('author', 'two');
    team.settle();
    expect(team.gate.approvals).toMatchObject([{ by: person('reviewer'), head: team.trunk.head }]);
  });

  it.each([
    ['the patch changed', (team: Team): void => { team.patch = 'patch-2'; }, '@author pushed to the trunk: the patch changed'],
    ['the patch could not be told', (team: Team): void => { team.patch = null; }, '@author pushed to the trunk: it could not be told whether the patch is the same'],
    ['a verdict changed', (team: Team): void => { team.metrics = { coverage: 0.5 }; }, '@author pushed to the trunk: coverage_min passed before and fails now'],
    ['the policy changed', (team: Team): void => { team.policy = policyOf({ waivers: { maxDays: 3, from: null } }); }, '@author pushed to the trunk: the policy changed'],
  ] as const)('are void when %s', (_what, change, reason) => {
    const team = waiting(new Team({ count: 2 }));
    team.say('reviewer', 'approve-gate');
    change(team);
    team.push('author', 'pushed');
    team.settle();
    expect(team.gate).toMatchObject({ approvals: [], voided: reason });
    expect(team.gate.held).toBeUndefined();
    expect(team.kinds()).not.toContain('gate.approval-kept');
  });

  it('of somebody who rebased the change themselves do not count any more, and that is said', () => {
    const team = waiting(new Team({ count: 2 }));
    team.say('reviewer', 'approve-gate');
    team.push('reviewer', 'rebased by the reviewer', { head: '', authors: ['reviewer'], contributors: { author: [], committer: ['reviewer'], 'co-author': [] } });
    team.settle();
    expect(team.gate).toMatchObject({ status: 'awaiting', approvals: [], voided: 'the approval of @reviewer does not count any more: they committed or pushed part of the change' });
    team.say('reviewer', 'approve-gate');
    expect(team.answered()).toMatchObject({ code: 'own-work', facts: { as: 'committer' } });
  });
});

describe('approvals and the base branch', () => {
  it('are void when the pull request goes into another branch, also of a gate that is open', () => {
    const team = waiting(new Team());
    team.force('pull', { kind: 'pull.opened', pull: 3 });
    team.say('reviewer', 'approve-gate');
    team.force('retarget', { kind: 'pull.retargeted', source, pull: 3, from: 'main', to: 'release', actor: person('author') });
    expect(team.gate).toMatchObject({ status: 'evaluating', approvals: [], voided: 'the base branch changed from main to release' });
    expect(composite(team)).toMatchObject({ status: 'in_progress', conclusion: null });
    team.settle();
    expect(team.gate).toMatchObject({ status: 'awaiting', approvals: [] });
    const before = team.events.length;
    team.force('retarget again', { kind: 'pull.retargeted', source, pull: 3, from: 'main', to: 'release', actor: person('author') });
    expect(team.events.length).toBe(before);
  });
});

describe('approvals and the policy of the repository', () => {
  it('need what the repository asks for besides the definition', () => {
    const team = new Team();
    team.policy = policyOf({ approvals: { minimum: 1, from: ['role:admin'], exclude: ['requester'] } });
    waiting(team);
    team.say('reviewer', 'approve-gate');
    expect(team.gate.status).toBe('awaiting');
    expect(judgeGateApprovals(team.mission, 'build')?.reason).toBe('1 more of people with admin access or more');
    team.say('author', 'approve-gate');
    expect(team.lastAnswer()?.code).toBe('own-mission');
    team.say('admin', 'approve-gate');
    expect(team.gate.status).toBe('open');
  });

  it('are void as soon as it changes, whoever notices', () => {
    const team = waiting(new Team({ count: 2 }));
    team.say('reviewer', 'approve-gate');
    team.policy = policyOf({ approvals: { minimum: 1, from: ['role:write'], exclude: [] } });
    team.say('second', 'approve-gate');
    expect(team.gate).toMatchObject({ status: 'evaluating', approvals: [], voided: 'the repository’s policy changed' });
    team.settle();
    team.say('second', 'approve-gate');
    expect(team.gate.approvals).toHaveLength(1);
    const open = waiting(new Team());
    open.say('reviewer', 'approve-gate');
    open.force('policy', { kind: 'policy.changed', source, actor: person('admin') }, { policy: team.policy });
    expect(open.gate).toMatchObject({ status: 'evaluating', voided: 'the repository’s policy changed' });
    expect(composite(open)).toMatchObject({ status: 'in_progress' });
  });

  it('are refused, and the gate stays shut, while it cannot be read; its repair is noticed', () => {
    const team = new Team();
    team.start();
    team.policy = { known: false, reason: '.github/missiongate.yml:1:1: nonsense', problems: [] };
    team.settle();
    expect(team.gate).toMatchObject({ status: 'failed', reason: 'policy: .github/missiongate.yml:1:1: nonsense' });
    team.policy = policyOf({});
    team.force('policy', { kind: 'policy.changed', source, actor: person('admin') });
    team.settle();
    expect(team.gate.status).toBe('awaiting');
    team.policy = { known: false, reason: 'broken', problems: [{ code: 'x', file: 'f', line: 1, column: 1, message: 'm' }] };
    team.force('policy broken', { kind: 'policy.changed', source, actor: person('admin') });
    expect(team.gate.status).toBe('evaluating');
    team.settle();
    expect(team.gate.status).toBe('failed');
    team.policy = policyOf({});
    team.force('policy mended', { kind: 'policy.changed', source, actor: person('admin') });
    team.settle();
    team.policy = { known: false, reason: 'GitHub gave no usable answer', problems: [] };
    team.say('reviewer', 'approve-gate');
    expect(team.answered()).toMatchObject({ code: 'policy-unknown', facts: { reason: 'GitHub gave no usable answer' } });
  });
});

describe('a mission in a repository with a policy', () => {
  const plan = (first: null | undefined, policy: PolicyLook | undefined) => {
    const gate = { rubric: {}, approvals: { count: 1, minimumRole: 'write' as const, allowRequester: true } };
    const world = new Team();
    world.definition = definition([phase('build', [task('a')], { gate: first ?? gate }), phase('tidy', [task('b')], { gate: null })]);
    world.policy = policy;
    world.label('mission');
    return world.events.at(-1)?.body;
  };

  it('is refused when the work of a phase comes to no gate, for a floor under gates is none without one', () => {
    expect(plan(undefined, policyOf({}))?.type).toBe('mission.planned');
    expect(plan(undefined, policyOf({ approvals: { minimum: 2, from: ['role:write'], exclude: [] } }))).toMatchObject({ type: 'mission.refused', problems: [{ code: 'policy', message: expect.stringContaining('phase "tidy" comes to none') as string }] });
  });

  it('is refused, with the place, while the policy cannot be read', () => {
    const broken = { code: 'unknown-key', file: '.github/missiongate.yml', line: 2, column: 3, message: 'gates has no key "aprovals".' };
    expect(plan(undefined, { known: false, reason: 'broken', problems: [broken] })).toMatchObject({ type: 'mission.refused', problems: [broken] });
  });
});

describe('approvals by people', () => {
  it('come from a team member, and from nobody else', () => {
    const team = waiting(new Team({ from: ['team:security'] }));
    team.standing = { teams: [], owns: [] };
    team.say('reviewer', 'approve-gate');
    expect(team.answered()).toMatchObject({ code: 'not-an-approver', facts: { from: ['team security'] } });
    team.standing = { teams: [], owns: [], unknown: ['whether you are in octo/security: the App may not read the members of the organisation'] };
    team.say('reviewer', 'approve-gate');
    expect(team.lastAnswer()?.code).toBe('permission-unknown');
    team.standing = { teams: ['security'], owns: [] };
    team.say('stranger', 'approve-gate');
    expect(team.gate.status).toBe('open');
  });

  it('never come from authors, committers and co-authors, unless the rule says which of them may', () => {
    const contributors = { author: ['author'], committer: ['second'], 'co-author': ['reviewer'] };
    const team = waiting(new Team());
    team.trunk = { ...team.trunk, authors: ['author', 'reviewer', 'second'], contributors } as typeof team.trunk;
    for (const [login, as] of [['author', 'author'], ['second', 'committer'], ['reviewer', 'co-author']] as const) {
      team.say(login, 'approve-gate');
      expect(team.answered()).toMatchObject({ code: 'own-work', facts: { as } });
    }
    const lax = waiting(new Team({ exclude: ['author'] }));
    lax.trunk = { ...lax.trunk, authors: ['author', 'reviewer', 'second'], contributors } as typeof lax.trunk;
    lax.say('second', 'approve-gate');
    expect(lax.gate.status).toBe('open');
  });

  it('are taken back with their review, also when the gate has opened on them', () => {
    const team = waiting(new Team());
    team.force('review', { kind: 'review.submitted', source, pull: 3, reviewId: 9, verdict: 'approved', commit: team.trunk.head, text: '', actor: person('reviewer') });
    expect(team.gate.status).toBe('open');
    team.force('dismissed', { kind: 'review.dismissed', source, pull: 3, reviewId: 9, reviewer: person('reviewer'), actor: person('admin') });
    expect(team.gate).toMatchObject({ status: 'awaiting', approvals: [], voided: '@admin dismissed the review of @reviewer' });
    expect(team.mission.status).toBe('running');
    expect(composite(team)?.conclusion).toBe('action_required');
    const before = team.events.length;
    team.force('dismissed twice', { kind: 'review.dismissed', source, pull: 3, reviewId: 9, reviewer: person('reviewer'), actor: person('admin') });
    expect(team.events.length).toBe(before);
  });

  it('are rejected by a review that asks for changes, by whoever may approve', () => {
    const team = waiting(new Team({ from: ['user:stranger'] }));
    team.force('review', { kind: 'review.submitted', source, pull: 3, reviewId: 9, verdict: 'changes-requested', commit: team.trunk.head, text: 'no', actor: person('stranger') });
    expect(team.gate).toMatchObject({ status: 'rejected', rejectedBy: person('stranger'), reason: 'no' });
  });
});
