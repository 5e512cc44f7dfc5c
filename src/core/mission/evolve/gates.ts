import type { EventBody } from '../event.ts';
import type { GateState } from '../state.ts';

type Of<K extends EventBody['type']> = Extract<EventBody, { type: K }>;

export function approve(gate: GateState, { by, role, via, head, evidenceDigest, policyDigest, standing, review, ownership }: Of<'gate.approved'>, at: number): GateState {
  const approval = { by, role, via, at, head, evidenceDigest, policyDigest, ...(standing === undefined ? {} : { standing }), ...(review === undefined ? {} : { review }) };
  return { ...gate, approvals: [...gate.approvals, approval], ...(ownership === undefined ? {} : { ownership }) };
}

/** The approvals are put aside, with what they were bound to. */
export function hold(gate: GateState, reason: string): GateState {
  const { approvals, head, evidenceDigest, policyDigest, patchId = null, lines } = gate;
  if (approvals.length === 0 || head === null || evidenceDigest === null || policyDigest === null) return gate;
  return { ...gate, approvals: [], held: { approvals, head, evidenceDigest, policyDigest, patchId, lines, reason } };
}

/** One of them stands for the new round; the first commit it was given for stays known. */
export function keep(gate: GateState, body: Of<'gate.approval-kept'>): GateState {
  const found = gate.held?.approvals.find(({ by }) => by.login === body.by.login);
  if (!found) return gate;
  const { head, evidenceDigest, policyDigest, fromHead, fromEvidence } = body;
  const kept = { ...found, head, evidenceDigest, policyDigest, keptFrom: found.keptFrom ?? { head: fromHead, evidenceDigest: fromEvidence } };
  return letGo({ ...gate, approvals: [...gate.approvals, kept] }, body.by.login);
}

/** An approval is taken back: a gate that had opened on it is shut again. */
export function withdraw(gate: GateState, { of, reason }: Of<'gate.approval-withdrawn'>): GateState {
  const approvals = gate.approvals.filter(({ by }) => by.login !== of.login);
  return letGo({ ...gate, approvals, status: gate.status === 'open' ? 'awaiting' : gate.status, voided: reason }, of.login);
}

function letGo({ held, ...gate }: GateState, login: string): GateState {
  const left = held?.approvals.filter(({ by }) => by.login !== login) ?? [];
  return held === undefined || left.length === 0 ? gate : { ...gate, held: { ...held, approvals: left } };
}
