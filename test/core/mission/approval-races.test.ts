import { describe, expect, it } from 'vitest';

import type { PolicyLook } from '../../../src/core/gate/policy.ts';
import type { Signal, SignalFacts } from '../../../src/core/mission/signal.ts';
import { viewMission } from '../../../src/core/mission/view.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { commitId, diligent, person, PureWorld, source } from '../../support/pure-world.ts';

/** Small and repeatable: mulberry32. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const needed = 2;
const reviewers = ['reviewer', 'second', 'third'];

/**
 * A repository as GitHub has it, and the product behind it, which hears of everything later and in any order. People approve, push,
 * rebase, dismiss reviews and change the policy; whoever merges looks only at the composite check of the branch's real head.
 */
class Race extends PureWorld {
  readonly patches = new Map<string, string>([[this.trunk.head, 'base']]);
  /** What the composite check last said on each commit. */
  readonly posted = new Map<string, string>();
  /** Approvals as people gave them: of what patch, under which policy. */
  readonly given: { login: string; patch: string; policy: number; review: number | null; dismissed: boolean }[] = [];
  readonly told: (() => void)[] = [];
  readonly trace: string[] = [];
  policy = 1;
  merges = 0;
  refused = 0;
  kept = 0;
  readonly #chance: (below: number) => number;
  #reviews = 0;

  constructor(seed: number) {
    super(definition([phase('build', [task('a')], { gate: { rubric: {}, approvals: { count: needed, minimumRole: 'write', allowRequester: true } } })]), (subject, attempt, mission) => {
      if (!subject.startsWith('gate/')) return diligent(subject, attempt, mission);
      const head = mission.phases.get('build')?.gate.head ?? '';
      return { outcome: 'examined', head, reports: [], metrics: {}, durationMs: 1, patchId: this.patches.get(head) ?? null };
    });
    this.#chance = chance(seed);
    for (const login of reviewers) this.roles.set(login, 'write');
    this.start().settle();
    this.patches.set(this.trunk.head, 'patch');
    this.retell();
    // What was examined before its patch was known to this world is examined again.
    this.force('begin', { kind: 'recheck.requested', source, phase: null, actor: person('author') });
    this.settle();
  }

  override factsFor(signal: Signal): SignalFacts {
    const policy: PolicyLook = { known: true, policy: { approvals: { minimum: 1, from: ['role:write'], exclude: [] }, waivers: { maxDays: this.policy, from: null } } };
    return { ...super.factsFor(signal), policy };
  }

  override force(...parameters: Parameters<PureWorld['force']>): ReturnType<PureWorld['force']> {
    const events = super.force(...parameters);
    for (const { body } of events) {
      if (body.type === 'gate.approved') this.given.push({ login: body.by.login, patch: this.patches.get(body.head) ?? '?', policy: this.policy, review: body.review ?? null, dismissed: false });
      if (body.type === 'gate.approval-kept') this.kept += 1;
      this.trace.push(`${body.type}${'by' in body ? ` ${body.by.login}` : ''}`);
    }
    this.retell();
    return events;
  }

  /** The projector: the composite check of the head that the mission knows. */
  retell(): void {
    if (this.state === null || !('tasks' in this.state)) return;
    const check = viewMission(this.mission).checks.find(({ name }) => name === 'missiongate');
    if (check) this.posted.set(check.head, check.conclusion ?? check.status);
  }

  /** Something that happens on GitHub now, and is told at some time. */
  step(count: number): void {
    switch (this.#chance(9)) {
      case 0:
      case 1:
        return this.#tell(() => this.#approve());
      case 2:
        return this.#review();
      case 3:
        return this.#push(count, this.#chance(3) === 0 ? `patch ${count}` : (this.patches.get(this.trunk.head) ?? ''));
      case 4:
        return this.#dismiss();
      case 5:
        return this.#chance(4) === 0 ? this.#changePolicy() : undefined;
      case 6:
        this.told.splice(this.#chance(Math.max(1, this.told.length)), 1)[0]?.();
        return undefined;
      case 7:
        return this.work(0);
      default:
        return this.merge();
    }
  }

  #tell(what: () => void): void {
    if (this.#chance(3) === 0) what();
    else this.told.push(what);
  }

  #approve(): void {
    const login = reviewers[this.#chance(reviewers.length)] ?? '';
    if (this.#chance(2) === 0) this.say(login, 'approve-gate', 'build');
    else this.force(`button ${this.events.length}`, { kind: 'button.pressed', source, phase: 'build', round: this.mission.phases.get('build')?.gate.round ?? 0, action: 'approve', pull: 3, actor: person(login) });
  }

  #review(): void {
    const reviewId = (this.#reviews += 1);
    const login = reviewers[this.#chance(reviewers.length)] ?? '';
    const commit = this.trunk.head;
    this.#tell(() => this.force(`review ${reviewId}`, { kind: 'review.submitted', source, pull: 3, reviewId, verdict: 'approved', commit, text: '', actor: person(login) }));
  }

  #push(count: number, patch: string): void {
    const head = commitId('pushed', String(count));
    const login = this.#chance(5) === 0 ? (reviewers[this.#chance(reviewers.length)] ?? '') : 'author';
    this.patches.set(head, patch);
    this.trunk = { head, authors: [...new Set([...this.trunk.authors, login])] };
    this.#tell(() => this.force(`push ${count}`, { kind: 'trunk.pushed', source, head, actor: person(login) }));
  }

  /** Who merges after this was told meets it; GitHub itself holds back nothing that it has not told. */
  #dismiss(): void {
    const found = this.given.filter(({ review, dismissed }) => review !== null && !dismissed);
    const one = found[this.#chance(Math.max(1, found.length))];
    const reviewId = one?.review ?? null;
    if (!one || reviewId === null) return;
    one.dismissed = true;
    this.force(`dismissed ${reviewId}`, { kind: 'review.dismissed', source, pull: 3, reviewId, reviewer: person(one.login), actor: person('admin') });
  }

  #changePolicy(): void {
    this.policy += 1;
    this.force(`policy ${this.policy}`, { kind: 'policy.changed', source, actor: person('admin') });
  }

  /** Auto-merge: looks at the required check of the head that really stands there. */
  merge(): void {
    if (this.posted.get(this.trunk.head) !== 'success') {
      this.refused += 1;
      return;
    }
    this.merges += 1;
    const patch = this.patches.get(this.trunk.head);
    const valid = new Set(this.given.filter((one) => one.patch === patch && one.policy === this.policy && !one.dismissed && !this.trunk.authors.includes(one.login)).map(({ login }) => login));
    if (valid.size < needed) throw new Error(`merged ${this.trunk.head.slice(0, 8)} (${patch}) with ${[...valid].join(', ') || 'nobody'}\n${this.trace.slice(-40).join('\n')}`);
  }
}

describe('approvals racing pushes, dismissals and changes of policy', () => {
  it('never let anything be merged without as many valid approvals of exactly that change, in 600 worlds', () => {
    const total = { merges: 0, refused: 0, kept: 0 };
    for (let seed = 1; seed <= 600; seed += 1) {
      const race = new Race(seed);
      for (let count = 1; count <= 60; count += 1) {
        try {
          race.step(count);
        } catch (error) {
          throw new Error(`seed ${seed}, step ${count}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }
      }
      total.merges += race.merges;
      total.refused += race.refused;
      total.kept += race.kept;
    }
    // A world in which nothing is ever merged or kept would prove nothing.
    expect(total.merges).toBeGreaterThan(100);
    expect(total.refused).toBeGreaterThan(100);
    expect(total.kept).toBeGreaterThan(100);
  });
});
