import { combineMetrics, withShares } from '../core/gate/metrics.ts';
import { metricsByRule } from '../core/gate/rubric.ts';
import type { GuardDefinition, Rubric } from '../core/mission/definition.ts';
import type { GuardReport } from '../core/mission/event.ts';
import type { GuardContext, GuardOutcome, GuardType, KeptArtifact } from '../guards/guard-type.ts';
import { guards as guardTypes } from '../guards/registry.ts';
import { gitBlobId } from '../kit/hash.ts';
import { StepError } from '../steps/step-type.ts';
import type { Artifact } from '../steps/step-type.ts';
import type { StepRegistry } from '../steps/registry.ts';
import { inBrief, refOf, storable } from './evidence.ts';
import { storableFindings } from './findings.ts';
import type { ArtifactContent } from './ports/store.ts';
import type { DiffSummary, ExaminedWorkspace, WorkspaceHistory } from './ports/workspaces.ts';

export interface Examination {
  readonly reports: readonly GuardReport[];
  readonly metrics: { readonly [name: string]: number };
  readonly contents: readonly ArtifactContent[];
}

export interface ExaminationRequest {
  readonly missionId: string;
  readonly phase: string;
  readonly attempt: number;
  readonly guards: readonly GuardDefinition[];
  /** What it says of a metric takes the place of a guard's own limit. */
  readonly rubric: Rubric;
  /** The trunk at the gate's head; null when the trunk holds no change and no guard needs files. */
  readonly workspace: ExaminedWorkspace | null;
  readonly base: string;
  /** Evidence that the phase's tasks left. */
  readonly kept: readonly KeptArtifact[];
  readonly env: { readonly [name: string]: string };
  readonly steps: StepRegistry;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly redact: (text: string) => string;
}

type Metrics = { readonly [name: string]: number };

/**
 * Runs a phase's guards one after the other on the trunk; a guard finds there what those before it left. Every guard reports, also
 * after one has failed; a guard that could not run has failed. What changed since the trunk's base is always measured.
 */
export async function examine(request: ExaminationRequest): Promise<Examination> {
  const reports: GuardReport[] = [];
  const contents: ArtifactContent[] = [];
  const keep = (artifacts: readonly Artifact[]) => {
    const kept = storable(artifacts, request.redact);
    contents.push(...kept);
    return kept.map(refOf);
  };
  const { workspace } = request;
  const diff = workspace === null ? null : await workspace.diffFrom(request.base);
  const changes = { files_changed: diff?.files.length ?? 0, lines_added: diff?.additions ?? 0, lines_deleted: diff?.deletions ?? 0 };
  reports.push({
    guard: 'changes',
    uses: 'diff',
    passed: true,
    summary: diff === null ? 'the trunk holds no change' : `${diff.files.length === 1 ? '1 file' : `${diff.files.length} files`}, +${diff.additions} −${diff.deletions}`,
    metrics: changes,
    artifacts: diff === null ? [] : keep([{ name: 'changes.diff', mediaType: 'text/x-diff', text: diff.patch }]),
  });
  const measured: Metrics[] = [changes];
  let named: Metrics = {};
  for (const guard of request.guards) {
    if (guard.uses === 'diff') continue;
    const type = guardTypes.find(guard.uses);
    const outcome = withLimits(type, request.rubric, await outcomeOf(type, guard, request, diff));
    const own = guard.uses === 'command' ? metricsOfCommand(guard, outcome.passed) : {};
    const found = outcome.findings === null ? null : storableFindings(outcome.findings, request.redact);
    const artifacts = keep(outcome.artifacts);
    if (found?.content) contents.push(found.content);
    reports.push({
      guard: guard.id,
      uses: guard.uses,
      passed: outcome.passed,
      summary: inBrief(outcome.summary, 500, request.redact),
      metrics: { ...own, ...withShares(outcome.metrics) },
      artifacts: found?.content ? [...artifacts, refOf(found.content)] : artifacts,
      ...(found && outcome.findings && outcome.findings.total > 0 ? { findings: found.ref } : {}),
    });
    measured.push(outcome.metrics, found === null ? {} : { findings_errors: found.ref.errors, findings_warnings: found.ref.warnings, findings_notes: found.ref.notes });
    named = { ...named, ...own };
  }
  // A guard's own name yields to a metric that has one meaning everywhere.
  const metrics = { ...named, ...combineMetrics([{ findings_errors: 0, findings_warnings: 0, findings_notes: 0 }, ...measured]) };
  return { reports, metrics, contents };
}

