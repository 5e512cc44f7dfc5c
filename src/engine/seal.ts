import { chainEntry } from '../core/ledger/chain.ts';
import { kindOf } from '../core/ledger/kinds.ts';
import { sealLedger } from '../core/ledger/signed-head.ts';
import type { EventBody, MissionEvent } from '../core/mission/event.ts';
import type { Signer } from './ports/signer.ts';

/** Between two decisions at most this many entries stand unsealed. */
export const entriesPerSeal = 100;

/** Ends of a mission: what follows them may be long in coming. */
const ends: readonly EventBody['type'][] = ['mission.completed', 'mission.failed', 'mission.cancelled', 'mission.timed-out', 'pull.merged'];

/**
 * The seal behind these events, or null when they need none: a decision on a gate, an approval or a waiver is sealed in the commit
 * that records it, as are the end of a mission and every hundredth entry. Nothing but the events and the key goes into it, so that a
 * commit that is tried again seals what it then writes.
 */
export function sealAfter(signer: Signer | null, headHash: string, events: readonly MissionEvent[], now: number): MissionEvent | null {
  const last = events.at(-1);
  if (signer === null || last === undefined || !needsSeal(events)) return null;
  const head = events.reduce((prev, event) => chainEntry(event, prev).hash, headHash);
  return { missionId: last.missionId, seq: last.seq + 1, at: now, body: { type: 'ledger.sealed', ...sealLedger(last.missionId, last.seq, head, signer) } };
}

function needsSeal(events: readonly MissionEvent[]): boolean {
  return events.some(({ seq, body: { type } }) => seq % entriesPerSeal === 0 || ends.includes(type) || (kindOf(type) === 'decision' && /^(gate|approval|waiver)\./.test(type)));
}
