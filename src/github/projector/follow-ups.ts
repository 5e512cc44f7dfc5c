import { followUps, isOpen } from '../../core/mission/follow-ups.ts';
import type { FollowUpView } from '../../core/mission/follow-ups.ts';
import type { Mission } from '../../core/mission/state.ts';
import { cutBytes, cutPoints } from '../messages/cut.ts';
import { followUpIssue } from '../messages/follow-up-issue.ts';
import { digestOf } from './comments.ts';
import { objectMarker } from './desk.ts';
import type { Desk } from './desk.ts';

/** Finds such issues in a list; people may give them other labels as well. */
export const followUpLabel = 'waiver';

const maximumTitle = 256;
const maximumBodyBytes = 60_000;

/**
 * One issue for each waiver that counted once: opened when it is confirmed, closed when there is nothing left to follow up. What people
 * do with it in between stays.
 */
export async function putFollowUps(desk: Desk, mission: Mission, step: (work: () => Promise<unknown>) => Promise<void>): Promise<void> {
  for (const view of followUps(mission)) await step(() => putFollowUp(desk, mission, view));
}

async function putFollowUp(desk: Desk, mission: Mission, view: FollowUpView): Promise<void> {
  const { key, standing } = view;
  const known = desk.record(key);
  if (standing === 'undecided' ? known?.state === 'present' : known === null && !isOpen(standing)) return;
  const text = followUpIssue(desk.ink, mission, standing === 'undecided' ? { ...view, standing: 'waived' } : view);
  const title = cutPoints(desk.redact(text.title), maximumTitle);
  const marker = objectMarker(desk.missionId, key);
  const body = `${cutBytes(desk.redact(text.body), maximumBodyBytes)}\n\n${marker}`;
  const open = standing === 'undecided' || isOpen(standing);
  const rendered = digestOf(title, body, open ? 'open' : 'closed');
  const options = { what: `following up on a waiver of ${view.waiver.rule}`, priority: 'status' as const };
  const record = await desk.create({
    key,
    rendered: digestOf(title, body, 'open'),
    write: { ...options, write: 'issue', content: true },
    find: (since) => findIssue(desk, marker, since),
    make: async (octokit) => (await octokit.rest.issues.create({ ...desk.at, title, body, labels: [followUpLabel] })).data.number,
  });
  await desk.update(record, rendered, { ...options, write: 'issue-edit', content: false }, (octokit, number) =>
    octokit.rest.issues.update({
      ...desk.at,
      issue_number: number,
      title,
      body,
      ...(open ? { state: 'open' as const } : { state: 'closed' as const, state_reason: standing === 'passed' ? ('completed' as const) : ('not_planned' as const) }),
    }),
  );
}

/** Our issue with the marker, by listing: a search would not know the newest ones. */
export async function findIssue(desk: Desk, marker: string, since: number): Promise<number | null> {
  return desk.read('looking for an earlier issue of ours', async (octokit) => {
    const pages = octokit.paginate.iterator(octokit.rest.issues.listForRepo, { ...desk.at, state: 'all', since: new Date(since).toISOString(), per_page: 100 });
    for await (const { data } of pages) {
      const found = data.find((issue) => issue.pull_request === undefined && issue.user?.login.toLowerCase() === desk.ourBot.login.toLowerCase() && issue.body?.includes(marker));
      if (found) return found.number;
    }
    return null;
  });
}
