import { issueOfMissionBranch, issueOfTrunk, missionIdOf, trunkBranch } from '../core/mission/source.ts';
import type { MissionSource } from '../core/mission/source.ts';
import type { MergeGroup } from '../core/mission/judged-group.ts';
import type { GroupLook, GroupPull } from '../core/mission/merge-group.ts';
import { isMission } from '../core/mission/state.ts';
import { lookUpPolicy, orUnknown } from './gate-facts.ts';
import type { GateSources } from './gate-facts.ts';
import { missionOfBranch, missionsRecordedAt } from './missions-at.ts';
import type { CommitSources } from './missions-at.ts';
import type { PullAtHead } from './ports/repository-host.ts';

export type GroupSources = GateSources & CommitSources;

/** The pull requests of a merge group with the missions they belong to, looked up now. Throws `HostError` only for what passes by itself. */
export async function factsOfGroup(sources: GroupSources, source: MissionSource, group: MergeGroup): Promise<GroupLook> {
  return orUnknown<GroupLook>(
    async () => {
      const look = await sources.host.pullsOfGroup(source, group);
      if (!look.known) return look;
      const pulls: GroupPull[] = [];
      for (const pull of look.pulls) pulls.push(await withMission(sources, source, pull));
      return { known: true, pulls, policy: await lookUpPolicy(sources, source) };
    },
    (reason) => ({ known: false, reason: `the pull requests of the group could not be looked up: ${reason}` }),
  );
}

/**
 * A trunk of this repository belongs to the mission of its issue, whether its pull request was made by us or not; and so does whatever
 * else stands on the very commit of a trunk.
 */
async function withMission(sources: GroupSources, source: MissionSource, { number, head, branch, isOurs }: PullAtHead): Promise<GroupPull> {
  const recorded = await missionsRecordedAt(sources, source, head);
  const issue = (isOurs ? issueOfTrunk(branch) : null) ?? recorded.find(({ isTrunk }) => isTrunk)?.issue ?? null;
  const state = issue === null ? null : await sources.mission(missionIdOf(source.repository.id, issue));
  if (isMission(state)) return { number, head, mission: state, people: await sources.host.trunk(state.source, trunkBranch(state.source.issue.number), state.trunk.base) };
  const named = isOurs ? issueOfMissionBranch(branch) : null;
  return { number, head, mission: null, workOf: [...recorded, ...(named === null ? [] : [await missionOfBranch(sources, source, named, branch, head)])] };
}
