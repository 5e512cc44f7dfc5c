import type { EvidencePack } from '../evidence/pack.ts';
import type { FindingsRef, GuardReport, RubricLine } from '../mission/event.ts';
import type { GateState, Mission, PhaseState } from '../mission/state.ts';
import { criteriaOf } from '../mission/criteria.ts';
import { judgeGateApprovals } from '../mission/gate-approvals.ts';
import { approvalsVerdict } from './approvals-verdict.ts';
import { judgeRubric } from './rubric.ts';
import { worstOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { healingVerdict, lineVerdict, waiversVerdict } from './waivers-verdict.ts';

/** A line about a guard as a whole is told with the guard, not in the rubric. */
const guardLine = 'guard ';
const evidenceLine = 'evidence';

/**
 * Why a gate stands as it does, as one tree: rubric, guards, evidence, waivers, healing, approvals. Pure, and the same for check, page and
 * terminal. Null when the phase has no gate.
 */
export function gateVerdict(mission: Mission, phaseId: string): Verdict | null {
  const phase = mission.phases.get(phaseId);
  const rule = mission.index.phases.get(phaseId)?.gate;
  if (!phase || !rule) return null;
  const { gate } = phase;
  const examined = gate.evidenceDigest === null ? pendingParts(mission, phase) : examinedParts(gate.lines, gate.reports);
  return {
    name: `gate/${phaseId}`,
    state: stateOf(mission, phase),
    expected: null,
    measured: null,
    reason: reasonOf(mission, phase),
    children: [...examined, ...[waiversVerdict(phase), healingVerdict(phase, rule.heal?.maxRounds)].filter((part) => part !== null), ...criteria(mission, phase), approvalsVerdict(mission, phase, rule)],
  };
}

/** What people confirm one by one. */
function criteria(mission: Mission, { id, gate }: PhaseState): readonly Verdict[] {
  const unmet = gate.status === 'awaiting' && mission.status !== 'cancelled' ? 'waiting' : 'pending';
  const leaves = criteriaOf(mission, id).map(({ text, met }): Verdict => ({ name: text, state: met === null ? unmet : 'passed', expected: null, measured: met === null ? null : `confirmed by ${met.by.login}`, reason: met === null ? 'nobody has confirmed it' : null, children: [] }));
  const found = group('criteria', leaves);
  return found === null ? [] : [found];
}

/** What an evidence pack says about a round, of which nobody knows any more than that: who decided stands in the ledger. */
export function packVerdict(pack: Pick<EvidencePack, 'phase' | 'rubric' | 'guardReports'>): Verdict {
  const children = examinedParts(pack.rubric, pack.guardReports);
  const passed = children.every(({ state }) => state === 'passed' || state === 'waived');
  return { name: `gate/${pack.phase}`, state: passed ? 'passed' : 'failed', expected: null, measured: null, reason: passed ? null : 'the rubric was not met', children };
}

function examinedParts(lines: readonly RubricLine[], reports: readonly GuardReport[]): readonly Verdict[] {
  return [rubric(lines), guards(reports, lines), evidence(lines)].filter((part) => part !== null);
}

/** Repairs are under way: the gate is examined again by itself. */
export function isBeingRepaired({ status, gate, healing }: PhaseState): boolean {
  return status === 'running' && healing !== undefined && healing.stopped === undefined && (gate.status === 'failed' || gate.status === 'rejected');
}

function isWaived({ lines }: GateState): boolean {
  return lines.some(({ waived }) => waived !== undefined);
}

function stateOf(mission: Mission, phase: PhaseState): Verdict['state'] {
  const { gate } = phase;
  if (gate.status === 'open') return isWaived(gate) ? 'waived' : 'passed';
  if (mission.status === 'cancelled') return 'failed';
  switch (gate.status) {
    case 'awaiting':
      return 'waiting';
    case 'failed':
    case 'rejected':
      return isBeingRepaired(phase) ? 'pending' : 'failed';
    case 'evaluating':
    case 'closed':
      return 'pending';
  }
}

function reasonOf(mission: Mission, phase: PhaseState): string | null {
  const { gate } = phase;
  if (gate.status === 'open') return isWaived(gate) ? 'open, with rules that are waived' : null;
  if (mission.status === 'cancelled') return 'the mission was cancelled';
  switch (gate.status) {
    case 'awaiting':
      return `${isWaived(gate) ? 'what did not pass is waived' : 'the rubric passed'}; ${stillMissing(mission, phase.id)}`;
    case 'failed':
      return `${isBeingRepaired(phase) ? 'being repaired: ' : ''}${gate.reason ?? 'the rubric was not met'}`;
    case 'rejected':
      return `rejected by ${gate.rejectedBy?.login ?? 'somebody'}${gate.reason === null || gate.reason === '' ? '' : `: ${gate.reason}`}`;
    case 'evaluating':
      return gate.retryAt === null ? 'being examined' : `could not be examined: ${gate.reason ?? 'no reason given'}`;
    case 'closed':
      return 'its tasks are not finished';
  }
}

/** Between the last decision of people and the opening that follows from it nothing is. */
function stillMissing(mission: Mission, id: string): string {
  const missing = [...(judgeGateApprovals(mission, id)?.state === 'passed' ? [] : ['approvals are missing']), ...(criteriaOf(mission, id).some(({ met }) => met === null) ? ['criteria are not confirmed'] : [])];
  return missing.length === 0 ? 'nothing is missing any more' : missing.join(', ');
}

/** What will be asked, before anything was measured. */
function pendingParts(mission: Mission, { id, gate }: PhaseState): readonly Verdict[] {
  const planned = mission.index.phases.get(id);
  const state = gate.status === 'failed' ? 'failed' : 'pending';
  const measured = state === 'failed' ? 'not examined' : null;
  const leaf = (name: string, expected: string | null = null): Verdict => ({ name, state, expected, measured, reason: null, children: [] });
  const part = (name: string, children: readonly Verdict[]): Verdict | null => (children.length === 0 ? null : { ...leaf(name), children });
  // Nothing is measured yet, but what is asked is known.
  const asked = judgeRubric(planned?.gate?.rubric ?? {}, {});
  return [part('rubric', asked.map(({ rule, expected }) => leaf(rule, expected))), part('guards', (planned?.guards ?? []).map(({ id: guard }) => leaf(guard)))].filter((one) => one !== null);
}

function rubric(lines: readonly RubricLine[]): Verdict | null {
  const asked = lines.filter(({ rule }) => rule !== evidenceLine && !rule.startsWith(guardLine));
  return group('rubric', asked.map(lineVerdict));
}

function evidence(lines: readonly RubricLine[]): Verdict | null {
  const line = lines.find(({ rule }) => rule === evidenceLine);
  return line === undefined ? null : lineVerdict(line);
}

function guards(reports: readonly GuardReport[], lines: readonly RubricLine[]): Verdict | null {
  return group('guards', reports.map((report) => guardVerdict(report, lines.find(({ rule }) => rule === `${guardLine}${report.guard}`))));
}

function guardVerdict({ guard, passed, summary, findings }: GuardReport, line: RubricLine | undefined): Verdict {
  const counts = findings === undefined ? null : countsOf(findings);
  if (!passed && line?.waived) return { ...lineVerdict(line), name: guard, expected: null, measured: counts ?? 'failed' };
  if (!passed) return { name: guard, state: 'failed', expected: null, measured: counts ?? 'failed', reason: summary, children: [] };
  return { name: guard, state: 'passed', expected: null, measured: [summary, counts].filter((part) => part !== null && part !== '').join('; ') || null, reason: null, children: [] };
}

/** `2 errors, 1 warning`; `nothing found` where a guard looked and found nothing. */
export function countsOf({ errors, warnings, notes }: Pick<FindingsRef, 'errors' | 'warnings' | 'notes'>): string {
  const parts = [counted(errors, 'error'), counted(warnings, 'warning'), counted(notes, 'note')].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

function counted(number: number, noun: string): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function group(name: string, children: readonly Verdict[]): Verdict | null {
  if (children.length === 0) return null;
  const passed = children.filter((child) => child.state === 'passed').length;
  const waived = children.filter((child) => child.state === 'waived').length;
  return { name, state: worstOf(children), expected: null, measured: `${passed} of ${children.length}${waived === 0 ? '' : `, ${waived} waived`}`, reason: null, children };
}
