import { readRoutine } from '../../config/read-routine.ts';
import { inZone, nextDue, zoneOf } from '../../core/schedule/due-times.ts';
import type { Schedule } from '../../core/schedule/due-times.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { isoTime } from '../../kit/time.ts';
import type { Millis } from '../../kit/time.ts';
import { missionSources } from '../mission-sources.ts';
import { formatProblems } from '../problem-formats.ts';

const mostTimes = 1_000;

/** `missiongate routine next`: 0 printed, 1 the file has problems, 2 called wrongly. */
export function nextDueTimes(file: string, options: { readonly count: string; readonly json: boolean }): number {
  const count = /^\d{1,4}$/.test(options.count) ? Number(options.count) : 0;
  if (count < 1 || count > mostTimes) return usage(`--count: found "${options.count}", expected a whole number from 1 to ${mostTimes}`);
  const sources = missionSources([file]);
  if (!sources.ok) return usage(sources.error);
  const [source, another] = sources.value;
  if (source === undefined || another !== undefined) return usage(`${file} is a folder; name one routine file`);
  const read = readRoutine(source.text, source.file);
  if (!read.ok) {
    console.error(formatProblems('text', { files: [source.file], problems: read.error }, ''));
    return 1;
  }
  const { schedule } = read.value;
  const times = schedule === null ? [] : timesFrom(schedule, systemClock.now(), count);
  if (options.json) console.log(JSON.stringify({ file: source.file, timezone: zoneOf(schedule), due: times.map((due) => ({ at: isoTime(due), local: localWords(due, schedule) })) }, null, 2));
  else if (times.length === 0) console.log('No schedule: only events start it.');
  else console.log(times.map((due) => `${localWords(due, schedule)} ${zoneOf(schedule)}   (${isoTime(due).replace(':00.000Z', 'Z')})`).join('\n'));
  return 0;
}

function timesFrom(schedule: Schedule, now: Millis, count: number): readonly Millis[] {
  const times: Millis[] = [];
  for (let due = nextDue(schedule, now); due !== null && times.length < count; due = nextDue(schedule, due)) times.push(due);
  return times;
}

function localWords(due: Millis, schedule: Schedule | null): string {
  const { date, time } = inZone(due, zoneOf(schedule));
  return `${date} ${time}`;
}

function usage(message: string): number {
  console.error(`missiongate routine next: ${message}`);
  return 2;
}
