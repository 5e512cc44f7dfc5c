import type { JsonObject } from '../kit/json.ts';
import { argvProblems, commandForPeople, failureOf, outputArtifact } from './command.ts';
import { detectTool, frameworks, type Argv, type Purpose } from './project-tools.ts';
import { collectReports, removeOldReports, reportsSchema } from './reports.ts';
import { argvSchema, folder, oneOf, whole } from './schema-parts.ts';
import { treeOf, workspaceOf } from './step-context.ts';
import { StepError, type Artifact, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface ToolRunParameters {
  readonly run?: Argv;
  readonly framework?: string;
  readonly cwd?: string;
  readonly reports?: readonly string[];
  readonly 'timeout-seconds'?: number;
}

/** Parameters of `test.run`, `lint.run` and `format.run`. */
export const toolRunSchema: Readonly<Record<string, JsonObject>> = {
  run: { ...argvSchema, description: 'The program and its arguments; found by the project’s files when absent (scripts of package.json, go.mod, Cargo.toml, pyproject.toml, …).' },
  framework: oneOf(frameworks, 'Which of the usual programs to run, where the files would tell another.'),
  cwd: folder('The folder to run in, relative to the root of the repository; the root when absent.'),
  reports: reportsSchema,
  'timeout-seconds': whole('Ends the program after this time; the task’s own time limit holds besides.', 1, 86_400),
};

export function checkToolRun(parameters: JsonObject): ReturnType<NonNullable<StepType['check']>> {
  const { run, framework } = parameters as unknown as ToolRunParameters;
  if (run !== undefined && framework !== undefined) return [{ path: [], message: 'with has both "run" and "framework".', found: null, expected: 'one of the two', nearest: null }];
  return run === undefined ? [] : argvProblems('run', run);
}

export interface ToolRun {
  readonly framework: string;
  readonly shown: string;
  /** The program's output, then its reports. */
  readonly artifacts: readonly Artifact[];
  readonly reports: readonly Artifact[];
  readonly durationMs: number;
  /** What it failed of, if it did: thrown by the step, after it has looked at the reports. */
  readonly failure: StepError | null;
}

/** Runs the project's program for a purpose and collects its reports. */
export async function runTool(context: StepContext, purpose: Purpose): Promise<ToolRun> {
  const parameters = context.parameters as unknown as ToolRunParameters;
  const workspace = workspaceOf(context);
  const found = parameters.run ? { framework: 'given', argv: parameters.run } : await detectTool(workspace, treeOf(context), purpose, parameters.framework ?? null);
  if (!found) throw new StepError('input', `Nothing in the root of the repository tells how to ${purpose} it. Name the program: "run: [make, ${purpose}]".`);
  const wanted = parameters.reports ?? [];
  await removeOldReports(workspace, wanted);
  const seconds = parameters['timeout-seconds'];
  const outcome = await workspace.run({
    argv: found.argv,
    env: { ...context.env },
    ...(parameters.cwd === undefined ? {} : { cwd: parameters.cwd }),
    timeoutMs: Math.min(context.timeoutMs, seconds === undefined ? context.timeoutMs : seconds * 1000),
  });
  const { artifacts: reports, missing } = await collectReports(workspace, wanted);
  const artifacts = [outputArtifact(outcome), ...reports];
  const shown = commandForPeople(found.argv);
  const failure = failureOf(outcome, shown, artifacts) ?? (missing.length > 0 ? new StepError('work', `${shown} exited with 0 but did not write ${missing.join(', ')}. Correct "reports", or have the program write there.`, artifacts) : null);
  return { framework: found.framework, shown, artifacts, reports, durationMs: outcome.durationMs, failure };
}

/** A step that only runs the program. */
export async function runToolStep(context: StepContext, purpose: Purpose): Promise<StepOutcome> {
  const run = await runTool(context, purpose);
  if (run.failure) throw run.failure;
  return { summary: `${run.shown} succeeded.`, outputs: { framework: run.framework, 'duration-ms': run.durationMs }, artifacts: run.artifacts };
}
