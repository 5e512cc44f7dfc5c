import { taskBranch, trunkBranch } from '../core/mission/source.ts';
import { isMission } from '../core/mission/state.ts';
import type { Clock } from '../kit/time.ts';
import type { Log } from './ports/log.ts';
import type { Job, JobOutcome } from './ports/queue.ts';
import { HostError } from './ports/repository-host.ts';
import type { RepositoryHost } from './ports/repository-host.ts';
import type { Store } from './ports/store.ts';
import type { PutOffs } from './put-offs.ts';

export interface IntegrateParts {
  readonly store: Store;
  readonly host: RepositoryHost;
  readonly clock: Clock;
  readonly log: Log;
  readonly putOffs: PutOffs;
  readonly advance: (missionId: string) => Promise<void>;
}

/**
 * Merges what an attempt produced into the trunk and reports the result as a signal. Exactly the recorded commit is merged,
 * so a zombie that pushes to the branch later changes nothing; merging twice is harmless.
 */
export async function integrate(parts: IntegrateParts, { key, payload: job }: Pick<Job<'integrate'>, 'key' | 'payload'>): Promise<JobOutcome> {
  const { store, host, clock } = parts;
  const current = await store.read(job.missionId);
  if (!current || !isMission(current.state)) return { outcome: 'done' };
  const mission = current.state;
  const task = mission.tasks.get(job.subject);
  if (!task || task.status !== 'integrating' || task.attempt !== job.attempt || task.commit === null || mission.status === 'cancelled') return { outcome: 'done' };
  const issue = mission.source.issue.number;
  const work = `integrate ${job.missionId} ${job.subject} ${job.attempt}`;
  if (parts.putOffs.isLeftAlone(work, key)) return { outcome: 'done' };
  try {
    const title = mission.index.tasks.get(task.id)?.title ?? task.id;
    const result = await host.mergeInto(mission.source, {
      branch: trunkBranch(issue),
      base: mission.trunk.base,
      commit: task.commit,
      message: `Merge ${taskBranch(issue, task.id)}: ${title.slice(0, 200).toWellFormed()}`,
    });
    const meaning = `integration:${task.id}:${task.attempt}`;
    await store.receive([
      { missionId: job.missionId, source: meaning, meaning, signal: { kind: 'integration.finished', task: task.id, attempt: task.attempt, result }, receivedAt: clock.now() },
    ]);
  } catch (error) {
    if (!(error instanceof HostError) || error.failure === 'unexpected') throw error;
    parts.log.warn('a merge will be tried again', { missionId: job.missionId, task: task.id, reason: error.message });
    return parts.putOffs.putOff(work, key, error);
  }
  parts.putOffs.clear(work);
  await parts.advance(job.missionId);
  return { outcome: 'done' };
}
