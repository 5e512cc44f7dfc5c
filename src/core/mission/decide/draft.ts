import type { DecidedPack } from '../../evidence/pack.ts';
import type { Actor } from '../actor.ts';
import type { AnswerPlace, EventBody, MissionEvent } from '../event.ts';
import { evolve } from '../evolve.ts';
import type { Signal, SignalFacts } from '../signal.ts';
import { isMission } from '../state.ts';
import type { Mission, MissionState } from '../state.ts';
import type { Json } from '../../../kit/json.ts';

/** A signal with what was looked up for it and its own key (unique per meaning). */
export interface Entry<S extends Signal = Signal> {
  readonly signal: S;
  readonly facts: SignalFacts;
  readonly key: string;
  /** When the signal reached us, milliseconds since the epoch; it may be decided much later. */
  readonly receivedAt?: number;
}

/** Collects the events of one decision and shows the state they lead to. Lives only inside `decide`. */
export class Draft {
  readonly events: MissionEvent[] = [];
  /** Made where their digest is, of the state as it was then: later events of the same decision may change what a pack is made of. */
  readonly packs: DecidedPack[] = [];
  readonly missionId: string;
  readonly now: number;
  state: MissionState | null;

  constructor(missionId: string, state: MissionState | null, now: number) {
    this.missionId = missionId;
    this.state = state;
    this.now = now;
  }

  emit(body: EventBody): void {
    const event: MissionEvent = { missionId: this.missionId, seq: (this.state?.seq ?? 0) + 1, at: this.now, body };
    this.events.push(event);
    this.state = evolve(this.state, event);
  }

  /** The mission as it stands after the events so far; null before planning or after a refusal. */
  get mission(): Mission | null {
    return isMission(this.state) ? this.state : null;
  }
}

/** Where the answer to a signal belongs. */
export function placeOf(signal: Signal, reply: boolean): AnswerPlace | null {
  switch (signal.kind) {
    case 'command.given':
      return { conversation: signal.conversation, commentId: signal.commentId, reply };
    case 'review.submitted':
      return { conversation: signal.pull, commentId: null, reply: true };
    case 'button.pressed':
      return { conversation: signal.pull ?? signal.source.issue.number, commentId: null, reply: true };
    case 'mission.requested':
    case 'mission.queue-requested':
    case 'mission.pause-requested':
    case 'mission.resume-requested':
    case 'recheck.requested':
    case 'issue.edited':
    case 'issue.closed':
      return { conversation: signal.source.issue.number, commentId: null, reply: true };
    default:
      return null;
  }
}

export type Facts = { readonly [name: string]: Json };

/** Says no, with the reason and the way out (rendered from code and facts). */
export function refuse(draft: Draft, entry: Entry, actor: Actor, code: string, facts: Facts = {}): void {
  const where = placeOf(entry.signal, true);
  if (where) give(draft, entry, { type: 'answer.given', key: entry.key, to: actor, where, accepted: false, answer: { code, facts } });
}

/** Answers are recorded even where there is no mission. */
function give(draft: Draft, entry: Entry, body: Extract<EventBody, { type: 'answer.given' }>): void {
  if (draft.state === null && 'source' in entry.signal) draft.emit({ type: 'conversation.opened', source: entry.signal.source });
  draft.emit(body);
}

/** Says yes; only commands are acknowledged, everything else shows by its effect. */
export function accept(draft: Draft, entry: Entry, actor: Actor, code: string, facts: Facts = {}, reply = false): void {
  if (entry.signal.kind !== 'command.given') return;
  const where = placeOf(entry.signal, reply);
  if (where) give(draft, entry, { type: 'answer.given', key: entry.key, to: actor, where, accepted: true, answer: { code, facts } });
}
