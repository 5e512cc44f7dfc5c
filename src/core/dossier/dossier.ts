import type { Json } from '../../kit/json.ts';
import type { Verdict } from '../gate/verdict.ts';
import type { Actor } from '../mission/actor.ts';
import type { Budget } from '../mission/definition.ts';
import type { Finding, GuardReport, RubricLine, Usage } from '../mission/event.ts';
import type { SignedHead } from '../ledger/signed-head.ts';

/**
 * Everything that is known of a mission, as one value for whoever has to answer for it: what was asked, what was done, who
 * decided, what was measured, and by what it can be checked. Made from the mission's export alone, so that the same export
 * gives the same bytes. Times are ISO 8601, UTC; digests SHA-256 in hex.
 */
export interface Dossier {
  readonly schema: 'schema.release.dossier.v1';
  /** Time of the ledger's last entry: what happened later is not in it. */
  readonly at: string;
  readonly mission: MissionPart;
  readonly trace: readonly TraceRow[];
  readonly documents: readonly DocumentRef[];
  readonly phases: readonly PhasePart[];
  readonly tasks: readonly TaskPart[];
  readonly code: CodePart;
  readonly gates: readonly GatePart[];
  readonly security: SecurityPart;
  readonly decisions: readonly DecisionPart[];
  readonly waivers: readonly WaiverPart[];
  readonly costs: CostsPart;
  readonly deployment: DeploymentPart;
  readonly rollback: RollbackPart;
  readonly signatures: SignaturesPart;
}

