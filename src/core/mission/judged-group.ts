import type { Verdict } from '../gate/verdict.ts';

/** A temporary commit of GitHub's merge queue, on which required checks must stand before it is merged. */
export interface MergeGroup {
  readonly head: string;
  /** The queue's temporary branch. */
  readonly ref: string;
  readonly base: string;
  /** The branch that is merged into. */
  readonly baseBranch: string;
}

/** A group and what was decided of it. */
export interface JudgedGroup {
  readonly group: MergeGroup;
  readonly verdict: Verdict;
  /** GitHub gave the group up: there is nothing to be said of it any more. */
  readonly ended: boolean;
}
