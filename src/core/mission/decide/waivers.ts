import { readUntil } from '../../command/read-until.ts';
import { approverWords, counts } from '../../gate/approvals.ts';
import { measureOf, ruleNamed, ruleWord, waivable, waiverCovers, waiverTerms } from '../../gate/waivers.ts';
import { nearestWord } from '../../../kit/nearest-word.ts';
import { exclusionOf, isSame } from '../contributors.ts';
import { defaultExclusions } from '../definition.ts';
import type { GateDefinition, RepositoryRole } from '../definition.ts';
import { ruleOfGate } from '../gate-approvals.ts';
import type { TimerPurpose } from '../signal.ts';
import type { Signal } from '../signal.ts';
import { hasLanded, phaseOf } from '../state.ts';
import type { GateStatus, Mission, PhaseState } from '../state.ts';
import type { Waiver } from '../waiver.ts';
import { mayAct } from './authority.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';

type CommandEntry = Entry<Extract<Signal, { kind: 'command.given' }>>;

const dayMs = 86_400_000;

/** Gates whose lines are known: before and during an examination there is nothing to waive. */
const judged: ReadonlySet<GateStatus> = new Set(['awaiting', 'failed', 'rejected', 'open']);

/** `/waive`: asks for an exception to one rule. It counts when a second person has confirmed it. */
export function requestWaiver(draft: Draft, entry: CommandEntry): void {
  const { actor, command } = entry.signal;
  const found = mayAct(draft, entry, actor) ? gateMeant(draft, entry) : null;
  if (found === null) return;
  const { phase, gate: rule } = found;
  const terms = termsOf(draft, entry, phase, rule);
  if (terms === null) return;
  const [, word = '', until = '', reason = '', control = ''] = command.arguments;
  const line = phase.gate.lines.find((one) => one.rule === ruleNamed(word, phase.gate.lines.map((each) => each.rule)));
  const lines = waivable(phase.gate, rule.rubric).map((one) => ruleWord(one.rule));
  if (line === undefined) {
    const known = phase.gate.lines.map((one) => ruleWord(one.rule));
    return refuse(draft, entry, actor, 'waiver-unknown-rule', { phase: phase.id, rule: word, nearest: nearestWord(word, known) ?? '', lines });
  }
  const about = { phase: phase.id, rule: ruleWord(line.rule) };
  if (line.passed) return refuse(draft, entry, actor, 'waiver-not-needed', { ...about, measured: line.measured });
  const seen = measureOf(line, rule.rubric, phase.gate);
  if (seen === null) return refuse(draft, entry, actor, 'waiver-not-possible', about);
  const { maximumDays, approvers } = terms;
  if (maximumDays === 0) return refuse(draft, entry, actor, 'waiver-none-here', about);
  const end = until === '' ? null : readUntil(until, draft.now);
  if (until !== '' && end === null) return refuse(draft, entry, actor, 'waiver-bad-time', { ...about, until, reason, control });
  if (end === null || reason === '' || control === '') return refuse(draft, entry, actor, 'waiver-incomplete', { ...about, until, reason, control });
  if (end <= draft.now) return refuse(draft, entry, actor, 'waiver-past', { ...about, until, reason, control });
  if (end > draft.now + maximumDays * dayMs) return refuse(draft, entry, actor, 'waiver-too-long', { ...about, reason, control, maximumDays });
  const { round, head } = phase.gate;
  const number = (phase.waivers?.length ?? 0) + 1;
  draft.emit({ type: 'waiver.requested', phase: phase.id, waiver: number, rule: line.rule, by: actor, reason, control, until: end, expected: line.expected, measured: line.measured, seen, round, head });
  accept(draft, entry, actor, 'waiver-requested', { ...about, until: end, from: approvers.map(approverWords) }, true);
}

