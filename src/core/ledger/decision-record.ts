import type { Actor } from '../mission/actor.ts';
import type { EventBody, MissionEvent } from '../mission/event.ts';
import { evolve } from '../mission/evolve.ts';
import { isMission, phaseOf } from '../mission/state.ts';
import type { MissionState } from '../mission/state.ts';
import { gateVerdict } from '../gate/gate-verdict.ts';
import type { Verdict } from '../gate/verdict.ts';
import type { Json } from '../../kit/json.ts';
import { isoTime } from '../../kit/time.ts';
import { kindOf } from './kinds.ts';

/** The trace of one decision: by which rule, on which facts, who, and what came of it. */
export interface DecisionRecord {
  readonly schema: 'schema.decision.record.v1';
  readonly mission: string;
  /** The entry of the ledger that records it; `hash` binds this record to that ledger. */
  readonly entry: { readonly seq: number; readonly hash: string; readonly at: string };
  /** Type of the entry: `gate.approved`. */
  readonly decision: string;
  readonly actor: Actor | null;
  readonly phase: string | null;
  readonly round: number | null;
  readonly task: string | null;
  /** What the plan asks of the gate; null for decisions that are about no gate. */
  readonly rule: Json;
  /** What was known when it was decided: the entry's own fields, and who wrote the commits. */
  readonly facts: { readonly [name: string]: Json };
  /** Why the gate stands as it does with this decision. */
  readonly verdict: Verdict | null;
  /** How the gate, task or mission stands after it. */
  readonly outcome: string;
  readonly reason: string | null;
}

/** Follows a mission and makes the record of every decision in it. */
export class DecisionRecords {
  #state: MissionState | null = null;

  /** Takes the next event; null when it is no decision. */
  see(event: MissionEvent, hash: string): DecisionRecord | null {
    const before = this.#state;
    this.#state = evolve(before, event);
    return kindOf(event.body.type) === 'decision' ? recordOf(before, this.#state, event, hash) : null;
  }
}

/** Fields that stand elsewhere in a record, or say nothing of a decision. */
const elsewhere: ReadonlySet<string> = new Set(['type', 'by', 'phase', 'round', 'task', 'reason', 'plan', 'said', 'source', 'requestedBy']);

function recordOf(before: MissionState | null, after: MissionState | null, { missionId, seq, at, body }: MissionEvent, hash: string): DecisionRecord {
  const fields = body as unknown as { readonly [name: string]: Json | undefined };
  const mission = isMission(before) ? before : isMission(after) ? after : null;
  const phase = typeof fields.phase === 'string' ? fields.phase : null;
  const task = typeof fields.task === 'string' ? fields.task : null;
  const authors: DecisionRecord['facts'] = mission !== null && phase !== null ? { authors: mission.trunk.authors } : {};
  const own = Object.entries(fields).flatMap(([name, value]): readonly (readonly [string, Json])[] => (elsewhere.has(name) || value === undefined ? [] : [[name, value]]));
  return {
    schema: 'schema.decision.record.v1',
    mission: missionId,
    entry: { seq, hash, at: isoTime(at) },
    decision: body.type,
    actor: actorOf(body),
    phase,
    round: typeof fields.round === 'number' ? fields.round : null,
    task,
    rule: phase === null ? null : ((mission?.index.phases.get(phase)?.gate ?? null) as unknown as Json),
    facts: { ...Object.fromEntries(own), ...authors },
    verdict: isMission(after) && phase !== null ? gateVerdict(after, phase) : null,
    outcome: outcomeOf(after, phase, task),
    reason: typeof fields.reason === 'string' ? fields.reason : null,
  };
}

function actorOf(body: EventBody): Actor | null {
  if ('by' in body) return body.by;
  if ('requestedBy' in body) return body.requestedBy;
  return null;
}

function outcomeOf(state: MissionState | null, phase: string | null, task: string | null): string {
  if (!isMission(state)) return `mission ${state?.status ?? 'unknown'}`;
  if (phase !== null) return `gate ${phase} ${phaseOf(state, phase)?.gate.status ?? 'unknown'}`;
  if (task !== null) return `task ${task} ${state.tasks.get(task)?.status ?? 'unknown'}`;
  return `mission ${state.status}`;
}
