import { gateVerdict } from '../../core/gate/gate-verdict.ts';
import type { Verdict } from '../../core/gate/verdict.ts';
import { phaseOf } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import { trunkBranch } from '../../core/mission/source.ts';
import type { RepositoryGit } from '../../worker/local-repository/repository-git.ts';
import { plain, plainLines } from './paint.ts';
import type { Paint } from './paint.ts';
import { describeVerdict } from './verdict-lines.ts';

/** What a person is shown before they decide on a gate. */
export interface GateSheet {
  readonly phase: string;
  readonly title: string;
  readonly round: number;
  readonly status: 'awaiting' | 'failed' | 'rejected';
  /** Why it is shut; null while it waits. */
  readonly reason: string | null;
  readonly head: string;
  readonly base: string;
  readonly trunk: string;
  /** Rubric, guards, evidence and approvals, and why. */
  readonly verdict: Verdict | null;
  readonly metrics: { readonly [name: string]: number };
  readonly tasks: readonly { readonly id: string; readonly status: string; readonly summary: string }[];
  readonly evidence: string | null;
  /** `git diff --stat` of everything the mission changed so far. */
  readonly diffStat: readonly string[];
}

/** Gates that ask for a person now. */
export function gatesInQuestion(mission: Mission): readonly { readonly phase: string; readonly status: GateSheet['status'] }[] {
  return mission.plan.phases.flatMap(({ id }): { readonly phase: string; readonly status: GateSheet['status'] }[] => {
    const gate = phaseOf(mission, id)?.gate;
    if (!gate) return [];
    if (gate.status === 'awaiting' || gate.status === 'rejected') return [{ phase: id, status: gate.status }];
    return gate.status === 'failed' && gate.retryAt === null ? [{ phase: id, status: 'failed' }] : [];
  });
}

export async function gateSheet(mission: Mission, phase: string, status: GateSheet['status'], git: RepositoryGit): Promise<GateSheet> {
  const gate = phaseOf(mission, phase)?.gate;
  const head = gate?.head ?? mission.trunk.head;
  const { base } = mission.trunk;
  const { stdout } = await git({ args: ['diff', '--stat=78', '--no-ext-diff', '--no-textconv', base, head, '--'] });
  const shut = gate?.reason ?? gate?.lines.find((line) => !line.passed)?.reason ?? null;
  return {
    phase,
    title: mission.index.phases.get(phase)?.title ?? phase,
    round: gate?.round ?? 0,
    status,
    reason: status === 'awaiting' ? null : shut,
    head,
    base,
    trunk: trunkBranch(mission.source.issue.number),
    verdict: gateVerdict(mission, phase),
    metrics: gate?.metrics ?? {},
    tasks: (mission.index.tasksOfPhase.get(phase) ?? []).flatMap((id) => {
      const task = mission.tasks.get(id);
      return task ? [{ id, status: task.status, summary: task.evidence?.summary ?? task.reason ?? '' }] : [];
    }),
    evidence: gate?.evidenceDigest ?? null,
    diffStat: stdout.trimEnd() === '' ? [] : stdout.trimEnd().split('\n'),
  };
}

/** The command that shows what the gate is about. */
export function diffCommand(sheet: Pick<GateSheet, 'base' | 'head'>): string {
  return `git diff ${sheet.base.slice(0, 12)}..${sheet.head.slice(0, 12)}`;
}

const mostTasks = 12;
const mostDiffLines = 16;

/** The sheet for people, as lines. */
export function describeGate(sheet: GateSheet, paint: Paint): readonly string[] {
  const mark = (passed: boolean) => (passed ? paint.tone('good', '✔') : paint.tone('bad', '✖'));
  const heading = { awaiting: paint.tone('waits', 'waits for you'), failed: paint.tone('bad', 'is shut'), rejected: paint.tone('bad', 'was rejected') }[sheet.status];
  const guards = sheet.verdict?.children.find(({ name }) => name === 'guards')?.children ?? [];
  const metrics = Object.entries(sheet.metrics).filter(([name]) => !guards.some(({ name: guard }) => name.startsWith(guard.replaceAll('-', '_'))));
  const tasks = sheet.tasks.slice(0, mostTasks).map(({ id, status, summary }) => `  ${mark(status === 'done')} ${id}  ${paint.dim(plain(summary, 100) || status)}`);
  const moreTasks = sheet.tasks.length > mostTasks ? [paint.dim(`    … and ${sheet.tasks.length - mostTasks} more tasks`)] : [];
  const diff = shortened(sheet.diffStat).map((line) => `  ${plainLines(line).join(' ')}`);
  return [
    `${paint.tone('waits', '⚑')} ${paint.bold(`Gate ${sheet.phase}`)} ${heading}${sheet.reason === null ? '' : `: ${plain(sheet.reason)}`}`,
    ...(sheet.verdict?.children ?? []).flatMap((part) => describeVerdict(part, paint)),
    ...section(paint, 'Measured', metrics.length === 0 ? [] : [`  ${metrics.map(([name, value]) => `${plain(name)} ${value}`).join('  ')}`]),
    ...section(paint, 'Tasks', [...tasks, ...moreTasks]),
    ...section(paint, 'Changes', diff.length === 0 ? ['  none'] : diff),
    `  ${paint.dim(`on ${sheet.trunk} at ${sheet.head.slice(0, 12)}${sheet.evidence === null ? '' : `, evidence ${sheet.evidence.slice(0, 12)}`}; see it all: ${diffCommand(sheet)}`)}`,
  ];
}

/** The last line of `git diff --stat` sums up, and stays. */
function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostDiffLines) return lines;
  return [...lines.slice(0, mostDiffLines - 2), `… ${lines.length - mostDiffLines + 1} more files`, lines.at(-1) ?? ''];
}

function section(paint: Paint, title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [paint.bold(title), ...lines];
}
