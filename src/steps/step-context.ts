import type { Outside } from './outside.ts';
import { StepError, type StepContext, type Workspace, type WorkspaceGit, type WorkspaceTree } from './step-type.ts';

/** The workspace of a step whose type says `needsWorkspace`; without one the engine broke its promise. */
export function workspaceOf(context: StepContext): Workspace {
  if (!context.workspace) throw new Error(`task ${context.taskId}: the step type needs a workspace and was given none`);
  return context.workspace;
}

export function treeOf(context: StepContext): WorkspaceTree {
  const { tree } = workspaceOf(context);
  if (!tree) throw new Error(`task ${context.taskId}: the workspace has no tree`);
  return tree;
}

export function gitOf(context: StepContext): WorkspaceGit {
  const { git } = workspaceOf(context);
  if (!git) throw new Error(`task ${context.taskId}: the workspace has no git`);
  return git;
}

export function outsideOf(context: StepContext): Outside {
  if (!context.outside) throw new StepError('environment', 'This worker was started without network, models, tools and databases, so the step cannot run here.');
  return context.outside;
}
