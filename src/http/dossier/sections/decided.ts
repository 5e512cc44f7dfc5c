import type { DecisionPart, Dossier } from '../../../core/dossier/dossier.ts';
import { wayWords } from '../../../core/mission/evidence.ts';
import type { Section, Spans } from '../document.ts';
import { heading, table, text } from '../document.ts';
import { brief, number, percent, person, shown, time } from '../words.ts';

/** Who decided what, on which commit, evidence and policy, in the order of the ledger. */
export function decided({ decisions }: Dossier): Section {
  return {
    id: 'decided',
    title: 'Who decided',
    blocks: [
      text({ dim: 'An approval counts for the commit, the evidence, the policy and the round that it names, and for nothing else.' }),
      decisions.length === 0 ? text('Nobody decided anything yet.') : table([['when', 15], ['entry', 13], ['decision', 20], ['by', 15], ['on what', 37]], decisions.map(decisionRow)),
    ],
  };
}

const named: readonly (readonly [fact: string, words: string])[] = [['head', 'commit'], ['fromHead', 'before: commit'], ['evidenceDigest', 'evidence'], ['fromEvidence', 'before: evidence'], ['policyDigest', 'policy'], ['commit', 'commit']];
const plain: readonly (readonly [fact: string, words: string])[] = [['role', 'as'], ['rule', 'rule'], ['waiver', 'waiver'], ['control', 'instead:'], ['measured', 'measured'], ['expected', 'asked'], ['title', 'new title'], ['number', '#']];

function decisionRow(decision: DecisionPart): readonly Spans[] {
  const { seq, hash, at, decision: what, by, phase, round, task, reason, facts } = decision;
  const about = [...(phase === null ? [] : [`gate ${phase}${round === null ? '' : `, round ${round}`}`]), ...(task === null ? [] : [`task ${task}`])].join(', ');
  const digests = named.flatMap(([fact, words]): Spans => (typeof facts[fact] === 'string' && facts[fact] !== '' ? [` · ${words} `, brief(facts[fact])] : []));
  const way: Spans = typeof facts['via'] === 'string' ? [` · ${shown(wayWords(facts['via']), 100)}`] : [];
  const rest = plain.flatMap(([fact, words]): Spans => (facts[fact] === undefined ? [] : [` · ${words} ${shown(String(facts[fact]), 300)}`]));
  return [[time(at).slice(0, 19)], [{ code: `#${seq}` }, ' ', { code: hash.slice(0, 8) }], [decisionWord(what)], [by === null ? '–' : person(by)], [about === '' ? 'mission' : about, ...way, ...rest, ...digests, ...(reason === null || reason === '' ? [] : [` · ${shown(reason, 500)}`])]];
}

function decisionWord(decision: string): Spans[number] {
  if (/reject|void|refused|shut|expired|cancel/.test(decision)) return { state: 'failed', text: decision };
  if (/^(?:gate|approval)\.(?:approved|opened|given|approval-kept)$/.test(decision)) return { state: 'passed', text: decision };
  return decision.startsWith('waiver.') ? { state: 'waived', text: decision } : decision;
}

/** What was used up, and of which bounds. */
export function costs({ costs: part }: Dossier): Section {
  const row = (scope: string, { tokens, usd, minutes }: Dossier['costs']['total']): readonly Spans[] => [[scope], [number(tokens)], [usd.toFixed(2)], [number(minutes)]];
  return {
    id: 'costs',
    title: 'Costs and budgets',
    blocks: [
      table([['what', 4], ['tokens', 2], ['USD', 2], ['minutes of work', 2]], [...part.phases.map(({ phase, ...spent }) => row(phase, spent)), row('the whole mission', part.total)]),
      text({ dim: 'Tokens and money are what attempts reported; minutes are what they worked, added up.' }),
      heading('Budgets'),
      part.budgets.length === 0 ? text('The definition sets no budget.') : table([['budget of', 3], ['bound', 4], ['used', 2], ['', 2]], part.budgets.map(({ scope, budget, raised, share }) => [[scope], [Object.entries(budget).map(([name, bound]) => `${number(Number(bound))} ${name}`).join(', ')], [share > 1 ? { state: 'failed', text: percent(share) } : percent(share)], [raised ? 'raised by a person' : '']])),
    ],
  };
}
