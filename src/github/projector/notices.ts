import type { EventBody, MissionEvent } from '../../core/mission/event.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import { answerComment } from '../messages/answer-comment.ts';
import { noticeComment } from '../messages/approval-words.ts';
import { refusalComment, refusalSolved } from '../messages/definition-problem.ts';
import { digestOf, putComment } from './comments.ts';
import type { Desk } from './desk.ts';

type Of<T extends EventBody['type']> = Extract<EventBody, { type: T }>;

export function noticesOf<T extends EventBody['type']>(notices: readonly MissionEvent[], type: T): readonly Of<T>[] {
  return notices.flatMap(({ body }) => (body.type === type ? [body as Of<T>] : []));
}

/** Takes a one-shot label off again, so that it can be put again. One that is gone already is fine. */
export async function consumeLabel(desk: Desk, consumed: Of<'label.consumed'>, labels: readonly string[]): Promise<void> {
  const key = `label:${consumed.key}`;
  if (desk.present(key) !== null) return;
  if (labels.includes(consumed.label)) {
    await ignoringGone(() =>
      desk.write({ write: 'label-removal', what: `taking off the label ${consumed.label}`, priority: 'decision', content: false }, (octokit) =>
        octokit.rest.issues.removeLabel({ ...desk.at, issue_number: desk.source.issue.number, name: consumed.label }),
      ),
    );
  }
  await desk.remember({ key, state: 'present', remoteId: null, rendered: null, memory: null });
}

const refusalKey = 'comment:refusal';

/** One comment says what is wrong with the definition; it is edited when that changes, and when it is solved. */
export async function putRefusal(desk: Desk, refusals: readonly Of<'mission.refused'>[]): Promise<void> {
  const last = refusals.at(-1);
  const isMission = desk.projection.state.status !== 'refused' && desk.projection.state.status !== 'none';
  const known = desk.record(refusalKey);
  if (last === undefined ? known === null || !isMission : isMission && known === null) return;
  const text = isMission || last === undefined ? refusalSolved() : refusalComment(desk.ink, last);
  await putComment(desk, {
    key: refusalKey,
    conversation: desk.source.issue.number,
    priority: 'decision',
    what: 'answering what is wrong with the definition',
    digest: digestOf(text),
    text: () => text,
  });
}

/** A reply, once for each answer; the person who asked is the only one mentioned. */
export async function putAnswer(desk: Desk, given: Of<'answer.given'>): Promise<void> {
  const key = `answer:${given.key}`;
  if (!given.where.reply || desk.present(key) !== null) return;
  await putComment(desk, {
    key,
    conversation: given.where.conversation,
    priority: 'decision',
    what: `answering @${given.to.login}`,
    // What was said stands: an answer is never edited, however the mission goes on.
    digest: digestOf(given.answer.code),
    text: () => answerComment(desk.ink, given, desk.projection.state),
  });
}

/** What a task said to people, once: the marker names task, attempt and number. */
export async function putNotice(desk: Desk, said: Of<'notice.given'>): Promise<void> {
  const key = `notice:${said.task}#${said.attempt}.${said.number}`;
  if (desk.present(key) !== null) return;
  await putComment(desk, {
    key,
    conversation: desk.source.issue.number,
    priority: 'status',
    what: `saying what ${said.task} says`,
    digest: digestOf(said.text),
    text: () => noticeComment(desk.ink, said.task, said.text),
  });
}

/** A reaction on the command's comment. GitHub keeps one of a kind for each account, so that this is harmless twice. */
export async function putReaction(desk: Desk, given: Of<'answer.given'>): Promise<void> {
  const { commentId } = given.where;
  const key = `reaction:${given.key}`;
  if (commentId === null || desk.present(key) !== null) return;
  const content = given.accepted ? (given.where.reply ? '+1' : 'rocket') : 'confused';
  await ignoringGone(() =>
    desk.write({ write: 'reaction', what: 'acknowledging a command', priority: 'decision', content: false }, (octokit) =>
      octokit.rest.reactions.createForIssueComment({ ...desk.at, comment_id: commentId, content }),
    ),
  );
  await desk.remember({ key, state: 'present', remoteId: null, rendered: content, memory: null });
}

/** What a person has deleted meanwhile needs no answer. */
export async function ignoringGone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof HostError) || error.failure !== 'gone') throw error;
  }
}
