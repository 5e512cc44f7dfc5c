import { systemClock } from '../../kit/system-clock.ts';
import { eventLine } from './event-line.ts';
import { exitCodes } from './exit-codes.ts';
import { describeGate } from './gate-sheet.ts';
import { createLiveRegion } from './live-region.ts';
import { liveLines } from './live-lines.ts';
import { counted, duration, plain } from './paint.ts';
import type { Paint } from './paint.ts';
import { describeProblem } from './read-mission.ts';
import type { Reporter, RunEnd } from './reporter.ts';

export interface TextReporterOptions {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly paint: Paint;
  /** Rows of the terminal now, or null without one: then every event is a line, and nothing is drawn twice. */
  readonly rows: () => number | null;
}

/** For people: in a terminal a view that moves, elsewhere one line per event. */
export function createTextReporter({ write, writeError, paint, rows }: TextReporterOptions): Reporter {
  const region = createLiveRegion(write);
  const isLive = rows() !== null;
  let suspended = false;
  /** What happens while a person is being asked is told afterwards. */
  const waiting: string[] = [];
  let startedAt = systemClock.now();
  const print = (...lines: string[]) => region.print(lines);
  return {
    begun(record, how, notes) {
      startedAt = systemClock.now();
      print(`${paint.bold(plain(record.name, 80))}  ${paint.dim(`mission ${record.number}, ${how === 'begun' ? `from ${record.branch ?? 'a detached HEAD'} at ${record.base.slice(0, 12)}` : 'goes on'}`)}`);
      for (const note of notes) print(`${paint.tone('waits', '!')} ${note}`);
    },
    happened({ at, body }) {
      const line = eventLine(body);
      if (line === null || (isLive && line.minor)) return;
      const time = isLive ? '' : `${new Date(at).toISOString().slice(11, 19)}  `;
      const text = `${time}${paint.tone(line.tone, line.glyph)} ${line.text}`;
      if (suspended) waiting.push(text);
      else print(text);
    },
    stands(mission) {
      const height = rows();
      if (height === null || suspended) return;
      region.draw(['', ...liveLines(mission, systemClock.now(), startedAt, Math.max(3, Math.min(24, height - 3)), paint)]);
    },
    gate: (sheet) => print('', ...describeGate(sheet, paint)),
    note: (text) => print(text),
    problems(problems, file) {
      for (const problem of problems) writeError(`${plain(describeProblem(problem), 2_000)}\n`);
      writeError(`${file}: ${counted(problems.length, 'problem')}; nothing was begun.\n`);
    },
    ended(end) {
      region.clear();
      print(...waiting.splice(0), '', ...describeEnd(end, paint));
    },
    suspend() {
      suspended = true;
      region.clear();
    },
    resume() {
      suspended = false;
      print(...waiting.splice(0));
    },
  };
}

function describeEnd(end: RunEnd, paint: Paint): readonly string[] {
  const tone = end.exitCode === exitCodes.completed ? 'good' : end.exitCode === exitCodes.failed ? 'bad' : 'waits';
  const glyph = end.status === 'cancelled' ? '✖' : { good: '★', bad: '✖', waits: '‖' }[tone];
  const words = end.exitCode === exitCodes.waiting ? 'waits for a person' : end.exitCode === exitCodes.interrupted ? 'was interrupted' : end.status === 'running' ? 'cannot go on by itself' : end.status;
  const outputs = Object.entries(end.outputs ?? {}).map(([name, value]) => `  output   ${plain(name)} = ${plain(typeof value === 'string' ? value : JSON.stringify(value), 200)}`);
  return [
    `${paint.tone(tone, glyph)} ${paint.bold(`Mission ${end.number} ${words}`)} ${paint.dim(`after ${duration(end.elapsedMs)}`)}`,
    ...outputs,
    `  branch   ${end.head === null ? 'none: nothing was changed' : `${end.trunk} at ${end.head.slice(0, 12)}  ${paint.dim(`(git diff ${end.base.slice(0, 12)}..${end.trunk})`)}`}`,
    ...(end.export === null ? [] : [`  evidence ${plain(end.export, 1_000)}${end.ledgerHead === null ? '' : `  ${paint.dim(`ledger ${end.ledgerHead.slice(0, 16)}`)}`}`]),
    ...end.words.map((sentence) => `  ${sentence}`),
  ];
}
