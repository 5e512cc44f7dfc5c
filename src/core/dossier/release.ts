import type { JsonObject } from '../../kit/json.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { PlannedTask } from '../mission/plan.ts';
import type { Mission } from '../mission/state.ts';
import type { DeploymentPart, DocumentRef, RollbackPart, StepPart } from './dossier.ts';
import type { Told } from './follow.ts';

const releases = /release|deploy|roll-?out|canary|publish|go-?live/i;
const stages = /canary|roll-?out|traffic|percent|stages?|bake|soak/i;

/** Tasks that bring what was made into use: by what they, or their phase, are called. */
export function deploymentOf(mission: Mission, documents: readonly DocumentRef[]): DeploymentPart {
  const tasks = [...mission.index.tasks.values()].filter((task) => task.undoes === undefined && isRelease(mission, task));
  const named = namesOf(documents, 'deployment');
  return {
    steps: tasks.map((task) => stepOf(mission, task)),
    canary: tasks.flatMap((task) => canaryRules(task.id, task.with)),
    documents: named,
    note: tasks.length === 0 && named.length === 0 ? 'Deployment is not part of this mission: no phase or task releases or deploys, and no such document was made.' : null,
  };
}

function isRelease(mission: Mission, { id, title, phase }: PlannedTask): boolean {
  return [id, title, phase, mission.index.phases.get(phase)?.title ?? ''].some((text) => releases.test(text));
}

function canaryRules(task: string, parameters: JsonObject, under = ''): DeploymentPart['canary'] {
  return Object.entries(parameters).flatMap(([name, value = null]): DeploymentPart['canary'] => {
    if (stages.test(name)) return [{ task, rule: `${under}${name}`, value }];
    return isJsonObject(value) ? canaryRules(task, value, `${under}${name}.`) : [];
  });
}

/** How the change is taken back: derived from what was merged and from what the definition says undoes its tasks. */
export function rollbackOf(mission: Mission, { merged, undone }: Told, documents: readonly DocumentRef[]): RollbackPart {
  const done = [...mission.index.tasks.values()]
    .filter(({ id, undoes }) => undoes === undefined && mission.tasks.get(id)?.status === 'done')
    .sort((a, b) => (mission.tasks.get(b.id)?.doneSeq ?? 0) - (mission.tasks.get(a.id)?.doneSeq ?? 0));
  const steps = done.filter(({ compensate }) => compensate !== undefined).map((task) => ({ ...stepOf(mission, task), ...task.compensate }));
  const named = namesOf(documents, 'rollback');
  const commit = merged?.commit ?? null;
  const code = commit === null ? null : revertOf(commit);
  return {
    onFailure: mission.plan.settings.onFailure ?? 'stop',
    code,
    steps,
    withoutWayBack: done.filter(({ id, compensate, waits }) => compensate === undefined && waits === undefined && (mission.tasks.get(id)?.commit ?? null) === null).map(({ id }) => id),
    done: mission.rollback === undefined ? null : { reason: mission.rollback.reason, undone: undone?.undone ?? [], failed: undone?.failed ?? [] },
    documents: named,
    note: code === null && steps.length === 0 && named.length === 0 ? noWayBack(mission) : null,
  };
}

function revertOf(commit: string): RollbackPart['code'] {
  return { commit, commands: [`git revert --no-edit ${commit}`, `git revert --no-edit --mainline 1 ${commit}   # where it is a merge commit`] };
}

function noWayBack({ pull }: Mission): string {
  const landed = pull?.state === 'merged' ? 'the merged commit is not known here; look it up in the pull request' : 'nothing of this mission is in the default branch';
  return `There is nothing to roll back as far as this mission knows: ${landed}, and no task says what undoes it.`;
}

function stepOf(mission: Mission, { id, title, uses, with: parameters }: PlannedTask): StepPart {
  return { task: id, title, uses, with: parameters, status: mission.tasks.get(id)?.status ?? 'pending' };
}

function namesOf(documents: readonly DocumentRef[], kind: DocumentRef['kind']): readonly string[] {
  return documents.filter((document) => document.kind === kind).map(({ name, digest }) => `${name} (${digest})`);
}
