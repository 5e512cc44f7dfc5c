import type { PlannedTask } from '../mission/plan.ts';
import type { Mission } from '../mission/state.ts';
import type { TraceRow } from './dossier.ts';
import type { Told } from './follow.ts';

/** What becomes of a requirement: one row for each task of the plan, with the commits, evidence, gate and decisions that answer it. */
export function traceOf(mission: Mission, { commits, decisions }: Told): readonly TraceRow[] {
  const lines = new Map((mission.adopted ?? []).map(({ taskId, line }) => [taskId, line]));
  const ofTask = new Map<string, string[]>();
  for (const { task, commit } of commits) ofTask.set(task, [...(ofTask.get(task) ?? []), commit]);
  const decided = new Map<string, number[]>();
  for (const { task, phase, seq } of decisions) {
    const about = task === null ? `phase ${phase ?? ''}` : `task ${task}`;
    const before = decided.get(about);
    if (before) before.push(seq);
    else decided.set(about, [seq]);
  }
  return tasksInOrder(mission).flatMap(({ id, title, phase, undoes }): readonly TraceRow[] => {
    if (undoes !== undefined) return [];
    const state = mission.tasks.get(id);
    const gate = (mission.index.phases.get(phase)?.gate ?? null) === null ? undefined : mission.phases.get(phase)?.gate;
    return [
      {
        task: id,
        requirement: title,
        phase,
        line: lines.get(id) ?? null,
        status: state?.status ?? 'pending',
        commits: [...new Set([...(ofTask.get(id) ?? []), ...(state?.commit ? [state.commit] : [])])],
        evidence: (state?.evidence?.artifacts ?? []).map(({ digest }) => digest),
        gate: gate === undefined ? null : { phase, status: gate.status, round: gate.round, evidenceDigest: gate.evidenceDigest },
        decisions: [...(decided.get(`phase ${phase}`) ?? []), ...(decided.get(`task ${id}`) ?? [])].sort((a, b) => a - b),
      },
    ];
  });
}

/** Phase by phase, as people read them; attempts to undo come last. */
export function tasksInOrder({ plan, index }: Mission): readonly PlannedTask[] {
  const inPhases = new Set(plan.phases.flatMap(({ id }) => index.tasksOfPhase.get(id) ?? []));
  return [...new Set([...inPhases, ...index.tasks.keys()])].flatMap((id) => index.tasks.get(id) ?? []);
}
