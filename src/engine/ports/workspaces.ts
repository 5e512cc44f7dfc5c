import type { Workspace } from '../../steps/step-type.ts';

export interface RepositoryAddress {
  /** Stable folder key: host and repository id. Letters, digits, `-`, `_`, `.`. */
  readonly key: string;
  readonly cloneUrl: string;
}

/** A short-lived secret for one repository; fetched per use, never stored, never logged. */
export type GitCredentials = () => Promise<{ readonly username: string; readonly password: string } | null>;

export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
}

export interface WorkspaceRequest {
  readonly repository: RepositoryAddress;
  readonly credentials: GitCredentials;
  /** Full commit id the worktree starts from. */
  readonly baseCommit: string;
  /** Unique folder name for this attempt. */
  readonly name: string;
  readonly signal: AbortSignal;
}

export interface DiffSummary {
  readonly files: readonly { readonly path: string; /** Where a renamed file was before. */ readonly from?: string; readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'other'; readonly additions: number; readonly deletions: number }[];
  readonly additions: number;
  readonly deletions: number;
  /** Unified diff, limited; `truncated` says whether something was left out. */
  readonly patch: string;
  readonly truncated: boolean;
}

/** A version of a file, brought in by a commit. */
export interface FileVersion {
  readonly commit: string;
  readonly path: string;
  /** Names its content. */
  readonly id: string;
  readonly bytes: number;
  /** Contents that the commit replaced: none for a new file, several where branches were merged. */
  readonly before: readonly { readonly id: string; readonly bytes: number }[];
}

/** What a row of commits brought in. */
export interface BroughtVersions {
  /** The commits that were looked at, oldest first, with the sizes of what git keeps of them: names, addresses, message. */
  readonly commits: readonly { readonly commit: string; readonly bytes: number }[];
  /** Oldest first; what the same commit brought stands together. */
  readonly versions: readonly FileVersion[];
  /** False when there are more than can be listed. */
  readonly isWhole: boolean;
}

/** The history that a workspace's commit comes with. */
export interface WorkspaceHistory {
  /** Versions of regular files that the commit it starts from has in its history and `from` has not; a merge brings what stands in none of its parents. */
  versionsSince(from: string): Promise<BroughtVersions>;
  /** Contents by their ids, of commits too: as git keeps them. The caller sees to it that they fit into memory together. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
}

/** A change, wherever it applies. */
export interface ChangeIdentity {
  /** Where it parted from the base branch. */
  readonly mergeBase: string;
  /** Equal for equal patches: same files, same lines added and taken away in the same surroundings, white space counted. */
  readonly patchId: string;
}

/** One worktree with the git operations that only the worker may do (the task's program never commits or pushes). */
export interface AttemptWorkspace extends Workspace {
  readonly baseCommit: string;
  /** Commits everything that changed (ignored files excepted). Null when nothing changed. */
  commitAll(message: string, author: CommitIdentity, at: Date): Promise<{ readonly commit: string; readonly diff: DiffSummary } | null>;
  /** Every file of the commit it starts from, by path, with a digest of its content; absent where there are no real files. */
  digests?(): Promise<ReadonlyMap<string, string>>;
  /** Commits that the commit it starts from has and `from` has not, oldest first, at most 1,000; absent where there is no real repository. */
  commitsSince?(from: string): Promise<readonly { readonly commit: string; readonly message: string; readonly parents: number }[]>;
  /** Absent where there is no real repository. */
  readonly history?: WorkspaceHistory;
  /** Changes from `from` to the worktree's head commit. */
  diffFrom(from: string): Promise<DiffSummary>;
  /** What the head commit changes against a branch of the repository, wherever that stands now; null, or absent, when it cannot be told. */
  identifyChange?(branch: string): Promise<ChangeIdentity | null>;
  /**
   * Pushes the head commit to `branch`, replacing whatever an earlier attempt left there.
   * `confirm` is called just before the push: when it answers false nothing is pushed (the lease is lost).
   */
  push(branch: string, confirm: () => Promise<boolean>): Promise<'pushed' | 'refused'>;
  /** Removes the worktree; harmless when called twice. */
  dispose(): Promise<void>;
}

/** As much of a worktree as guards are shown. */
export type ExaminedWorkspace = Workspace & Pick<AttemptWorkspace, 'digests' | 'commitsSince' | 'history' | 'diffFrom'>;

export interface Workspaces {
  /** Fetches what is needed into a bare mirror (kept between attempts) and adds a worktree. Throws `StepError` (network, permission, environment). */
  open(request: WorkspaceRequest): Promise<AttemptWorkspace>;
  /** Removes worktrees that dead processes left behind. */
  sweep(): Promise<void>;
}
