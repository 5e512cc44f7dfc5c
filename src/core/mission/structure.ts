import type { StructureCheck } from './definition.ts';
import type { RubricLine } from './event.ts';
import type { Mission } from './state.ts';

/** What a phase must consist of, one line for each check that its gate asks for. */
export function structureLines(mission: Mission, phaseId: string): readonly RubricLine[] {
  const checks = mission.index.phases.get(phaseId)?.gate?.structure ?? [];
  return checks.map((check) => {
    const { expected, reason } = judges[check](mission, phaseId);
    return { rule: `structure ${check}`, expected, measured: reason === null ? 'there' : 'missing', passed: reason === null, reason };
  });
}

interface Judged {
  readonly expected: string;
  readonly reason: string | null;
}

const judges: { readonly [check in StructureCheck]: (mission: Mission, phaseId: string) => Judged } = {
  work: (mission, phaseId) => ({ expected: 'something done', reason: tasksOf(mission, phaseId).some((id) => isDone(mission, id)) ? null : `nothing was done in ${phaseId}: all of its tasks were skipped` }),
  reviewer: (mission, phaseId) => ({
    expected: 'a reviewer\u2019s task done',
    reason: [phaseId, ...phasesBefore(mission, phaseId)].some((phase) => doneAs(mission, phase, 'reviewer')) ? null : `no task of the persona reviewer is done up to ${phaseId}`,
  }),
  integrator: (mission, phaseId) => ({
    expected: 'an integrator\u2019s task done, where there are several',
    reason: tasksOf(mission, phaseId).length <= 1 || doneAs(mission, phaseId, 'integrator') ? null : `${phaseId} has several tasks, and none of the persona integrator is done`,
  }),
};

/** Items belong to their group. */
function tasksOf(mission: Mission, phaseId: string): readonly string[] {
  return (mission.index.tasksOfPhase.get(phaseId) ?? []).filter((id) => mission.tasks.get(id)?.item === undefined);
}

function isDone(mission: Mission, id: string): boolean {
  return mission.tasks.get(id)?.status === 'done';
}

function doneAs(mission: Mission, phaseId: string, persona: string): boolean {
  return tasksOf(mission, phaseId).some((id) => isDone(mission, id) && mission.index.tasks.get(id)?.persona === persona);
}

/** Every phase that is surely over when this one starts. */
function phasesBefore(mission: Mission, phaseId: string): readonly string[] {
  const found = new Set<string>();
  const open = [...(mission.index.phases.get(phaseId)?.needs ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(mission.index.phases.get(id)?.needs ?? []));
  }
  return [...found];
}
