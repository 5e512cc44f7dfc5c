import { annotate } from '../../core/checklist/annotate.ts';
import type { TaskStatus, Mission } from '../../core/mission/state.ts';
import type { MissionView } from '../../core/mission/view.ts';
import { sha256 } from '../../kit/hash.ts';
import { issueBodyKey } from '../../engine/ports/projector.ts';
import { issueStatus } from '../messages/issue-status.ts';
import type { Desk } from './desk.ts';

/** The budget for a body: bytes, although GitHub sometimes allows more. */
const maximumBodyBytes = 65_535;

export interface FreshIssue {
  readonly body: string | null;
  readonly state: string;
  readonly labels: readonly string[];
}

/** Read once for each sync: people change issues at any time. */
export async function readIssue(desk: Desk): Promise<FreshIssue> {
  const { data } = await desk.read('reading the issue', (octokit) => octokit.rest.issues.get({ ...desk.at, issue_number: desk.source.issue.number }));
  return { body: data.body ?? null, state: data.state, labels: data.labels.flatMap((label) => (typeof label === 'string' ? label : (label.name ?? []))) };
}

/**
 * Brings the managed region to the mission's state and remembers the body as rendered: it is the base against which the
 * next edit of a person is read. Writes nothing when the body says what it should.
 */
export async function putIssueBody(desk: Desk, mission: Mission, view: MissionView, issue: FreshIssue): Promise<void> {
  const { body } = annotate(issue.body, {
    phases: view.checklist.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map((task) => ({ id: task.id, title: desk.redact(task.title), checked: task.checked, suffix: suffixes[task.status] })) })),
    statusBlock: desk.redact(issueStatus(desk.ink, mission)),
    adopt: mission.adopted,
    maximumBytes: maximumBodyBytes,
  });
  if (body !== (issue.body ?? '')) {
    await desk.write({ write: 'issue-body', what: 'writing the checklist into the issue', priority: 'status', content: false }, (octokit) =>
      octokit.rest.issues.update({ ...desk.at, issue_number: desk.source.issue.number, body }),
    );
  }
  const rendered = sha256(body);
  if (desk.present(issueBodyKey)?.rendered !== rendered) await desk.remember({ key: issueBodyKey, state: 'present', remoteId: null, rendered, memory: body });
}

/** Behind an item stands only what a reader cannot see from its box, and nothing that changes every few seconds. */
const suffixes: { readonly [status in TaskStatus | 'cancelled']: string } = {
  pending: '',
  ready: '',
  queued: '',
  running: '— ⏳ under way',
  integrating: '— ⏳ under way',
  retrying: '— 🔁 will be tried again',
  waiting: '— ⏳ waits',
  expanded: '— ⏳ under way',
  done: '',
  failed: '— ❌ failed',
  blocked: '— ⛔ blocked',
  skipped: '— skipped',
  cancelled: '— cancelled',
};
