import type { Authority } from '../../core/mission/actor.ts';
import type { AssignmentLook } from '../../core/mission/assignment.ts';
import type { MergeGroup } from '../../core/mission/judged-group.ts';
import type { IntegrationResult, TrunkFacts } from '../../core/mission/signal.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import type { HostFailure } from '../../core/schedule/retry.ts';
import type { GitCredentials, RepositoryAddress } from './workspaces.ts';

/** Reads and merges on the side that owns the repository (GitHub). Failures that may pass are thrown as `HostError`. */
export interface RepositoryHost {
  /** The login's role in the repository, looked up now. A look-up that GitHub refuses is an unknown authority, which means no. */
  authorityOf(source: MissionSource, login: string): Promise<Authority>;
  /** Labels on the issue now. */
  labelsOf(source: MissionSource): Promise<readonly string[]>;
  /** Who is assigned to the issue now, and whether the others of these logins may be. */
  assignmentOf(source: MissionSource, logins: readonly string[]): Promise<AssignmentLook>;
  /** A file on the default branch, or null when there is none (or it is no file). */
  readFile(source: MissionSource, path: string): Promise<string | null>;
  /** A file on the default branch, with what keeps it from being read: where "there is none" and "nobody can tell" must not be the same. */
  fileOf(source: MissionSource, path: string): Promise<FileLook>;
  /** Whether a person is an active member of a team (`organisation/slug`), looked up now. */
  membershipOf(source: MissionSource, team: string, login: string): Promise<Membership>;
  /** The e-mail address that a person shows in their profile, looked up now; null where they show none. GitHub has verified it. */
  emailOf(source: MissionSource, login: string): Promise<string | null>;
  /** The files that `head` changes against the default branch, renamed ones by both names; or why GitHub does not show them all. */
  touchedFiles(source: MissionSource, head: string, pull: number | null): Promise<TouchedFiles>;
  /** The pull requests that a commit of the merge queue is made of; or why nobody can name them all. */
  pullsOfGroup(source: MissionSource, group: MergeGroup): Promise<PullsOfGroup>;
  /** The open pull requests whose head a commit is. */
  pullsAt(source: MissionSource, commit: string): Promise<readonly PullAtHead[]>;
  /**
   * Head of `branch` now, or of the default branch while `branch` does not exist; with the people (logins, or e-mail
   * addresses where GitHub knows none) who wrote or committed what the branch has over the default branch. Our own bot is left out;
   * nobody is looked for where `base` is null or the head itself.
   */
  trunk(source: MissionSource, branch: string, base: string | null): Promise<TrunkFacts>;
  /**
   * Merges a commit into a branch, creating the branch at `base` when it does not exist. Idempotent: a commit that is
   * already contained counts as merged.
   */
  mergeInto(source: MissionSource, request: { readonly branch: string; readonly base: string; readonly commit: string; readonly message: string }): Promise<IntegrationResult>;
  /** Where the worker fetches from and pushes to. */
  addressOf(source: MissionSource): RepositoryAddress;
  /** Short-lived credentials narrowed to this repository and to reading and writing its contents. */
  credentialsFor(source: MissionSource): GitCredentials;
}

export interface PullAtHead {
  readonly number: number;
  readonly head: string;
  readonly branch: string;
  /** Its branch is one of this repository, not of a fork. */
  readonly isOurs: boolean;
}

export type PullsOfGroup = { readonly known: true; readonly pulls: readonly PullAtHead[] } | { readonly known: false; readonly reason: string };
export type FileLook = { readonly found: 'text'; readonly text: string } | { readonly found: 'nothing' } | { readonly found: 'unreadable'; readonly reason: string };
export type Membership = { readonly known: true; readonly member: boolean } | { readonly known: false; readonly reason: string };
export type TouchedFiles = { readonly known: true; readonly paths: readonly string[] } | { readonly known: false; readonly reason: string };

/** A call to GitHub failed in a way that may pass. `retryAfterMs` is set when GitHub said how long to wait. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly failure: HostFailure;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  constructor(failure: HostFailure, message: string, details: { status?: number | null; retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.failure = failure;
    this.status = details.status ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}
