import type { Actor, Authority } from '../actor.ts';
import { roleReaches } from '../definition.ts';
import type { RepositoryRole } from '../definition.ts';
import { refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';

/** Lowest role that may steer a mission: labels, commands, checklist edits. Triage may label on GitHub, but not start agents. */
export const steeringRole: RepositoryRole = 'write';

/** Whether a looked-up authority reaches a threshold; a look-up that failed or was not made means no. */
export function reaches(authority: Authority | undefined, minimum: RepositoryRole): boolean {
  return authority?.known === true && roleReaches(authority.role, minimum);
}

/**
 * True when the actor's role, looked up for this signal, reaches the threshold. Otherwise the refusal is recorded. Bots get
 * no answer at all (two bots would talk for ever).
 */
export function mayAct(draft: Draft, entry: Entry, actor: Actor, minimum: RepositoryRole = steeringRole): boolean {
  if (actor.kind === 'system') return true;
  if (actor.kind === 'bot') return false;
  const { authority } = entry.facts;
  if (reaches(authority, minimum)) return true;
  if (authority?.known === true) refuse(draft, entry, actor, 'permission-denied', { role: authority.role, minimum });
  else refuse(draft, entry, actor, 'permission-unknown', { reason: authority?.reason ?? 'not looked up' });
  return false;
}
