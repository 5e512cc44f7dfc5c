import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { gateVerdict } from '../../core/gate/gate-verdict.ts';
import { missionScope, spentIn } from '../../core/mission/scopes.ts';
import { inUnits } from '../../core/mission/spending.ts';
import type { Finding } from '../../core/mission/evidence.ts';
import { readFindings } from '../../core/mission/read-findings.ts';
import type { Mission } from '../../core/mission/state.ts';
import { spentOf } from '../../github/messages/budget-words.ts';
import { findingsBlock } from '../../github/messages/findings-words.ts';
import type { Ink } from '../../github/messages/ink.ts';
import { optional, page, paragraph, table } from '../../github/messages/page.ts';
import type { Block } from '../../github/messages/page.ts';
import { planGraph } from '../../github/messages/plan-graph.ts';
import { verdictTree } from '../../github/messages/verdict-tree.ts';
import { count, duration, short, taskWords } from '../../github/messages/words.ts';
import type { MissionRecord } from '../local/mission-folder.ts';
import type { RunEnd } from '../local/reporter.ts';
import { summaryBytes, verdictHeading } from './summary.ts';

export interface RunSummary {
  readonly record: MissionRecord;
  readonly end: RunEnd;
  readonly mission: Mission;
  readonly status: string;
  /** What to do now; sentences. */
  readonly now: readonly string[];
  readonly findings: readonly Finding[];
  /** Address of this run on GitHub; null elsewhere. */
  readonly runUrl: string | null;
}

const marks: { readonly [status: string]: string } = { completed: '🏁', waiting: '⏳', interrupted: '⏸️', cancelled: '⏹️' };

/** What a mission did in this run: the plan, every gate with its reasons, what it cost, where everything lies. */
export function runSummary(ink: Ink, { record, end, mission, status, now, findings, runUrl }: RunSummary): string {
  return page(
    [
      paragraph(`## ${marks[status] ?? '❌'} ${ink.plain(record.name)}: ${status}`),
      paragraph([`Mission ${record.number} of ${ink.code(record.file)}, begun at ${ink.code(short(record.base))}, ${end.head === null ? 'changed nothing' : `stands on branch ${ink.code(end.trunk)} at ${ink.code(short(end.head))}`}. ${duration(end.elapsedMs)}; ${spentOf({ ...inUnits(spentIn(mission, missionScope)) }, mission.plan.settings.budget === undefined ? null : { ...mission.plan.settings.budget })}.`, ...now.map((sentence) => `**${ink.plain(sentence, 500)}**`)].join('\n\n')),
      optional(planGraph(ink, mission)),
      ...mission.plan.phases.flatMap(({ id }) => gateBlocks(ink, mission, id)),
      ...(findings.length === 0 ? [] : [findingsBlock(ink, findings)]),
      tasksTable(ink, mission),
      table(['output', 'value'], Object.entries(mission.outputs ?? {}).map(([name, value]) => [ink.code(name), ink.plain(typeof value === 'string' ? value : JSON.stringify(value), 200)]), (left) => `… and ${count(left, 'more output')}.`),
      paragraph(`<sub>mission ${ink.code(mission.missionId)} · plan ${ink.code(short(mission.plan.planHash))}${end.ledgerHead === null ? '' : ` · ledger ${ink.code(`${mission.seq}:${end.ledgerHead}`)}`} · evidence in ${ink.code(end.export ?? record.out, 500)}${runUrl === null ? '' : ` · [this run](${runUrl})`}</sub>`),
    ],
    summaryBytes,
  );
}

function gateBlocks(ink: Ink, mission: Mission, phase: string): readonly Block[] {
  const verdict = gateVerdict(mission, phase);
  return verdict === null ? [] : [paragraph(verdictHeading(ink, verdict)), verdictTree(ink, verdict)];
}

function tasksTable(ink: Ink, mission: Mission): Block {
  const rows = mission.plan.tasks.flatMap(({ id, phase }) => {
    const task = mission.tasks.get(id);
    return task === undefined ? [] : [[ink.code(phase), ink.code(id), taskWords[task.status], ink.plain(task.evidence?.summary ?? task.reason ?? '–', 200)]];
  });
  return table(['phase', 'task', '', 'what came of it'], rows, (left) => `… and ${count(left, 'more task')}; the ledger has them all.`, 500);
}

/** What guards found, as the export keeps it. */
export function exportedFindings(folder: string, mission: Mission): readonly Finding[] {
  const digests = [...mission.phases.values()].flatMap(({ gate }) => gate.reports.flatMap(({ findings }) => findings?.digest ?? []));
  return digests.flatMap((digest) => {
    const file = join(folder, 'artifacts', `${digest}.txt`);
    return existsSync(file) ? readFindings(readFileSync(file, 'utf8')) : [];
  });
}
