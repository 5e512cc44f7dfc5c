import { policyPath } from '../../core/gate/policy.ts';
import type { OutsideAnswer, OutsideCommit } from '../../core/mission/outside-commit.ts';
import { whyRefused } from '../../core/mission/outside-pull.ts';
import type { CheckOutput } from './gate-check.ts';
import type { Ink } from './ink.ts';
import { page, paragraph } from './page.ts';
import { short } from './words.ts';

/** The check on a commit that pull requests of no mission offer: what it means that they belong to none, or why they may not be merged. */
export function outsideCheck(ink: Ink, { commit, answer }: OutsideCommit): CheckOutput {
  const refusal = whyRefused(answer);
  // Only what was looked up may hold words of others.
  const isOurs = answer.say !== 'failure' || answer.because !== 'unknown';
  const title = refusal === null ? 'Belongs to no mission' : isOurs ? `Not to be merged: ${refusal}` : ink.title(`Not to be merged: ${refusal}`, 180);
  const blocks = refusal === null ? passed(ink) : [`**This must not be merged:** ${isOurs ? refusal : ink.plain(refusal, 1000)}.`, wayOut(ink, answer)];
  return { title, summary: page([...blocks, `<sub>${ink.code(short(commit))}: what is said here holds for this commit, in whichever pull request it stands</sub>`].map(paragraph)), text: '' };
}

function passed(ink: Ink): readonly string[] {
  return [
    '**This pull request belongs to no mission.** No gate speaks for it: nothing was examined here, and nobody’s approval was asked for. The check passes, so that it can be required of every pull request.',
    `Where every change has to come from a mission, ${ink.code(policyPath)} says so: ${ink.code('pull-requests: { outside-missions: refuse }')}.`,
  ];
}

function wayOut(ink: Ink, answer: OutsideAnswer): string {
  if (answer.say !== 'failure') return '';
  switch (answer.because) {
    case 'refused':
      return `Open an issue, label it ${ink.code('mission')}, and let the change come from there. Whoever may change ${ink.code(policyPath)} on the default branch can allow others: ${ink.code('pull-requests: { outside-missions: succeed }')}.`;
    case 'mission-work':
      return `Look at the issue: its pull request waits for its gates. What is to be merged apart from it needs a branch and a commit of its own.`;
    case 'mission-over':
      return `What is still wanted of it needs a branch and a commit of its own, or a new mission.`;
    case 'no-such-mission':
      return `Give the branch another name, or make the issue a mission: branches ${ink.code('mission/<number>/…')} belong to missions.`;
    case 'unknown':
      return `Once ${ink.code(policyPath)} is in order on the default branch this is decided anew; “Re-run” asks at once.`;
  }
}
