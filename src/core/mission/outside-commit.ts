/** A pull request as it was offered. */
export interface OfferedPull {
  readonly number: number;
  readonly branch: string;
  /** Its branch is one of this repository, not of a fork. */
  readonly isOurs: boolean;
}

/** What the check `missiongate` says of a commit that pull requests of no mission offer, and why. */
export type OutsideAnswer =
  | { readonly say: 'success' }
  /** The repository takes changes from missions alone. */
  | { readonly say: 'failure'; readonly because: 'refused' }
  /** A mission made it, and merges it in its own way. */
  | { readonly say: 'failure'; readonly because: 'mission-work'; readonly issue: number }
  /** The same, of a mission that was merged or cancelled: it merges nothing any more. */
  | { readonly say: 'failure'; readonly because: 'mission-over'; readonly issue: number }
  /** It is named like a mission's branch, of a mission that nobody knows. */
  | { readonly say: 'failure'; readonly because: 'no-such-mission'; readonly issue: number }
  /** What it depends on could not be looked up, or not be understood. */
  | { readonly say: 'failure'; readonly because: 'unknown'; readonly reason: string }
  | { readonly say: 'nothing'; readonly because: 'ignored' }
  /** A mission's trunk stands there: what is said of it, its gates say. */
  | { readonly say: 'nothing'; readonly because: 'trunk'; readonly issue: number };

/** A commit that pull requests of no mission offer. A check run belongs to the commit, so that all of them have the same answer. */
export interface OutsideCommit {
  readonly commit: string;
  /** Those that stand on it and are open, by number. */
  readonly pulls: readonly OfferedPull[];
  readonly answer: OutsideAnswer;
}
