import { digest } from '../../kit/hash.ts';
import type { Json } from '../../kit/json.ts';
import { isSilent } from '../gate/policy.ts';
import type { RepositoryPolicy } from '../gate/policy.ts';
import type { GateDefinition } from '../mission/definition.ts';
import type { ArtifactRef, AttemptEvidence, GuardReport, RubricLine } from '../mission/event.ts';
import { planHash } from '../mission/plan.ts';
import type { Mission } from '../mission/state.ts';

/** Everything a gate is judged by. Its digest is what an approval is bound to. */
export interface EvidencePack {
  readonly schema: 'schema.phase.evidencepack.v1';
  readonly missionId: string;
  readonly planHash: string;
  readonly phase: string;
  readonly round: number;
  readonly head: string;
  readonly tasks: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: string;
    readonly attempt: number;
    readonly commit: string | null;
    readonly summary: string | null;
    readonly producer: string | null;
    readonly doneBy: string | null;
    readonly artifacts: readonly ArtifactRef[];
  }[];
  readonly guardReports: readonly GuardReport[];
  readonly metrics: { readonly [name: string]: number };
  readonly rubric: readonly RubricLine[];
}

/** What an evaluation of a phase's gate found. */
export interface Evaluation {
  readonly round: number;
  readonly head: string;
  readonly reports: readonly GuardReport[];
  readonly metrics: { readonly [name: string]: number };
  readonly lines: readonly RubricLine[];
}

/** Builds the pack of a phase from the mission's state and an evaluation. Pure: the same state gives the same digest. */
export function evidencePack(mission: Mission, phase: string, evaluation: Evaluation): EvidencePack {
  const { ids, plan } = asExamined(mission, phase, evaluation.round);
  return {
    schema: 'schema.phase.evidencepack.v1',
    missionId: mission.missionId,
    planHash: plan,
    phase,
    round: evaluation.round,
    head: evaluation.head,
    tasks: ids.map((id) => {
      const task = mission.tasks.get(id);
      const evidence: AttemptEvidence | null = task?.evidence ?? null;
      return {
        id,
        title: mission.index.tasks.get(id)?.title ?? id,
        status: task?.status ?? 'pending',
        attempt: task?.attempt ?? 0,
        commit: task?.commit ?? null,
        summary: evidence?.summary ?? null,
        producer: evidence?.producer ?? null,
        doneBy: task?.doneBy?.login ?? null,
        artifacts: evidence?.artifacts ?? [],
      };
    }),
    guardReports: evaluation.reports,
    metrics: evaluation.metrics,
    rubric: evaluation.lines,
  };
}

/** What the plan held when this round was judged: repairs that were made from its reasons are no part of its evidence. */
function asExamined({ index, plan }: Mission, phase: string, round: number): { readonly ids: readonly string[]; readonly plan: string } {
  const ids = index.tasksOfPhase.get(phase) ?? [];
  const later = new Set(ids.filter((id) => (index.tasks.get(id)?.heals?.round ?? 0) >= round));
  if (later.size === 0) return { ids, plan: plan.planHash };
  const { planHash: _present, ...body } = plan;
  return { ids: ids.filter((id) => !later.has(id)), plan: planHash({ ...body, tasks: plan.tasks.filter(({ id }) => !later.has(id)) }) };
}

export function evidenceDigest(pack: EvidencePack): string {
  return digest(pack as unknown as Json);
}

/** Digest of the rules a gate is decided by, its own and the repository's: when they change, earlier approvals no longer count. */
export function policyDigest(gate: GateDefinition, policy: RepositoryPolicy | 'unknown' | null = null): string {
  const saysNothing = policy === null || (policy !== 'unknown' && isSilent(policy));
  return digest((saysNothing ? gate : { gate, policy }) as unknown as Json);
}
