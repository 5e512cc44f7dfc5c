import type { Json } from '../../src/kit/json.ts';
import type { Definition } from '../../src/core/mission/definition.ts';
import type { Usage } from '../../src/core/mission/evidence.ts';
import type { FailureKind } from '../../src/core/mission/failure-kind.ts';
import type { Mission } from '../../src/core/mission/state.ts';
import { evidence, PureWorld } from './pure-world.ts';

/** What attempts of a subject come to: outputs, or a failure. Absent: a success without outputs. */
export interface Played {
  readonly outputs?: { readonly [name: string]: Json };
  readonly fails?: FailureKind;
  readonly usage?: Usage;
}

export type Play = (subject: string, attempt: number, mission: Mission) => Played | undefined;

/** A world whose attempts change no files and go as a test says. Gates find nothing wrong. */
export function scriptedWorld(definition: Definition, play: Play = () => undefined): PureWorld {
  return new PureWorld(definition, (subject, attempt, mission) => {
    if (subject.startsWith('gate/')) return { outcome: 'examined', head: mission.trunk.head, reports: [], metrics: {}, durationMs: 1 };
    const { outputs = {}, fails, usage } = play(subject, attempt, mission) ?? {};
    const left = usage === undefined ? evidence : { ...evidence, usage };
    if (fails !== undefined) return { outcome: 'failed', failure: fails, reason: `${subject} broke`, evidence: left };
    return { outcome: 'succeeded', commit: null, branch: null, evidence: left, outputs };
  });
}

/** Status of every task, by id. */
export function statuses(mission: Mission): { readonly [id: string]: string } {
  return Object.fromEntries([...mission.index.tasks.keys()].map((id) => [id, mission.tasks.get(id)?.status ?? 'none']));
}
