import type { EventBody } from '../../core/mission/event.ts';
import { wayWords } from '../../core/mission/evidence.ts';
import type { StoredEvent } from '../../engine/ports/store.ts';

/** Turns ledger entries into lines for people: when, what, who, and where to look. */
export interface TimelinePlaces {
  issue(): string;
  pull(): string | null;
  branch(name: string): string;
  commit(id: string): string;
  checks(name: string): string | null;
}

export interface TimelineLine {
  readonly mark: string;
  readonly text: string;
  readonly where: string | null;
}

/** The line for an event, or null for one that people need not see. */
export function timelineLine(body: EventBody, places: TimelinePlaces): TimelineLine | null {
  const line = (mark: string, text: string, where: string | null = null): TimelineLine => ({ mark, text, where });
  switch (body.type) {
    case 'mission.planned':
      return line('◆', `@${body.requestedBy.login} made the issue a mission: ${body.plan.tasks.length} tasks in ${body.plan.phases.length} phases`, places.issue());
    case 'mission.refused':
      return line('✖', `the mission was refused: ${body.problems[0]?.message ?? body.reason}`, places.issue());
    case 'mission.queued':
      return line('▶', `@${body.by.login} queued it`);
    case 'mission.paused':
      return line('‖', `@${body.by.login} paused it`);
    case 'mission.resumed':
      return line('▶', `@${body.by.login} resumed it`);
    case 'mission.cancelled':
      return line('✖', `@${body.by.login} cancelled it: ${body.reason}`);
    case 'mission.failed':
      return line('✖', `the mission failed: ${body.reason}`, places.issue());
    case 'mission.completed':
      return line('★', 'the mission is complete', places.issue());
    case 'phase.started':
      return line('◇', `phase ${body.phase} begins`);
    case 'task.queued':
      return body.attempt === 1 ? null : line('↻', `${body.task}: attempt ${body.attempt} is queued`);
    case 'task.started':
      return line('·', `${body.task}: ${body.worker} works on it`);
    case 'task.produced':
      return line('·', `${body.task}: committed ${body.commit.slice(0, 7)} on ${body.branch} (${body.evidence.summary})`, places.commit(body.commit));
    case 'task.completed':
      return line('✔', `${body.task}: done${body.commit === null ? ` (${body.evidence.summary})` : ', merged into the trunk'}`, places.checks(`task/${body.task}`));
    case 'task.completed-by-hand':
      return line('✔', `${body.task}: ticked by @${body.by.login}`);
    case 'task.failed':
      return line('✖', `${body.task}: attempt ${body.attempt} failed (${body.failure}): ${body.reason.split('\n')[0] ?? ''}`, places.checks(`task/${body.task}`));
    case 'gate.evaluation-started':
      return line('⚑', `gate ${body.phase}: its guards examine ${body.head.slice(0, 7)}`);
    case 'gate.evaluated':
      return line(body.passed ? '⚑' : '✖', `gate ${body.phase}: ${body.passed ? 'every rubric line passed; it waits for approval' : 'shut'}`, places.checks(`gate/${body.phase}`));
    case 'gate.evaluation-failed':
      return line('✖', `gate ${body.phase}: could not be examined: ${body.reason.split('\n')[0] ?? ''}`);
    case 'gate.approved':
      return line('✔', `gate ${body.phase}: approved by @${body.by.login} (${body.role}, ${wayWords(body.via)}) on ${body.head.slice(0, 7)}, evidence ${body.evidenceDigest.slice(0, 12)}`);
    case 'gate.approvals-voided':
      return line('↻', `gate ${body.phase}: approvals are void: ${body.reason}`);
    case 'gate.rejected':
      return line('✖', `gate ${body.phase}: rejected by @${body.by.login}: ${body.reason}`);
    case 'gate.opened':
      return line('✔', `gate ${body.phase} is open`, places.checks(`gate/${body.phase}`));
    case 'trunk.moved':
      return body.cause === 'push' ? line('↻', `@${body.by.login} pushed to the trunk`, places.commit(body.head)) : null;
    case 'pull.opened':
      return line('⇄', `pull request #${body.number} is open`, places.pull());
    case 'pull.merged':
      return line('⇄', `pull request merged by @${body.by.login}`, places.pull());
    case 'merge.refused':
      return line('…', `the merge has to wait: ${body.reason}`, places.pull());
    case 'answer.given':
      return body.accepted ? null : line('✋', `@${body.to.login} was refused (${body.answer.code})`, places.issue());
    default:
      return null;
  }
}

/** `12:04:31.5  ✔ tests: done` and the address under it. */
export function formatLine(event: Pick<StoredEvent, 'at'>, line: TimelineLine, colour: boolean): string {
  const time = new Date(event.at).toISOString().slice(11, 21);
  const dim = (text: string) => (colour ? `\u001B[2m${text}\u001B[22m` : text);
  const tint = (text: string) => (colour ? `${markColours[line.mark] ?? ''}${text}\u001B[39m` : text);
  const where = line.where === null ? '' : `\n${' '.repeat(14)}${dim(line.where)}`;
  return `${dim(time)}  ${tint(line.mark)} ${line.text}${where}`;
}

const markColours: Readonly<Record<string, string>> = { '✔': '\u001B[32m', '★': '\u001B[33m', '✖': '\u001B[31m', '⚑': '\u001B[33m', '◆': '\u001B[36m', '◇': '\u001B[36m', '⇄': '\u001B[35m' };

/** `▓▓▓▓░░░░ 2 of 5 tasks` */
export function progressBar(done: number, all: number, width = 24): string {
  const filled = all === 0 ? 0 : Math.round((done / all) * width);
  return `${'▓'.repeat(filled)}${'░'.repeat(width - filled)} ${done} of ${all} tasks`;
}
