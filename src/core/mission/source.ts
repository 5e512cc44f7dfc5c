import type { Actor } from './actor.ts';

/** Where a mission lives on GitHub. */
export interface MissionSource {
  readonly installationId: number;
  readonly repository: { readonly id: number; readonly owner: string; readonly name: string; readonly defaultBranch: string };
  readonly issue: { readonly number: number; readonly title: string; readonly author: Actor };
}

/** One mission per issue: the id says which, so that every webhook finds its mission without a look-up. */
export function missionIdOf(repositoryId: number, issueNumber: number): string {
  return `r${repositoryId}-i${issueNumber}`;
}

/** Branch that finished tasks are merged into; the mission's pull request goes from here. */
export function trunkBranch(issueNumber: number): string {
  return `mission/${issueNumber}/trunk`;
}

/** Branch of one task. A task may not be called `trunk`: planning refuses it. What undoes `build` is `build.undo`: ids have no point. */
export function taskBranch(issueNumber: number, subject: string): string {
  const undone = subject.startsWith('undo/') ? subject.slice('undo/'.length) : null;
  return `mission/${issueNumber}/${undone === null ? subject : `${undone}.undo`}`;
}

/** The issue a trunk branch belongs to, or null for any other branch. */
export function issueOfTrunk(branch: string): number | null {
  const issue = issueOfMissionBranch(branch);
  return issue !== null && branch === trunkBranch(issue) ? issue : null;
}

/** The issue of the mission that a branch is named after, be it its trunk or a task's; null for any other branch. */
export function issueOfMissionBranch(branch: string): number | null {
  const match = /^mission\/([1-9][0-9]{0,9})\/./.exec(branch);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** A commit that pull requests of no mission offer has a record of its own, however many of them stand on it. */
export function outsideId(repositoryId: number, commit: string): string {
  return `r${repositoryId}-c${commit}`;
}
