import { issueOfTrunk } from '../../../src/core/mission/source.ts';
import { treeOf } from './commit-graph.ts';
import type { World } from './world.ts';

/** What people see of one issue: equal for two runs in which the same came about, whatever the ids, times and commits. */
export interface Snapshot {
  readonly issue: { readonly title: string; readonly body: string; readonly state: string; readonly stateReason: string | null; readonly labels: readonly string[] };
  /** Sorted. */
  readonly comments: readonly { readonly by: string; readonly body: string; readonly reactions: readonly string[] }[];
  /** Name, place (what its commit holds), status, conclusion, title and summary; sorted. */
  readonly checks: readonly string[];
  readonly branches: readonly string[];
  readonly pulls: readonly { readonly title: string; readonly body: string; readonly state: string; readonly draft: boolean; readonly merged: boolean; readonly head: string; readonly reviews: readonly string[] }[];
}

const marker = /<!-- mg:o [^>]*-->/g;

export function snapshotOf(world: World, number?: number): readonly Snapshot[] {
  const issues = [...world.issues.values()].filter((issue) => issue.pull === null && (number === undefined || issue.number === number));
  return issues.map((issue) => ofIssue(world, issue.number));
}

function ofIssue(world: World, number: number): Snapshot {
  const issue = world.issue(number);
  const stable = (text: string | null): string => withoutAccidents(text ?? '', number);
  const place = (sha: string): string => treeOf(world.graph.get(sha).files).slice(0, 8);
  const mission = `mg:r${world.repository.id}-i${number}:`;
  const ours = [...world.checkRuns.values()].filter((run) => run.externalId.startsWith(mission));
  const branches = [...world.branches].filter(([name]) => name.startsWith(`mission/${number}/`));
  const pulls = world.pulls().filter(({ pull }) => issueOfTrunk(pull.headRef) === number);
  return {
    issue: { title: issue.title, body: stable(issue.body), state: issue.state, stateReason: issue.stateReason, labels: issue.labels.map((label) => label.name).toSorted() },
    comments: issue.comments.map(({ user, body, reactions }) => ({ by: user.login, body: stable(body), reactions: reactions.map(({ user: by, content }) => `${by.login} ${content}`).toSorted() })).toSorted((one, other) => compare(`${one.by} ${one.body}`, `${other.by} ${other.body}`)),
    checks: ours.map((run) => `${run.name}@${place(run.headSha)} ${run.status} ${run.conclusion ?? ''}: ${stable(run.title)}\n${stable(run.summary)}`).toSorted(),
    branches: branches.map(([name, sha]) => `${stable(name)}@${place(sha)}`).toSorted(),
    pulls: pulls.map(({ title, body, state, pull }) => ({ title: stable(title), body: stable(body), state, draft: pull.draft, merged: pull.mergedAt !== null, head: place(pull.headSha), reviews: pull.reviews.map((review) => `${review.user.login} ${review.state}`) })),
  };
}

/** Commits, times and numbers differ from run to run, and so do markers with the mission's number in them. */
function withoutAccidents(text: string, number: number): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?Z?)?/g, '⏱')
    .replaceAll(/\b\d+ (?:ms|s|min|h|d)\b(?: \d+ (?:ms|s|min|h|d)\b)*/g, '⏱')
    .replaceAll(/\b[0-9a-f]{7,64}\b/g, '…')
    .replaceAll(new RegExp(`(?<=[#/i])${number}\\b`, 'g'), 'N')
    .replaceAll(/#\d+/g, '#P');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Comments and issues of the App with one marker, checks with one external id on one commit, annotations of one check, tags of one mission, pull requests of the App from one branch, one commit merged twice. */
export function doublesOf(world: World): readonly string[] {
  const seen = new Map<string, number>();
  const count = (key: string): void => {
    seen.set(key, (seen.get(key) ?? 0) + 1);
  };
  for (const { user, body } of world.comments.values()) {
    if (user === world.bot) for (const [found] of body.matchAll(marker)) count(`comment ${found}`);
  }
  for (const { user, pull, body } of world.issues.values()) {
    if (user === world.bot && pull === null) for (const [found] of (body ?? '').matchAll(marker)) count(`issue ${found}`);
  }
  for (const run of world.checkRuns.values()) {
    count(`check ${run.name} ${run.headSha} ${run.externalId}`);
    for (const { path, startLine, title, message } of run.annotations) count(`annotation of ${run.externalId} at ${path}:${startLine} ${title ?? ''}: ${message}`);
  }
  // A mission leaves one tag, named after the head of its ledger.
  for (const name of world.tags.keys()) count(`tag ${name.split('/').slice(0, 2).join('/')}`);
  for (const { user, pull } of world.pulls()) if (user === world.bot) count(`pull ${pull.headRef}`);
  for (const [branch, head] of world.branches) {
    if (issueOfTrunk(branch) === null) continue;
    for (const commit of mergedInto(world, head)) count(`merge of ${commit} into ${branch}`);
  }
  return [...seen].flatMap(([key, times]) => (times > 1 ? [`${key} ×${times}`] : []));
}

/** The commits that were merged on the way to `head`, each as often as it was. */
export function mergedInto(world: World, head: string): readonly string[] {
  return [...world.graph.history([head])].flatMap((sha) => world.graph.get(sha).parents.slice(1));
}
