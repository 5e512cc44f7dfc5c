import type { ApprovalRule, Definition, PhaseDefinition } from '../../core/mission/definition.ts';

/** A definition as it is carried out by one person in their own repository, and what that changed in it. */
export interface LocalTerms {
  readonly definition: Definition;
  /** What the person should know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Here is one person and no pull request: one approval is enough, the person who started the mission may give it, and merging
 * is a matter of `--merge`. The plan in the ledger has these terms, so that it says what was really asked for.
 */
export function onLocalTerms(definition: Definition, maxParallel: number | null): LocalTerms {
  const relaxed = definition.phases.filter((phase) => phase.gate !== null && asksMore(phase.gate.approvals)).map(({ id }) => id);
  const settings = { ...definition.settings, merge: 'none' as const, maxParallel: maxParallel ?? definition.settings.maxParallel };
  const notes = relaxed.length === 0 ? [] : [`${relaxed.length === 1 ? `The gate ${relaxed[0]} asks` : `The gates ${relaxed.join(', ')} ask`} for other or more people; in a local run your approval alone counts, and the ledger says so.`];
  return { definition: { ...definition, settings, phases: definition.phases.map(forOnePerson) }, notes };
}

function asksMore({ count, allowRequester, from, all, any }: ApprovalRule): boolean {
  return count > 1 || !allowRequester || from !== undefined || all !== undefined || any !== undefined;
}

function forOnePerson(phase: PhaseDefinition): PhaseDefinition {
  if (phase.gate === null) return phase;
  const { count, minimumRole, all, any } = phase.gate.approvals;
  const needed = Math.min(all === undefined && any === undefined ? count : Math.max(count, 1), 1);
  return { ...phase, gate: { ...phase.gate, approvals: { count: needed, minimumRole, allowRequester: true } } };
}
