import { expect } from 'vitest';

import type { Definition } from '../../../src/core/mission/definition.ts';
import { HostError } from '../../../src/engine/ports/repository-host.ts';
import { definition, oneApproval, phase, task } from '../../support/definitions.ts';
import { MissionOnForge } from '../../github/support/github-world.ts';
import type { Heard, Stage } from './stage.ts';

/** One mission on one of the two GitHubs; people's doings reach it through the webhooks that they cause. */
export class Play {
  readonly stage: Stage;
  readonly mission: MissionOnForge;
  readonly story: string[] = [];
  failures = 0;

  constructor(stage: Stage, mission: MissionOnForge) {
    this.stage = stage;
    this.mission = mission;
  }

  static async open(stage: Stage, written: Definition, body = 'Please.'): Promise<Play> {
    const play = new Play(stage, await MissionOnForge.open(stage.world, written, { title: 'Scripted', body }));
    await play.goOn();
    return play;
  }

  get pull(): number {
    return this.stage.world.repository.pulls().find(({ pull }) => pull.headRef === this.trunk)?.issue.number ?? 0;
  }

  get trunk(): string {
    return `mission/${this.mission.number}/trunk`;
  }

  run(name: string): number {
    return this.stage.world.repository.checkRuns().findLast((run) => run.name === name)?.id ?? 0;
  }

  /** Everybody does what there is to do, until nothing happens any more. */
  async goOn(): Promise<void> {
    for (let fresh = await this.stage.heard(); fresh.length > 0; fresh = await this.stage.heard()) {
      for (const event of fresh) await this.#hear(event);
      await this.#again(() => this.mission.work());
      await this.#again(async () => (this.mission.state === null ? undefined : this.mission.syncAll()));
      // A second between what people do: GitHub's times have no parts of one.
      this.stage.world.clock.advance(1000);
    }
  }

  /** Whatever the network or a limit ends is done again, as the queue would. */
  async #again(work: () => Promise<unknown>): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      try {
        await work();
        return;
      } catch (error) {
        if (!(error instanceof HostError) || (error.failure !== 'network' && error.failure !== 'rate-limit') || turn > 20) throw error;
        this.failures += 1;
        this.stage.world.clock.advance(error.retryAfterMs ?? 0);
      }
    }
  }

  async #hear({ name, action, sender, means }: Heard): Promise<void> {
    this.story.push(`${name}.${action ?? ''} by ${sender === this.stage.world.ourBot.login ? 'us' : sender}: ${means.map(({ signal }) => signal.kind).join()}`);
    for (const { signal, meaning, missionId } of means) if (missionId === this.mission.missionId) await this.mission.send(signal, meaning);
  }

  async by(login: string, what: (actor: ReturnType<Stage['actor']>) => unknown): Promise<void> {
    await what(this.stage.actor(login));
    await this.goOn();
  }
}

export interface Script {
  readonly name: string;
  readonly definition: Definition;
  readonly play: (play: Play) => Promise<void>;
}

export const scripts: readonly Script[] = [
  {
    name: 'from plan to merge, by comments and a review',
    definition: definition([phase('build', [task('api'), task('page', { needs: ['api'] })]), phase('ship', [task('notes')], { needs: ['build'] })], { merge: 'merge' }),
    async play(play) {
      const { number } = play.mission;
      await play.by('author', (actor) => actor.label(number, 'mission:queue'));
      await play.by('stranger', (actor) => actor.comment(number, '/approve-gate build'));
      await play.by('reviewer', (actor) => actor.comment(number, 'Well done.\n\n/approve-gate build'));
      await play.by('reviewer', (actor) => actor.review(play.pull, 'request-changes', 'Not yet.'));
      await play.by('author', (actor) => actor.comment(play.pull, '/status'));
      await play.by('reviewer', (actor) => actor.press(play.run('gate/ship'), 'examine'));
      await play.by('reviewer', (actor) => actor.review(play.pull, 'approve', ''));
      expect(play.mission.mission.status).toBe('completed');
    },
  },
  {
    name: 'by buttons, with a push and edits of people, merged by hand',
    definition: definition([phase('build', [task('api')])]),
    async play(play) {
      const { number } = play.mission;
      await play.by('author', (actor) => actor.label(number, 'mission:pause'));
      await play.by('author', (actor) => actor.label(number, 'mission:queue'));
      await play.by('author', (actor) => actor.unlabel(number, 'mission:pause'));
      await play.by('author', (actor) => actor.label(number, 'mission:queue'));
      await play.by('author', (actor) => actor.editIssue(number, { title: 'Renamed', body: `${play.stage.world.repository.issue(number).body ?? ''}\nMore.` }));
      await play.by('reviewer', (actor) => actor.press(play.run('gate/build'), 'reject'));
      await play.by('reviewer', (actor) => actor.press(play.run('gate/build'), 'examine'));
      await play.by('author', (actor) => actor.push(play.trunk, { 'by-hand.txt': 'x\n' }));
      await play.by('reviewer', (actor) => actor.rerun(play.run('missiongate')));
      await play.by('reviewer', (actor) => actor.press(play.run('gate/build'), 'approve'));
      await play.by('author', (actor) => actor.mergePull(play.pull));
      await play.by('author', (actor) => actor.deleteBranch(play.trunk));
      expect(play.mission.mission.status).toBe('completed');
    },
  },
  {
    name: 'with a waiver that is asked for, confirmed, and withdrawn',
    definition: definition([phase('build', [task('api')], { gate: { ...oneApproval, rubric: { tests_failed_max: 0 } } })]),
    async play(play) {
      const { number } = play.mission;
      play.stage.setRole('reviewer', 'maintain');
      await play.by('author', (actor) => actor.label(number, 'mission:queue'));
      await play.by('author', (actor) => actor.comment(number, '/waive build'));
      await play.by('author', (actor) => actor.comment(number, '/waive build tests_failed_max until=7d reason="the report is broken" control="run by hand"'));
      await play.by('author', (actor) => actor.comment(number, '/approve-waiver build tests_failed_max'));
      await play.by('reviewer', (actor) => actor.comment(number, '/approve-waiver build tests_failed_max'));
      expect(play.mission.mission.phases.get('build')?.gate.status).toBe('awaiting');
      await play.by('author', (actor) => actor.comment(number, '/withdraw-waiver build tests_failed_max'));
      expect(play.mission.mission.phases.get('build')?.gate.status).toBe('failed');
    },
  },
  {
    name: 'cancelled, opened again, and its pull request closed by hand',
    definition: definition([phase('build', [task('api')]), phase('ship', [task('notes')], { needs: ['build'] })], { merge: 'squash' }),
    async play(play) {
      const { number } = play.mission;
      play.stage.setRole('reviewer', 'triage');
      await play.by('author', (actor) => actor.label(number, 'mission:queue'));
      await play.by('reviewer', (actor) => actor.comment(number, '/approve-gate'));
      play.stage.setRole('reviewer', 'write');
      await play.by('reviewer', (actor) => actor.comment(number, '/approve-gate'));
      await play.by('author', (actor) => actor.closeIssue(number));
      await play.by('author', (actor) => actor.reopenIssue(number));
      await play.by('author', (actor) => actor.closePull(play.pull));
      await play.by('reviewer', (actor) => actor.comment(number, '/approve-gate ship'));
    },
  },
];
