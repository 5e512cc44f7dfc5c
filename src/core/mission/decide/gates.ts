import { policyDigest } from '../../evidence/pack.ts';
import { approversNamed, approverWords, counts } from '../../gate/approvals.ts';
import type { Actor } from '../actor.ts';
import { exclusionOf, isSame } from '../contributors.ts';
import { repositoryRoles } from '../definition.ts';
import type { RepositoryRole } from '../definition.ts';
import type { ApprovalVia } from '../event.ts';
import { ruleOfGate } from '../gate-approvals.ts';
import type { Signal } from '../signal.ts';
import { isOver, phaseOf } from '../state.ts';
import type { Mission, PhaseState } from '../state.ts';
import { mayAct, reaches } from './authority.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';
import { moveTrunk, speaksForHead, startOver } from './trunk.ts';

/** Fewest digits of a commit id that name it: as GitHub shows them. */
const shortestCommit = 7;

export interface ApprovalRequest {
  readonly actor: Actor;
  readonly via: ApprovalVia;
  /** Null: the one gate that waits. */
  readonly phase: string | null;
  /** The commit the person says to have seen, in full or shortened; null: not said. */
  readonly commit: string | null;
  /** The review that says it. */
  readonly review?: number;
}

/**
 * Approves a gate, if the gate waits, the person may, is no author of the change, and what they saw is what stands there
 * now. Approving twice is harmless. Requires the facts `authority` and `trunk`.
 */
export function approveGate(draft: Draft, entry: Entry, request: ApprovalRequest): void {
  const { actor, via } = request;
  if (!draft.mission || actor.kind === 'bot' || refuseWhenOver(draft, entry, actor)) return;
  noteTrunk(draft, entry);
  notePolicy(draft, entry);
  const phase = waitingPhase(draft, entry, request);
  const mission = draft.mission;
  if (!phase) return;
  const { gate } = phase;
  const rule = ruleOfGate(mission, phase.id);
  if (!rule || gate.head === null || gate.evidenceDigest === null || gate.policyDigest === null) return;
  if (refuseUnknownPolicy(draft, entry, actor) || !mayDecide(draft, entry, actor, phase.id)) return;
  const exclusion = exclusionOf(mission, rule.exclude, actor.login, entry.facts.trunk);
  if (exclusion !== null) return refuse(draft, entry, actor, exclusion === 'requester' ? 'own-mission' : 'own-work', { phase: phase.id, as: exclusion });
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
  const { authority, standing, ownership } = entry.facts;
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
    ...(standing === undefined ? {} : { standing }),
    ...(request.review === undefined ? {} : { review: request.review }),
    ...(ownership === undefined ? {} : { ownership }),
  });
  accept(draft, entry, actor, 'approved', { phase: phase.id });
}

/** True for somebody whom the gate's rules name, as far as could be looked up; otherwise the refusal is recorded. */
function mayDecide(draft: Draft, entry: Entry, actor: Actor, phaseId: string): boolean {
  const { authority, standing, ownership = null } = entry.facts;
  const rule = draft.mission && ruleOfGate(draft.mission, phaseId);
  if (!rule) return false;
  const approvers = approversNamed(rule);
  const roles = repositoryRoles.filter((role) => approvers.includes(`role:${role}`));
  if (authority?.known !== true) return mayAct(draft, entry, actor, roles[0]);
  const person = { login: actor.login, role: authority.role, ...(standing === undefined ? {} : { standing }) };
  if (approvers.some((approver) => counts(approver, person, ownership))) return true;
  const unknown = [...(standing?.unknown ?? []), ...(ownership?.known === false && approvers.includes('codeowners') ? [ownership.reason] : [])];
  if (unknown.length > 0) refuse(draft, entry, actor, 'permission-unknown', { reason: unknown.join('; ') });
  else if (roles.length === approvers.length) refuse(draft, entry, actor, 'permission-denied', { role: authority.role, minimum: roles[0] ?? 'write' });
  else refuse(draft, entry, actor, 'not-an-approver', { phase: phaseId, role: authority.role, from: approvers.map(approverWords) });
  return false;
}

/** Somebody may reject who reaches the rule's role, or could approve in another way. */
function mayReject(draft: Draft, entry: Entry, actor: Actor, phaseId: string, minimum: RepositoryRole): boolean {
  return reaches(entry.facts.authority, minimum) || mayDecide(draft, entry, actor, phaseId);
}

/** The policy was looked up for this decision: where it is not the one a gate was judged by, the gate is judged again first. */
export function notePolicy(draft: Draft, { facts: { policy } }: Entry): void {
  // One that could not be fetched just now says nothing; one that cannot be understood keeps every gate shut.
  if (policy === undefined || (!policy.known && policy.problems.length === 0)) return;
  const present = policy.known ? policy.policy : 'unknown';
  startOver(draft, 'the repository’s policy changed', (mission, id) => {
    const rule = mission.index.phases.get(id)?.gate;
    const gate = phaseOf(mission, id)?.gate;
    // What is being examined is judged by the policy that holds at its end.
    if (!rule || !gate || gate.status === 'evaluating') return false;
    return gate.policyDigest !== null && gate.policyDigest !== policyDigest(rule, present);
  });
}

/** A policy that cannot be read allows nothing. */
function refuseUnknownPolicy(draft: Draft, entry: Entry, actor: Actor): boolean {
  const { policy } = entry.facts;
  if (policy === undefined || policy.known) return false;
  refuse(draft, entry, actor, 'policy-unknown', { reason: policy.reason });
  return true;
}

/** A review was dismissed: the approval it gave is taken back, also where the gate has opened on it and nothing is merged yet. */
export function withdrawApproval(draft: Draft, { signal }: Entry<Extract<Signal, { kind: 'review.dismissed' }>>): void {
  const { mission } = draft;
  if (!mission || mission.status === 'cancelled' || mission.pull?.state === 'merged') return;
  for (const { id } of mission.plan.phases) {
    const phase = phaseOf(mission, id);
    const given = [...(phase?.gate.approvals ?? []), ...(phase?.gate.held?.approvals ?? [])].find(({ review }) => review === signal.reviewId);
    if (!phase || !given || (phase.gate.status === 'open' && !speaksForHead(mission, id))) continue;
    draft.emit({ type: 'gate.approval-withdrawn', phase: id, round: phase.gate.round, of: given.by, by: signal.actor, reason: `@${signal.actor.login} dismissed the review of @${given.by.login}` });
  }
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
  if (!phase || !rule || !mayReject(draft, entry, actor, phase.id, rule.approvals.minimumRole)) return;
  if ((request.via !== 'review' && request.via !== 'button') && request.reason === '') return refuse(draft, entry, actor, 'reason-missing', { phase: phase.id });
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
  moveTrunk(draft, trunk.head, { kind: 'person', login: trunk.authors[0] ?? 'somebody' }, 'push', trunk);
}

/** The gate a request is about, or null after saying why there is none. */
export function waitingPhase(draft: Draft, entry: Entry, request: ApprovalRequest): PhaseState | null {
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

function names(said: string, commit: string): boolean {
  return said.length >= shortestCommit && commit.startsWith(said.toLowerCase());
}
