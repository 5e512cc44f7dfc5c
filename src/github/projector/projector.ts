import { isOver } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import { viewMission } from '../../core/mission/view.ts';
import { hostRetries } from '../../core/schedule/retry.ts';
import type { EvidenceLinks } from '../../engine/evidence-links.ts';
import type { Projection, ProjectionOutcome, Projector } from '../../engine/ports/projector.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import type { Clock } from '../../kit/time.ts';
import { NotOurs } from '../client.ts';
import type { AppCredentials } from '../credentials.ts';
import type { Redact } from '../messages/ink.ts';
import { planComment } from '../messages/plan-comment.ts';
import { summaryComment } from '../messages/summary-comment.ts';
import type { OurBot } from '../webhooks/mapping.ts';
import { putAnnotations } from './annotations.ts';
import { putAssignments } from './assignments.ts';
import { inWritingOrder, putCheck } from './check-runs.ts';
import { digestOf, putComment } from './comments.ts';
import { Desk } from './desk.ts';
import { putFollowUps } from './follow-ups.ts';
import { putIssueBody, readIssue } from './issue-body.ts';
import { putIssueState } from './issue-state.ts';
import { putLedgerTag } from './ledger-tag.ts';
import { putMergeGroup } from './merge-group.ts';
import { putPull } from './mission-pull.ts';
import { putOutside } from './outside-pull.ts';
import type { PullOutcome } from './mission-pull.ts';
import { consumeLabel, noticesOf, putAnswer, putNotice, putReaction, putRefusal } from './notices.ts';
import { putQuestions } from './questions.ts';
import { putTaskNotes } from './task-notes.ts';
import { retireChecks } from './retired-checks.ts';
import { putTrunk } from './trunk-branch.ts';
import { contest, takeCommit } from './trunk-commit.ts';

export interface ProjectorOptions {
  readonly credentials: AppCredentials;
  readonly clock: Clock;
  readonly ourBot: OurBot;
  /** Applied to every text that leaves. */
  readonly redact: Redact;
  /** Where evidence can be read; checks have no link without it. */
  readonly evidenceLinks?: EvidenceLinks;
  /** How long a creating call that was cut off may still be on its way at GitHub's side. */
  readonly settleMs?: number;
}

const defaultSettleMs = 2000;

/** A permission may be granted, a limit lifted: what GitHub refused is tried again, slowly. */
const refusedAgainMs = hostRetries.permission.maximumDelayMs;

/**
 * Brings GitHub to the mission's desired view: desired − actual = the few writes needed, in an order in which nothing can
 * be merged before its gates stand there. Level-triggered and repeatable: whatever was cut off goes on at the next run.
 */
export function createProjector(options: ProjectorOptions): Projector {
  return {
    async project(projection) {
      const desk = new Desk({
        client: options.credentials.installation(projection.state.source.installationId),
        projection,
        records: await projection.records.all(projection.missionId),
        clock: options.clock,
        redact: options.redact,
        ourBot: options.ourBot,
        evidenceLinks: options.evidenceLinks ?? null,
        settleMs: options.settleMs ?? defaultSettleMs,
      });
      return new Sync(desk).run(projection);
    },
  };
}

