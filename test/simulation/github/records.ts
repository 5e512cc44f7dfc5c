import type { Annotation, CheckAction, CheckConclusion, CheckStatus, ReactionContent, Role } from '../../../src/forge/model/records.ts';

export type { CheckConclusion, CheckStatus, ReactionContent, Role };

/** JSON as it is answered; built anew for every answer, with parts that never change shared. */
export type Shape = Readonly<Record<string, unknown>>;

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot';
  readonly email: string;
  readonly shape: Shape;
}

export interface Label {
  readonly name: string;
  readonly shape: Shape;
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly user: Account;
  readonly byApp: boolean;
  readonly createdAt: number;
  readonly comments: Comment[];
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'reopened' | 'duplicate' | null;
  labels: Label[];
  updatedAt: number;
  closedAt: number | null;
  closedBy: Account | null;
  readonly pull: Pull | null;
  /** What happened to it, as its history tells. */
  readonly events: IssueEvent[];
  readonly edits: TextEdit[];
  /** Changes of title and text so far. */
  texts: number;
}

export interface IssueEvent {
  readonly id: number;
  readonly event: 'labeled' | 'unlabeled' | 'closed' | 'reopened' | 'renamed';
  readonly actor: Account;
  readonly at: number;
  readonly label?: Label;
  readonly rename?: { readonly from: string; readonly to: string };
  readonly commit?: string;
}

/** A version of a text; the first is the text as it was created. There are none before the first edit. */
export interface TextEdit {
  readonly editor: Account;
  readonly at: number;
  readonly text: string;
}

/** A branch that came, moved or went. */
export interface RefActivity {
  readonly id: number;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly actor: Account;
  readonly at: number;
  readonly type: 'push' | 'force_push' | 'branch_creation' | 'branch_deletion' | 'pr_merge';
}

export interface Pull {
  readonly id: number;
  readonly headRef: string;
  readonly baseRef: string;
  readonly reviews: Review[];
  headSha: string;
  baseSha: string;
  draft: boolean;
  mergedAt: number | null;
  mergedBy: Account | null;
  mergeCommit: string | null;
}

/** An issue that is a pull request. */
export type PullIssue = Issue & { readonly pull: Pull };

export interface Comment {
  readonly id: number;
  readonly issue: Issue;
  readonly user: Account;
  readonly createdAt: number;
  readonly reactions: { readonly user: Account; readonly content: ReactionContent; readonly id: number }[];
  readonly edits: TextEdit[];
  body: string;
  updatedAt: number;
}

export interface Review {
  readonly id: number;
  readonly user: Account;
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED';
  readonly body: string;
  readonly commit: string;
  readonly at: number;
}

export interface CheckSuite {
  readonly id: number;
  readonly headSha: string;
  readonly headBranch: string | null;
  readonly createdAt: number;
  readonly runs: CheckRun[];
}

export interface CheckRun {
  readonly id: number;
  readonly suite: CheckSuite;
  readonly headSha: string;
  readonly startedAt: number;
  name: string;
  externalId: string;
  status: CheckStatus;
  conclusion: CheckConclusion | null;
  completedAt: number | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  /** Requests only ever append. */
  readonly annotations: Annotation[];
  actions: readonly CheckAction[];
}

/** A webhook to be delivered, in the product's own form of one. */
export interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly payload: Shape;
  readonly action: string | null;
  /** Who caused it. */
  readonly sender: string;
  readonly at: number;
}

/** One try to hand a webhook over. */
export interface Attempt {
  readonly id: number;
  readonly delivery: Delivery;
  readonly at: number;
  readonly isRedelivery: boolean;
  /** 0 when there was no answer. */
  readonly statusCode: number;
}
