import type { Measured, MetricName } from '../core/gate/metrics.ts';
import type { JsonObject } from '../kit/json.ts';
import { reasonOf } from '../kit/reason-of.ts';
import { globProblems } from '../steps/globs.ts';
import { closed, flag } from '../steps/schema-parts.ts';
import { StepError } from '../steps/step-type.ts';
import { findReports } from './find-reports.ts';
import type { FoundReport } from './find-reports.ts';
import { GuardError } from './guard-type.ts';
import type { GuardContext, GuardOutcome, GuardType } from './guard-type.ts';
import { inNumbers } from './numbers.ts';
import { RepositoryPaths } from './repository-paths.ts';
import { Tally } from './tally.ts';

export const reportLimits = {
  /** Reports of one guard. */
  count: 100,
  /** Bytes of one report that is read piece by piece (XML, LCOV, TAP). */
  bytes: 64 * 1024 * 1024,
  /** Bytes of one report that has to be in memory as a whole (JSON). */
  jsonBytes: 32 * 1024 * 1024,
  /** Bytes of all reports of one guard together. */
  totalBytes: 256 * 1024 * 1024,
} as const;

export interface Report {
  /** As people know it: the path, and who kept it. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly parameters: JsonObject;
}

export interface ReportGuardSpec {
  readonly name: string;
  readonly summary: string;
  /** `JUnit report`: for messages. */
  readonly noun: string;
  /** Where such reports usually lie; example and hint. */
  readonly usualPath: string;
  readonly metrics: readonly MetricName[];
  readonly limits: Measured;
  readonly maximumBytes?: number;
  /** Parameters besides `path` and `allow-missing`. */
  readonly parameters?: Readonly<Record<string, JsonObject>>;
  readonly required?: readonly string[];
  readonly examples?: readonly JsonObject[];
  check?(parameters: JsonObject): ReturnType<NonNullable<GuardType['check']>>;
  /** Reads one report into the tally. Throws `GuardError` when it is malformed or holds nothing. */
  read(report: Report, tally: Tally): void | Promise<void>;
  /** Called once, after every report was read. */
  conclude?(tally: Tally): void;
  /** False where the reports hold something, and nothing of it ran: that is no more than an empty report. */
  readonly ran?: (tally: Tally) => boolean;
  /** What was found, as one clause: `12 tests, 1 failed`. */
  say(tally: Tally): string;
}

const pathSchema: JsonObject = {
  type: ['string', 'array'],
  minLength: 1,
  maxLength: 500,
  minItems: 1,
  maxItems: 50,
  items: { type: 'string', minLength: 1, maxLength: 500 },
  description: 'The report, or a glob or several: reports/*.xml. Files in the trunk, ignored ones too, as earlier guards left them, and files that tasks of the phase kept as evidence.',
};

/** A guard that reads what tools write. A report that is missing, empty or malformed fails it: what was not examined is not green. */
export function reportGuard(spec: ReportGuardSpec): GuardType {
  return {
    name: spec.name,
    summary: spec.summary,
    metrics: spec.metrics,
    limits: spec.limits,
    parameters: closed({ path: pathSchema, 'allow-missing': flag('Passes when there is no report at all; one that is empty or malformed fails as ever.'), ...spec.parameters }, ['path', ...(spec.required ?? [])]),
    check(parameters) {
      const path = parameters['path'];
      const problems = globProblems('path', globsOf(parameters));
      return [...(typeof path === 'string' ? problems.map((one) => ({ ...one, path: ['path'], message: one.message.replace('with.path.0', 'with.path') })) : problems), ...(spec.check?.(parameters) ?? [])];
    },
    examples: spec.examples ?? [{ path: spec.usualPath }, { path: [spec.usualPath], 'allow-missing': true }],
    needsFiles: true,
    examine: (context) => examineReports(spec, context),
  };
}

function globsOf(parameters: JsonObject): readonly string[] {
  const path = parameters['path'];
  return typeof path === 'string' ? [path] : (path as readonly string[]);
}

