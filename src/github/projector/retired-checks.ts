import type { MissionView } from '../../core/mission/view.ts';
import type { Mission } from '../../core/mission/state.ts';
import { short } from '../messages/words.ts';
import type { Desk } from './desk.ts';

/** The one check to require. */
export const compositeName = 'missiongate';
/** What begins the keys of the composite check's records; the commit follows. */
export const compositeKey = `check:${compositeName}@`;

/**
 * Takes back what the composite check said in favour of a commit that the trunk has left: somebody might push it there again, and it would
 * count at once, for approvals that hold no longer. One write for each such commit, before anything new is said.
 */
export async function retireChecks(desk: Desk, mission: Mission, { trunk }: MissionView): Promise<void> {
  if (mission.pull?.state === 'merged') return;
  for (const record of desk.recordsBelow(compositeKey)) {
    const head = record.key.slice(compositeKey.length);
    if (head === trunk.head || record.memory !== 'success') continue;
    const output = { title: 'The trunk has moved on', summary: `This commit is no longer what the gates speak for: the trunk stands on ${short(trunk.head)}.` };
    const state = { status: 'completed', conclusion: 'cancelled', output } as const;
    const retired = await desk.update(record, `retired ${head}`, { write: 'retired-check', what: 'taking back the composite check of an earlier commit', priority: 'decision', content: false }, (octokit, id) => octokit.rest.checks.update({ ...desk.at, check_run_id: id, ...state }));
    // Only now: what was cut off is done again.
    await desk.remember({ ...retired, memory: null });
  }
}
