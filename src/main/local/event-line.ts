import { stands } from '../../core/gate/waivers.ts';
import type { EventBody } from '../../core/mission/event.ts';
import { counted, duration, plain } from './paint.ts';
import type { Tone } from './paint.ts';

/** One thing that happened, for people. */
export interface EventLine {
  readonly glyph: string;
  readonly tone: Tone;
  readonly text: string;
  /** Only worth a line where nothing else shows what is going on. */
  readonly minor: boolean;
}

/** The line for an event, or null for one that people need not see. */
export function eventLine(body: EventBody): EventLine | null {
  switch (body.type) {
    case 'mission.planned':
      return minor('◆', 'busy', `planned: ${counted(body.plan.tasks.length, 'task')} in ${counted(body.plan.phases.length, 'phase')}, from ${body.baseCommit.slice(0, 12)}`);
    case 'mission.paused':
      return major('‖', 'waits', body.why === 'budget' ? 'paused: a budget is used up' : 'paused');
    case 'mission.resumed':
      return minor('▶', 'busy', 'goes on');
    case 'mission.cancelled':
      return major('✖', 'bad', `given up${body.reason === '' ? '' : `: ${plain(body.reason)}`}`);
    case 'phase.started':
      return minor('◇', 'busy', `phase ${body.phase} begins`);
    case 'phase.skipped':
      return major('⊘', 'plain', `phase ${body.phase} is skipped: ${plain(body.reason)}`);
    case 'phase.repeated':
      return major('↻', 'busy', `phase ${body.phase}: round ${body.round}`);
    case 'phase.timed-out':
      return major('✖', 'bad', `phase ${body.phase} took longer than its ${counted(body.limitSeconds, 'second')}`);
    case 'phase.failed':
      return body.reason === undefined ? null : major('✖', 'bad', `phase ${body.phase} failed: ${plain(body.reason)}`);
    case 'task.started':
      return minor('·', 'plain', `${body.task}: begins${body.attempt === 1 ? '' : ` (attempt ${body.attempt})`}`);
    case 'task.produced':
      return minor('·', 'plain', `${body.task}: committed ${body.commit.slice(0, 12)} on ${body.branch}`);
    case 'task.expanded':
      return major('⑂', 'busy', `${body.task}: ${counted(body.items.length, 'item')}`);
    case 'task.repeated':
      return major('↻', 'busy', `${body.task}: round ${body.round}`);
    case 'task.completed':
      return major('✔', 'good', `${body.task}: ${plain(body.evidence.summary, 120)} (${duration(body.evidence.durationMs)}${body.evidence.diff === null ? '' : `, ${diffStat(body.evidence.diff)}`})`);
    case 'task.failed':
      return major('✖', 'bad', `${body.task}: ${body.attempt > 1 ? `attempt ${body.attempt} ` : ''}failed: ${plain(body.reason, 500)}${body.retryAt === null ? '' : ' It is tried again.'}`);
    case 'task.retried':
      return major('↻', 'busy', `${body.task}: tried once more`);
    case 'task.skipped':
      return major('⊘', 'plain', `${body.task}: skipped: ${plain(body.reason)}`);
    case 'tasks.skipped':
      return major('⊘', 'plain', `${named(body.tasks)}: skipped: ${plain(body.reason)}`);
    case 'tasks.blocked':
      return major('⊘', 'plain', `${named(body.tasks)}: not started, because ${body.cause} failed`);
    case 'trunk.moved':
      return body.cause === 'push' ? major('↻', 'waits', `the trunk was moved by hand to ${body.head.slice(0, 12)}`) : null;
    case 'gate.evaluation-started':
      return minor('⚑', 'busy', `gate ${body.phase}: its guards examine ${body.head.slice(0, 12)}`);
    case 'gate.evaluated': {
      const failed = body.lines.filter((line) => !line.passed);
      if (!body.passed && stands(body.lines)) return major('⚑', 'waits', `gate ${body.phase}: ${counted(failed.length, 'rule')} waived, the others passed`);
      return body.passed ? minor('⚑', 'waits', `gate ${body.phase}: ${passedLines(body.lines.length)}`) : major('✖', 'bad', `gate ${body.phase} is shut: ${failed.map((line) => plain(line.reason ?? `${line.rule}: ${line.measured}`)).join('; ')}`);
    }
    case 'gate.evaluation-failed':
      return major('✖', 'bad', `gate ${body.phase} could not be examined: ${plain(body.reason)}${body.retryAt === null ? '' : ' It is tried again.'}`);
    case 'gate.approved':
      return major('✔', 'good', `gate ${body.phase}: approved by ${plain(body.by.login)} on ${body.head.slice(0, 12)}, evidence ${body.evidenceDigest.slice(0, 12)}`);
    case 'gate.approvals-voided':
      return major('↻', 'waits', `gate ${body.phase}: approvals no longer count: ${plain(body.reason)}`);
    case 'gate.rejected':
      return major('✖', 'bad', `gate ${body.phase}: rejected by ${plain(body.by.login)}: ${plain(body.reason)}`);
    case 'gate.opened':
      return minor('✔', 'good', `gate ${body.phase} is open`);
    case 'gate.shut':
      return major('✖', 'bad', `gate ${body.phase} is shut again: ${plain(body.reason)}`);
    case 'healing.started':
      return major('✚', 'busy', `gate ${body.phase}: round ${body.number} of ${body.maximum} of repair: ${named(body.tasks)}`);
    case 'healing.stopped':
      return major('✖', 'bad', `gate ${body.phase} waits for a person: ${plain(body.reason)}`);
    case 'waiver.requested':
      return major('!', 'waits', `gate ${body.phase}: ${plain(body.by.login)} asks to waive ${body.rule}: ${plain(body.reason)}`);
    case 'waiver.approved':
      return major('!', 'waits', `gate ${body.phase}: ${body.rule} is waived, confirmed by ${plain(body.by.login)}`);
    case 'waiver.withdrawn':
    case 'waiver.expired':
      return major('!', 'waits', `gate ${body.phase}: the waiver of ${body.rule} ${body.type === 'waiver.expired' ? 'has expired' : 'was withdrawn'}`);
    case 'budget.warned':
      return major('!', 'waits', `${scopeWords(body.scope)} has used ${body.share} % of its budget`);
    case 'budget.exceeded':
      return major('!', 'bad', `the budget of ${scopeWords(body.scope)} is used up`);
    case 'rollback.started':
      return major('↶', 'waits', `undoing ${counted(body.tasks.length, 'task')}: ${plain(body.reason)}`);
    case 'rollback.finished':
      return major('↶', body.failed.length === 0 ? 'good' : 'bad', `undone: ${named(body.undone)}${body.failed.length === 0 ? '' : `; not undone: ${named(body.failed)}`}`);
    case 'answer.given':
      return body.accepted ? null : major('✋', 'waits', `refused: ${body.answer.code}`);
    default:
      return null;
  }
}

export function diffStat(diff: { readonly files: number; readonly additions: number; readonly deletions: number }): string {
  return `${counted(diff.files, 'file')} +${diff.additions} −${diff.deletions}`;
}

function major(glyph: string, tone: Tone, text: string): EventLine {
  return { glyph, tone, text, minor: false };
}

function minor(glyph: string, tone: Tone, text: string): EventLine {
  return { glyph, tone, text, minor: true };
}

function passedLines(lines: number): string {
  return lines === 0 ? 'examined' : `${counted(lines, 'rubric line')} passed`;
}

function named(tasks: readonly string[]): string {
  if (tasks.length === 0) return 'nothing';
  return tasks.length > 6 ? `${tasks.slice(0, 6).join(', ')} and ${tasks.length - 6} more` : tasks.join(', ');
}

function scopeWords(scope: string): string {
  return scope === 'mission' ? 'the mission' : scope.replace('/', ' ');
}