/** One run: steps in order. A step that GitHub refuses for good does not keep the others from being done. */
class Sync {
  readonly #desk: Desk;
  readonly #problems: HostError[] = [];
  #pull: PullOutcome = { signals: [], againInMs: null };
  /** Something of ours has to be looked at again, whatever becomes of the pull request. */
  #againInMs: number | null = null;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async run(projection: Projection): Promise<ProjectionOutcome> {
    const { state } = projection;
    try {
      if (state.status === 'refused' || state.status === 'none') await this.#conversation(projection);
      else await this.#mission(projection, state);
    } catch (error) {
      // Another process has taken over and does what is left.
      if (!(error instanceof NotOurs)) throw error;
      return { ...this.#pull, writes: this.#desk.writes, problems: [], overtaken: true };
    }
    const { signals } = this.#pull;
    const waits = [this.#pull.againInMs, this.#againInMs, this.#problems.length === 0 ? null : refusedAgainMs].filter((wait) => wait !== null);
    return { signals, writes: this.#desk.writes, problems: this.#problems, againInMs: waits.length === 0 ? null : Math.min(...waits) };
  }

  async #conversation(projection: Projection): Promise<void> {
    const labels = noticesOf(projection.notices, 'label.consumed');
    if (labels.length > 0) {
      const issue = await readIssue(this.#desk);
      for (const consumed of labels) await this.#step(() => consumeLabel(this.#desk, consumed, issue.labels));
    }
    await this.#answers(projection);
    const { state } = projection;
    if (state.status === 'none' && state.merge !== undefined) {
      const { merge } = state;
      await this.#step(() => putMergeGroup(this.#desk, merge));
    }
    if (state.status === 'none' && state.outside !== undefined) {
      const { outside } = state;
      await this.#step(() => putOutside(this.#desk, outside));
    }
  }

  async #mission(projection: Projection, mission: Mission): Promise<void> {
    const desk = this.#desk;
    const view = viewMission(mission);
    await this.#step(() => putTrunk(desk, view.trunk, isOver(mission)));
    await this.#step(() => retireChecks(desk, mission, view));
    const { checks, underway } = await takeCommit(desk, mission, view);
    for (const check of inWritingOrder(checks)) await this.#step(() => putCheck(desk, mission, check));
    if (underway !== null) this.#againInMs = await contest(desk, view, underway);
    const checksStand = this.#problems.length === 0;
    // A pull request must not become mergeable while a gate's check could not be written.
    const pull = checksStand || view.pull === null ? view.pull : { ...view.pull, draft: true, merge: null };
    await this.#step(async () => {
      this.#pull = await putPull(desk, mission, { ...view, pull });
    });
    const issue = await readIssue(desk);
    await this.#step(() => putIssueBody(desk, mission, view, issue));
    for (const consumed of noticesOf(projection.notices, 'label.consumed')) await this.#step(() => consumeLabel(desk, consumed, issue.labels));
    await this.#step(() => this.#plan(mission));
    await this.#step(() => putTaskNotes(desk, mission, view.notes));
    await this.#step(() => putQuestions(desk, mission, view.questions));
    for (const said of noticesOf(projection.notices, 'notice.given')) await this.#step(() => putNotice(desk, said));
    await putFollowUps(desk, mission, (work) => this.#step(work));
    await putAssignments(desk, mission, (work) => this.#step(work));
    await this.#answers(projection);
    for (const check of view.checks) await this.#step(() => putAnnotations(desk, mission, check));
    if (view.summary) await this.#step(() => this.#summary(mission));
    await this.#step(() => putLedgerTag(desk, mission));
    await this.#step(() => putIssueState(desk, view.issue, issue));
  }

  async #answers({ notices }: Projection): Promise<void> {
    const desk = this.#desk;
    await this.#step(() => putRefusal(desk, noticesOf(notices, 'mission.refused')));
    const answers = noticesOf(notices, 'answer.given');
    for (const given of answers) await this.#step(() => putAnswer(desk, given));
    for (const given of answers) await this.#step(() => putReaction(desk, given));
  }

  #plan(mission: Mission): Promise<unknown> {
    const desk = this.#desk;
    return putComment(desk, {
      key: 'comment:plan',
      conversation: mission.source.issue.number,
      priority: 'status',
      what: 'answering with the plan',
      digest: digestOf(mission.plan.planHash, mission.requestedBy.login, mission.definedIn),
      text: () => planComment(desk.ink, mission),
    });
  }

  #summary(mission: Mission): Promise<unknown> {
    const desk = this.#desk;
    const text = summaryComment(desk.ink, mission, desk.evidenceLinks?.to({ kind: 'dossier', missionId: mission.missionId }) ?? null);
    return putComment(desk, {
      // A failure and a later success are two pieces of news: people are told of comments, not of edits.
      key: `comment:summary:${mission.status}`,
      conversation: mission.source.issue.number,
      priority: 'status',
      what: 'writing the summary',
      digest: digestOf(text),
      text: () => text,
    });
  }

  /** What may pass (the network, a limit) ends the run at once; any other refusal concerns one object only. */
  async #step(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HostError) || error.failure === 'network' || error.failure === 'rate-limit') throw error;
      this.#problems.push(error);
    }
  }
}
