import type { Dossier } from '../../../core/dossier/dossier.ts';
import type { Block, Section } from '../document.ts';
import { heading, table, text } from '../document.ts';
import { brief, briefs, number, person, shown, state, time, value } from '../words.ts';

/** What was asked: the mission, its inputs, and every requirement down to the decision that let it pass. */
export function asked(dossier: Dossier): Section {
  const { mission, trace } = dossier;
  const inputs = Object.entries(mission.inputs);
  const outputs = Object.entries(mission.outputs);
  return {
    id: 'asked',
    title: 'What was asked',
    blocks: [
      ...(mission.description === '' ? [] : [text(shown(mission.description, 4_000))]),
      {
        kind: 'facts',
        rows: [
          ['mission', [{ code: mission.id }]],
          ['issue', [`${shown(mission.repository, 200)}#${mission.issue.number}, opened by ${person(mission.issue.author)}`]],
          ['defined in', [{ code: shown(mission.definedIn, 300) }]],
          ['plan', [{ code: mission.planHash }]],
          ['planned', [time(mission.plannedAt)]],
          ['started', [time(mission.startedAt)]],
          ['finished', [time(mission.finishedAt)]],
        ],
      },
      ...(inputs.length === 0 ? [] : [heading('Inputs'), table([['input', 1], ['value', 3]], inputs.map(([name, one]) => [[{ code: shown(name, 100) }], [value(one)]]))]),
      ...(outputs.length === 0 ? [] : [heading('Outputs'), table([['output', 1], ['value', 3]], outputs.map(([name, one]) => [[{ code: shown(name, 100) }], [value(one)]]))]),
      heading('Requirements and what became of them'),
      table(
        [['requirement', 26], ['task', 16], ['state', 9], ['commits', 13], ['evidence', 16], ['gate', 18], ['decisions', 12]],
        trace.map((row) => [
          [shown(row.requirement, 300), ...(row.line === null ? [] : [{ dim: ` line ${row.line}` }])],
          [{ code: row.task }],
          [state(row.status)],
          row.commits.length === 0 ? ['–'] : briefs(row.commits),
          row.evidence.length === 0 ? ['–'] : briefs(row.evidence, 3),
          row.gate === null ? ['no gate'] : [{ code: row.gate.phase }, ' ', state(row.gate.status), ...(row.gate.evidenceDigest === null ? [] : [` round ${row.gate.round}, evidence `, brief(row.gate.evidenceDigest)])],
          [row.decisions.length === 0 ? '–' : `${row.decisions.slice(0, 8).map((seq) => `#${seq}`).join(' ')}${row.decisions.length > 8 ? ' …' : ''}`],
        ]),
      ),
      text({ dim: 'Commits and evidence are told by the beginning of their digests; decisions by the number of their ledger entry.' }),
      heading('Documents'),
      ...documents(dossier),
    ],
  };
}

const kinds = { requirements: 'requirements', api: 'API description', 'release-notes': 'release notes', performance: 'performance', accessibility: 'accessibility', deployment: 'deployment', rollback: 'rollback' } as const;

function documents({ documents: found }: Dossier): readonly Block[] {
  if (found.length === 0) return [text('Documents such as requirements, API descriptions or release notes are not part of this mission: no task kept one as an artifact.')];
  return [
    table([['kind', 2], ['document', 3], ['made by', 2], ['bytes', 1], ['digest', 2]], found.map((one) => [[kinds[one.kind]], [shown(one.name, 200)], [{ code: one.task }], [number(one.bytes)], [brief(one.digest)]])),
    ...found.filter(({ kind, excerpt }) => excerpt !== null && (kind === 'requirements' || kind === 'api' || kind === 'release-notes')).slice(0, 6).flatMap((one): readonly Block[] => [heading(`${shown(one.name, 200)} begins`), { kind: 'preformatted', text: shown(one.excerpt ?? '', 1_300) }]),
  ];
}