/** `/approve-waiver`: the second person. Neither who asked, nor who wrote part of the change. Requires the facts `authority` and `trunk`. */
export function confirmWaiver(draft: Draft, entry: CommandEntry): void {
  const { actor, via = 'comment' } = entry.signal;
  const found = waiverMeant(draft, entry, ['requested']);
  if (found === null) return;
  const { mission, phase, gate: rule, waiver } = found;
  if (mission.status === 'cancelled' || hasLanded(mission)) return refuse(draft, entry, actor, 'mission-over', { status: mission.status === 'cancelled' ? 'cancelled' : 'completed' });
  const about = { phase: phase.id, rule: ruleWord(waiver.rule) };
  if (!mayConfirm(draft, entry, phase, rule)) return;
  if (isSame(actor.login, waiver.by.login)) return refuse(draft, entry, actor, 'waiver-own', about);
  // Whatever a gate lets count: nobody waives a rule for what they made themselves.
  const exclusion = exclusionOf(mission, [...defaultExclusions, ...(ruleOfGate(mission, phase.id)?.exclude ?? [])], actor.login, entry.facts.trunk);
  if (exclusion !== null) return refuse(draft, entry, actor, exclusion === 'requester' ? 'waiver-own-mission' : 'waiver-own-work', about);
  const line = phase.gate.lines.find((one) => one.rule === waiver.rule);
  if (line?.passed) return refuse(draft, entry, actor, 'waiver-not-needed', { ...about, measured: line.measured });
  if (line && !waiverCovers(waiver, line.rule, measureOf(line, rule.rubric, phase.gate), draft.now)) {
    return refuse(draft, entry, actor, 'waiver-outgrown', { ...about, seen: waiver.measured, measured: line.measured });
  }
  const { authority } = entry.facts;
  const role = authority?.known ? authority.role : 'none';
  draft.emit({ type: 'waiver.approved', phase: phase.id, waiver: waiver.number, rule: waiver.rule, by: actor, role, via, daysLeft: Math.ceil((waiver.until - draft.now) / dayMs) });
  accept(draft, entry, actor, 'waiver-approved', { ...about, until: waiver.until }, true);
}

/** `/withdraw-waiver`: by who asked for it, or by somebody who may confirm it. A gate that stood on it is shut again. */
export function withdrawWaiver(draft: Draft, entry: CommandEntry): void {
  const { actor } = entry.signal;
  const found = waiverMeant(draft, entry, ['requested', 'approved']);
  if (found === null) return;
  const { phase, gate, waiver } = found;
  const isOwner = isSame(actor.login, waiver.by.login);
  if (!isOwner && !mayConfirm(draft, entry, phase, gate)) return;
  draft.emit({ type: 'waiver.withdrawn', phase: phase.id, waiver: waiver.number, rule: waiver.rule, by: actor });
  shutWithout(draft, phase.id, waiver, `@${actor.login} withdrew the waiver of ${waiver.rule}`);
  accept(draft, entry, actor, 'waiver-withdrawn', { phase: phase.id, rule: ruleWord(waiver.rule) });
}

/** Waivers whose time is over count no longer, also when their timer is late. */
export function expireWaivers(draft: Draft): void {
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled') return;
  for (const { id } of mission.plan.phases) {
    for (const waiver of phaseOf(mission, id)?.waivers ?? []) {
      if ((waiver.status !== 'requested' && waiver.status !== 'approved') || draft.now < waiver.until) continue;
      draft.emit({ type: 'waiver.expired', phase: id, waiver: waiver.number, rule: waiver.rule });
      shutWithout(draft, id, waiver, `the waiver of ${waiver.rule} has expired`);
    }
  }
}

/** Another day has passed: the check counts down. */
export function countWaiver(draft: Draft, { phase, waiver: number, daysLeft }: Extract<TimerPurpose, { kind: 'count-waiver' }>): void {
  const mission = draft.mission;
  const waiver = mission && phaseOf(mission, phase)?.waivers?.find((one) => one.number === number);
  if (!mission || hasLanded(mission) || waiver?.status !== 'approved' || daysLeft >= (waiver.daysLeft ?? Infinity)) return;
  draft.emit({ type: 'waiver.counted-down', phase, waiver: number, daysLeft });
}

/** The gate stood on a waiver that counts no longer: it is shut, and approvals given over it are void, unless the change has landed. */
function shutWithout(draft: Draft, id: string, gone: Waiver, reason: string): void {
  const mission = draft.mission;
  const gate = mission && phaseOf(mission, id)?.gate;
  if (!mission || !gate || gone.status !== 'approved' || hasLanded(mission) || mission.status === 'cancelled') return;
  const line = gate.lines.find((one) => one.rule === gone.rule);
  if ((gate.status !== 'awaiting' && gate.status !== 'open') || !line || line.passed || line.waived !== undefined) return;
  const because = `${reason}: ${line.reason ?? line.rule}`;
  if (gate.approvals.length > 0) draft.emit({ type: 'gate.approvals-voided', phase: id, round: gate.round, reason });
  draft.emit({ type: 'gate.shut', phase: id, round: gate.round, reason: because });
}

