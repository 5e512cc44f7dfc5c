import { gateVerdict } from '../../core/gate/gate-verdict.ts';
import type { Verdict } from '../../core/gate/verdict.ts';
import { allPassed } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { CheckOutput } from './gate-check.ts';
import type { Ink } from './ink.ts';
import { headline, progressLine, waiting } from './issue-status.ts';
import { optional, page, paragraph, table } from './page.ts';
import { verdictMarks } from './verdict-tree.ts';
import { count, list, phaseWords } from './words.ts';

/** The one check to require in branch protection: every gate at a glance. */
export function missionCheck(ink: Ink, mission: Mission): CheckOutput {
  const gates = mission.plan.phases.flatMap((planned) => {
    const phase = mission.phases.get(planned.id);
    return phase && planned.gate !== null ? [{ planned, phase }] : [];
  });
  const waits = gates.filter(({ phase }) => phase.gate.status === 'awaiting').map(({ planned }) => planned.id);
  const complete = allPassed(mission);
  const shut = gates.filter(({ phase }) => phase.gate.status === 'failed' || phase.gate.status === 'rejected').map(({ planned }) => planned.id);
  const title = complete ? 'Every gate is open' : shut.length > 0 ? `${gateList(shut)} shut` : waits.length > 0 ? `${gateList(waits)} waiting for approval` : headline(mission).replaceAll('`', '').replaceAll('*', '');
  const rows = gates.map(({ planned, phase }) => {
    const verdict = gateVerdict(mission, planned.id);
    return [
      phase.gate.status === 'closed' || verdict === null ? '' : verdictMarks[verdict.state],
      ink.code(`gate/${planned.id}`),
      phase.gate.status === 'closed' ? phaseWords[phase.status] : phase.gate.status,
      phase.gate.round === 0 ? '–' : String(phase.gate.round),
      phase.gate.status === 'closed' || verdict === null ? '–' : verdict.children.map((part) => partInBrief(ink, part)).join(' · '),
    ];
  });
  const lines = waiting(ink, mission);
  // While work goes on between two gates, a bar that moves would be a write for every task.
  const bar = complete || shut.length > 0 || waits.length > 0 || mission.status !== 'running' ? ` ${progressLine(mission)}` : '';
  const summary = page([
    paragraph(`**${complete ? 'Every gate is open.' : headline(mission)}**${bar}`),
    table(['', 'gate', 'state', 'round', 'why'], rows, (left) => `… and ${count(left, 'more gate')}.`),
    optional(lines.map((line) => `- ${line}`).join('\n')),
  ]);
  return { title: ink.title(title, 180), summary, text: '' };
}

/** `✅ rubric`, `⏳ approvals 1 of 2`. */
function partInBrief(ink: Ink, { name, state, measured }: Verdict): string {
  const how = state === 'passed' || measured === null ? '' : ` ${ink.plain(measured, 60)}`;
  return `${verdictMarks[state]} ${ink.plain(name, 40)}${how}`;
}

function gateList(gates: readonly string[]): string {
  return `${list(gates.map((gate) => `gate/${gate}`))} ${gates.length === 1 ? 'is' : 'are'}`;
}
