import { compositeKey, compositeName } from '../../core/mission/check-keys.ts';
import type { JudgedGroup } from '../../core/mission/judged-group.ts';
import { mergeGroupMarker } from '../external-id.ts';
import { mergeGroupCheck } from '../messages/merge-group-check.ts';
import { findOurRun, limited } from './check-runs.ts';
import type { Desk } from './desk.ts';
import { digestOf } from './comments.ts';

/** Posts the composite check on a commit of the merge queue, once. A group that GitHub gave up before that needs none. */
export async function putMergeGroup(desk: Desk, judged: JudgedGroup): Promise<void> {
  const { head } = judged.group;
  const key = compositeKey(head);
  if (desk.present(key) !== null || (judged.ended && desk.record(key) === null)) return;
  const marker = mergeGroupMarker(head);
  const output = limited(desk, mergeGroupCheck(desk.ink, judged));
  const conclusion = judged.verdict.state === 'passed' ? ('success' as const) : ('failure' as const);
  await desk.create({
    key,
    rendered: digestOf(conclusion, output.title, output.summary),
    write: { write: 'group-check', what: 'posting the check of a merge group', priority: 'decision', content: false },
    find: () => findOurRun(desk, head, compositeName, marker),
    make: async (octokit) => (await octokit.rest.checks.create({ ...desk.at, name: compositeName, head_sha: head, external_id: marker, status: 'completed', conclusion, output })).data.id,
  });
}
