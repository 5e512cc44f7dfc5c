import { evidenceDigest } from '../../core/evidence/pack.ts';
import type { EvidencePack } from '../../core/evidence/pack.ts';
import { gateVerdict, packVerdict } from '../../core/gate/gate-verdict.ts';
import type { Verdict } from '../../core/gate/verdict.ts';
import type { EventBody, Finding } from '../../core/mission/event.ts';
import { readFindings } from '../../core/mission/read-findings.ts';
import { isMission, phaseOf } from '../../core/mission/state.ts';
import type { Mission, PhaseState } from '../../core/mission/state.ts';
import type { Store, StoredEvent } from '../../engine/ports/store.ts';

export type EvidenceStore = Pick<Store, 'read' | 'events' | 'evidencePack' | 'artifact'>;

/** One round of a gate, as it is known now. */
export interface GateReading {
  readonly mission: Mission;
  readonly phase: PhaseState;
  readonly round: number;
  /** False: the gate is in a later round. */
  readonly isPresent: boolean;
  /** Null when the round has not been judged, or ended before it was. */
  readonly verdict: Verdict | null;
  readonly pack: EvidencePack | null;
  /** The digest that was recorded when the round was judged, and that of the pack as it is kept now. */
  readonly digest: { readonly recorded: string; readonly now: string } | null;
  readonly policyDigest: string | null;
  readonly findings: readonly Finding[];
  /** What happened to the gate in this round, oldest first. */
  readonly events: readonly GateEvent[];
  readonly ledgerHead: string;
}

export interface GateEvent extends StoredEvent {
  readonly body: Extract<EventBody, { readonly phase: string; readonly round: number }>;
}

/** Events read at once. */
const pageSize = 2_000;

/** Null when there is no such gate, or no such round of it. */
export async function readGate(store: EvidenceStore, missionId: string, phaseId: string, round: number): Promise<GateReading | null> {
  const found = await store.read(missionId);
  if (found === null || !isMission(found.state)) return null;
  const mission = found.state;
  const phase = phaseOf(mission, phaseId);
  if (!phase || (mission.index.phases.get(phaseId)?.gate ?? null) === null || round < 1 || round > phase.gate.round) return null;
  const isPresent = round === phase.gate.round;
  const [pack, events] = await Promise.all([store.evidencePack(missionId, phaseId, round), eventsOf(store, missionId, phaseId, round)]);
  const judged = events.findLast(({ body }) => body.type === 'gate.evaluated')?.body;
  return {
    mission,
    phase,
    round,
    isPresent,
    verdict: isPresent ? gateVerdict(mission, phaseId) : pack === null ? null : packVerdict(pack),
    pack,
    digest: judged?.type === 'gate.evaluated' && pack !== null ? { recorded: judged.evidenceDigest, now: evidenceDigest(pack) } : null,
    policyDigest: judged?.type === 'gate.evaluated' ? judged.policyDigest : null,
    findings: pack === null ? [] : await findingsOf(store, missionId, pack),
    events,
    ledgerHead: found.headHash,
  };
}

async function eventsOf(store: EvidenceStore, missionId: string, phase: string, round: number): Promise<readonly GateEvent[]> {
  const found: GateEvent[] = [];
  for (let after = 0; ; ) {
    const page = await store.events(missionId, after, pageSize);
    for (const event of page) if (isOfRound(event, phase, round)) found.push(event);
    const last = page.at(-1);
    if (page.length < pageSize || last === undefined) return found;
    after = last.seq;
  }
}

function isOfRound(event: StoredEvent, phase: string, round: number): event is GateEvent {
  const { body } = event;
  return 'phase' in body && 'round' in body && body.phase === phase && body.round === round && body.type.startsWith('gate.');
}

async function findingsOf(store: EvidenceStore, missionId: string, { guardReports }: EvidencePack): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  for (const { findings } of guardReports) {
    if (findings === undefined || findings.digest === null) continue;
    all.push(...readFindings((await store.artifact(missionId, findings.digest))?.text ?? ''));
  }
  return all;
}
