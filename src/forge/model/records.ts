import type { Millis } from '../../kit/time.ts';
import type { BareRepository } from '../git/bare-repository.ts';

/** Roles in a repository, weakest first. */
export const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type PermissionLevel = 'read' | 'write' | 'admin';
export type Permissions = Readonly<Record<string, PermissionLevel>>;

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Organization' | 'Bot';
  readonly name: string | null;
  readonly email: string | null;
  readonly createdAt: Millis;
  /** A person's personal access token; null for organisations and bots. */
  readonly token: string | null;
  /** Logins (lower case) of an organisation's members, with their role. */
  readonly members: Map<string, 'member' | 'admin'>;
  /** The App behind a bot account. */
  readonly appId: number | null;
}

export interface Team {
  readonly id: number;
  readonly organization: Account;
  readonly slug: string;
  readonly name: string;
  /** Logins, lower case. */
  readonly members: Map<string, 'member' | 'maintainer'>;
}

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly owner: Account;
  readonly bot: Account;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly publicKeyPem: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly externalUrl: string;
  readonly description: string | null;
  readonly createdAt: Millis;
  readonly hookId: number;
  webhook: WebhookConfig | null;
}

export interface WebhookConfig {
  readonly url: string;
  readonly secret: string;
}

export interface Installation {
  readonly id: number;
  readonly app: App;
  readonly account: Account;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly createdAt: Millis;
  updatedAt: Millis;
  /** Null means every repository of the account, present and future. */
  repositoryIds: Set<number> | null;
  suspendedAt: Millis | null;
  suspendedBy: Account | null;
}

export interface InstallationToken {
  readonly token: string;
  readonly installation: Installation;
  readonly permissions: Permissions;
  /** Null means every repository of the installation. */
  readonly repositoryIds: ReadonlySet<number> | null;
  readonly expiresAt: Millis;
}

export interface Label {
  readonly id: number;
  name: string;
  color: string;
  description: string | null;
  readonly default: boolean;
}

export const REACTIONS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const;
export type ReactionContent = (typeof REACTIONS)[number];

export interface Reaction {
  readonly id: number;
  readonly user: Account;
  readonly content: ReactionContent;
  readonly createdAt: Millis;
}

export interface TimelineEvent {
  readonly id: number;
  readonly event: string;
  readonly actor: Account;
  readonly createdAt: Millis;
  readonly label?: { readonly name: string; readonly color: string };
  readonly commitId?: string;
  readonly rename?: { readonly from: string; readonly to: string };
  /** The verdict that was taken back, and why. */
  readonly dismissedReview?: { readonly state: string; readonly reviewId: number; readonly message: string };
}

/** A version of a text, with who wrote it; the first is the text as it was created. */
export interface TextEdit {
  readonly editor: Account;
  readonly editedAt: Millis;
  readonly text: string;
}

/** A branch or tag that came, moved or went. */
export interface RefActivity {
  readonly id: number;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly actor: Account;
  readonly at: Millis;
  readonly type: 'push' | 'force_push' | 'branch_creation' | 'branch_deletion' | 'pr_merge';
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly user: Account;
  readonly viaApp: App | null;
  readonly createdAt: Millis;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'reopened' | 'duplicate' | null;
  labels: Label[];
  assignees: Account[];
  locked: boolean;
  lockReason: 'resolved' | 'off-topic' | 'too heated' | 'spam' | null;
  updatedAt: Millis;
  closedAt: Millis | null;
  closedBy: Account | null;
  readonly reactions: Reaction[];
  /** Versions of the body; empty while it is as it was created. */
  readonly edits: TextEdit[];
  readonly events: TimelineEvent[];
  /** Set when the issue is a pull request. */
  pull: Pull | null;
}

