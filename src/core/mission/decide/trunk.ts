import type { Actor } from '../actor.ts';
import { joinContributors } from '../contributors.ts';
import type { Contributors, FoundPeople } from '../contributors.ts';
import { isLastGate } from '../merge-group.ts';
import { isPassed, phaseOf } from '../state.ts';
import type { Mission } from '../state.ts';
import type { Draft } from './draft.ts';

/**
 * The trunk stands somewhere else. Whatever was examined or approved on the old head does not count now: waiting gates are
 * examined again, and a push after the last gate re-opens it until the change is merged.
 */
export function moveTrunk(draft: Draft, head: string, by: Actor, cause: 'task' | 'push', found: FoundPeople): void {
  const before = draft.mission;
  if (!before) return;
  const { authors: people, contributors } = withPusher(found, by, cause);
  const moved = before.trunk.head !== head;
  if (!moved && people.every((login) => before.trunk.authors.includes(login))) return;
  draft.emit({ type: 'trunk.moved', head, by, cause, authors: people, ...(contributors === undefined ? {} : { contributors }) });
  if (!moved) return;
  const mission = draft.mission;
  if (!mission || mission.status === 'cancelled' || mission.pull?.state === 'merged') return;
  const reason = cause === 'push' ? `@${by.login} pushed to the trunk` : 'another task was merged into the trunk';
  for (const phase of mission.plan.phases) {
    if (isStale(mission, phase.id, cause)) examineAgain(draft, phase.id, reason);
  }
}

/** Who pushed answers for the commits, whatever names they carry. */
function withPusher(found: FoundPeople, by: Actor, cause: 'task' | 'push'): FoundPeople {
  if (cause !== 'push' || by.kind !== 'person') return found;
  const pusher: Contributors = { author: [], committer: [by.login], 'co-author': [] };
  const { contributors } = found;
  return { authors: [...new Set([...found.authors, by.login])].sort(), ...(contributors === undefined ? {} : { contributors: joinContributors(contributors, pusher) }) };
}

function isStale(mission: Mission, phaseId: string, cause: 'task' | 'push'): boolean {
  const phase = phaseOf(mission, phaseId);
  if (!phase || mission.index.phases.get(phaseId)?.gate === null) return false;
  if (phase.status === 'gate') return phase.gate.head !== mission.trunk.head;
  // Open gates of earlier phases are history; the last ones speak for the head that will be merged.
  // Work of a phase without a gate needs none; what people push does, and no gate is left that would see it.
  return cause === 'push' && phase.status === 'complete' && speaksForHead(mission, phaseId);
}

/** True when the phase's open gate is one of those that speak for the head that will be merged. */
export function speaksForHead(mission: Mission, phaseId: string): boolean {
  return isLastGate(mission, phaseId) && allGatesOpen(mission);
}

function allGatesOpen(mission: Mission): boolean {
  return mission.plan.phases.every((phase) => phase.gate === null || isPassed(phaseOf(mission, phase.id)));
}

/**
 * Starts a new round of a gate on the present head. Its approvals are held until the round has been judged; `lost` says that
 * nothing could keep them.
 */
export function examineAgain(draft: Draft, phaseId: string, reason: string, lost = false): void {
  const mission = draft.mission;
  const gate = mission && phaseOf(mission, phaseId)?.gate;
  if (!mission || !gate) return;
  if (lost && (gate.approvals.length > 0 || gate.held !== undefined)) draft.emit({ type: 'gate.approvals-voided', phase: phaseId, round: gate.round, reason });
  else if (gate.approvals.length > 0) draft.emit({ type: gate.evidenceDigest === null ? 'gate.approvals-voided' : 'gate.approvals-held', phase: phaseId, round: gate.round, reason });
  draft.emit({ type: 'gate.evaluation-started', phase: phaseId, round: gate.round + 1, attempt: gate.attempt + 1, head: mission.trunk.head, reason });
}

/** Examines every gate again whose decision still matters: those that wait, and those that speak for what will be merged. Their approvals are lost. */
export function startOver(draft: Draft, reason: string, concerns: (mission: Mission, phaseId: string) => boolean = () => true): void {
  const { mission } = draft;
  if (!mission || mission.status === 'cancelled' || mission.pull?.state === 'merged') return;
  for (const { id } of mission.plan.phases) {
    const phase = phaseOf(mission, id);
    const status = phase?.gate.status;
    // A gate that is being repaired is examined when that is done.
    const matters = (phase?.status === 'gate' && (status === 'awaiting' || status === 'evaluating' || status === 'failed')) || (status === 'open' && phase?.status === 'complete' && speaksForHead(mission, id));
    if (matters && concerns(mission, id)) examineAgain(draft, id, reason, true);
  }
}
