import type { MissionSource } from '../../core/mission/source.ts';
import type { ObservedSignal } from '../../engine/ports/observer.ts';
import { isJsonObject } from '../../kit/json.ts';
import { labelsOf } from '../webhooks/issues.ts';
import { actorAt, isOurBot } from '../webhooks/mapping.ts';
import type { OurBot } from '../webhooks/mapping.ts';
import { field, nameAt } from '../webhooks/reading.ts';
import { signalsOf } from '../webhooks/signals-of.ts';

/** Something that happened, in the form in which a webhook would have told of it. */
export interface Happening {
  /** By GitHub's clock. */
  readonly at: string;
  readonly event: string;
  /** Payload without what all payloads share. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly sender: unknown;
  readonly nth?: number;
}

type Place = Pick<MissionSource, 'installationId' | 'repository'>;

/** What happenings mean, by the very mapping that webhooks go through: so both make the same keys. Oldest first. */
export function signalsAsTold(happenings: readonly Happening[], { installationId, repository }: Place, ourBot: OurBot): readonly ObservedSignal[] {
  const installation = { id: installationId };
  const shared = { id: repository.id, name: repository.name, owner: { login: repository.owner }, default_branch: repository.defaultBranch };
  return happenings
    .toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
    .flatMap(({ event, payload, sender, nth }) => signalsOf({ id: 're-read', name: event, payload: { ...payload, installation, repository: { ...asObject(payload.repository), ...shared }, sender }, ...(nth === undefined ? {} : { nth }) }, { ourBot }));
}

/** A label goes on and off within these seconds: then only the order of the history tells one time from the other. */
const sameMomentMs = 2_000;

/** The issue's history, as webhooks would have told it. `issue` is the issue as it stands now. */
export function happeningsOfIssue(issue: unknown, events: readonly unknown[], ourBot: OurBot): readonly Happening[] {
  const people = events.filter((event) => {
    const actor = actorAt(event, 'actor');
    return actor !== null && !isOurBot(actor, ourBot);
  });
  const labels = labelsBefore(issue, events);
  return people.flatMap((event): readonly Happening[] => {
    const at = nameAt(event, 'created_at') ?? '';
    const sender = field(event, 'actor');
    const told = (action: string, change: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): Happening => ({
      at,
      event: 'issues',
      sender,
      payload: { action, issue: { ...asObject(issue), updated_at: at, labels: labels.get(event), ...change }, ...more },
    });
    switch (field(event, 'event')) {
      case 'labeled':
        return [{ ...told('labeled', {}, { label: field(event, 'label') }), nth: timesUntil(people, event) }];
      case 'unlabeled':
        return [{ ...told('unlabeled', {}, { label: field(event, 'label') }), nth: timesUntil(people, event) }];
      case 'closed':
        return [told('closed', { state: 'closed', closed_at: at })];
      case 'reopened':
        return [told('reopened', { state: 'open', closed_at: null })];
      case 'renamed':
        return [told('edited', { title: field(event, 'rename', 'to') }, { changes: { title: { from: field(event, 'rename', 'from') } } })];
      default:
        return [];
    }
  });
}

/** The labels that were on the issue when each event happened, told backwards from those that are on it now. */
function labelsBefore(issue: unknown, events: readonly unknown[]): ReadonlyMap<unknown, readonly { readonly name: string }[]> {
  const present = new Set(labelsOf(issue));
  const before = new Map<unknown, readonly { readonly name: string }[]>();
  for (const event of events.toReversed()) {
    const label = nameAt(event, 'label', 'name');
    if (label !== null && field(event, 'event') === 'labeled') present.delete(label);
    if (label !== null && field(event, 'event') === 'unlabeled') present.add(label);
    before.set(
      event,
      [...present].map((name) => ({ name })),
    );
  }
  return before;
}

/** How often the same happened in the same moment, this time included. */
function timesUntil(events: readonly unknown[], event: unknown): number {
  const of = (one: unknown) => `${String(field(one, 'event'))} ${nameAt(one, 'label', 'name') ?? ''}`;
  const at = Date.parse(nameAt(event, 'created_at') ?? '');
  const upTo = events.slice(0, events.indexOf(event) + 1);
  return upTo.filter((one) => of(one) === of(event) && Math.abs(Date.parse(nameAt(one, 'created_at') ?? '') - at) <= sameMomentMs).length;
}

/** Comments of a conversation. An edited one counts only when nobody but its author edited it; the caller has looked. */
export function happeningsOfComments(issue: unknown, comments: readonly unknown[]): readonly Happening[] {
  return comments.map((comment) => ({
    at: nameAt(comment, 'updated_at') ?? '',
    event: 'issue_comment',
    payload: { action: 'created', issue, comment },
    sender: field(comment, 'user'),
  }));
}

export function happeningsOfReviews(pull: unknown, reviews: readonly unknown[]): readonly Happening[] {
  return reviews.map((review) => ({
    at: nameAt(review, 'submitted_at') ?? '',
    event: 'pull_request_review',
    payload: { action: 'submitted', pull_request: pull, review },
    sender: field(review, 'user'),
  }));
}

/** A dismissed review, told by whoever dismissed it. */
export function happeningOfDismissal(pull: unknown, review: unknown, event: unknown): Happening {
  return { at: momentOf(event, pull), event: 'pull_request_review', payload: { action: 'dismissed', pull_request: pull, review }, sender: field(event, 'actor') ?? nobody };
}

/** The pull request goes into another branch than it did. */
export function happeningOfRetargeting(pull: unknown, from: string, event: unknown): Happening {
  const at = momentOf(event, pull);
  return { at, event: 'pull_request', payload: { action: 'edited', number: field(pull, 'number'), pull_request: { ...asObject(pull), updated_at: at }, changes: { base: { ref: { from } } } }, sender: field(event, 'actor') ?? nobody };
}

/** Of a deleted account GitHub shows none. */
const nobody = { login: 'ghost', type: 'User' };

/** When it happened; a history that does not show it (yet) leaves the moment at which the pull request last changed. */
function momentOf(event: unknown, pull: unknown): string {
  return nameAt(event, 'created_at') ?? nameAt(pull, 'updated_at') ?? '';
}

/** Open pull requests, as if each had just been opened. */
export function happeningsOfOpenPulls(pulls: readonly unknown[]): readonly Happening[] {
  return pulls.map((pull) => ({
    at: nameAt(pull, 'updated_at') ?? '',
    event: 'pull_request',
    payload: { action: 'opened', number: field(pull, 'number'), pull_request: pull },
    sender: field(pull, 'user') ?? nobody,
  }));
}

export function happeningsOfActivity(activity: readonly unknown[]): readonly Happening[] {
  return activity.map((one) => ({
    at: nameAt(one, 'timestamp') ?? '',
    event: 'push',
    payload: { ref: field(one, 'ref'), before: field(one, 'before'), after: field(one, 'after'), deleted: field(one, 'activity_type') === 'branch_deletion', repository: { pushed_at: field(one, 'timestamp') } },
    sender: field(one, 'actor'),
  }));
}

/** A version of the issue's text, written by a person. */
export interface TextVersion {
  readonly at: string;
  readonly editor: unknown;
  readonly text: string;
  /** What stood there before; null when that cannot be told. */
  readonly before: string | null;
}

export function happeningsOfEdits(issue: unknown, versions: readonly TextVersion[]): readonly Happening[] {
  return versions.map(({ at, editor, text, before }) => ({
    at,
    event: 'issues',
    payload: { action: 'edited', issue: { ...asObject(issue), body: text, updated_at: at }, changes: { body: before === null ? {} : { from: before } } },
    sender: editor,
  }));
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isJsonObject(value) ? value : {};
}
