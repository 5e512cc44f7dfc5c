import type { FaultRule } from './faults.ts';
import type { Commit } from './git/commits.ts';
import type { Ref } from './git/bare-repository.ts';
import type { CheckRun, Comment, Dispatch, Issue, Label, Permissions, Pull, Repository, Review, Role } from './model/records.ts';
import type { ForgeSettings } from './model/world.ts';
import type { EndedWorkflowRun } from './operations/workflow-runs.ts';
import type { ContentLimit, RateState } from './rest/rate-limit.ts';
import type { RequestObserver, RequestRecord } from './rest/request-record.ts';
import type { UserClient } from './user-client.ts';
import type { Delivery } from './webhooks/delivery.ts';
import type { ReleaseOptions } from './webhooks/dispatcher.ts';
import type { WebhookRule } from './webhooks/webhook-faults.ts';

export interface NewForgeRepository {
  readonly owner: string;
  readonly name: string;
  readonly private?: boolean;
  readonly description?: string;
  /** The first commit's files by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A local git repository whose branch is copied; it is only read. A bare path copies the branch `defaultBranch`. */
  readonly from?: string | { readonly path: string; readonly branch: string };
  readonly defaultBranch?: string;
}

export interface NewForgeApp {
  readonly slug: string;
  readonly name: string;
  /** Login of a person or organisation. */
  readonly owner: string;
  readonly description?: string;
  readonly externalUrl?: string;
  readonly webhookUrl?: string;
  readonly webhookSecret?: string;
  readonly events: readonly string[];
  readonly permissions: Permissions;
}

export interface CreatedApp {
  readonly appId: number;
  readonly slug: string;
  readonly botLogin: string;
  readonly clientId: string;
  /** PEM, PKCS#1. Not kept by the forge. */
  readonly privateKey: string;
}

/** What a test may look at: the objects themselves (do not change them) and the repository as git sees it. */
export interface RepositoryInspection {
  readonly id: number;
  readonly fullName: string;
  readonly cloneUrl: string;
  /** Folder of the bare repository. */
  readonly gitDir: string;
  readonly defaultBranch: string;
  issues(): readonly Issue[];
  issue(number: number): Issue;
  comments(issueNumber?: number): readonly Comment[];
  labels(): readonly Label[];
  pulls(): readonly { readonly issue: Issue; readonly pull: Pull; readonly reviews: readonly Review[] }[];
  /** Every check run ever made, oldest first; with a commit, those of that commit. */
  checkRuns(sha?: string): readonly CheckRun[];
  dispatches(): readonly Dispatch[];
  refs(): Promise<readonly Ref[]>;
  /** The commits of a branch, tag or commit id, newest first. */
  commits(ref?: string): Promise<readonly Commit[]>;
  /** Paths and contents of all files at a ref. */
  filesAt(ref?: string): Promise<ReadonlyMap<string, string>>;
  /** Problems `git fsck` finds; none when the repository is sound. */
  fsck(): Promise<readonly string[]>;
}

/** A running forge. */
export interface Forge {
  /** Base of pages and clone addresses, without a slash at the end. */
  readonly url: string;
  /** Base of the REST API (`GITHUB_API_URL`), without a slash at the end. */
  readonly apiUrl: string;
  readonly port: number;
  /** Needed for `POST /_control`. */
  readonly controlToken: string;
  readonly settings: ForgeSettings;
  stop(): Promise<void>;

  createUser(given: { login: string; name?: string; email?: string }): { login: string; id: number; token: string };
  createOrganization(given: { login: string; name?: string; members?: Readonly<Record<string, 'member' | 'admin'>> }): { login: string; id: number };
  createTeam(given: { organization: string; slug: string; name?: string; members: Readonly<Record<string, 'member' | 'maintainer'>> }): { id: number; slug: string };
  createRepository(given: NewForgeRepository): Promise<RepositoryInspection>;
  /** Copies a repository to another account as a fork. */
  fork(repository: string, owner: string): Promise<RepositoryInspection>;
  setRole(repository: string, login: string, role: Role): void;
  createApp(given: NewForgeApp): Promise<CreatedApp>;
  setWebhook(appId: number, webhook: { url: string; secret: string }): void;
  /** Installs an App on an account, on the named repositories (`name` or `owner/name`) or all; emits `installation.created`. */
  install(appId: number, owner: string, repositories: readonly string[] | 'all'): number;
  /** Removes an installation; emits `installation.deleted`. */
  uninstall(installationId: number): void;
  changeInstallation(installationId: number, change: { add?: readonly string[]; remove?: readonly string[] }): void;
  suspend(installationId: number, suspended: boolean): void;
  /** A client that acts as a person over HTTP. */
  as(login: string): UserClient;

  /** Puts a pull request into the merge queue, as a person does on its page; the base branch must require checks. */
  enqueue(repository: string, number: number, login: string): Promise<{ head: string; ref: string }>;
  /** Takes it out again, as a person does, or GitHub after waiting too long for checks. */
  dequeue(repository: string, number: number): Promise<void>;

  /** Tells the Apps that a workflow's run ended, as if `login` had started it; its number. */
  endWorkflowRun(repository: string, login: string, run: EndedWorkflowRun): Promise<number>;

  /** The delivery log, oldest first. */
  deliveries(): readonly Delivery[];
  /** Sends a logged delivery again with the same GUID. */
  redeliver(guid: string): void;
  /** From now on webhooks wait. */
  hold(): void;
  held(): readonly Delivery[];
  release(options?: ReleaseOptions): Promise<void>;
  /** Resolves when no webhook is on its way. */
  idle(): Promise<void>;

  /** The log of REST and git requests, oldest first. */
  requests(): readonly RequestRecord[];
  /** Watches requests; the request waits for the observer. Returns the function that stops watching. */
  onRequest(observer: RequestObserver): () => void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  addWebhookFault(rule: WebhookRule): void;
  clearWebhookFaults(): void;
  /** `key`: `installation:<id>`, `user:<login>`, `app:<id>` or `anonymous`. */
  setQuota(key: string, quota: { limit?: number; remaining?: number; resetInSeconds?: number }): void;
  quota(key: string): RateState;
  /** Enforces GitHub's limit on content-creating requests (80 a minute, 500 an hour); null switches it off again. */
  setContentLimit(limit: ContentLimit | null): void;

  repositories(): readonly RepositoryInspection[];
  /** Throws when there is none. */
  repository(fullName: string): RepositoryInspection;
  /** The record behind an inspection, for the forge's own tests and pages. */
  record(fullName: string): Repository;
}
