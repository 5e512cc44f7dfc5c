import { exclusionOf } from '../contributors.ts';
import { criteriaOf } from '../criteria.ts';
import { exclusionWords, ruleOfGate } from '../gate-approvals.ts';
import type { Signal } from '../signal.ts';
import { mayAct } from './authority.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';
import { refuseWhenOver, waitingPhase } from './gates.ts';

type CommandEntry = Entry<Extract<Signal, { kind: 'command.given' }>>;

/**
 * `/meet-criterion <gate> <part of its words>`: a person confirms one criterion of a waiting gate for what is examined now. The words
 * must be those of exactly one criterion. Who may not approve the gate may not confirm either.
 */
export function meetCriterion(draft: Draft, entry: CommandEntry): void {
  const { actor, command, via = 'comment' } = entry.signal;
  if (!draft.mission || actor.kind === 'bot' || refuseWhenOver(draft, entry, actor)) return;
  const phase = waitingPhase(draft, entry, { actor, via, phase: command.arguments[0] ?? null, commit: null });
  const mission = draft.mission;
  const rule = phase && ruleOfGate(mission, phase.id);
  const gate = phase && mission.index.phases.get(phase.id)?.gate;
  if (!phase || !rule || !gate || phase.gate.head === null) return;
  if (!mayAct(draft, entry, actor, gate.approvals.minimumRole)) return;
  const exclusion = exclusionOf(mission, rule.exclude, actor.login);
  if (exclusion !== null) return refuse(draft, entry, actor, 'criterion-own', { phase: phase.id, why: exclusionWords[exclusion] });
  const criteria = criteriaOf(mission, phase.id);
  const words = command.text.toLowerCase();
  const found = criteria.filter(({ text }) => text.toLowerCase().includes(words));
  const [only] = found;
  if (words === '' || only === undefined || found.length > 1) {
    const listed = found.length > 1 ? found : criteria;
    return refuse(draft, entry, actor, 'which-criterion', { phase: phase.id, words: command.text, criteria: listed.map(({ text }) => text), several: found.length > 1 && words !== '' });
  }
  if (only.met === null) {
    const { authority } = entry.facts;
    const { round, head, patchId = null } = phase.gate;
    draft.emit({ type: 'criterion.met', phase: phase.id, round, criterion: only.text, by: actor, role: authority?.known ? authority.role : 'none', via, head, patchId });
  }
  accept(draft, entry, actor, 'criterion-met', { phase: phase.id, criterion: only.text });
}
