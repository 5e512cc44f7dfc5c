import type { EventBody } from '../../core/mission/event.ts';
import type { MissionState } from '../../core/mission/state.ts';
import type { AnswerText } from './answers/answer.ts';
import { approvalAnswers } from './answers/approvals.ts';
import { assigneeAnswers } from './answers/assignees.ts';
import { budgetAnswers } from './answers/budgets.ts';
import { commandAnswers, misspelt } from './answers/commands.ts';
import { gateAnswers } from './answers/gates.ts';
import { missionAnswers } from './answers/mission.ts';
import { permissionAnswers } from './answers/permission.ts';
import { taskAnswers } from './answers/tasks.ts';
import { waiverAnswers } from './answers/waivers.ts';
import { factsOf } from './facts.ts';
import { helpReply } from './help-reply.ts';
import type { Ink } from './ink.ts';
import { page, paragraph } from './page.ts';
import { planReply } from './plan-reply.ts';
import { statusReply } from './status-reply.ts';

/** The answers by code. A new code of the deciding core is a line in one of these files; a test walks the core's codes. */
const answers: { readonly [code: string]: AnswerText } = {
  ...permissionAnswers,
  ...gateAnswers,
  ...approvalAnswers,
  ...taskAnswers,
  ...missionAnswers,
  ...budgetAnswers,
  ...waiverAnswers,
  ...assigneeAnswers,
  ...commandAnswers,
  status: statusReply,
  help: helpReply,
  plan: planReply,
};

export const answeredCodes: readonly string[] = Object.keys(answers);

type Given = Extract<EventBody, { type: 'answer.given' }>;

/** The reply to a command, label, button, review or edit, addressed to the person who gave it. */
export function answerComment(ink: Ink, given: Given, state: MissionState): string {
  const { code } = given.answer;
  const text = Object.hasOwn(answers, code) ? answers[code] : undefined;
  const words = (text ?? misspelt)({ ink, facts: factsOf(given.answer), state });
  return page([paragraph(`${ink.mention(given.to.login)} ${words}`)]);
}

