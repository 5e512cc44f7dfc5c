import type { Json } from '../../kit/json.ts';
import type { LedgerEntry } from '../ledger/chain.ts';
import type { Actor } from '../mission/actor.ts';
import type { Mission } from '../mission/state.ts';
import { isoTime } from '../../kit/time.ts';
import type { DecisionPart, WaiverPart } from './dossier.ts';

/** Fields that stand elsewhere in a decision. */
const elsewhere: ReadonlySet<string> = new Set(['type', 'phase', 'round', 'task', 'reason']);

/** An entry of the ledger as a decision: whatever plain facts it names come along, also those that a later version adds. */
export function decisionOf({ seq, hash, at, body }: LedgerEntry): DecisionPart {
  const fields = body as unknown as { readonly [name: string]: Json | undefined };
  const text = (name: string): string | null => (typeof fields[name] === 'string' ? fields[name] : null);
  const facts = Object.entries(fields).filter((one): one is [string, string | number | boolean] => !elsewhere.has(one[0]) && ['string', 'number', 'boolean'].includes(typeof one[1]));
  return {
    seq,
    hash,
    at,
    decision: body.type,
    by: 'by' in body ? actorOf(body.by) : 'requestedBy' in body ? actorOf(body.requestedBy) : null,
    phase: text('phase'),
    round: typeof fields.round === 'number' ? fields.round : null,
    task: text('task'),
    reason: text('reason'),
    facts: Object.fromEntries(facts),
  };
}

function actorOf({ kind, login }: Actor): Actor {
  return { kind, login };
}

/** Every waiver that was asked for, in the order of the plan. */
export function waiversOf(mission: Mission): readonly WaiverPart[] {
  return mission.plan.phases.flatMap(({ id }) =>
    (mission.phases.get(id)?.waivers ?? []).map((waiver) => ({
      phase: id,
      waiver: waiver.number,
      rule: waiver.rule,
      status: waiver.status,
      owner: waiver.by,
      approvedBy: waiver.approvedBy,
      reason: waiver.reason,
      control: waiver.control,
      expected: waiver.expected,
      measured: waiver.measured,
      requestedAt: isoTime(waiver.requestedAt),
      until: isoTime(waiver.until),
    })),
  );
}