export interface Comment {
  readonly id: number;
  readonly issueNumber: number;
  readonly user: Account;
  readonly viaApp: App | null;
  readonly createdAt: Millis;
  body: string;
  updatedAt: Millis;
  readonly reactions: Reaction[];
  /** Versions of the body; empty while it is as it was created. */
  readonly edits: TextEdit[];
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  readonly headRepositoryId: number;
  readonly headRef: string;
  headSha: string;
  baseRef: string;
  /** The base branch's commit when the pull request was opened or last updated. */
  baseSha: string;
  draft: boolean;
  mergedAt: Millis | null;
  mergedBy: Account | null;
  mergeCommitSha: string | null;
  requestedReviewers: Account[];
  maintainerCanModify: boolean;
  readonly reviews: Review[];
  /** `head:base` pairs for which mergeability was asked before: GitHub answers null the first time. */
  mergeabilityAsked: string | null;
}

export interface Review {
  readonly id: number;
  readonly user: Account;
  body: string;
  state: 'PENDING' | 'COMMENTED' | 'APPROVED' | 'CHANGES_REQUESTED' | 'DISMISSED';
  readonly commitId: string;
  submittedAt: Millis | null;
}

export type CheckStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending';
export type CheckConclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required' | 'stale';

export interface Annotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly startColumn: number | null;
  readonly endColumn: number | null;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly message: string;
  readonly title: string | null;
  readonly rawDetails: string | null;
}

export interface CheckAction {
  readonly label: string;
  readonly description: string;
  readonly identifier: string;
}

export interface CheckRun {
  readonly id: number;
  readonly suite: CheckSuite;
  readonly app: App;
  readonly headSha: string;
  name: string;
  externalId: string;
  detailsUrl: string;
  status: CheckStatus;
  conclusion: CheckConclusion | null;
  startedAt: Millis;
  completedAt: Millis | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  readonly annotations: Annotation[];
  /** Shown as buttons on the page once completed; never returned by the API. */
  actions: readonly CheckAction[];
}

export interface CheckSuite {
  readonly id: number;
  readonly app: App;
  readonly headSha: string;
  readonly headBranch: string | null;
  readonly before: string | null;
  readonly createdAt: Millis;
  updatedAt: Millis;
  readonly runs: CheckRun[];
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Account;
  readonly createdAt: Millis;
}

export interface BranchProtection {
  readonly requiredChecks: { readonly strict: boolean; readonly checks: readonly { readonly context: string; readonly appId: number | null }[] } | null;
  readonly requiredReviews: { readonly count: number; readonly dismissStale: boolean; readonly requireCodeOwners: boolean } | null;
  readonly enforceAdmins: boolean;
  readonly allowForcePushes: boolean;
  readonly allowDeletions: boolean;
}

export interface Dispatch {
  readonly kind: 'repository_dispatch' | 'workflow_dispatch';
  readonly name: string;
  readonly ref: string | null;
  readonly payload: unknown;
  readonly sender: string;
  readonly at: Millis;
}

/** A pull request in the merge queue, and the commit made of it; they change when what is before it leaves. */
export interface QueueEntry {
  readonly issue: Issue;
  readonly pull: Pull;
  readonly by: Account;
  head: string;
  base: string;
  /** `refs/heads/gh-readonly-queue/<base>/pr-<number>-<base commit>`. */
  ref: string;
  /** The head of the pull request that the commit was made with. */
  pullHead: string;
}

export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly fullName: string;
  readonly parentId: number | null;
  readonly git: BareRepository;
  readonly createdAt: Millis;
  private: boolean;
  description: string | null;
  defaultBranch: string;
  archived: boolean;
  allowMergeCommit: boolean;
  allowSquashMerge: boolean;
  updatedAt: Millis;
  pushedAt: Millis;
  nextNumber: number;
  /** By login, lower case. */
  readonly roles: Map<string, Role>;
  /** By name, lower case. */
  readonly labels: Map<string, Label>;
  readonly issues: Map<number, Issue>;
  readonly comments: Map<number, Comment>;
  readonly checkRuns: Map<number, CheckRun>;
  readonly checkSuites: Map<number, CheckSuite>;
  readonly statuses: CommitStatus[];
  readonly protections: Map<string, BranchProtection>;
  readonly dispatches: Dispatch[];
  /** The merge queue, first in first. */
  readonly mergeQueue: QueueEntry[];
  /** What happened to branches and tags, oldest first. */
  readonly activity: RefActivity[];
}
