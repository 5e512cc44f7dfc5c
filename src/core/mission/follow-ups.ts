import { hasLanded } from './state.ts';
import type { Mission, PhaseState } from './state.ts';
import type { Waiver } from './waiver.ts';

/** How a follow-up issue stands, and why. `undecided`: the gate is being examined, and it stays as it is. */
export type FollowUpStanding = 'waived' | 'overdue' | 'undecided' | 'passed' | 'withdrawn' | 'replaced' | 'expired' | 'cancelled';

/** An issue of its own for every waiver that counted once, so that nobody forgets what was waived. */
export interface FollowUpView {
  readonly key: string;
  readonly phase: PhaseState;
  readonly waiver: Waiver;
  readonly standing: FollowUpStanding;
}

/** In order of the plan, older waivers first. */
export function followUps(mission: Mission): readonly FollowUpView[] {
  return mission.plan.phases.flatMap(({ id }) => {
    const phase = mission.phases.get(id);
    return (phase?.waivers ?? []).flatMap((waiver): FollowUpView[] =>
      phase === undefined || waiver.approvedBy === null ? [] : [{ key: followUpKey(id, waiver.number), phase, waiver, standing: standingOf(mission, phase, waiver) }],
    );
  });
}

export function followUpKey(phase: string, waiver: number): string {
  return `issue:waiver/${phase}#${waiver}`;
}

export function isOpen(standing: FollowUpStanding): boolean {
  return standing === 'waived' || standing === 'overdue';
}

function standingOf(mission: Mission, { gate }: PhaseState, { rule, status }: Waiver): FollowUpStanding {
  switch (status) {
    case 'withdrawn':
    case 'replaced':
      return status;
    case 'expired':
      // What was merged under it is still there; before the merge the gate itself is shut.
      return hasLanded(mission) ? 'overdue' : 'expired';
    default: {
      if (mission.status === 'cancelled') return 'cancelled';
      const line = gate.lines.find((one) => one.rule === rule);
      if (line === undefined) return gate.lines.length === 0 ? 'undecided' : 'passed';
      return line.passed ? 'passed' : 'waived';
    }
  }
}
