import type { Mission } from '../../core/mission/state.ts';
import type { Ink } from './ink.ts';
import { page, paragraph } from './page.ts';
import { someOf } from './words.ts';

/** Says in a pull request's body which mission it belongs to; read by the webhook mapping, trusted only on our own. */
export function missionMarker(missionId: string): string {
  return `<!-- mg:mission ${missionId} -->`;
}

/** The mission a body names, or null. */
export function readMissionMarker(body: string): string | null {
  const match = /<!-- mg:mission (r[1-9][0-9]{0,15}-i[1-9][0-9]{0,9}) -->/.exec(body);
  return match?.[1] ?? null;
}

export function pullTitle(ink: Ink, mission: Mission): string {
  return ink.title(mission.plan.name, 200) || `Mission ${mission.source.issue.number}`;
}

/** Says what is for ever true of the pull request; how far it is, its checks tell. */
export function pullBody(ink: Ink, mission: Mission): string {
  const gates = mission.plan.phases.filter((phase) => phase.gate !== null).map((phase) => ink.code(`gate/${phase.id}`));
  return page([
    paragraph(`Closes #${mission.source.issue.number}`),
    paragraph(
      `This is the work of the mission in #${mission.source.issue.number}. Finished tasks are merged into this branch one by one; it stays a draft until ${gates.length === 0 ? 'the last phase is complete' : `${someOf(gates, 12)} ${gates.length === 1 ? 'is' : 'are'} open`}.`,
    ),
    ...(gates.length === 0 ? [] : [paragraph(`An approving review opens the gate that waits, just as \`/approve-gate\` does. The check \`missiongate\` turns green when every gate is open; require it in your branch protection.`)]),
    paragraph(missionMarker(mission.missionId)),
  ]);
}

/** First line of the commit that lands the mission. */
export function mergeTitle(ink: Ink, mission: Mission, pull: number): string {
  return `${pullTitle(ink, mission)} (#${pull})`;
}