export interface MissionPart {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly status: string;
  /** Why it ended as it did; null when there is nothing to say. */
  readonly reason: string | null;
  readonly repository: string;
  readonly issue: { readonly number: number; readonly title: string; readonly author: Actor };
  /** File or issue the definition stands in. */
  readonly definedIn: string;
  readonly requestedBy: Actor;
  readonly planHash: string;
  readonly inputs: { readonly [name: string]: Json | undefined };
  readonly outputs: { readonly [name: string]: Json | undefined };
  readonly plannedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** One requirement from its place in the definition to the decision that let it pass. */
export interface TraceRow {
  /** The task that answers it. */
  readonly task: string;
  readonly requirement: string;
  readonly phase: string;
  /** Line of the checklist it was written on; null when it came from a file or was added later. */
  readonly line: number | null;
  readonly status: string;
  readonly commits: readonly string[];
  readonly evidence: readonly string[];
  readonly gate: { readonly phase: string; readonly status: string; readonly round: number; readonly evidenceDigest: string | null } | null;
  /** Numbers of the ledger entries that decided on it. */
  readonly decisions: readonly number[];
}

export type DocumentKind = 'requirements' | 'api' | 'release-notes' | 'performance' | 'accessibility' | 'deployment' | 'rollback';

/** A document that the mission produced as an artifact. */
export interface DocumentRef {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly task: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: number;
  /** Its beginning; null when the export holds it no longer. */
  readonly excerpt: string | null;
}

export interface PhasePart {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly needs: readonly string[];
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly tasks: number;
  readonly done: number;
}

export interface AttemptPart {
  readonly attempt: number;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: 'succeeded' | 'failed' | 'unfinished';
  readonly reason: string | null;
  readonly commit: string | null;
  readonly producer: string | null;
  readonly durationMs: number | null;
  readonly usage: Usage | null;
}

export interface TaskPart {
  readonly id: string;
  readonly title: string;
  readonly phase: string;
  readonly uses: string;
  readonly status: string;
  readonly needs: readonly string[];
  readonly scope: readonly string[];
  readonly summary: string | null;
  readonly doneBy: string | null;
  readonly reason: string | null;
  readonly commit: string | null;
  readonly undoes: string | null;
  readonly attempts: readonly AttemptPart[];
  readonly artifacts: readonly { readonly name: string; readonly mediaType: string; readonly digest: string; readonly bytes: number }[];
  readonly spent: Spent;
}

/** What attempts used up; minutes with two decimals. */
export type Spent = Required<Usage> & { readonly minutes: number };

export interface CodePart {
  readonly repository: string;
  readonly defaultBranch: string;
  readonly base: string;
  readonly head: string;
  readonly pull: { readonly number: number; readonly state: string } | null;
  /** Null when nothing was merged as far as the ledger knows. */
  readonly merged: { readonly commit: string | null; readonly by: Actor; readonly at: string } | null;
  /** What the last gate that was examined measured; null when none was. */
  readonly diff: { readonly files: number; readonly additions: number; readonly deletions: number } | null;
  readonly commits: readonly { readonly commit: string; readonly task: string; readonly attempt: number; readonly at: string; readonly files: number | null; readonly additions: number | null; readonly deletions: number | null }[];
  readonly authors: readonly string[];
}

/** One examination of a gate. */
export interface RoundPart {
  readonly round: number;
  readonly head: string;
  readonly at: string;
  readonly passed: boolean;
  readonly lines: readonly RubricLine[];
  readonly guards: readonly Pick<GuardReport, 'guard' | 'uses' | 'passed' | 'summary' | 'metrics' | 'findings'>[];
  readonly metrics: { readonly [name: string]: number };
  readonly evidenceDigest: string;
  readonly policyDigest: string;
}

export interface GatePart {
  readonly phase: string;
  readonly title: string;
  readonly status: string;
  /** How the gate stands now, and why. */
  readonly verdict: Verdict | null;
  readonly rounds: readonly RoundPart[];
}

export interface BomPart {
  readonly name: string;
  readonly digest: string;
  readonly format: string;
  readonly components: number;
  readonly unlicensed: number;
  /** Components by licence, the most frequent first. */
  readonly licences: readonly { readonly licence: string; readonly components: number }[];
  readonly vulnerabilities: number;
}

export interface SecurityPart {
  /** Known vulnerabilities, results of static analysis and secrets in the last round of every gate, by metric; empty when none was measured. */
  readonly measured: readonly { readonly metric: string; readonly meaning: string; readonly value: number; readonly phase: string }[];
  readonly boms: readonly BomPart[];
  /** What guards found in the last round of every gate, errors first. */
  readonly findings: readonly (Finding & { readonly phase: string; readonly guard: string })[];
  /** Findings beyond those that are listed. */
  readonly findingsLeftOut: number;
}

/** A decision as the ledger holds it; `facts` are the entry's own plain fields. */
export interface DecisionPart {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  readonly decision: string;
  readonly by: Actor | null;
  readonly phase: string | null;
  readonly round: number | null;
  readonly task: string | null;
  readonly reason: string | null;
  readonly facts: { readonly [name: string]: string | number | boolean };
}

export interface WaiverPart {
  readonly phase: string;
  readonly waiver: number;
  readonly rule: string;
  readonly status: string;
  readonly owner: Actor;
  readonly approvedBy: Actor | null;
  readonly reason: string;
  readonly control: string;
  readonly expected: string;
  readonly measured: string;
  readonly requestedAt: string;
  readonly until: string;
}

export interface CostsPart {
  readonly total: Spent;
  readonly phases: readonly (Spent & { readonly phase: string })[];
  /** Budgets with what was used of them: 1 is all. */
  readonly budgets: readonly { readonly scope: string; readonly budget: Budget; readonly raised: boolean; readonly share: number }[];
}

export interface StepPart {
  readonly task: string;
  readonly title: string;
  readonly uses: string;
  readonly with: { readonly [name: string]: Json | undefined };
  readonly status: string;
}

/** How what was made comes into use, as far as that is part of the mission. */
export interface DeploymentPart {
  readonly steps: readonly StepPart[];
  /** Parameters that speak of a canary or of a roll-out in stages. */
  readonly canary: readonly { readonly task: string; readonly rule: string; readonly value: Json }[];
  readonly documents: readonly string[];
  /** Said where there is nothing. */
  readonly note: string | null;
}

export interface RollbackPart {
  /** What the definition asks for when the mission fails. */
  readonly onFailure: 'stop' | 'rollback';
  /** What takes the change out of the default branch; null when it is not there. */
  readonly code: { readonly commit: string; readonly commands: readonly string[] } | null;
  /** What undoes the tasks, in the order in which it is to be done. */
  readonly steps: readonly StepPart[];
  /** Tasks that left neither a commit nor a way back. */
  readonly withoutWayBack: readonly string[];
  /** What was undone already. */
  readonly done: { readonly reason: string; readonly undone: readonly string[]; readonly failed: readonly string[] } | null;
  readonly documents: readonly string[];
  readonly note: string | null;
}

export interface SignaturesPart {
  readonly entries: number;
  readonly head: string;
  readonly keys: readonly { readonly keyId: string; readonly state: string; readonly publicKey: string }[];
  readonly heads: readonly SignedHead[];
  readonly seals: readonly { readonly entry: number; readonly size: number; readonly keyId: string; readonly good: boolean }[];
  readonly statements: readonly { readonly file: string; readonly sha256: string; readonly predicateType: string; readonly keyIds: readonly string[] }[];
  /** What a verification of the export found, with the keys that lie in it. */
  readonly verification: { readonly verdict: string; readonly faults: readonly string[]; readonly remarks: readonly string[]; readonly packs: number; readonly artifacts: number; readonly statements: number };
}
