import type { GuardDefinition } from '../core/mission/definition.ts';
import type { GuardReport } from '../core/mission/event.ts';
import type { JsonObject } from '../kit/json.ts';
import { StepError } from '../steps/step-type.ts';
import type { StepRegistry } from '../steps/registry.ts';
import type { Artifact } from '../steps/step-type.ts';
import { inBrief, refOf, storable } from './evidence.ts';
import type { ArtifactContent } from './ports/store.ts';
import type { AttemptWorkspace } from './ports/workspaces.ts';

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
  /** The trunk at the gate's head; null when the trunk holds no change and no guard needs files. */
  readonly workspace: AttemptWorkspace | null;
  readonly base: string;
  readonly env: { readonly [name: string]: string };
  readonly steps: StepRegistry;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly redact: (text: string) => string;
}

/**
 * Runs a phase's guards one after the other on the trunk. Every guard reports, also after one has failed; a guard that could
 * not run has failed. What changed since the trunk's base is always measured.
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
  reports.push({
    guard: 'changes',
    uses: 'diff',
    passed: true,
    summary: diff === null ? 'the trunk holds no change' : `${diff.files.length === 1 ? '1 file' : `${diff.files.length} files`}, +${diff.additions} −${diff.deletions}`,
    metrics: { files_changed: diff?.files.length ?? 0, lines_added: diff?.additions ?? 0, lines_deleted: diff?.deletions ?? 0 },
    artifacts: diff === null ? [] : keep([{ name: 'changes.diff', mediaType: 'text/x-diff', text: diff.patch }]),
  });
  for (const guard of request.guards) {
    if (guard.uses !== 'diff') reports.push(await runCommandGuard(request, guard, keep));
  }
  const metrics = Object.assign({}, ...reports.map((report) => report.metrics)) as Record<string, number>;
  return { reports, metrics, contents };
}

async function runCommandGuard(request: ExaminationRequest, guard: GuardDefinition, keep: (artifacts: readonly Artifact[]) => GuardReport['artifacts']): Promise<GuardReport> {
  const name = guard.id.replaceAll('-', '_');
  const verdict = (passed: boolean, summary: string, artifacts: readonly Artifact[]): GuardReport => ({
    guard: guard.id,
    uses: guard.uses,
    passed,
    summary: inBrief(summary, 500, request.redact),
    metrics: { [`${name}_failed`]: passed ? 0 : 1, [`${name}_passed`]: passed ? 1 : 0 },
    artifacts: keep(artifacts),
  });
  const type = request.steps.find(guard.uses);
  if (!type) return verdict(false, `there is no guard type "${guard.uses}"`, []);
  try {
    const outcome = await type.run({
      missionId: request.missionId,
      taskId: `gate/${request.phase}`,
      attempt: request.attempt,
      title: guard.id,
      parameters: guard.with satisfies JsonObject,
      workspace: request.workspace,
      signal: request.signal,
      timeoutMs: request.timeoutMs,
      agent: null,
      env: request.env,
      progress: () => undefined,
    });
    return verdict(true, outcome.summary, outcome.artifacts);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // What our side failed to provide is no verdict about the work: the examination is repeated.
    if (error.failure === 'cancelled' || error.failure === 'environment' || error.failure === 'network') throw error;
    return verdict(false, error.message, error.artifacts);
  }
}
