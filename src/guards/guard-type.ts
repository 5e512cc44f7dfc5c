import type { Measured, MetricName } from '../core/gate/metrics.ts';
import type { JsonObject } from '../kit/json.ts';
import type { Artifact, FileChange, ParameterProblem, StepOutcome, WorkspaceTree } from '../steps/step-type.ts';
import type { FindingList } from './finding-list.ts';

/** What differs between the trunk's base and the gate's head. */
export interface Changes {
  readonly files: readonly (FileChange & { readonly from?: string; readonly additions: number; readonly deletions: number })[];
  readonly additions: number;
  readonly deletions: number;
}

/** One commit of the trunk since its base. */
export interface TrunkCommit {
  readonly commit: string;
  readonly message: string;
  readonly parents: number;
}

/** A version of a file, brought in by a commit of the trunk since its base. */
export interface TrunkVersion {
  readonly commit: string;
  readonly path: string;
  /** Names its content. */
  readonly id: string;
  readonly bytes: number;
  /** Contents that the commit replaced. */
  readonly before: readonly { readonly id: string; readonly bytes: number }[];
}

/** A commit of the trunk since its base, and the size of what git keeps of it: names, addresses, message. */
export interface CommitSize {
  readonly commit: string;
  readonly bytes: number;
}

/** What the trunk's commits since its base brought in, also what later ones took out again: it is merged with them. */
export interface TrunkHistory {
  /** Oldest first. `isWhole` is false when there are more than can be listed. */
  versions(): Promise<{ readonly commits: readonly CommitSize[]; readonly versions: readonly TrunkVersion[]; readonly isWhole: boolean }>;
  /** Contents by their ids, of commits too: as git keeps them. The guard sees to it that they fit into memory together. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
}

/** A file that a task of the phase left as evidence. */
export interface KeptArtifact {
  /** Path of the file, as the task named it. */
  readonly name: string;
  readonly task: string;
  readonly bytes: number;
  /** Null when it is no longer kept. */
  read(): Promise<string | null>;
}

/** What a guard is given. It never changes files. */
export interface GuardContext {
  /** Valid by the guard type's schema. */
  readonly parameters: JsonObject;
  /** The trunk at the gate's head, with what earlier guards of the phase left there; null where there are no real files. */
  readonly tree: WorkspaceTree | null;
  /** Absolute folder of the tree, to recognise it in reports; null as above. */
  readonly root: string | null;
  readonly changes: Changes;
  /** Whether the content of a file is the one that is committed at the gate's head; null where there is no real repository. */
  readonly isCommitted: ((path: string, content: Buffer) => Promise<boolean>) | null;
  /** Oldest first; null where there is no real repository. */
  readonly commits: (() => Promise<readonly TrunkCommit[]>) | null;
  /** Null where there is no real repository. */
  readonly history: TrunkHistory | null;
  /** What the phase's tasks kept, in order of the plan. */
  readonly kept: readonly KeptArtifact[];
  readonly signal: AbortSignal;
  /** Carries out a step on the tree. Rejects with the step's `StepError`. */
  runStep(uses: string, parameters: JsonObject): Promise<StepOutcome>;
}

export interface GuardOutcome {
  /** False when it could not be examined, or a parameter of the guard is not kept. What metrics mean is for the rubric. */
  readonly passed: boolean;
  /** One line for people. */
  readonly summary: string;
  /** Counts; shares are computed from them. */
  readonly metrics: Measured;
  readonly findings: FindingList | null;
  readonly artifacts: readonly Artifact[];
}

export interface GuardType {
  /** The name used in `uses:`. */
  readonly name: string;
  readonly summary: string;
  /** Counts it may give; shares of them come by themselves. */
  readonly metrics: readonly MetricName[];
  /** Highest values that pass where the rubric says nothing of the metric. */
  readonly limits: Measured;
  /** JSON Schema (2020-12) of `with:`; closed (`additionalProperties: false`). */
  readonly parameters: JsonObject;
  /** Rules the schema cannot say; called only with parameters that the schema accepts. */
  check?(parameters: JsonObject): readonly ParameterProblem[];
  /** Parameter sets that are valid. */
  readonly examples: readonly JsonObject[];
  /** Whether it looks at files of the trunk also when nothing was changed. */
  readonly needsFiles: boolean;
  /** Rejects with a `StepError` of class `cancelled`, `environment` or `network` for what our side failed to provide; nothing else is expected to reject. */
  examine(context: GuardContext): Promise<GuardOutcome>;
}

/** What is wrong with a report or with what a guard was to look at, in words for people. */
export class GuardError extends Error {
  override readonly name = 'GuardError';
}
