import { compositeKey, compositeName } from '../../core/mission/check-keys.ts';
import type { OutsideCommit } from '../../core/mission/outside-commit.ts';
import { NotOurs } from '../client.ts';
import { outsideMarker } from '../external-id.ts';
import { outsideCheck } from '../messages/outside-pull-check.ts';
import { findOurRun, limited } from './check-runs.ts';
import { digestOf } from './comments.ts';
import type { Desk } from './desk.ts';

/** What stands in the record of a check that is a mission's now: nothing is written by it any more. */
const handedOver = 'handed over to a mission';

/**
 * Posts the composite check on a commit that pull requests of no mission offer: once for each commit, changed only when the answer does.
 *
 * A mission's trunk may come to stand there at any moment, and a check run counts for every pull request on its commit. So the write is
 * announced in the record first; then, right before it is sent, the trunks are looked at; and a mission whose trunk has moved looks at
 * the record (`trunk-commit.ts`). Whichever of the two comes second sees the other: either nothing is written here, or the mission
 * takes the check over.
 */
export async function putOutside(desk: Desk, outside: OutsideCommit): Promise<void> {
  const { commit, answer } = outside;
  const key = compositeKey(commit);
  const known = desk.record(key);
  if (known?.rendered === handedOver || (answer.say === 'nothing' && answer.because === 'ignored')) return;
  if (answer.say === 'nothing') return known === null ? undefined : handOver(desk, key);
  const output = limited(desk, outsideCheck(desk.ink, outside));
  const rendered = digestOf(answer.say, output.title, output.summary);
  if (known?.state === 'present' && known.rendered === rendered) return;
  const marker = outsideMarker(commit);
  const state = { status: 'completed', conclusion: answer.say, output } as const;
  let taken = false;
  const unless = async (): Promise<boolean> => {
    taken = (await desk.projection.trunkAt(commit)) !== null;
    return taken;
  };
  const options = { what: 'posting the check of a pull request of no mission', priority: 'status', content: false, unless } as const;
  try {
    const record = await desk.create({
      key,
      rendered,
      write: { ...options, write: 'check' },
      find: () => findOurRun(desk, commit, compositeName, marker),
      make: async (octokit) => (await octokit.rest.checks.create({ ...desk.at, name: compositeName, head_sha: commit, external_id: marker, ...state })).data.id,
    });
    await desk.update({ ...record, intendedAt: desk.now() }, rendered, { ...options, write: 'check-update' }, (octokit, id) => octokit.rest.checks.update({ ...desk.at, check_run_id: id, ...state }));
  } catch (error) {
    if (!(error instanceof NotOurs) || !taken) throw error;
    await handOver(desk, key);
  }
}

async function handOver(desk: Desk, key: string): Promise<void> {
  const record = desk.record(key);
  if (record !== null) await desk.remember({ ...record, state: 'present', rendered: handedOver });
}