async function examineReports(spec: ReportGuardSpec, context: GuardContext): Promise<GuardOutcome> {
  const globs = globsOf(context.parameters);
  const { found, isCut } = await findReports(context, globs);
  const tally = new Tally(found.length === 0 ? new RepositoryPaths(null, []) : await RepositoryPaths.of(context.root, context.tree), spec.metrics);
  const outcome = (passed: boolean, summary: string): GuardOutcome => ({ passed, summary, metrics: tally.metrics(), findings: tally.findings, artifacts: [] });
  const shown = globs.map((glob) => `"${glob}"`).join(', ');
  if (isCut) return { ...outcome(false, `The search for ${shown} ended after 200,000 files, so that not all reports may have been found. Begin "path" with their folder.`), metrics: {} };
  if (found.length === 0) {
    if (context.parameters['allow-missing'] === true) return outcome(true, `No ${spec.noun} at ${shown}, which is allowed.`);
    return { ...outcome(false, `No ${spec.noun} at ${shown}. Have a guard before this one, or a task of this phase that keeps it as evidence, write it; or correct "path".`), metrics: {} };
  }
  if (found.length > reportLimits.count) return { ...outcome(false, `${shown} names ${found.length} files; a guard reads at most ${reportLimits.count}. Narrow "path", or use several guards.`), metrics: {} };
  const problems: string[] = [];
  let left: number = reportLimits.totalBytes;
  let committed = 0;
  for (const report of found) {
    if (context.signal.aborted) throw new StepError('cancelled', 'the examination was cancelled');
    try {
      if (report.bytes > left) throw new GuardError(`${report.path}: all reports together have more than ${inNumbers(reportLimits.totalBytes)} bytes, which is the limit of one guard. Use several guards.`);
      left -= report.bytes;
      if (await readOne(spec, context, report, tally)) committed += 1;
    } catch (error) {
      if (error instanceof GuardError || (error instanceof StepError && error.failure === 'input')) problems.push(error.message);
      else throw error;
    }
  }
  spec.conclude?.(tally);
  // What was read of the others is no measure of the whole.
  if (problems.length > 0) return { ...outcome(false, [...problems.slice(0, 3), ...(problems.length > 3 ? [`… and ${problems.length - 3} more.`] : [])].join(' ')), metrics: {} };
  const said = `${spec.say(tally)} (${sources(found, committed)})`;
  return spec.ran?.(tally) === false ? outcome(false, `Nothing ran: ${said}.`) : outcome(true, said);
}

/** Resolves with whether the report is committed as it is: nothing that ran for this gate has written it. */
async function readOne(spec: ReportGuardSpec, context: GuardContext, report: FoundReport, tally: Tally): Promise<boolean> {
  const name = report.keptBy === null ? report.path : `${report.path} (kept by task ${report.keptBy})`;
  const maximumBytes = spec.maximumBytes ?? reportLimits.bytes;
  if (report.bytes > maximumBytes) throw new GuardError(`${name} has ${inNumbers(report.bytes)} bytes; a ${spec.noun} is read up to ${inNumbers(maximumBytes)}. Split it.`);
  const bytes = await report.read(maximumBytes);
  if (bytes === null) throw new GuardError(`${name} is no longer kept. Run the task again.`);
  const text = textOf(bytes);
  if (text.trim() === '') throw new GuardError(`${name} is empty: nothing ran, or it did not finish.`);
  if (report.keptBy !== null && /\n… \d+ bytes left out …\n/.test(text)) throw new GuardError(`${name} was too long to be kept whole and cannot be judged. Have a guard write it instead of a task, or split it.`);
  try {
    await spec.read({ name, path: report.path, text, parameters: context.parameters }, tally);
  } catch (error) {
    if (error instanceof GuardError || error instanceof StepError) throw error;
    // A parser gave up on what somebody wrote: too deep, too long. That is a matter of the report, not of this process.
    throw new GuardError(`${name} cannot be read: ${reasonOf(error).slice(0, 200)}.`);
  }
  return report.keptBy === null && ((await context.isCommitted?.(report.path, bytes)) ?? false);
}

/** UTF-8, or UTF-16 where a byte order mark says so. */
function textOf(bytes: Buffer): string {
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function sources(found: readonly FoundReport[], committed: number): string {
  const [first] = found;
  const kept = [...new Set(found.flatMap((report) => report.keptBy ?? []))];
  const files = found.length === 1 && first ? first.path : `${found.length} reports`;
  const notes = [...(kept.length === 0 ? [] : [`kept by ${kept.slice(0, 3).join(', ')}`]), ...(committed === 0 ? [] : [committed === found.length ? 'committed, not written by a guard' : `${committed} of them committed, not written by a guard`])];
  return [files, ...notes].join(', ');
}
