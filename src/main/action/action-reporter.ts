import type { Mission } from '../../core/mission/state.ts';
import { makePlan } from '../../core/mission/plan.ts';
import { describePlan } from '../plan-description.ts';
import { planText } from '../plan-text.ts';
import { eventLine } from '../local/event-line.ts';
import { describeGate } from '../local/gate-sheet.ts';
import type { MissionRecord } from '../local/mission-folder.ts';
import { createPaint, plain } from '../local/paint.ts';
import { describeProblem } from '../local/read-mission.ts';
import type { Reporter, RunEnd } from '../local/reporter.ts';
import type { WorkflowLog } from './workflow-log.ts';

/** A reporter that also remembers what the summary and the outputs are made of. */
export interface ActionReporter extends Reporter {
  /** How it ended; null before. */
  ending(): { readonly record: MissionRecord; readonly end: RunEnd; readonly mission: Mission } | null;
}

/** Tells the log of a workflow: a group for each phase, and an annotation for what went wrong. */
export function createActionReporter(log: WorkflowLog, redact: (text: string) => string): ActionReporter {
  const paint = createPaint(true);
  const underWay = new Set<string>();
  let of: MissionRecord | null = null;
  let ended: ReturnType<ActionReporter['ending']> = null;
  const fail = (title: string, message: string) => log.annotate({ level: 'failure', title: plain(redact(title), 120), message: plain(redact(message), 4_000) });
  const phaseGroup = () => (underWay.size === 0 ? log.endGroup() : log.group(`${underWay.size === 1 ? 'Phase' : 'Phases'} ${[...underWay].join(', ')}`));
  return {
    begun(record, how, notes) {
      of = record;
      log.line(`${paint.bold(plain(record.name, 80))}  mission ${record.number}, ${how === 'begun' ? `from ${record.branch ?? 'a detached HEAD'} at ${record.base.slice(0, 12)}` : 'goes on'}`);
      for (const note of notes) log.line(`${paint.tone('waits', '!')} ${note}`);
      const plan = makePlan(record.definition);
      if (!plan.ok) return;
      log.group('Plan');
      for (const line of planText(describePlan(record.definition, plan.value)).split('\n')) log.line(redact(line));
      log.endGroup();
    },
    happened({ at, body }) {
      if (body.type === 'phase.started') {
        underWay.add(body.phase);
        phaseGroup();
      }
      const line = eventLine(body);
      if (line !== null) log.line(`${new Date(at).toISOString().slice(11, 19)}  ${paint.tone(line.tone, line.glyph)} ${line.text}`);
      if (body.type === 'task.failed' && body.retryAt === null) fail(`Task ${body.task}`, body.reason);
      if (body.type === 'gate.evaluated' && !body.passed) fail(`Gate ${body.phase}`, `The gate is shut: ${body.lines.flatMap((one) => (one.passed ? [] : [one.reason ?? one.rule])).join('; ')}`);
      if (body.type === 'gate.opened' || body.type === 'phase.skipped' || body.type === 'phase.failed') {
        underWay.delete(body.phase);
        phaseGroup();
      }
    },
    stands: () => undefined,
    gate(sheet) {
      log.endGroup();
      for (const line of describeGate(sheet, paint)) log.line(line);
    },
    note: (text) => log.line(text),
    problems(problems) {
      for (const problem of problems) log.line(plain(describeProblem(problem), 2_000));
    },
    ended(end, mission, failures) {
      for (const { task, name, text } of failures) {
        log.group(`${task}: ${plain(name, 80)}`);
        for (const line of lastLines(text)) log.line(plain(redact(line), 2_000));
      }
      log.endGroup();
      if (of !== null) ended = { record: of, end, mission };
    },
    suspend: () => undefined,
    resume: () => undefined,
    ending: () => ended,
  };
}

/** Programs say at the end what went wrong; the log of a job is no place for all of it. */
const mostLines = 400;

function lastLines(text: string): readonly string[] {
  const lines = text.trimEnd().split('\n');
  return lines.length <= mostLines ? lines : [`… ${lines.length - mostLines} lines left out …`, ...lines.slice(-mostLines)];
}
