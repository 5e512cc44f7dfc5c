import { shutBecause, stands, waiveLines } from '../../gate/waivers.ts';
import type { EventBody } from '../event.ts';
import type { Mission, PhaseState } from '../state.ts';
import type { Waiver } from '../waiver.ts';
import { changePhase } from './phases.ts';

type Of<T extends EventBody['type']> = Extract<EventBody, { type: T }>;
interface Named {
  readonly phase: string;
  readonly waiver: number;
}

/** A waiver is asked for: one of the same rule that nobody has confirmed yet makes way for it. */
export function addWaiver(mission: Mission, body: Of<'waiver.requested'>, at: number): Mission {
  const { waiver: number, rule, by, reason, control, until, expected, measured, seen } = body;
  const added: Waiver = { number, rule, status: 'requested', by, reason, control, requestedAt: at, until, expected, measured, seen, approvedBy: null };
  return changePhase(mission, body.phase, (phase) => ({ ...phase, waivers: [...replaced(phase.waivers ?? [], rule, ['requested']), added] }));
}

/** It counts from now on, in place of an earlier one of the same rule; a gate that was shut for its rule alone waits for people now. */
export function approveWaiver(mission: Mission, body: Of<'waiver.approved'>, at: number): Mission {
  const approved = changePhase(mission, body.phase, (phase) => {
    const others = replaced(phase.waivers ?? [], body.rule, ['approved']);
    return { ...phase, waivers: others.map((waiver) => (waiver.number === body.waiver ? { ...waiver, status: 'approved', approvedBy: body.by, daysLeft: body.daysLeft } : waiver)) };
  });
  return changePhase(marked(approved, body.phase, at), body.phase, (phase) => {
    const { gate } = phase;
    const waits = phase.status === 'gate' && gate.status === 'failed' && gate.lines.length > 0;
    if (!waits) return phase;
    return stands(gate.lines) ? { ...phase, gate: { ...gate, status: 'awaiting', reason: null } } : { ...phase, gate: { ...gate, reason: shutBecause(gate.lines) } };
  });
}

export function endWaiver(mission: Mission, body: Named, status: 'withdrawn' | 'expired', at: number): Mission {
  return marked(changeWaiver(mission, body, { status }), body.phase, at);
}

export function changeWaiver(mission: Mission, { phase: id, waiver: number }: Named, change: Partial<Waiver>): Mission {
  return changePhase(mission, id, (phase) => ({ ...phase, waivers: (phase.waivers ?? []).map((waiver) => (waiver.number === number ? { ...waiver, ...change } : waiver)) }));
}

function replaced(waivers: readonly Waiver[], rule: string, of: readonly Waiver['status'][]): readonly Waiver[] {
  return waivers.map((waiver) => (waiver.rule === rule && of.includes(waiver.status) ? { ...waiver, status: 'replaced' } : waiver));
}

/** The lines of the gate as they stand with the waivers that count now. */
function marked(mission: Mission, id: string, at: number): Mission {
  const rule = mission.index.phases.get(id)?.gate;
  if (!rule) return mission;
  return changePhase(mission, id, (phase: PhaseState) => ({ ...phase, gate: { ...phase.gate, lines: waiveLines(phase.gate, rule.rubric, phase.waivers ?? [], at) } }));
}
