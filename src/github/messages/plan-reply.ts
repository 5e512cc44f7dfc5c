import { criticalPath } from '../../core/mission/critical-path.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { AnswerText } from './answers/answer.ts';
import type { Ink } from './ink.ts';
import { headline, progressLine } from './issue-status.ts';
import { planGraph } from './plan-graph.ts';
import { count, duration, short, taskWords } from './words.ts';

/** Tasks of the longest chain that are named; of a longer one the middle is counted. */
const maximumChain = 12;

/** `/plan`: the plan at the moment of answering, with people's changes to it. */
export const planReply: AnswerText = ({ ink, state }) => {
  if (state.status === 'refused') return 'this issue has no plan yet, because its definition has problems; my comment above lists them.';
  if (state.status === 'none') return 'this issue is no mission, so it has no plan.';
  const { plan } = state;
  const gates = plan.phases.filter(({ gate }) => gate !== null);
  return [
    `this is the plan of ${ink.plain(plan.name, 120)}: ${count(plan.tasks.length, 'task')} in ${count(plan.phases.length, 'phase')}, ${gates.length === 0 ? 'no gate' : count(gates.length, 'gate')}.`,
    '',
    `${headline(state)} ${progressLine(state)}`,
    ...optional(planGraph(ink, state)),
    ...optional(chain(ink, state)),
    '',
    `<sub>plan ${ink.code(short(plan.planHash))} · \`/status\` says what runs and what waits</sub>`,
  ].join('\n');
};

function chain(ink: Ink, mission: Mission): string {
  const { tasks, atMostSeconds, width } = criticalPath(mission.plan);
  if (tasks.length === 0) return '';
  const named = tasks.map(({ id }) => `${ink.code(id)}${stateOf(mission, id)}`);
  const half = maximumChain / 2;
  const shown = named.length <= maximumChain ? named : [...named.slice(0, half), `… ${named.length - maximumChain} more …`, ...named.slice(-half)];
  const open = tasks.filter(({ id }) => !['done', 'skipped'].includes(mission.tasks.get(id)?.status ?? '')).length;
  return [
    `**Longest chain** (${count(tasks.length, 'task')}, ${open === 0 ? 'all behind us' : `${open} still to do`}, at most ${duration(atMostSeconds * 1000)}): ${shown.join(' → ')}`,
    '',
    `Up to ${count(Math.min(width, mission.plan.settings.maxParallel), 'task')} at a time${width > mission.plan.settings.maxParallel ? `; ${width} could, if \`max-parallel\` let them` : ''}.`,
  ].join('\n');
}

function stateOf(mission: Mission, id: string): string {
  const status = mission.tasks.get(id)?.status;
  if (status === 'done') return ' ✅';
  if (status === 'skipped') return ' ⏭️';
  if (status === 'failed' || status === 'blocked') return ` ❌ ${taskWords[status]}`;
  return status === undefined || status === 'pending' || status === 'ready' ? '' : ` ⏳ ${taskWords[status]}`;
}

function optional(text: string): readonly string[] {
  return text === '' ? [] : ['', text];
}
