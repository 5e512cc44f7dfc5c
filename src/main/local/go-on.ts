import { hasFailed, isMission, phaseOf } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import { trunkBranch } from '../../core/mission/source.ts';
import type { IncomingSignal } from '../../engine/ports/store.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { commitOf } from '../../worker/local-repository/merge-commit.ts';
import type { LocalRepository } from './local-repository.ts';
import { commandGiven, deciderOf, examinationAsked, personOf, trunkLookedAt } from './local-signals.ts';
import type { MissionRecord } from './mission-folder.ts';
import type { LocalParts } from './wire-local.ts';

export interface GoOn {
  readonly parts: Pick<LocalParts, 'store' | 'engine'>;
  readonly record: MissionRecord;
  readonly repository: LocalRepository;
  /** What a used-up budget is raised to, by part. */
  readonly budget: { readonly tokens?: string; readonly usd?: string; readonly minutes?: string };
  readonly cancel: boolean;
}

/**
 * What resuming asks for, beyond going on: a paused mission is resumed, failed tasks are tried again, gates that are shut are
 * examined again, and a trunk that somebody moved by hand is noticed.
 */
export async function goOn({ parts, record, repository, budget, cancel }: GoOn): Promise<void> {
  const mission = await missionOf(parts, record);
  if (mission === null) return;
  const by = personOf(repository);
  const say = (words: readonly [name: string, ...args: string[]]) => commandGiven(record, deciderOf(repository), mission.seq, words, '', systemClock.now());
  if (cancel) return tell(parts, record, [say(['cancel'])]);
  const head = await commitOf(repository.git, `refs/heads/${trunkBranch(record.number)}`);
  if (head !== null && head !== mission.trunk.head && mission.counts.integrating === 0) await tell(parts, record, [trunkLookedAt(record, head, systemClock.now())]);
  const asked: IncomingSignal[] = [];
  const { tokens = '', usd = '', minutes = '' } = budget;
  if (tokens + usd + minutes !== '') asked.push(say(['budget', scopeWord(mission), tokens, usd, minutes]));
  else if (mission.status === 'paused' && mission.pausedFor === undefined) asked.push(say(['resume']));
  if (hasFailed(mission)) asked.push(...failedTasks(mission).map((task) => say(['retry', task])));
  const shut = mission.plan.phases.filter(({ id }) => ['failed', 'rejected'].includes(phaseOf(mission, id)?.gate.status ?? '') && (phaseOf(mission, id)?.gate.retryAt ?? null) === null);
  asked.push(...shut.map(({ id }) => examinationAsked(record, by, mission.seq, id, systemClock.now())));
  await tell(parts, record, asked);
}

async function missionOf(parts: GoOn['parts'], record: MissionRecord): Promise<Mission | null> {
  const state = (await parts.store.read(record.missionId))?.state ?? null;
  return isMission(state) ? state : null;
}

async function tell(parts: GoOn['parts'], record: MissionRecord, signals: readonly IncomingSignal[]): Promise<void> {
  if (signals.length === 0) return;
  await parts.engine.receive(signals);
  await parts.engine.advance(record.missionId);
}

/** Items come before their group: with them it is tried again as well. */
function failedTasks(mission: Mission): readonly string[] {
  return [...mission.tasks.values()].filter((task) => task.status === 'failed' && mission.index.tasks.get(task.id)?.strategy === undefined).map(({ id }) => id);
}

function scopeWord(mission: Mission): string {
  return (mission.pausedFor ?? 'mission').replace(/^(phase|task)\//, '');
}
