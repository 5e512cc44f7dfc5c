import type { Commit } from '../git/commits.ts';
import { gitHubTime, gitHubTimeOrNull } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { Annotation, CheckConclusion, CheckRun, CheckStatus, CheckSuite, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { serializeApp } from './apps.ts';
import { serializeHeadCommit } from './commits.ts';
import { repositoryApi, repositoryWeb, serializeMinimalRepository } from './repositories.ts';

/** The open pull requests whose head is a commit, as checks list them. */
export function pullsAt(world: World, repository: Repository, sha: string): Record<string, unknown>[] {
  const api = repositoryApi(world, repository);
  const repo = { id: repository.id, url: api, name: repository.name };
  const found: Record<string, unknown>[] = [];
  for (const { number, state, pull } of repository.issues.values()) {
    // Pull requests from forks are not listed, as on GitHub.
    if (pull === null || state !== 'open' || pull.headSha !== sha || pull.headRepositoryId !== repository.id) continue;
    found.push({
      id: pull.id,
      number,
      url: `${api}/pulls/${number}`,
      head: { ref: pull.headRef, sha: pull.headSha, repo },
      base: { ref: pull.baseRef, sha: pull.baseSha, repo },
    });
  }
  return found;
}

/** A check run as the REST API answers it: its buttons are never returned. */
export function serializeCheckRun(world: World, repository: Repository, run: CheckRun): Record<string, unknown> {
  const url = `${repositoryApi(world, repository)}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: `${repositoryWeb(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: gitHubTime(run.startedAt),
    completed_at: gitHubTimeOrNull(run.completedAt),
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite.id },
    app: serializeApp(world, run.app),
    pull_requests: pullsAt(world, repository, run.headSha),
  };
}

/** A check run inside a webhook, with its suite. */
export function serializeCheckRunEvent(world: World, repository: Repository, run: CheckRun): Record<string, unknown> {
  const suite = run.suite;
  return {
    ...serializeCheckRun(world, repository, run),
    check_suite: {
      id: suite.id,
      node_id: nodeId('CS', suite.id),
      head_branch: suite.headBranch,
      head_sha: suite.headSha,
      ...suiteState(suite),
      url: `${repositoryApi(world, repository)}/check-suites/${suite.id}`,
      before: suite.before,
      after: suite.headSha,
      pull_requests: pullsAt(world, repository, suite.headSha),
      app: serializeApp(world, suite.app),
      created_at: gitHubTime(suite.createdAt),
      updated_at: gitHubTime(suite.updatedAt),
    },
  };
}

/** The newest run of each name in a suite. */
export function latestRuns(runs: readonly CheckRun[]): CheckRun[] {
  const latest = new Map<string, CheckRun>();
  for (const run of runs) latest.set(`${run.app.id}/${run.name}`, run);
  return [...latest.values()];
}

/** Status and conclusion of a suite, from its runs. */
export function suiteState(suite: CheckSuite): { status: CheckStatus; conclusion: CheckConclusion | null } {
  const runs = latestRuns(suite.runs);
  if (runs.length === 0) return { status: 'queued', conclusion: null };
  if (runs.every((run) => run.status === 'queued')) return { status: 'queued', conclusion: null };
  if (runs.some((run) => run.status !== 'completed')) return { status: 'in_progress', conclusion: null };
  const worst: CheckConclusion[] = ['failure', 'timed_out', 'cancelled', 'action_required', 'stale', 'success', 'neutral', 'skipped'];
  return { status: 'completed', conclusion: worst.find((one) => runs.some((run) => run.conclusion === one)) ?? 'neutral' };
}

export function serializeCheckSuite(world: World, repository: Repository, suite: CheckSuite, head: Commit): Record<string, unknown> {
  const url = `${repositoryApi(world, repository)}/check-suites/${suite.id}`;
  return {
    id: suite.id,
    node_id: nodeId('CS', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    ...suiteState(suite),
    url,
    before: suite.before,
    after: suite.headSha,
    pull_requests: pullsAt(world, repository, suite.headSha),
    app: serializeApp(world, suite.app),
    repository: serializeMinimalRepository(world, repository),
    created_at: gitHubTime(suite.createdAt),
    updated_at: gitHubTime(suite.updatedAt),
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: latestRuns(suite.runs).length,
    check_runs_url: `${url}/check-runs`,
    head_commit: serializeHeadCommit(head),
  };
}

export function serializeAnnotation(world: World, repository: Repository, run: CheckRun, annotation: Annotation): Record<string, unknown> {
  return {
    path: annotation.path,
    blob_href: `${repositoryApi(world, repository)}/contents/${annotation.path}?ref=${run.headSha}`,
    start_line: annotation.startLine,
    end_line: annotation.endLine,
    start_column: annotation.startColumn,
    end_column: annotation.endColumn,
    annotation_level: annotation.level,
    title: annotation.title,
    message: annotation.message,
    raw_details: annotation.rawDetails,
  };
}
