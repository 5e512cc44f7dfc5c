import type { Actor } from '../actor.ts';
import type { ApprovalVia } from '../event.ts';
import { isOver, phaseOf } from '../state.ts';
import type { Mission, PhaseState } from '../state.ts';
import { mayAct } from './authority.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';
import { moveTrunk } from './trunk.ts';

/** Fewest digits of a commit id that name it: as GitHub shows them. */
const shortestCommit = 7;

export interface ApprovalRequest {
  readonly actor: Actor;
  readonly via: ApprovalVia;
  /** Null: the one gate that waits. */
  readonly phase: string | null;
  /** The commit the person says to have seen, in full or shortened; null: not said. */
  readonly commit: string | null;
}

/**
 * Approves a gate, if the gate waits, the person may, is no author of the change, and what they saw is what stands there
 * now. Approving twice is harmless. Requires the facts `authority` and `trunk`.
 */
export function approveGate(draft: Draft, entry: Entry, request: ApprovalRequest): void {
  const { actor, via } = request;
  if (!draft.mission || actor.kind === 'bot' || refuseWhenOver(draft, entry, actor)) return;
  noteTrunk(draft, entry);
  const phase = waitingPhase(draft, entry, request);
  const mission = draft.mission;
  if (!phase) return;
  const { gate } = phase;
  const rule = mission.index.phases.get(phase.id)?.gate;
  if (!rule || gate.head === null || gate.evidenceDigest === null || gate.policyDigest === null) return;
  if (!mayAct(draft, entry, actor, rule.approvals.minimumRole)) return;
  if (!rule.approvals.allowRequester && isSame(actor.login, mission.requestedBy.login)) {
    return refuse(draft, entry, actor, 'own-mission', { phase: phase.id });
  }
  if ([...mission.trunk.authors, ...(entry.facts.trunk?.authors ?? [])].some((author) => isSame(author, actor.login))) {
    return refuse(draft, entry, actor, 'own-work', { phase: phase.id });
  }
  // Words without a commit mean what stood there when they were written, not evidence that came later.
  if (via === 'comment' && request.commit === null && writtenAt(entry) < (gate.evaluatedAt ?? 0)) {
    return refuse(draft, entry, actor, 'gate-not-waiting', { phase: phase.id, status: 'evaluating', reason: null });
  }
  if (request.commit !== null && !names(request.commit, gate.head)) {
    return refuse(draft, entry, actor, 'other-commit', { phase: phase.id, seen: request.commit, head: gate.head });
  }
  if (gate.approvals.some((approval) => isSame(approval.by.login, actor.login))) {
    return accept(draft, entry, actor, 'already-approved', { phase: phase.id });
  }
  const authority = entry.facts.authority;
  draft.emit({
    type: 'gate.approved',
    phase: phase.id,
    round: gate.round,
    by: actor,
    role: authority?.known ? authority.role : 'none',
    via,
    head: gate.head,
    evidenceDigest: gate.evidenceDigest,
    policyDigest: gate.policyDigest,
  });
  accept(draft, entry, actor, 'approved', { phase: phase.id });
}

/** What came this soon after it was written is judged by our own clock, which GitHub's may differ from. */
const promptMs = 10_000;

/** When the words were written; GitHub tells in whole seconds, of which the last moment counts. */
export function writtenAt({ signal, receivedAt = Infinity }: Entry): number {
  const written = signal.kind === 'command.given' ? signal.writtenAt : undefined;
  return written === undefined || receivedAt - written <= promptMs ? receivedAt : written + 999;
}

