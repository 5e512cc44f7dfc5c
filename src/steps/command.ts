import type { JsonObject } from '../kit/json.ts';
import { findInlineCode } from './inline-code.ts';
import { collectReports, removeOldReports, reportsSchema } from './reports.ts';
import { folder } from './schema-parts.ts';
import { workspaceOf } from './step-context.ts';
import { StepError, type Artifact, type CommandOutcome, type ParameterProblem, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface CommandParameters {
  readonly run: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  readonly cwd?: string;
  readonly 'timeout-seconds'?: number;
  readonly reports?: readonly string[];
}

/** Runs one program of the worker or of the repository in the worktree. */
export const command: StepType = {
  name: 'command',
  summary: 'Runs a program in the repository. It succeeds when the program exits with 0; what it printed is kept as evidence.',
  needsWorkspace: true,
  effects: ['runs-programs', 'reads-files', 'writes-files', 'network'],
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['run'],
    properties: {
      run: {
        type: 'array',
        minItems: 1,
        maxItems: 1000,
        items: { type: 'string', maxLength: 100_000, pattern: '^[^\\u0000]*$' },
        description: 'The program and its arguments, one each: [npm, test]. No shell reads it, so quotes, pipes and variables mean nothing.',
      },
      env: {
        type: 'object',
        maxProperties: 200,
        propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
        additionalProperties: { type: ['string', 'number', 'boolean'], maxLength: 100_000, pattern: '^[^\\u0000]*$' },
        description: 'Additional environment variables. The worker’s own environment is not passed on. Not for secrets: a definition is public to whoever reads the repository.',
      },
      cwd: folder('The folder to run in, relative to the root of the repository; the root when absent.'),
      'timeout-seconds': { type: 'integer', minimum: 1, maximum: 86_400, description: 'Ends the program after this time; the task’s own time limit holds besides.' },
      reports: reportsSchema,
    },
  },
  examples: [
    { run: ['node', '--version'] },
    { run: ['cat', 'add.js'], cwd: 'src', env: { GREETING: 'hello' }, 'timeout-seconds': 60 },
    { run: ['cp', 'README.md', 'report.md'], reports: ['report.md'] },
  ],
  check: checkRun,
  async run(context: StepContext): Promise<StepOutcome> {
    const parameters = context.parameters as unknown as CommandParameters;
    const workspace = workspaceOf(context);
    await removeOldReports(workspace, parameters.reports ?? []);
    const seconds = parameters['timeout-seconds'];
    const outcome = await workspace.run({
      argv: parameters.run,
      env: { ...context.env, ...textsOf(parameters.env ?? {}) },
      ...(parameters.cwd === undefined ? {} : { cwd: parameters.cwd }),
      timeoutMs: Math.min(context.timeoutMs, seconds === undefined ? context.timeoutMs : seconds * 1000),
    });
    const reports = await collectReports(workspace, parameters.reports ?? []);
    const artifacts = [outputArtifact(outcome), ...reports.artifacts];
    const shown = commandForPeople(parameters.run);
    const failure = failureOf(outcome, shown, artifacts);
    if (failure) throw failure;
    if (reports.missing.length > 0) {
      throw new StepError('work', `${shown} exited with 0 but did not write ${reports.missing.join(', ')}. Correct "reports", or have the program write there.`, artifacts);
    }
    return { summary: `${shown} succeeded.`, outputs: { 'exit-code': 0, 'duration-ms': outcome.durationMs }, artifacts };
  },
};

/** A number or a yes/no is the text that stands there, as in `env` of a task. */
function textsOf(env: Readonly<Record<string, string | number | boolean>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
}

function checkRun(parameters: JsonObject): readonly ParameterProblem[] {
  return argvProblems('run', (parameters as unknown as CommandParameters).run);
}

/** What a program and its arguments cannot be. */
export function argvProblems(name: string, run: readonly string[]): readonly ParameterProblem[] {
  if ((run[0] ?? '').trim() === '') {
    return [{ path: [name, 0], message: `with.${name}.0 is empty.`, found: JSON.stringify(run[0]), expected: 'the name of a program', nearest: null }];
  }
  const inline = findInlineCode(run);
  if (!inline) return [];
  return [{
    path: [name, inline.position],
    message: `with.${name} gives program text to ${inline.program} (${inline.option}), which nobody can review. Instead, ${inline.wayOut}.`,
    found: JSON.stringify(inline.option),
    expected: 'a program with arguments, or an interpreter with a script file of the repository',
    nearest: null,
  }];
}

/** What a program printed, as evidence. */
export function outputArtifact(outcome: CommandOutcome, name = 'output'): Artifact {
  return { name, mediaType: 'text/plain', text: outcome.output.text };
}

/** The error that an outcome amounts to, or null when the program exited with 0 by itself. */
export function failureOf(outcome: CommandOutcome, shown: string, artifacts: readonly Artifact[]): StepError | null {
  const after = `after ${Math.round(outcome.durationMs / 1000)} s`;
  switch (outcome.endedBy) {
    case 'cancel': return new StepError('cancelled', `${shown} was ended ${after} because the attempt was cancelled.`, artifacts);
    case 'timeout': return new StepError('timeout', `${shown} was ended ${after}: it did not finish within its time limit. Raise the limit (timeout-seconds), or make it faster; the output shows how far it came.`, artifacts);
    case 'output-limit': return new StepError('work', `${shown} was ended ${after}: it printed more than is allowed. Make it print less, or have it write to a file.`, artifacts);
    case null: break;
  }
  if (outcome.exitCode === 0) return null;
  const how = outcome.exitCode === null ? `was ended by signal ${outcome.signal}` : `exited with ${outcome.exitCode}`;
  return new StepError('work', `${shown} ${how}. The output says why.`, artifacts);
}

/** A command on one short line. */
export function commandForPeople(argv: readonly string[]): string {
  const text = argv.map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : JSON.stringify(argument))).join(' ');
  return `\`${(text.length > 120 ? `${text.slice(0, 120)}…` : text).replaceAll('`', "'")}\``;
}