/** By the repository's policy as looked up now; null after saying that it cannot be read. */
function termsOf(draft: Draft, entry: CommandEntry, phase: PhaseState, gate: GateDefinition): ReturnType<typeof waiverTerms> | null {
  const look = entry.facts.policy;
  if (look === undefined || look.known) return waiverTerms(look?.policy ?? phase.gate.policy ?? null, gate.approvals.minimumRole);
  refuse(draft, entry, entry.signal.actor, 'policy-unknown', { reason: look.reason });
  return null;
}

/** True for somebody who may confirm waivers of a gate, as far as could be looked up; otherwise the refusal is recorded. */
function mayConfirm(draft: Draft, entry: CommandEntry, phase: PhaseState, gate: GateDefinition): boolean {
  const { actor } = entry.signal;
  const terms = termsOf(draft, entry, phase, gate);
  if (terms === null) return false;
  const { approvers } = terms;
  const { authority, standing, ownership = null } = entry.facts;
  const [only] = approvers;
  const role = approvers.length === 1 && only?.startsWith('role:') ? (only.slice('role:'.length) as RepositoryRole) : null;
  if (role !== null || authority?.known !== true) return mayAct(draft, entry, actor, role ?? undefined);
  const person = { login: actor.login, role: authority.role, ...(standing === undefined ? {} : { standing }) };
  if (approvers.some((approver) => counts(approver, person, ownership))) return true;
  const unknown = [...(standing?.unknown ?? []), ...(ownership?.known === false ? [ownership.reason] : [])];
  if (unknown.length > 0) refuse(draft, entry, actor, 'permission-unknown', { reason: unknown.join('; ') });
  else refuse(draft, entry, actor, 'waiver-not-yours', { from: approvers.map(approverWords) });
  return false;
}

interface Meant {
  readonly mission: Mission;
  readonly phase: PhaseState;
  readonly gate: GateDefinition;
}

/** The gate a command names, as long as something can still be waived at it; null after saying why not. */
function gateMeant(draft: Draft, entry: CommandEntry): Meant | null {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  if (!mission) return null;
  const name = command.arguments[0] ?? '';
  const refused = (code: string, facts: Parameters<typeof refuse>[4]): null => {
    refuse(draft, entry, actor, code, facts);
    return null;
  };
  if (mission.status === 'cancelled' || hasLanded(mission)) return refused('mission-over', { status: mission.status === 'cancelled' ? 'cancelled' : 'completed' });
  const phase = phaseOf(mission, name);
  const gate = mission.index.phases.get(name)?.gate ?? null;
  if (!phase || gate === null) return refused('unknown-gate', { gate: name, gates: mission.plan.phases.flatMap((one) => (one.gate === null ? [] : [one.id])) });
  if (!judged.has(phase.gate.status)) return refused('waiver-no-verdict', { phase: name, status: phase.gate.status });
  return { mission, phase, gate };
}

/** The waiver a command names; null after saying why there is none. */
function waiverMeant(draft: Draft, entry: CommandEntry, statuses: readonly Waiver['status'][]): (Meant & { readonly waiver: Waiver }) | null {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  const [name = '', word = ''] = command.arguments;
  const phase = mission && phaseOf(mission, name);
  const gate = mission?.index.phases.get(name)?.gate ?? null;
  if (!mission || !phase || gate === null) {
    refuse(draft, entry, actor, 'unknown-gate', { gate: name, gates: mission?.plan.phases.flatMap((one) => (one.gate === null ? [] : [one.id])) ?? [] });
    return null;
  }
  const waivers = phase.waivers ?? [];
  const rule = ruleNamed(word, waivers.map((one) => one.rule));
  const waiver = waivers.findLast((one) => one.rule === rule && statuses.includes(one.status));
  if (waiver) return { mission, phase, gate, waiver };
  const last = waivers.findLast((one) => one.rule === rule);
  const known = waivers.filter((one) => statuses.includes(one.status)).map((one) => ruleWord(one.rule));
  refuse(draft, entry, actor, 'waiver-unknown', { phase: name, rule: word, status: last?.status ?? '', waivers: known });
  return null;
}
