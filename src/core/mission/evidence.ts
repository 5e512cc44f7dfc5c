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
  /** The agent that did it, where one did. */
  readonly agent?: AgentIdentity;
  /** What the attempt reports to have used up. */
  readonly usage?: Usage;
}

export interface AgentIdentity {
  readonly name: string;
  readonly version: string;
}

/** What was used up, as far as it was told. */
export interface Usage {
  readonly tokens?: number;
  readonly usd?: number;
}

/** One thing a guard found, in words, and where. */
export interface Finding {
  /** What was broken: the tool's own name for it (`no-unused-vars`, `CVE-2024-1234`, a test's name). */
  readonly rule: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  /** Path inside the repository with `/`; null when it concerns no file. */
  readonly path: string | null;
  /** 1-based; null when no line is known. */
  readonly line: number | null;
  readonly endLine?: number;
  /** 1-based; only where the finding is within one line. */
  readonly column?: number;
  readonly endColumn?: number;
}

/** How much a guard found; the findings themselves are an artifact. */
export interface FindingsRef {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** Digest of the artifact that holds them (`findingsMediaType`), errors first; null when there are none. */
  readonly digest: string | null;
}

/** A JSON array of `Finding`. */
export const findingsMediaType = 'application/vnd.missiongate.findings+json';

/** Most findings that are kept of one guard's examination; the counts say how many there were. */
export const maximumFindings = 1_000;

/** One guard's report about a phase's work. */
export interface GuardReport {
  readonly guard: string;
  readonly uses: string;
  readonly passed: boolean;
  readonly summary: string;
  readonly metrics: { readonly [name: string]: number };
  readonly artifacts: readonly ArtifactRef[];
  /** Absent when it found nothing. */
  readonly findings?: FindingsRef;
}

/** Shares of a budget at which people are told. */
export type BudgetShare = 50 | 75 | 90;

/**
 * How a person's decision reached us. `terminal`: the command line of a mission that lives in no issue; `workflow`: the input of a job that
 * somebody set off. Ledgers of earlier versions say `terminal` for both.
 */
export type ApprovalVia = 'comment' | 'review' | 'button' | 'terminal' | 'workflow';

/** The same in words. */
const ways: { readonly [via in ApprovalVia]: string } = { comment: 'by comment', review: 'by review', button: 'by button', terminal: 'in the terminal', workflow: 'in a workflow' };

/** A way that this version does not know is told as it is written. */
export function wayWords(via: string): string {
  return Object.entries(ways).find(([known]) => known === via)?.[1] ?? `by ${via}`;
}
