import type { StepContext, Workspace } from './step-type.ts';

/** The workspace of a step whose type says `needsWorkspace`; without one the engine broke its promise. */
export function workspaceOf(context: StepContext): Workspace {
  if (!context.workspace) throw new Error(`task ${context.taskId}: the step type needs a workspace and was given none`);
  return context.workspace;
}
