import { policyDigest } from '../evidence/pack.ts';
import type { PolicyLook } from '../gate/policy.ts';
import type { Verdict } from '../gate/verdict.ts';
import { stands, waiveLines } from '../gate/waivers.ts';
import type { FoundPeople } from './contributors.ts';
import { judgeGateApprovals } from './gate-approvals.ts';
import type { MergeGroup } from './judged-group.ts';
import { answerByPolicy, answerToWork, whyRefused } from './outside-pull.ts';
import type { MissionOfCommit } from './outside-pull.ts';
import { allPassed, isPassed } from './state.ts';
import type { Mission, PhaseState } from './state.ts';

/** One pull request of a group, and the mission it belongs to; null for any other pull request. */
export interface GroupPull {
  readonly number: number;
  /** The commit of the pull request that the group was made with. */
  readonly head: string;
  readonly mission: Mission | null;
  /** Who made the change, as looked up for this decision. */
  readonly people?: FoundPeople;
  /** Without a mission of its own: missions whose work it offers all the same. */
  readonly workOf?: readonly MissionOfCommit[];
}

/** What a group is made of, as looked up; what cannot be told is not merged. */
export type GroupLook =
  | { readonly known: true; readonly pulls: readonly GroupPull[]; readonly policy: PolicyLook }
  | { readonly known: false; readonly reason: string };

/**
 * Whether every decision that a merge group rests on still stands, for the commits that would be merged: each mission's gates open
 * on the pull request's head, their approvals complete under today's policy and people, no waiver run out. Nothing is taken on
 * trust from an earlier check.
 */
export function judgeMergeGroup(look: GroupLook, { baseBranch }: MergeGroup, now: number): Verdict {
  const whole = { name: 'missiongate', expected: null } as const;
  if (!look.known) return { ...whole, state: 'failed', measured: null, reason: look.reason, children: [] };
  if (look.pulls.length === 0) return { ...whole, state: 'failed', measured: null, reason: 'no pull request of this group could be found', children: [] };
  const children = look.pulls.map((pull) => judgePull(pull, look.policy, baseBranch, now));
  const failed = children.filter(({ state }) => state !== 'passed');
  return { ...whole, state: failed.length === 0 ? 'passed' : 'failed', measured: `${children.length - failed.length} of ${children.length}`, reason: failed.length === 0 ? null : failed.map(({ name, reason }) => `${name}: ${reason ?? ''}`).join('; '), children };
}

/** What is measured of a pull request that belongs to none. */
export const notMission = 'not a mission';

function judgePull(pull: GroupPull, policy: PolicyLook, baseBranch: string, now: number): Verdict {
  const name = `#${pull.number}`;
  const { mission } = pull;
  if (mission === null) {
    const reason = whyRefused(answerToWork(pull.workOf ?? []) ?? answerByPolicy(policy));
    return { name, state: reason === null ? 'passed' : 'failed', expected: null, measured: notMission, reason, children: [] };
  }
  const against = whyNot(mission, pull, policy, baseBranch);
  if (against !== null) return { name, state: 'failed', expected: null, measured: null, reason: against, children: [] };
  const children = mission.plan.phases.flatMap(({ id }) => judgePhase(mission, id, policy, pull.people, now) ?? []);
  const failed = children.filter(({ state }) => state === 'failed');
  return { name, state: failed.length === 0 ? 'passed' : 'failed', expected: null, measured: `mission of issue #${mission.source.issue.number}`, reason: failed.length === 0 ? null : failed.map((one) => `${one.name} ${one.reason ?? ''}`).join('; '), children };
}

function whyNot(mission: Mission, pull: GroupPull, policy: PolicyLook, baseBranch: string): string | null {
  if (mission.status === 'cancelled') return 'its mission was cancelled';
  if (mission.status === 'paused') return 'its mission is paused';
  if (!policy.known) return `the repository’s policy cannot be used: ${policy.reason}`;
  if (pull.head !== mission.trunk.head) return `it stands on ${short(pull.head)}, but its gates were decided for ${short(mission.trunk.head)}`;
  const decided = mission.pull?.base ?? mission.source.repository.defaultBranch;
  if (decided !== baseBranch) return `it goes into ${baseBranch}, but its gates were decided for ${decided}`;
  return allPassed(mission) ? null : `its mission is not through: ${mission.plan.phases.filter(({ id }) => !isPassed(mission.phases.get(id) ?? null)).map(({ id }) => id).join(', ')} is still open`;
}

/** A gate that was opened: which decisions are used once more, or why they no longer stand. Null where there is no gate, or none was needed. */
function judgePhase(mission: Mission, id: string, policy: PolicyLook, people: FoundPeople | undefined, now: number): Verdict | null {
  const phase = mission.phases.get(id);
  const rule = mission.index.phases.get(id)?.gate;
  if (!phase || !rule || phase.status === 'skipped') return null;
  const { gate } = phase;
  const name = `gate/${id}`;
  const failed = (reason: string): Verdict => ({ name, state: 'failed', expected: null, measured: null, reason, children: [] });
  if (gate.status !== 'open' || gate.head === null) return failed('is not open');
  // Gates of earlier phases are history: what came after them was examined by the last ones.
  const speaks = isLastGate(mission, id);
  if (speaks && policy.known && gate.policyDigest !== policyDigest(rule, policy.policy)) return failed('was decided by another policy than the repository has now');
  if (speaks && runOut(phase, rule.rubric, now)) return failed('rests on a waiver that has run out');
  const approvals = judgeGateApprovals(mission, id, speaks ? people : undefined);
  if (speaks && approvals?.state !== 'passed') return failed(`lacks approvals: ${approvals?.reason ?? ''}`);
  const given = gate.approvals.map(({ by, head, via, keptFrom }): Verdict => ({ name: by.login, state: 'passed', expected: null, measured: `by ${via} for ${short(keptFrom?.head ?? head)}${keptFrom === undefined ? '' : `, kept for ${short(head)}`}`, reason: null, children: [] }));
  return { name, state: 'passed', expected: null, measured: `open for ${short(gate.head)}`, reason: null, children: given };
}

function runOut({ gate, waivers = [] }: PhaseState, rubric: Parameters<typeof waiveLines>[1], now: number): boolean {
  return gate.lines.some(({ waived }) => waived !== undefined) && !stands(waiveLines(gate, rubric, waivers, now));
}

/** True when no phase with a gate comes after it, through any number of phases. */
export function isLastGate(mission: Mission, id: string): boolean {
  const after = new Set([id]);
  for (const phase of mission.plan.phases) {
    if (!phase.needs.some((need) => after.has(need))) continue;
    if (phase.gate !== null) return false;
    after.add(phase.id);
  }
  return true;
}

function short(commit: string): string {
  return commit.slice(0, 12);
}

/** The decision's own place in the ledger: one for each group, however often GitHub tells of it. */
export function mergeGroupId(repositoryId: number, head: string): string {
  return `r${repositoryId}-q${head}`;
}
