import { gateVerdict } from '../../core/gate/gate-verdict.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { AnswerText } from './answers/answer.ts';
import type { Ink } from './ink.ts';
import { headline, progressLine, waiting } from './issue-status.ts';
import { pageBytes } from './page.ts';
import { verdictTree } from './verdict-tree.ts';

/** More gates than this are summed up by the composite check. */
const maximumTrees = 2;
const treeBytes = Math.floor(pageBytes / 4);

/** `/status`: where the mission stands at the moment of answering, with the reasons of the gates that are up for decision. */
export const statusReply: AnswerText = ({ ink, state }) => {
  if (state.status === 'refused') return 'this issue has no plan yet, because its definition has problems; my comment above lists them.';
  if (state.status === 'none') return 'this issue is no mission.';
  const active = state.counts.running + state.counts.queued + state.counts.integrating;
  const lines = waiting(ink, state);
  return [
    `${headline(state)} ${progressLine(state)}`,
    '',
    ...(active > 0 ? [`- ${active} under way (${state.counts.running} running, ${state.counts.queued} queued, ${state.counts.integrating} being merged)`] : []),
    ...lines.map((line) => `- ${line}`),
    ...(state.pull === null ? [] : [`- Pull request: #${state.pull.number} (${state.pull.state})`]),
    ...trees(ink, state),
  ].join('\n');
};

function trees(ink: Ink, mission: Mission): readonly string[] {
  const inQuestion = mission.plan.phases.filter(({ id }) => ['awaiting', 'failed', 'rejected'].includes(mission.phases.get(id)?.gate.status ?? ''));
  return inQuestion.slice(0, maximumTrees).flatMap(({ id }) => {
    const verdict = gateVerdict(mission, id);
    return verdict === null ? [] : ['', `**${ink.code(verdict.name)}**`, '', verdictTree(ink, verdict).render(treeBytes)];
  });
}
