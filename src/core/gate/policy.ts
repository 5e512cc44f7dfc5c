import type { Approver, Exclusion, Problem } from '../mission/definition.ts';

/** Where a repository keeps its rules, on its default branch. */
export const policyPath = '.github/missiongate.yml';

/** What a repository says: the floor under every gate (a definition may ask for more, never for less), and about changes without a mission. */
export interface RepositoryPolicy {
  readonly approvals: ApprovalFloor | null;
  readonly waivers: WaiverFloor | null;
  /** Absent: nothing is said, and they succeed. */
  readonly outsideMissions?: OutsideMissions;
}

/** What becomes of pull requests that belong to no mission. */
export const outsideMissions = ['succeed', 'ignore', 'refuse'] as const;
export type OutsideMissions = (typeof outsideMissions)[number];

export interface ApprovalFloor {
  /** Approvals that every gate needs at least: 0 … 10. */
  readonly minimum: number;
  /** Who gives those. */
  readonly from: readonly Approver[];
  /** Never count, whatever a definition says; besides what it excludes itself. */
  readonly exclude: readonly Exclusion[];
}

export interface WaiverFloor {
  /** Longest time a waiver may last, in days: 0 (there are none) … 30; null: nothing is said. */
  readonly maxDays: number | null;
  /** Who may confirm one; null: nothing is said. */
  readonly from: readonly Approver[] | null;
}

/** A repository without a policy file. */
export const noPolicy: RepositoryPolicy = { approvals: null, waivers: null };

/** True for a policy that asks nothing of gates: for them it is as good as none. */
export function isSilent({ approvals, waivers }: RepositoryPolicy): boolean {
  return approvals === null && waivers === null;
}

/** The policy as looked up now. What cannot be known or understood is no permission for anything. */
export type PolicyLook =
  | { readonly known: true; readonly policy: RepositoryPolicy }
  | { readonly known: false; readonly reason: string; /** What is wrong with the file; empty when it could not be fetched. */ readonly problems: readonly Problem[] };
