import type { JudgedGroup } from '../../core/mission/judged-group.ts';
import { notMission } from '../../core/mission/merge-group.ts';
import type { CheckOutput } from './gate-check.ts';
import type { Ink } from './ink.ts';
import { optional, page, paragraph } from './page.ts';
import { verdictTree } from './verdict-tree.ts';
import { count, short } from './words.ts';

/** The check on a commit of the merge queue: which recorded decisions it rests on, or why it must not be merged. */
export function mergeGroupCheck(ink: Ink, { verdict, group }: JudgedGroup): CheckOutput {
  const { children, state, reason } = verdict;
  const missions = children.filter(({ measured }) => measured !== notMission).length;
  const passed = state === 'passed';
  const title = passed ? (missions === 0 ? 'Not a mission' : 'Every decision still stands') : ink.title(`Not to be merged: ${reason ?? ''}`, 180);
  const statement = passed
    ? missions === 0
      ? '**No pull request of this group belongs to a mission.** There is nothing to decide.'
      : `**Every decision still stands.** The gates of ${count(missions, 'mission')} were looked at once more for the commits that would be merged; these decisions are used again:`
    : `**This group must not be merged:** ${ink.plain(reason ?? '', 1000)}`;
  const outside = children.some((child) => child.state === 'failed' && child.measured === notMission);
  const way = passed ? '' : outside ? 'Take that pull request out of the queue; its own check `missiongate` says what it needs.' : 'Take the pull request out of the queue, bring its gates in order (`/status` on its issue says what is missing), and queue it again.';
  return { title, summary: page([paragraph(statement), verdictTree(ink, verdict), optional(way), paragraph(`<sub>${ink.code(short(group.base))} … ${ink.code(short(group.head))}, into ${ink.code(group.baseBranch)}</sub>`)]), text: '' };
}
