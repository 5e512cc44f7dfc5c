import type { Mission } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { count } from './words.ts';

/** All that the graph shows of a mission, begun or not. */
type Planned = Pick<Mission, 'plan' | 'index'>;

/** More task nodes than this are a carpet, not a picture; then phases stand for their tasks. */
const maximumGraphTasks = 60;
/** Mermaid on GitHub refuses graphs with more edges. */
const maximumEdges = 400;

/**
 * The plan as a Mermaid graph. Nodes are called `t0`, `p0`, `g0`: ids of tasks may be words of Mermaid's own (`end`).
 * Shows the plan, not its progress, so that it need not be written again while the mission runs.
 */
export function planGraph(ink: Ink, mission: Planned): string {
  const { tasks, phases } = mission.plan;
  const edges = tasks.reduce((sum, task) => sum + task.needs.length, 0);
  const detailed = tasks.length <= maximumGraphTasks && edges <= maximumEdges;
  if (!detailed && phases.length > maximumGraphTasks) return '';
  const lines = detailed ? taskLines(ink, mission) : phaseLines(ink, mission);
  return ['```mermaid', 'flowchart LR', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

function taskLines(ink: Ink, { plan }: Planned): readonly string[] {
  const node = new Map(plan.tasks.map((task, index) => [task.id, `t${index}`]));
  const lines: string[] = [];
  plan.phases.forEach((phase, index) => {
    lines.push(`subgraph p${index}["${ink.label(phase.title)}"]`);
    for (const task of plan.tasks) {
      if (task.phase === phase.id) lines.push(`  ${node.get(task.id) ?? ''}["${ink.label(task.title)}"]`);
    }
    lines.push('end');
    if (phase.gate !== null) lines.push(`g${index}{{"gate ${ink.label(phase.id)}"}}`, `p${index} --> g${index}`);
  });
  for (const task of plan.tasks) {
    for (const need of new Set(task.needs)) lines.push(`${node.get(need) ?? ''} --> ${node.get(task.id) ?? ''}`);
  }
  return [...lines, ...phaseEdges(plan)];
}

function phaseLines(ink: Ink, { plan, index }: Planned): readonly string[] {
  const lines = plan.phases.flatMap((phase, position) => [
    `p${position}["${ink.label(phase.title)}: ${count(index.tasksOfPhase.get(phase.id)?.length ?? 0, 'task')}"]`,
    ...(phase.gate === null ? [] : [`g${position}{{"gate ${ink.label(phase.id)}"}}`, `p${position} --> g${position}`]),
  ]);
  return [...lines, ...phaseEdges(plan)];
}

function phaseEdges(plan: Mission['plan']): readonly string[] {
  const position = new Map(plan.phases.map((phase, index) => [phase.id, index]));
  return plan.phases.flatMap((phase, index) =>
    phase.needs.flatMap((need) => {
      const from = position.get(need);
      if (from === undefined) return [];
      return [`${plan.phases[from]?.gate === null ? 'p' : 'g'}${from} --> p${index}`];
    }),
  );
}
