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

/** An opened gate must rest on an evaluation that passed and on as many approvals, all of the same four things, as its plan asks for. */
export class GateCheck {
  readonly opened: OpenedGate[] = [];
  /** What the ledger calls the evidence of each round: `<phase> <round>` → digest. */
  readonly evidence = new Map<string, string>();
  readonly #asked = new Map<string, number>();
  readonly #rounds = new Map<string, Round>();

  see({ body, seq }: LedgerEntry, fault: (fault: Fault) => void): void {
    switch (body.type) {
      case 'mission.planned':
        for (const phase of body.plan.phases) if (phase.gate) this.#asked.set(phase.id, phase.gate.approvals.count);
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
        return this.#open(body, seq, fault);
      default:
    }
  }

  #open({ phase, round: number, head }: Extract<LedgerEntry['body'], { type: 'gate.opened' }>, seq: number, fault: (fault: Fault) => void): void {
    const round = this.#rounds.get(`${phase} ${number}`);
    const place = `ledger.jsonl:${seq}`;
    if (!round?.evaluation.passed || round.evaluation.head !== head) {
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
