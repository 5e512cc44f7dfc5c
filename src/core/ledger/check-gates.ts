import { WaiverRecord } from '../gate/waiver-record.ts';
import type { Rubric } from '../mission/definition.ts';
import type { LedgerEntry } from './chain.ts';
import type { Fault } from './verdict.ts';

export interface OpenedGate {
  readonly phase: string;
  readonly round: number;
  readonly approvedBy: readonly string[];
  readonly evidence: string;
}

interface Round {
  readonly evaluation: Extract<LedgerEntry['body'], { type: 'gate.evaluated' }>;
  /** Logins, in lower case: one person counts once. */
  readonly approvedBy: Map<string, string>;
}

/** An opened gate must rest on an evaluation that passed, but for rules that are waived as they may be, and on as many approvals, all of the same four things, as its plan asks for. */
export class GateCheck {
  readonly opened: OpenedGate[] = [];
  /** What the ledger calls the evidence of each round: `<phase> <round>` → digest. */
  readonly evidence = new Map<string, string>();
  readonly #asked = new Map<string, number>();
  readonly #rubrics = new Map<string, Rubric>();
  readonly #waivers = new WaiverRecord();
  readonly #rounds = new Map<string, Round>();

  see({ body, seq, at }: LedgerEntry, fault: (fault: Fault) => void): void {
    this.#waivers.see(body);
    switch (body.type) {
      case 'mission.planned':
        for (const phase of body.plan.phases) {
          if (!phase.gate) continue;
          this.#asked.set(phase.id, phase.gate.approvals.count);
          this.#rubrics.set(phase.id, phase.gate.rubric);
        }
        return;
      case 'gate.evaluated':
        this.evidence.set(`${body.phase} ${body.round}`, body.evidenceDigest);
        this.#rounds.set(`${body.phase} ${body.round}`, { evaluation: body, approvedBy: new Map() });
        return;
      case 'gate.approved': {
        const round = this.#rounds.get(`${body.phase} ${body.round}`);
        if (round && isOf(round, body)) round.approvedBy.set(body.by.login.toLowerCase(), body.by.login);
        return;
      }
      case 'gate.approvals-voided':
        this.#rounds.get(`${body.phase} ${body.round}`)?.approvedBy.clear();
        return;
      case 'gate.opened':
        return this.#open(body, seq, Date.parse(at), fault);
      default:
    }
  }

  #open({ phase, round: number, head }: Extract<LedgerEntry['body'], { type: 'gate.opened' }>, seq: number, at: number, fault: (fault: Fault) => void): void {
    const round = this.#rounds.get(`${phase} ${number}`);
    const place = `ledger.jsonl:${seq}`;
    const passed = round !== undefined && (round.evaluation.passed || this.#waivers.uncovered(phase, round.evaluation, this.#rubrics.get(phase) ?? {}, at).length === 0);
    if (!passed || round.evaluation.head !== head) {
      fault({ kind: 'tampered', place, entry: seq, message: `gate ${phase} opened without an evaluation that passed on ${head.slice(0, 12)}` });
      return;
    }
    const needed = this.#asked.get(phase) ?? 0;
    if (round.approvedBy.size < needed) fault({ kind: 'tampered', place, entry: seq, message: `gate ${phase} opened with ${round.approvedBy.size} of ${needed} approvals` });
    this.opened.push({ phase, round: number, approvedBy: [...round.approvedBy.values()], evidence: round.evaluation.evidenceDigest });
  }
}

function isOf({ evaluation }: Round, approval: { readonly head: string; readonly evidenceDigest: string; readonly policyDigest: string }): boolean {
  return approval.head === evaluation.head && approval.evidenceDigest === evaluation.evidenceDigest && approval.policyDigest === evaluation.policyDigest;
}
