import type { MissionView } from '../../core/mission/view.ts';
import type { Desk } from './desk.ts';

const key = 'branch:trunk';

/** The trunk exists from the first sync on; a merge may have created it before. Removed after the merge, it stays removed. */
export async function putTrunk(desk: Desk, trunk: MissionView['trunk'], isOver: boolean): Promise<void> {
  if (desk.present(key) !== null) return;
  // A branch name is its own marker: GitHub refuses to make it twice.
  if (trunk.head === trunk.base && !isOver) await desk.makeBranch(trunk.branch, trunk.base);
  await desk.remember({ key, state: 'present', remoteId: null, rendered: trunk.branch, memory: null });
}
