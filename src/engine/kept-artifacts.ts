import type { Mission } from '../core/mission/state.ts';
import type { KeptArtifact } from '../guards/guard-type.ts';
import type { Store } from './ports/store.ts';

/**
 * What the tasks of a phase kept, as guards may read it, one of each name: that of the last task in the plan, because it saw the
 * work of those before it. Items of one group worked side by side, so all of theirs count.
 */
export function keptArtifacts(store: Pick<Store, 'artifact'>, mission: Mission, phaseId: string): readonly KeptArtifact[] {
  const kept = new Map<string, { readonly group: string | null; readonly artifacts: KeptArtifact[] }>();
  for (const id of mission.index.tasksOfPhase.get(phaseId) ?? []) {
    const group = mission.index.tasks.get(id)?.itemOf?.group ?? null;
    for (const { name, bytes, digest } of mission.tasks.get(id)?.evidence?.artifacts ?? []) {
      const artifact: KeptArtifact = { name, task: id, bytes, read: async () => (await store.artifact(mission.missionId, digest))?.text ?? null };
      const before = kept.get(name);
      if (group !== null && before?.group === group) before.artifacts.push(artifact);
      else kept.set(name, { group, artifacts: [artifact] });
    }
  }
  return [...kept.values()].flatMap(({ artifacts }) => artifacts);
}
