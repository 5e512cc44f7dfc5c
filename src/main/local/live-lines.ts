import { phaseOf } from '../../core/mission/state.ts';
import type { Mission, TaskState } from '../../core/mission/state.ts';
import { clockTime, counted, plain } from './paint.ts';
import type { Paint, Tone } from './paint.ts';

interface Look {
  readonly glyph: string;
  readonly tone: Tone;
}

const looks: { readonly [status in TaskState['status']]: Look } = {
  pending: { glyph: '·', tone: 'plain' },
  ready: { glyph: '·', tone: 'plain' },
  queued: { glyph: '○', tone: 'busy' },
  running: { glyph: '●', tone: 'busy' },
  integrating: { glyph: '⇄', tone: 'busy' },
  retrying: { glyph: '↻', tone: 'waits' },
  waiting: { glyph: '⚑', tone: 'waits' },
  expanded: { glyph: '⑂', tone: 'busy' },
  done: { glyph: '✔', tone: 'good' },
  failed: { glyph: '✖', tone: 'bad' },
  blocked: { glyph: '⊘', tone: 'plain' },
  skipped: { glyph: '⊘', tone: 'plain' },
};

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const frameMs = 120;

/** How a mission stands, in at most `rows` lines: the bar, then phases with the tasks that matter most just now. */
export function liveLines(mission: Mission, now: number, startedAt: number, rows: number, paint: Paint): readonly string[] {
  const { counts } = mission;
  const over = counts.done + counts.skipped + counts.failed + counts.blocked;
  const head = `${paint.bold(plain(mission.plan.name, 60))}  ${paint.dim(`mission ${mission.source.issue.number}`)}  ${clockTime(now - startedAt)}  ${bar(over, mission.tasks.size)} ${counts.done} of ${counted(mission.tasks.size, 'task')}${counts.failed > 0 ? paint.tone('bad', `, ${counts.failed} failed`) : ''}`;
  const lines = [head];
  for (const phase of mission.plan.phases) {
    const status = phaseOf(mission, phase.id)?.status ?? 'pending';
    const gate = phaseOf(mission, phase.id)?.gate.status ?? 'closed';
    if (lines.length >= rows) break;
    lines.push(phaseLine(phase.title || phase.id, status, gate, paint));
    if (status !== 'running' && status !== 'failed') continue;
    const left = Math.max(1, rows - lines.length - 1);
    lines.push(...taskLines(mission, phase.id, now, left, paint));
  }
  return lines.slice(0, Math.max(1, rows));
}

function bar(done: number, all: number, width = 20): string {
  const filled = all === 0 ? 0 : Math.round((done / all) * width);
  return `${'▓'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

function phaseLine(title: string, status: string, gate: string, paint: Paint): string {
  const name = plain(title, 80);
  if (status === 'complete') return `${paint.tone('good', '✔')} ${paint.dim(name)}`;
  if (status === 'skipped') return `⊘ ${paint.dim(`${name} (skipped)`)}`;
  if (status === 'failed') return `${paint.tone('bad', '✖')} ${name}`;
  if (status === 'gate') return `${paint.tone('waits', '⚑')} ${name}  ${paint.dim(gate === 'evaluating' ? 'its guards examine the work' : `the gate is ${gate}`)}`;
  return status === 'running' ? `${paint.tone('busy', '◇')} ${name}` : paint.dim(`  ${name}`);
}

/** Running ones first when there is not room for all; the rest as numbers. */
function taskLines(mission: Mission, phase: string, now: number, rows: number, paint: Paint): readonly string[] {
  const tasks = (mission.index.tasksOfPhase.get(phase) ?? []).flatMap((id) => mission.tasks.get(id) ?? []);
  if (tasks.length <= rows) return tasks.map((task) => taskLine(mission, task, now, paint));
  const weight = (task: TaskState) => (task.status === 'running' || task.status === 'integrating' ? 0 : task.status === 'retrying' ? 1 : task.status === 'failed' ? 2 : task.status === 'queued' ? 3 : 4);
  const shown = tasks.filter((task) => weight(task) < 4).toSorted((a, b) => weight(a) - weight(b)).slice(0, Math.max(0, rows - 1));
  return [...shown.map((task) => taskLine(mission, task, now, paint)), paint.dim(`    … ${counted(tasks.length - shown.length, 'other task')}`)];
}

function taskLine(mission: Mission, task: TaskState, now: number, paint: Paint): string {
  const { glyph, tone } = looks[task.status];
  const running = task.status === 'running';
  const mark = running ? (frames[Math.floor(now / frameMs) % frames.length] ?? glyph) : glyph;
  const title = plain(mission.index.tasks.get(task.id)?.title ?? task.id, 80);
  const time = running && task.startedAt !== null ? `  ${clockTime(now - task.startedAt)}` : '';
  const attempt = task.attempt > 1 && (running || task.status === 'retrying') ? `  attempt ${task.attempt}` : '';
  return `  ${paint.tone(tone, mark)} ${running ? title : paint.dim(title)}${paint.dim(`${time}${attempt}`)}`;
}
