import { digest } from '../../kit/hash.ts';
import type { Json } from '../../kit/json.ts';
import { isSilent } from '../gate/policy.ts';
import type { RepositoryPolicy } from '../gate/policy.ts';
import type { GateDefinition } from '../mission/definition.ts';
import type { ArtifactRef, AttemptEvidence, GuardReport, RubricLine } from '../mission/event.ts';
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
  const ids = mission.index.tasksOfPhase.get(phase) ?? [];
  return {
    schema: 'schema.phase.evidencepack.v1',
    missionId: mission.missionId,
    planHash: mission.plan.planHash,
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

export function evidenceDigest(pack: EvidencePack): string {
  return digest(pack as unknown as Json);
}

/** Digest of the rules a gate is decided by, its own and the repository's: when they change, earlier approvals no longer count. */
export function policyDigest(gate: GateDefinition, policy: RepositoryPolicy | 'unknown' | null = null): string {
  const saysNothing = policy === null || (policy !== 'unknown' && isSilent(policy));
  return digest((saysNothing ? gate : { gate, policy }) as unknown as Json);
}
