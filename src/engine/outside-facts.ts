import type { OfferedPull } from '../core/mission/outside-commit.ts';
import type { MissionOfCommit, OutsideLook } from '../core/mission/outside-pull.ts';
import { noPolicy } from '../core/gate/policy.ts';
import { issueOfMissionBranch } from '../core/mission/source.ts';
import type { MissionSource } from '../core/mission/source.ts';
import { lookUpPolicy, orUnknown } from './gate-facts.ts';
import type { GateSources } from './gate-facts.ts';
import { missionOfBranch, missionsRecordedAt } from './missions-at.ts';
import type { CommitSources } from './missions-at.ts';

/**
 * What is to be known of a commit that pull requests outside of missions offer: the missions it has to do with, by what was recorded
 * and by every pull request that GitHub shows on it, and what the repository says. Throws `HostError` only for what passes by itself.
 */
export async function factsOfOutside(sources: GateSources & CommitSources, source: MissionSource, commit: string, offered: readonly OfferedPull[]): Promise<OutsideLook> {
  const recorded = await missionsRecordedAt(sources, source, commit);
  // Nothing is said there, whatever else could be found.
  if (recorded.some(({ isTrunk }) => isTrunk)) return { known: true, policy: { known: true, policy: noPolicy }, missions: recorded };
  return orUnknown<OutsideLook>(
    async () => {
      const pulls = [...offered, ...(await sources.host.pullsAt(source, commit))];
      const named = new Map<string, MissionOfCommit>();
      for (const { branch, isOurs } of pulls) {
        const issue = isOurs ? issueOfMissionBranch(branch) : null;
        if (issue !== null && !named.has(branch)) named.set(branch, await missionOfBranch(sources, source, issue, branch, commit));
      }
      return { known: true, policy: await lookUpPolicy(sources, source), missions: [...recorded, ...named.values()] };
    },
    (reason) => ({ known: false, reason: `the pull requests that stand on this commit could not be looked up: ${reason}` }),
  );
}
