import { missionIdOf, trunkBranch } from '../core/mission/source.ts';
import type { MissionSource } from '../core/mission/source.ts';
import type { MissionOfCommit } from '../core/mission/outside-pull.ts';
import { isMission } from '../core/mission/state.ts';
import type { Mission, MissionState } from '../core/mission/state.ts';

/** Where missions and the commits of their trunks are looked up. */
export interface CommitSources {
  /** A mission as it stands; null when there is none. */
  mission(missionId: string): Promise<MissionState | null>;
  /** Missions of a repository whose trunk stands or once stood on a commit. */
  missionsAt(repositoryId: number, commit: string): Promise<readonly string[]>;
}

/** Missions whose trunk, as it was recorded, stands or stood on a commit. */
export async function missionsRecordedAt(sources: CommitSources, { repository }: MissionSource, commit: string): Promise<readonly MissionOfCommit[]> {
  const found: MissionOfCommit[] = [];
  for (const missionId of await sources.missionsAt(repository.id, commit)) {
    const state = await sources.mission(missionId);
    if (isMission(state)) found.push({ issue: state.source.issue.number, isKnown: true, isTrunk: state.trunk.head === commit, isOver: isAbandoned(state) });
  }
  return found;
}

/** The mission that a branch of this repository is named after, as it concerns the commit that is offered from there. */
export async function missionOfBranch(sources: Pick<CommitSources, 'mission'>, { repository }: MissionSource, issue: number, branch: string, commit: string): Promise<MissionOfCommit> {
  const state = await sources.mission(missionIdOf(repository.id, issue));
  if (!isMission(state)) return { issue, isKnown: false, isTrunk: false, isOver: false };
  const isOver = isAbandoned(state);
  // A push to the trunk may not have been told yet; a mission that is over looks at none any more.
  return { issue, isKnown: true, isTrunk: branch === trunkBranch(issue) && (!isOver || state.trunk.head === commit), isOver };
}

/** It follows its trunk no longer: what is pushed there now has passed no gate, and will pass none. */
function isAbandoned({ status, pull }: Mission): boolean {
  return status === 'cancelled' || pull?.state === 'merged';
}
