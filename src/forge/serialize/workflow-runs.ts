import type { Commit } from '../git/commits.ts';
import { gitHubTime } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { Account, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { serializeAccount } from './accounts.ts';
import { pullsAt } from './checks.ts';
import { serializeHeadCommit } from './commits.ts';
import { repositoryApi, repositoryWeb, serializeMinimalRepository } from './repositories.ts';

/** A workflow's run that has ended. */
export interface WorkflowRun {
  readonly id: number;
  readonly suiteId: number;
  /** Of the workflow's file. */
  readonly path: string;
  readonly branch: string;
  readonly attempt: number;
  readonly conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out' | 'action_required' | 'neutral' | 'skipped' | 'stale' | 'startup_failure';
  readonly actor: Account;
  readonly commit: Commit;
  readonly at: number;
}

/** Workflows have no record: one stands for each file, with a number made of its path. */
function workflowId({ path }: WorkflowRun): number {
  return 35_000_000 + [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000, 0);
}

export function serializeWorkflow(world: World, repository: Repository, run: WorkflowRun): Record<string, unknown> {
  const id = workflowId(run);
  const web = repositoryWeb(world, repository);
  return {
    id,
    node_id: nodeId('W', id),
    name: run.path,
    path: run.path,
    state: 'active',
    created_at: gitHubTime(repository.createdAt),
    updated_at: gitHubTime(repository.createdAt),
    url: `${repositoryApi(world, repository)}/actions/workflows/${id}`,
    html_url: `${web}/blob/${run.branch}/${run.path}`,
    badge_url: `${web}/workflows/${encodeURIComponent(run.path)}/badge.svg`,
  };
}

/** A run as webhooks tell it. */
export function serializeWorkflowRun(world: World, repository: Repository, run: WorkflowRun): Record<string, unknown> {
  const api = repositoryApi(world, repository);
  const url = `${api}/actions/runs/${run.id}`;
  const { commit } = run;
  return {
    id: run.id,
    name: run.path,
    node_id: nodeId('WFR', run.id),
    head_branch: run.branch,
    head_sha: commit.sha,
    path: run.path,
    display_title: commit.message.split('\n', 1)[0] ?? '',
    run_number: 1,
    run_attempt: run.attempt,
    event: 'push',
    status: 'completed',
    conclusion: run.conclusion,
    workflow_id: workflowId(run),
    check_suite_id: run.suiteId,
    check_suite_node_id: nodeId('CS', run.suiteId),
    url,
    html_url: `${repositoryWeb(world, repository)}/actions/runs/${run.id}`,
    pull_requests: pullsAt(world, repository, commit.sha),
    created_at: gitHubTime(run.at),
    updated_at: gitHubTime(run.at),
    run_started_at: gitHubTime(run.at),
    actor: serializeAccount(world, run.actor),
    triggering_actor: serializeAccount(world, run.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${run.suiteId}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt === 1 ? null : `${url}/attempts/${run.attempt - 1}`,
    workflow_url: `${api}/actions/workflows/${workflowId(run)}`,
    head_commit: serializeHeadCommit(commit),
    repository: serializeMinimalRepository(world, repository),
    head_repository: serializeMinimalRepository(world, repository),
  };
}
