import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

import { createScriptedAgent } from '../../../src/agents/scripted-agent.ts';
import type { AttemptWorkspace } from '../../../src/engine/ports/workspaces.ts';
import type { JsonObject } from '../../../src/kit/json.ts';
import { builtInSteps, createStepRegistry } from '../../../src/steps/registry.ts';
import { StepError, type StepContext, type StepOutcome } from '../../../src/steps/step-type.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from '../../worker/support/workspace-world.ts';
import { memoryOutside } from './memory-outside.ts';

export interface StepWorld {
  readonly registry: ReturnType<typeof createStepRegistry>;
  readonly world: WorkspaceWorld;
  /** Checks the parameters and runs a step, in a workspace of its own unless one is given. */
  run(name: string, parameters: JsonObject, changes?: Partial<StepContext>): Promise<{ readonly outcome: StepOutcome; readonly workspace: AttemptWorkspace }>;
  /** The StepError of a step that must fail. */
  failing(name: string, parameters: JsonObject, changes?: Partial<StepContext>): Promise<StepError>;
  /** Messages of the problems that reading a definition would report. */
  problems(name: string, parameters: JsonObject): readonly string[];
  close(): Promise<void>;
}

/** Steps on real worktrees of a real repository, with an outside in memory. */
export async function createStepWorld(): Promise<StepWorld> {
  const registry = createStepRegistry(builtInSteps);
  const world = await createWorkspaceWorld();
  const run: StepWorld['run'] = async (name, parameters, changes = {}) => {
    const problems = registry.check(name, parameters);
    if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join('\n'));
    return unchecked(name, parameters, changes);
  };
  const unchecked: StepWorld['run'] = async (name, parameters, changes = {}) => {
    const type = registry.find(name)!;
    const workspace = type.needsWorkspace ? ((changes.workspace as AttemptWorkspace | undefined) ?? (await world.open())) : null;
    const outcome = await type.run({
      missionId: 'm1', taskId: 'build-api', attempt: 1, title: 'Build the API', parameters, signal: new AbortController().signal, timeoutMs: 60_000,
      agent: createScriptedAgent({ version: '0.1.0' }), outside: memoryOutside(), progress: () => undefined, ...changes, workspace,
    });
    return { outcome, workspace: workspace! };
  };
  return {
    registry,
    world,
    run,
    problems: (name, parameters) => registry.check(name, parameters).map((problem) => problem.message),
    async failing(name, parameters, changes) {
      // A step holds by itself, whatever was checked before it.
      try {
        await unchecked(name, parameters, changes);
      } catch (error) {
        if (error instanceof StepError) return error;
        throw error;
      }
      throw new Error('the step succeeded');
    },
    close: () => world.close(),
  };
}

/** A zip of names and contents; `mode` as Unix would have it. */
export function zipOf(entries: readonly { readonly path: string; readonly content?: string | Buffer; readonly mode?: number }[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { path, content = 'x', mode = 0o100644 } of entries) zip.addBuffer(Buffer.from(content), path, { mode });
  zip.end();
  return buffer(zip.outputStream as Readable);
}
