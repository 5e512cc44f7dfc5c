import { readCommit } from '../git/commits.ts';
import type { Account, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { notFound } from '../rest/problem.ts';
import { serializeWorkflow, serializeWorkflowRun } from '../serialize/workflow-runs.ts';
import type { WorkflowRun } from '../serialize/workflow-runs.ts';

export interface EndedWorkflowRun {
  /** A file in `.github/workflows` of the branch. */
  readonly workflow: string;
  readonly conclusion: WorkflowRun['conclusion'];
  /** The default branch when absent. */
  readonly branch?: string;
  /** Of a run that was run again; 1 when absent. */
  readonly attempt?: number;
  /** The run that was run again; a new one when absent. */
  readonly run?: number;
}

/** Tells the Apps that a workflow's run for the head of a branch ended. The forge runs no workflows: it is told how one would have ended. */
export async function endWorkflowRun(world: World, repository: Repository, actor: Account, given: EndedWorkflowRun): Promise<number> {
  const branch = given.branch ?? repository.defaultBranch;
  const path = `.github/workflows/${given.workflow}`;
  const sha = await repository.git.resolveCommit(branch);
  if (sha === null || (await repository.git.entryAt(sha, path))?.type !== 'blob') throw notFound();
  const id = given.run ?? world.ids.next('workflowRun');
  const run: WorkflowRun = { id, suiteId: world.ids.next('checkSuite'), path, branch, attempt: given.attempt ?? 1, conclusion: given.conclusion, actor, commit: await readCommit(repository.git, sha), at: world.clock.now() };
  world.emit({ event: 'workflow_run', action: 'completed', repository, sender: actor, payload: { workflow: serializeWorkflow(world, repository, run), workflow_run: serializeWorkflowRun(world, repository, run) } });
  return id;
}