function metricsOfCommand(guard: GuardDefinition, passed: boolean): Metrics {
  const name = guard.id.replaceAll('-', '_');
  return { [`${name}_failed`]: passed ? 0 : 1, [`${name}_passed`]: passed ? 1 : 0 };
}

function refusal(summary: string): GuardOutcome {
  return { passed: false, summary, metrics: {}, findings: null, artifacts: [] };
}

async function outcomeOf(type: GuardType | null, guard: GuardDefinition, request: ExaminationRequest, diff: DiffSummary | null): Promise<GuardOutcome> {
  if (type === null) return refusal(`there is no guard type "${guard.uses}"`);
  const [wrong] = guardTypes.check(type.name, guard.with);
  if (wrong) return refusal(wrong.message);
  try {
    return await type.examine(contextOf(guard, request, diff));
  } catch (error) {
    // What our side failed to provide is no verdict about the work: the examination is repeated.
    if (!(error instanceof StepError) || error.failure === 'cancelled' || error.failure === 'environment' || error.failure === 'network') throw error;
    return { ...refusal(error.message), artifacts: error.artifacts };
  }
}

function contextOf(guard: GuardDefinition, request: ExaminationRequest, diff: DiffSummary | null): GuardContext {
  const { workspace, base, signal } = request;
  return {
    parameters: guard.with,
    tree: workspace?.tree ?? null,
    root: workspace?.tree ? workspace.root : null,
    changes: diff ?? { files: [], additions: 0, deletions: 0 },
    isCommitted: workspace?.digests ? (path, content) => isCommitted(workspace, path, content) : null,
    commits: workspace?.commitsSince ? () => workspace.commitsSince?.(base) ?? Promise.resolve([]) : null,
    history: workspace?.history ? historyOf(workspace.history, base) : null,
    kept: request.kept,
    signal,
    async runStep(uses, parameters) {
      const step = request.steps.find(uses);
      if (!step) throw new StepError('input', `there is no step type "${uses}"`);
      return step.run({
        missionId: request.missionId,
        taskId: `gate/${request.phase}`,
        attempt: request.attempt,
        title: guard.id,
        parameters,
        workspace,
        signal,
        timeoutMs: request.timeoutMs,
        agent: null,
        env: request.env,
        progress: () => undefined,
      });
    },
  };
}

function historyOf(history: WorkspaceHistory, base: string): GuardContext['history'] {
  return { versions: () => history.versionsSince(base), read: (ids) => history.read(ids) };
}

/** Listed once for each workspace, however many reports there are. */
const digests = new WeakMap<ExaminedWorkspace, Promise<ReadonlyMap<string, string>>>();

function digestsOf(workspace: ExaminedWorkspace): Promise<ReadonlyMap<string, string>> | undefined {
  const known = digests.get(workspace) ?? workspace.digests?.();
  if (known) digests.set(workspace, known);
  return known;
}

async function isCommitted(workspace: ExaminedWorkspace, path: string, content: Buffer): Promise<boolean> {
  const id = (await digestsOf(workspace))?.get(path);
  return id !== undefined && id === gitBlobId(content, id);
}

/** A guard has limits of its own for what the rubric does not speak of: nobody has to write down that failed tests are bad. */
function withLimits(type: GuardType | null, rubric: Rubric, outcome: GuardOutcome): GuardOutcome {
  if (type === null || !outcome.passed) return outcome;
  const ruled = new Set(metricsByRule(rubric).map(({ metric }) => metric));
  const values: Metrics = outcome.metrics;
  const over = Object.entries(type.limits).filter(([name, limit]) => !ruled.has(name) && (values[name] ?? 0) > limit);
  if (over.length === 0) return outcome;
  return { ...outcome, passed: false, summary: `${over.map(([name, limit]) => `${name} ${values[name] ?? 0} > ${limit}`).join(', ')}: ${outcome.summary}` };
}
