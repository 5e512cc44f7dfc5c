import type { RepositoryRole } from '../../core/mission/definition.ts';
import { steeringRole } from '../../core/mission/decide/authority.ts';
import { waiverRole } from '../../core/gate/waivers.ts';
import { roleWords } from '../messages/words.ts';

/** Who may use a slash command, as the deciding core decides it; a test compares both. */
export interface CommandAccess {
  readonly minimum: RepositoryRole;
  readonly besides: string | null;
}

const access: { readonly [command: string]: CommandAccess } = {
  'approve-gate': { minimum: steeringRole, besides: 'the gate may ask for more; nobody who wrote part of the change' },
  'reject-gate': { minimum: steeringRole, besides: 'the gate may ask for more' },
  'approve-waiver': { minimum: 'none', besides: `${roleWords[waiverRole]} or more, unless the gate or the repository's policy asks for others; neither who asked for it nor anybody who wrote part of the change` },
  'withdraw-waiver': { minimum: 'none', besides: 'who asked for it, or who may confirm it' },
  approve: { minimum: 'none', besides: 'the task says who' },
  reject: { minimum: 'none', besides: 'the task says who' },
  budget: { minimum: 'none', besides: `a new bound needs ${roleWords[steeringRole]} or more` },
  status: { minimum: 'none', besides: null },
  help: { minimum: 'none', besides: null },
};

/** Every command that is not named above steers the mission. */
export function accessTo(command: string): CommandAccess {
  return (Object.hasOwn(access, command) ? access[command] : undefined) ?? { minimum: steeringRole, besides: null };
}

export function whoMayUse(command: string): string {
  const { minimum, besides } = accessTo(command);
  const base = minimum === 'none' ? 'everybody' : `${roleWords[minimum]} or more`;
  return besides === null ? base : `${base}; ${besides}`;
}
