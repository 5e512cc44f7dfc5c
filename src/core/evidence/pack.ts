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
    /** Absent in packs of earlier versions. */
    readonly provenance?: Provenance;
  }[];
  /** Questions that were asked during the phase, and their answers. Absent in packs of earlier versions. */
  readonly clarifications?: readonly Clarification[];
  /** What of the knowledge base the phase relied on. Absent in packs of earlier versions. */
  readonly knowledge?: readonly KnowledgeRef[];
  readonly guardReports: readonly GuardReport[];
  readonly metrics: { readonly [name: string]: number };
  readonly rubric: readonly RubricLine[];
}

/** How a task came to what it left: enough to ask the same of what it was made from. */
export interface Provenance {
  /** Step type. */
  readonly uses: string;
  /** Digest of the parameters as the plan has them, templates not filled in. */
  readonly parameters: string;
  readonly agent: { readonly name: string; readonly version: string } | null;
  readonly inputs: {
    /** The commit it began from; null for a task that nobody ran. */
    readonly commit: string | null;
    /** What the tasks before it had left when the gate was examined. */
    readonly needs: readonly { readonly task: string; readonly commit: string | null; readonly artifacts: readonly string[] }[];
  };
  readonly cost: { readonly durationMs: number; readonly tokens?: number; readonly usd?: number };
}

export interface Clarification {
  readonly question: string;
  readonly answer: string;
  readonly by: string;
}

export interface KnowledgeRef {
  readonly id: string;
  readonly digest: string;
}

/** What an evaluation of a phase's gate found. */
export interface Evaluation {
  readonly round: number;
  readonly head: string;
  readonly reports: readonly GuardReport[];
  readonly metrics: { readonly [name: string]: number };
  readonly lines: readonly RubricLine[];
}

/** Builds the pack of a phase from an evaluation and the mission as it was examined, before repairs are made of what was found. Pure: the same state gives the same digest. */
export function evidencePack(mission: Mission, phase: string, evaluation: Evaluation): EvidencePack {
  return {
    schema: 'schema.phase.evidencepack.v1',
    missionId: mission.missionId,
    planHash: mission.plan.planHash,
    phase,
    round: evaluation.round,
    head: evaluation.head,
    tasks: (mission.index.tasksOfPhase.get(phase) ?? []).map((id) => {
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
        ...provenanceOf(mission, id),
      };
    }),
    clarifications: [],
    knowledge: [],
    guardReports: evaluation.reports,
    metrics: evaluation.metrics,
    rubric: evaluation.lines,
  };
}

function provenanceOf(mission: Mission, id: string): { readonly provenance?: Provenance } {
  const planned = mission.index.tasks.get(id);
  const task = mission.tasks.get(id);
  if (!planned || !task) return {};
  const { evidence } = task;
  const needs = planned.needs.map((need) => {
    const before = mission.tasks.get(need);
    return { task: need, commit: before?.commit ?? null, artifacts: before?.evidence?.artifacts.map((artifact) => artifact.digest) ?? [] };
  });
  return {
    provenance: {
      uses: planned.uses,
      parameters: digest(planned.with),
      agent: evidence?.agent ?? null,
      inputs: { commit: task.base, needs },
      cost: { durationMs: evidence?.durationMs ?? 0, ...evidence?.usage },
    },
  };
}

/** A pack on its way to the store, with the digest that the ledger names. */
export interface DecidedPack {
  readonly phase: string;
  readonly round: number;
  readonly digest: string;
  readonly pack: EvidencePack;
}

export function evidenceDigest(pack: EvidencePack): string {
  return digest(pack as unknown as Json);
}

/** Digest of the rules a gate is decided by, its own and the repository's: when they change, earlier approvals no longer count. */
export function policyDigest(gate: GateDefinition, policy: RepositoryPolicy | 'unknown' | null = null): string {
  const saysNothing = policy === null || (policy !== 'unknown' && isSilent(policy));
  // What is said about other pull requests is no matter of a gate's.
  const ofGates = policy === null || policy === 'unknown' ? policy : { approvals: policy.approvals, waivers: policy.waivers };
  return digest((saysNothing ? gate : { gate, policy: ofGates }) as unknown as Json);
}
