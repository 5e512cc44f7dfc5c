import { undoSubject } from '../../core/mission/evolve/rollback.ts';
import { hasFailed } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { page, paragraph, table } from './page.ts';
import { count, duration, list, short, someOf } from './words.ts';

/** The last word on a mission: how it ended, what came out, what to do if that is not what was wanted. `dossier`: address of its release dossier. */
export function summaryComment(ink: Ink, mission: Mission, dossier: string | null = null): string {
  const { counts } = mission;
  const took = mission.finishedAt === null ? '' : ` after ${duration(mission.finishedAt - mission.createdAt)}`;
  const gates = mission.plan.phases.flatMap((planned) => {
    const gate = mission.phases.get(planned.id)?.gate;
    if (!gate || planned.gate === null) return [];
    return [[ink.code(`gate/${planned.id}`), gate.status === 'closed' ? 'not reached' : gate.status, list(gate.approvals.map((approval) => ink.code(approval.by.login))) || '–', gate.head === null ? '–' : ink.code(short(gate.head))]];
  });
  const parts = [
    count(counts.done, 'task') + ' done',
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.blocked > 0 ? [`${counts.blocked} blocked`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
  ];
  return page([
    paragraph(`## ${heading(mission)}\n\n${ending(ink, mission, took)}`),
    paragraph(`${list(parts)}.`),
    table(['output', 'value'], Object.entries(mission.outputs ?? {}).map(([name, value]) => [ink.code(name), ink.plain(typeof value === 'string' ? value : JSON.stringify(value), 200)]), (left) => `… and ${count(left, 'more output')}.`),
    table(['gate', 'state', 'approved by', 'commit'], gates, (left) => `… and ${count(left, 'more gate')}.`),
    ...(dossier === null ? [] : [paragraph(`[Release dossier](${dossier}): what was asked, done, examined and decided, for an auditor.`)]),
    paragraph(`<sub>plan ${ink.code(short(mission.plan.planHash))} · trunk ${ink.code(short(mission.trunk.head))}</sub>`),
  ]);
}

function heading(mission: Mission): string {
  if (mission.status === 'completed') return '🏁 Mission complete';
  if (mission.status === 'partially-failed') return '⚠️ Mission partially failed';
  return mission.status === 'failed' ? '❌ Mission failed' : '⏹️ Mission cancelled';
}

function ending(ink: Ink, mission: Mission, took: string): string {
  const { pull } = mission;
  if (mission.status === 'completed') {
    if (pull === null) return `Everything is done${took}. It left no change to merge.`;
    return pull.state === 'merged' ? `Everything is done${took}; #${pull.number} is merged.` : `Everything is done${took}; #${pull.number} is ready for review and yours to merge.`;
  }
  const reason = ink.plain(mission.reason ?? '', 500);
  if (hasFailed(mission)) {
    const failed = [...mission.index.tasks.keys()].filter((id) => mission.tasks.get(id)?.status === 'failed' && mission.tasks.get(id)?.undoes === undefined);
    const why = failed.length === 0 ? `: ${reason}` : ` because ${someOf(failed.map((id) => ink.code(id)), 10)} failed`;
    if (mission.rollback !== undefined) return `The mission stopped${took}${why}. ${undone(ink, mission)} The issue says what went wrong; open a new one to begin again.`;
    const ended = mission.status === 'partially-failed' ? 'The mission has done what it could' : 'The mission stopped';
    return `${ended}${took}${why}. The issue says what went wrong.\n\nTo try again comment ${ink.code(`/retry ${failed[0] ?? '<task>'}`)}; to give up comment \`/cancel\`. Somebody with write access has to do it.`;
  }
  return `The mission was cancelled${took}${reason === '' ? '' : `: ${reason}`}. Nothing more will be done. What was finished stays on its branches; open a new issue to begin again.`;
}

function undone(ink: Ink, mission: Mission): string {
  const tasks = mission.rollback?.tasks ?? [];
  const failed = tasks.filter((id) => mission.tasks.get(undoSubject(id))?.status !== 'done');
  if (failed.length === 0) return `What ${count(tasks.length, 'task')} had done was undone.`;
  return `What ${count(tasks.length - failed.length, 'task')} had done was undone; ${someOf(failed.map((id) => ink.code(id)), 8)} could not be undone, and somebody has to look after that.`;
}