/** Rejects a waiting gate: it stays shut until work or trunk change. */
export function rejectGate(draft: Draft, entry: Entry, request: ApprovalRequest & { readonly reason: string }): void {
  const { actor } = request;
  if (!draft.mission || actor.kind === 'bot' || refuseWhenOver(draft, entry, actor)) return;
  const phase = waitingPhase(draft, entry, request);
  const rule = phase && draft.mission.index.phases.get(phase.id)?.gate;
  if (!phase || !rule || !mayAct(draft, entry, actor, rule.approvals.minimumRole)) return;
  if ((request.via === 'comment' || request.via === 'terminal') && request.reason === '') return refuse(draft, entry, actor, 'reason-missing', { phase: phase.id });
  draft.emit({ type: 'gate.rejected', phase: phase.id, round: phase.gate.round, by: actor, via: request.via, reason: request.reason });
  accept(draft, entry, actor, 'rejected', { phase: phase.id });
}

/** A mission that is over asks nobody; a review of its pull request is then an ordinary review. */
export function refuseWhenOver(draft: Draft, entry: Entry, actor: Actor): boolean {
  const mission = draft.mission;
  if (!mission || !isOver(mission)) return false;
  if (entry.signal.kind !== 'review.submitted') refuse(draft, entry, actor, 'mission-over', { status: mission.status });
  return true;
}

/** The trunk was looked up for this decision: if it moved unseen, that comes first. */
function noteTrunk(draft: Draft, entry: Entry): void {
  const { trunk } = entry.facts;
  const mission = draft.mission;
  if (!trunk || !mission || trunk.head === mission.trunk.head) return;
  // While a merge of ours is being recorded its own signal will tell; nothing waits for approval then.
  if (mission.counts.integrating > 0) return;
  moveTrunk(draft, trunk.head, { kind: 'person', login: trunk.authors[0] ?? 'somebody' }, 'push', trunk.authors);
}

/** The gate a request is about, or null after saying why there is none. */
function waitingPhase(draft: Draft, entry: Entry, request: ApprovalRequest): PhaseState | null {
  const mission = draft.mission;
  if (!mission) return null;
  const waiting = mission.plan.phases.filter((phase) => phaseOf(mission, phase.id)?.gate.status === 'awaiting').map((phase) => phase.id);
  if (request.phase === null && waiting.length !== 1) {
    // A review on a pull request whose gates do not wait is an ordinary review, not a failed approval.
    if (request.via === 'review') return null;
    if (waiting.length > 1) refuse(draft, entry, request.actor, 'which-gate', { waiting });
    else refuseShut(draft, entry, request, mission);
    return null;
  }
  const id = request.phase ?? waiting[0] ?? '';
  const phase = phaseOf(mission, id);
  if (!phase || mission.index.phases.get(id)?.gate === null) {
    refuse(draft, entry, request.actor, 'unknown-gate', { gate: id, gates: gatesOf(mission) });
    return null;
  }
  if (phase.gate.status === 'awaiting') return phase;
  if (phase.gate.status === 'open') accept(draft, entry, request.actor, 'already-open', { phase: phase.id }, true);
  else refuse(draft, entry, request.actor, 'gate-not-waiting', { phase: phase.id, status: phase.gate.status, reason: phase.gate.reason });
  return null;
}

/** No gate waits: the one that is being examined, or did not pass, is most likely meant. */
function refuseShut(draft: Draft, entry: Entry, request: ApprovalRequest, mission: Mission): void {
  const shut = mission.plan.phases.flatMap(({ id }) => {
    const phase = phaseOf(mission, id);
    return phase?.status === 'gate' ? [phase] : [];
  });
  const only = shut[0];
  if (shut.length !== 1 || !only) return refuse(draft, entry, request.actor, 'no-gate-waiting', { status: mission.status });
  refuse(draft, entry, request.actor, 'gate-not-waiting', { phase: only.id, status: only.gate.status, reason: only.gate.reason });
}

function gatesOf(mission: Mission): readonly string[] {
  return mission.plan.phases.flatMap((phase) => (phase.gate === null ? [] : [phase.id]));
}

/** GitHub's logins are the same in any case. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function names(said: string, commit: string): boolean {
  return said.length >= shortestCommit && commit.startsWith(said.toLowerCase());
}
