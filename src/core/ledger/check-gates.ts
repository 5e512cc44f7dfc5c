import { judgeRubric } from '../gate/rubric.ts';
import { measureOf, waiverCovers } from '../gate/waivers.ts';
import type { RubricLine } from '../mission/event.ts';
import { criteriaOf } from '../mission/criteria.ts';
import { judgeGateApprovals, missingPersons } from '../mission/gate-approvals.ts';
import { isMission } from '../mission/state.ts';
import type { GateState, Mission, MissionState, PhaseState } from '../mission/state.ts';
import type { LedgerEntry } from './chain.ts';
import type { Fault } from './verdict.ts';

export interface OpenedGate {
  readonly phase: string;
  readonly round: number;
  readonly approvedBy: readonly string[];
  /** Rules that were waived, not met. */
  readonly waived?: readonly string[];
  readonly evidence: string;
}

type Opened = Extract<LedgerEntry['body'], { type: 'gate.opened' }>;

/**
 * A gate that opened must rest on an evaluation of that commit in which every line was met or validly waived, and on the approvals
 * that its rules ask for, all of the same commit, evidence and policy. Judged from what the entries before say, by the rules of
 * the plan, never by what the opening claims.
 */
export class GateCheck {
  readonly opened: OpenedGate[] = [];
  /** What the ledger calls the evidence of each round: `<phase> <round>` → digest. */
  readonly evidence = new Map<string, string>();

  /** `state` is the mission after the entry. */
  see({ body, seq, at }: LedgerEntry, state: MissionState | null, fault: (fault: Fault) => void): void {
    if (body.type === 'gate.evaluated') this.evidence.set(`${body.phase} ${body.round}`, body.evidenceDigest);
    if (body.type === 'gate.opened') this.#open(body, isMission(state) ? state : null, Date.parse(at), (message) => fault({ kind: 'tampered', place: `ledger.jsonl:${seq}`, entry: seq, message }));
  }

  #open({ phase: id, round, head }: Opened, mission: Mission | null, at: number, fault: (message: string) => void): void {
    const phase = mission?.phases.get(id);
    const evidence = phase?.gate.evidenceDigest ?? null;
    if (!mission || !phase || evidence === null || phase.gate.round !== round || phase.gate.head !== head) {
      return fault(`gate ${id} opened without an evaluation that passed on ${head.slice(0, 12)}`);
    }
    const { gate } = phase;
    const unmet = gate.lines.find((line) => !line.passed && !isWaived(mission, phase, line, at));
    if (unmet) return fault(`gate ${id} opened although ${unmet.rule} was neither met nor validly waived`);
    const claimed = untrue(mission, id, gate);
    if (claimed !== null) return fault(`gate ${id} opened although ${claimed} is not met by what was measured`);
    if (judgeGateApprovals(mission, id)?.state !== 'passed') {
      const given = gate.approvals.length;
      return fault(`gate ${id} opened with ${given} of ${given + missingPersons(mission, id)} approvals that its rules ask for`);
    }
    const unconfirmed = criteriaOf(mission, id).find(({ met }) => met === null);
    if (unconfirmed) return fault(`gate ${id} opened although nobody confirmed "${unconfirmed.text.slice(0, 100)}"`);
    const waived = gate.lines.filter(({ passed }) => !passed).map(({ rule }) => rule);
    this.opened.push({ phase: id, round, approvedBy: gate.approvals.map(({ by }) => by.login), ...(waived.length === 0 ? {} : { waived }), evidence });
  }
}

/** The line's waiver was approved by a second person, has not run out, and covers what was measured. */
function isWaived(mission: Mission, { id, gate, waivers = [] }: PhaseState, line: RubricLine, at: number): boolean {
  const waiver = waivers.find(({ number }) => number === line.waived?.waiver);
  const measure = measureOf(line, mission.index.phases.get(id)?.gate?.rubric ?? {}, gate);
  if (waiver?.status !== 'approved' || !waiverCovers(waiver, line.rule, measure, at)) return false;
  return waiver.approvedBy?.kind === 'person' && waiver.approvedBy.login.toLowerCase() !== waiver.by.login.toLowerCase();
}

/** A rule of the rubric that counts as met although the metrics do not meet it. */
function untrue(mission: Mission, id: string, gate: GateState): string | null {
  const judged = judgeRubric(mission.index.phases.get(id)?.gate?.rubric ?? {}, gate.metrics);
  return judged.find(({ rule, passed }) => !passed && gate.lines.find((line) => line.rule === rule)?.passed !== false)?.rule ?? null;
}
