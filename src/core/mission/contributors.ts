import { defaultExclusions } from './definition.ts';
import type { Exclusion } from './definition.ts';

/** Who made a change, by what they did. Logins, or e-mail addresses where GitHub knows no login; each list sorted. */
export interface Contributors {
  readonly author: readonly string[];
  readonly committer: readonly string[];
  readonly 'co-author': readonly string[];
}

/** GitHub's logins are the same in any case. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Both together. */
export function joinContributors(one: Contributors, other: Contributors): Contributors {
  return { author: union(one.author, other.author), committer: union(one.committer, other.committer), 'co-author': union(one['co-author'], other['co-author']) };
}

/** Sorted; the first list itself where the other adds nothing. */
export function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return other.every((entry) => one.includes(entry)) ? one : [...new Set([...one, ...other])].sort();
}

/** People found just now, who may not be recorded yet. */
export interface FoundPeople {
  readonly authors: readonly string[];
  readonly contributors?: Contributors;
}

/** What is recorded of a mission's people. */
interface OfMission {
  readonly requestedBy: { readonly login: string };
  readonly trunk: FoundPeople;
}

/**
 * What keeps a person's approval from counting, or null. What nobody told apart (a mission of an earlier version) counts as
 * everything that is excluded.
 */
export function exclusionOf(mission: OfMission, exclude: readonly Exclusion[], login: string, found?: FoundPeople): Exclusion | null {
  if (exclude.includes('requester') && isSame(login, mission.requestedBy.login)) return 'requester';
  for (const people of [mission.trunk, ...(found === undefined ? [] : [found])]) {
    const { authors, contributors } = people;
    const kind = contributors === undefined ? undefined : defaultExclusions.find((one) => contributors[one].some((name) => isSame(name, login)) && exclude.includes(one));
    if (kind !== undefined) return kind;
    const known = contributors !== undefined && defaultExclusions.some((one) => contributors[one].some((name) => isSame(name, login)));
    const first = defaultExclusions.find((one) => exclude.includes(one));
    if (!known && first !== undefined && authors.some((name) => isSame(name, login))) return first;
  }
  return null;
}
