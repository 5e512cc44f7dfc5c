/** Reference to a piece of evidence kept in the store under its SHA-256. */
export interface ArtifactRef {
  readonly name: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: number;
}

export interface DiffStat {
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

/** What one attempt leaves behind for judging it. */
export interface AttemptEvidence {
  readonly summary: string;
  readonly artifacts: readonly ArtifactRef[];
  readonly diff: DiffStat | null;
  readonly durationMs: number;
  /** Tool or agent that did the work, with version. */
  readonly producer: string;
  /** What the attempt reports to have used up. */
  readonly usage?: Usage;
}

/** What was used up, as far as it was told. */
export interface Usage {
  readonly tokens?: number;
  readonly usd?: number;
}

/** One guard's report about a phase's work. */
export interface GuardReport {
  readonly guard: string;
  readonly uses: string;
  readonly passed: boolean;
  readonly summary: string;
  readonly metrics: { readonly [name: string]: number };
  readonly artifacts: readonly ArtifactRef[];
}

/** Shares of a budget at which people are told. */
export type BudgetShare = 50 | 75 | 90;

/** How a person's decision reached us. `terminal`: the command line of a mission that lives in no issue. */
export type ApprovalVia = 'comment' | 'review' | 'button' | 'terminal';
