import type { Actor } from '../../core/mission/actor.ts';
import type { Signal } from '../../core/mission/signal.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import type { IncomingSignal } from '../../engine/ports/store.ts';
import type { LocalRepository } from './local-repository.ts';
import type { MissionRecord } from './mission-folder.ts';

/** Where a local mission lives: in no installation, so that nothing of it is shown on GitHub, and in no issue but its own number. */
export function sourceOf(record: MissionRecord): MissionSource {
  return {
    installationId: 0,
    repository: { id: record.repositoryId, owner: record.owner, name: record.repository, defaultBranch: record.branch ?? 'HEAD' },
    issue: { number: record.number, title: record.name, author: personOf(record) },
  };
}

export function personOf(record: Pick<MissionRecord, 'user'>): Actor {
  return { kind: 'person', login: record.user.login };
}

/** Who decides here, and by which way that reaches us. */
export interface Decider {
  readonly by: Actor;
  readonly via: 'terminal' | 'workflow';
}

export function deciderOf({ user, via }: Pick<LocalRepository, 'user' | 'via'>): Decider {
  return { by: personOf({ user }), via };
}

/** What begins a mission. Stored once, however often a run begins anew. */
export function beginning(record: MissionRecord, now: number): readonly IncomingSignal[] {
  const source = sourceOf(record);
  const actor = personOf(record);
  return [
    incoming(record, 'local:requested', { kind: 'mission.requested', source, title: record.name, body: '', actor }, now),
    incoming(record, 'local:queued', { kind: 'mission.queue-requested', source, actor }, now),
  ];
}

/** A command given where the mission is carried out, for the mission as it stood at event `seq`: given twice in the same moment it is one. */
export function commandGiven(record: MissionRecord, { by, via }: Decider, seq: number, words: readonly [name: string, ...args: string[]], text: string, now: number): IncomingSignal {
  const [name, ...args] = words;
  return incoming(
    record,
    `terminal:${seq}:${[...words, ...(name === 'meet-criterion' ? [text] : [])].join(' ')}`,
    { kind: 'command.given', source: sourceOf(record), conversation: record.number, commentId: seq, actor: by, command: { name, arguments: args, text, problem: null }, via },
    now,
  );
}

/** A gate is to be examined again. */
export function examinationAsked(record: MissionRecord, by: Actor, seq: number, phase: string, now: number): IncomingSignal {
  return incoming(record, `terminal:${seq}:examine ${phase}`, { kind: 'recheck.requested', source: sourceOf(record), phase, actor: by }, now);
}

/** Somebody may have committed to the trunk by hand since the mission was last carried on. */
export function trunkLookedAt(record: MissionRecord, head: string, now: number): IncomingSignal {
  return incoming(record, `local:trunk:${head}`, { kind: 'trunk.pushed', source: sourceOf(record), head, actor: personOf(record) }, now);
}

function incoming(record: MissionRecord, meaning: string, signal: Signal, receivedAt: number): IncomingSignal {
  return { missionId: record.missionId, source: meaning, meaning, signal, receivedAt };
}
