import type { AnswerText } from './answers/answer.ts';
import { headline, progressLine, waiting } from './issue-status.ts';

/** `/status`: where the mission stands at the moment of answering. */
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
  ].join('\n');
};
