import type { PolicyLook } from '../gate/policy.ts';
import type { OutsideAnswer } from './outside-commit.ts';

/** A mission that a commit belongs to, by what was recorded of its trunk or by the branch that is offered. */
export interface MissionOfCommit {
  readonly issue: number;
  /** False: the branch is named after it, but no mission of this issue is known. */
  readonly isKnown: boolean;
  /** Its trunk stands there now. */
  readonly isTrunk: boolean;
  /** It was merged or cancelled: its gates look at nothing that comes later. */
  readonly isOver: boolean;
}

/** What an answer rests on, looked up for it; what cannot be told opens nothing. */
export type OutsideLook =
  | { readonly known: true; readonly policy: PolicyLook; readonly missions: readonly MissionOfCommit[] }
  | { readonly known: false; readonly reason: string };

/**
 * What is said of a commit that a pull request outside of missions offers. A check run belongs to the commit and counts for every pull
 * request on it: so nothing at all is said where a mission's trunk stands, and never anything in favour of what a mission made.
 */
export function judgeOutside(look: OutsideLook): OutsideAnswer {
  if (!look.known) return { say: 'failure', because: 'unknown', reason: look.reason };
  const trunk = look.missions.find(({ isTrunk }) => isTrunk);
  if (trunk) return { say: 'nothing', because: 'trunk', issue: trunk.issue };
  return answerToWork(look.missions) ?? answerByPolicy(look.policy);
}

/** What a mission made is merged by that mission alone. Null for what none made. */
export function answerToWork(missions: readonly MissionOfCommit[]): OutsideAnswer | null {
  const work = missions.find(({ isKnown, isOver }) => isKnown && !isOver) ?? missions.find(({ isKnown }) => isKnown) ?? missions[0];
  if (work === undefined) return null;
  return { say: 'failure', because: !work.isKnown ? 'no-such-mission' : work.isOver ? 'mission-over' : 'mission-work', issue: work.issue };
}

/** What the repository says about changes that come from no mission; a policy that nobody can read says no. */
export function answerByPolicy(policy: PolicyLook): OutsideAnswer {
  if (!policy.known) return { say: 'failure', because: 'unknown', reason: `the repository’s policy cannot be used: ${policy.reason}` };
  switch (policy.policy.outsideMissions) {
    case 'refuse':
      return { say: 'failure', because: 'refused' };
    case 'ignore':
      return { say: 'nothing', because: 'ignored' };
    default:
      return { say: 'success' };
  }
}

/** Why an answer is no, in words; null for every other one. */
export function whyRefused(answer: OutsideAnswer): string | null {
  if (answer.say !== 'failure') return null;
  switch (answer.because) {
    case 'refused':
      return 'it belongs to no mission, and this repository takes changes from missions alone';
    case 'mission-work':
      return `it is work of the mission of issue #${answer.issue}, which that mission’s own pull request merges`;
    case 'mission-over':
      return `it is work of the mission of issue #${answer.issue}, which is over: no gate looks at it any more`;
    case 'no-such-mission':
      return `its branch is named after a mission of issue #${answer.issue}, and there is none`;
    case 'unknown':
      return answer.reason;
  }
}
