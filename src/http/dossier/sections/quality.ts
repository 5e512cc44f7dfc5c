import type { Dossier, GatePart, RoundPart } from '../../../core/dossier/dossier.ts';
import { stands } from '../../../core/gate/waivers.ts';
import type { Block, Section, Spans } from '../document.ts';
import { heading, table, text } from '../document.ts';
import { roundBars } from '../draw-rounds.ts';
import { verdictTree } from '../draw-verdict.ts';
import { brief, counted, number, person, shown, state, time } from '../words.ts';

/** What was examined: every gate with its rubric, measured against what was asked; what is waived is shown as waived. */
export function quality(dossier: Dossier): Section {
  return {
    id: 'quality',
    title: 'Gates, tests and quality',
    blocks: dossier.gates.length === 0 ? [text('No phase of this mission has a gate: nothing was examined before it went on.')] : dossier.gates.flatMap((gate) => gateBlocks(dossier, gate)),
  };
}

function gateBlocks(dossier: Dossier, gate: GatePart): readonly Block[] {
  const last = gate.rounds.at(-1);
  const bars = roundBars(gate);
  return [
    heading(`Gate ${gate.phase}: ${gate.status}`),
    ...(gate.verdict === null ? [] : [verdictTree(gate.verdict)]),
    ...(last === undefined ? [text('It was never examined.')] : roundBlocks(dossier, gate, last)),
    ...(bars === null ? [] : [bars]),
    ...(gate.rounds.length > 1 ? [table([['round', 1], ['examined', 3], ['commit', 2], ['outcome', 2], ['evidence', 2], ['what kept it shut', 5]], gate.rounds.map(roundRow))] : []),
  ];
}

function roundRow(round: RoundPart): readonly Spans[] {
  const failing = round.lines.filter(({ passed, waived }) => !passed && waived === undefined).map(({ rule, reason }) => reason ?? rule);
  return [[`${round.round}`], [time(round.at)], [brief(round.head)], [outcome(round)], [brief(round.evidenceDigest)], [failing.length === 0 ? '–' : shown(failing.join('; '), 400)]];
}

function outcome({ passed, lines }: RoundPart): Spans[number] {
  if (passed && lines.every((line) => line.passed)) return { state: 'passed', text: 'passed' };
  return stands(lines) ? { state: 'waived', text: 'with waivers' } : { state: 'failed', text: 'not passed' };
}

function roundBlocks(dossier: Dossier, { phase }: GatePart, round: RoundPart): readonly Block[] {
  const waiverOf = (which: number) => dossier.waivers.find((one) => one.phase === phase && one.waiver === which);
  return [
    {
      kind: 'facts',
      rows: [
        ['examined', [`round ${round.round}, ${time(round.at)}`]],
        ['commit', [{ code: round.head }]],
        ['evidence', [{ code: round.evidenceDigest }]],
        ['policy', [{ code: round.policyDigest }]],
      ],
    },
    table(
      [['rule', 22], ['asked', 16], ['measured', 16], ['verdict', 12], ['why', 34]],
      round.lines.map(({ rule, expected, measured, passed, reason, waived }) => {
        const waiver = waived === undefined ? undefined : waiverOf(waived.waiver);
        const why: Spans = waiver === undefined ? [shown(reason ?? '–', 400)] : [{ strong: `Waiver ${waiver.waiver}` }, ` until ${time(waiver.until)}, ${person(waiver.owner)} answers for it. Reason: “${shown(waiver.reason, 300)}”. Instead: “${shown(waiver.control, 300)}”.`];
        return [[{ code: shown(rule, 200) }], [shown(expected, 200)], [shown(measured, 200)], [waived !== undefined ? { state: 'waived', text: 'waived' } : passed ? { state: 'passed', text: 'passed' } : { state: 'failed', text: 'not passed' }], why];
      }),
    ),
    ...(round.guards.length === 0 ? [] : [table([['guard', 20], ['verdict', 12], ['found', 22], ['report', 46]], round.guards.map(({ guard, uses, passed, summary, findings }) => [[{ code: shown(guard, 100) }, { dim: ` ${shown(uses, 100)}` }], [passed ? { state: 'passed', text: 'passed' } : { state: 'failed', text: 'not passed' }], [findings === undefined ? '–' : `${counted(findings.errors, 'error')}, ${counted(findings.warnings, 'warning')}, ${counted(findings.notes, 'note')}`], [shown(summary, 600)]]))]),
    text({ dim: 'Measured: ' }, Object.entries(round.metrics).map(([name, measured]) => `${name} ${number(measured)}`).join(', ') || 'nothing'),
  ];
}

/** Exceptions to rules: who answers for them, why, what is done instead, and until when. */
export function waivers({ waivers: all }: Dossier): Section {
  return {
    id: 'waivers',
    title: 'Waivers',
    blocks:
      all.length === 0
        ? [text('No rule of any gate was waived.')]
        : all.flatMap((one): readonly Block[] => [
            heading(`Gate ${one.phase}, waiver ${one.waiver}: ${one.rule}`),
            {
              kind: 'facts',
              rows: [
                ['state', [state(one.status)]],
                ['asked, measured', [`${shown(one.expected, 200)}, but ${shown(one.measured, 200)}`]],
                ['owner', [person(one.owner), ` on ${time(one.requestedAt)}`]],
                ['confirmed by', [one.approvedBy === null ? 'nobody' : person(one.approvedBy)]],
                ['reason', [shown(one.reason)]],
                ['instead', [shown(one.control)]],
                ['expires', [time(one.until)]],
              ],
            },
          ]),
  };
}
