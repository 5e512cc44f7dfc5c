import { missionIdOf } from '../../src/core/mission/source.ts';
import { objectMarker } from '../../src/github/projector/desk.ts';
import type { SimulatedGitHub } from './github/simulated-github.ts';

/** What a mission came to, as people see it: the same for every order, number and loss of deliveries on the way. */
export interface Outcome {
  readonly issue: string;
  readonly labels: readonly string[];
  /** Boxes of the checklist in the issue. */
  readonly boxes: readonly string[];
  /** The newest check of each name. */
  readonly checks: readonly string[];
  readonly pull: string | null;
  readonly branches: readonly string[];
  /** What we said without being asked, however a mission ends. */
  readonly comments: readonly string[];
}

const news = ['comment:plan', ...['completed', 'failed', 'partially-failed', 'cancelled'].map((status) => `comment:summary:${status}`)];

/**
 * Reads the outcome of one mission off GitHub. Whether a task that made no commit has a check is a matter of order: it stands on the
 * commit that the task began from, and there is none on the trunk's base. So a green check of a task counts where it stands on the
 * commit that the task produced.
 */
export function outcomeOf(gitHub: SimulatedGitHub, number: number, isProduced: (commit: string) => boolean): Outcome {
  const issue = gitHub.issue(number);
  const comments = gitHub.comments(number);
  const missionId = missionIdOf(gitHub.repository.id, number);
  const counting = gitHub.checkRuns().filter(({ name, conclusion, headSha }) => !name.startsWith('task/') || conclusion !== 'success' || isProduced(headSha));
  const checks = new Map(counting.map((run) => [run.name, `${run.name} ${run.status} ${run.conclusion ?? ''}`]));
  const [pull] = gitHub.pulls();
  const prefix = `mission/${number}/`;
  return {
    issue: `${issue.state} ${issue.stateReason ?? ''}`,
    labels: [...issue.labels].sort(),
    boxes: [...(issue.body ?? '').matchAll(/^- \[[ x]\] .*?(?= <!--|$)/gm)].map(([line]) => line),
    checks: [...checks.values()].sort(),
    pull: pull === undefined ? null : `${pull.state} ${pull.merged ? 'merged' : 'not merged'} ${pull.draft ? 'draft' : 'ready'}`,
    // The trunk is made when there is something to show; a mission that fails at once may have none.
    branches: gitHub.branches().filter((name) => name.startsWith(prefix) && name !== `${prefix}trunk`).sort(),
    comments: news.filter((key) => comments.some(({ body }) => body.includes(objectMarker(missionId, key)))),
  };
}
