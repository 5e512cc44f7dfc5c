import type { MissionView } from '../../core/mission/view.ts';
import type { FreshIssue } from './issue-body.ts';
import type { Desk } from './desk.ts';

const key = 'issue:state';

/** Closes the issue at the end, and opens it again when the mission comes back. A person who decides otherwise later is left in peace. */
export async function putIssueState(desk: Desk, wanted: MissionView['issue'], issue: FreshIssue): Promise<void> {
  const rendered = `${wanted.state}:${wanted.reason ?? ''}`;
  const known = desk.present(key);
  if (known?.rendered === rendered || (known === null && wanted.state === 'open')) return;
  if (issue.state !== wanted.state) {
    // While the outcome is unknown, neither state may count as shown.
    await desk.remember({ key, state: 'present', remoteId: null, rendered: null, memory: null });
    await desk.write({ write: 'issue-state', what: wanted.state === 'closed' ? 'closing the issue' : 'opening the issue again', priority: 'status', content: false }, (octokit) =>
      octokit.rest.issues.update({ ...desk.at, issue_number: desk.source.issue.number, state: wanted.state, ...(wanted.state === 'closed' ? { state_reason: wanted.reason } : { state_reason: 'reopened' as const }) }),
    );
  }
  await desk.remember({ key, state: 'present', remoteId: null, rendered, memory: null });
}
