import { missionIdOf, trunkBranch } from '../../core/mission/source.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import type { KnownMission, Observation } from '../../engine/ports/observer.ts';
import type { Json } from '../../kit/json.ts';
import { sha256 } from '../../kit/hash.ts';
import { nullIfGone } from '../host-errors.ts';
import { labelsOf, missionLabel } from '../webhooks/issues.ts';
import { isObjectAt, field, listAt, nameAt, textAt } from '../webhooks/reading.ts';
import type { OurBot } from '../webhooks/mapping.ts';
import { actorAt, isOurBot } from '../webhooks/mapping.ts';
import { happeningOfDismissal, happeningOfRetargeting, happeningsOfActivity, happeningsOfComments, happeningsOfEdits, happeningsOfIssue, happeningsOfReviews, signalsAsTold } from './as-told.ts';
import type { Happening } from './as-told.ts';
import type { ConditionalReader } from './conditional.ts';
import { readList, readTalk } from './lists.ts';
import { missionMemory } from './memory.ts';
import type { MissionMemory, Place } from './memory.ts';
import { isEditedByAuthorAlone, textVersions } from './text-history.ts';

const issueRoute = '/repos/{owner}/{repo}/issues/{issue_number}';
const pullRoute = '/repos/{owner}/{repo}/pulls/{pull_number}';

/** One look at a mission: what it reads with, where it is, and what it knows by now. */
interface Look {
  readonly reader: ConditionalReader;
  readonly ourBot: OurBot;
  readonly at: { readonly owner: string; readonly repo: string };
  readonly place: Place;
  readonly happenings: Happening[];
  memory: MissionMemory;
  quiet: boolean;
}

/** Re-reads one mission. In a quiet time that is three requests, five with a pull request, none of which costs anything. */
export async function lookAtMission(reader: ConditionalReader, ourBot: OurBot, place: Place, known: KnownMission | null, memory: Json): Promise<Observation> {
  const look: Look = { reader, ourBot, place, at: { owner: place.repository.owner, repo: place.repository.name }, happenings: [], memory: missionMemory(memory), quiet: true };
  if ((await lookAtIssue(look, known)) === 'none of ours') return { signals: [], memory, quiet: true, found: [], over: true };
  const start = look.memory.since ?? '';
  await lookAtTrunk(look, start);
  if (known !== null && known.pull !== null) await lookAtPull(look, { ...known, pull: known.pull }, start);
  const timely = look.happenings.filter(({ at }) => at >= start);
  const signals = signalsAsTold(timely, place, ourBot).filter(({ missionId }) => missionId === missionIdOf(place.repository.id, place.issue));
  return { signals, memory: { ...look.memory, place: known === null ? place : null } as unknown as Json, quiet: look.quiet, found: [], over: false };
}

async function lookAtIssue(look: Look, known: KnownMission | null): Promise<'ours' | 'none of ours'> {
  const { reader, at, place, memory, ourBot } = look;
  const parameters = { ...at, issue_number: place.issue };
  const isFirst = memory.since === null || memory.body === null;
  const fresh = await reader.get('reading the issue', issueRoute, parameters, memory.issue);
  const talk = memory.since === null ? null : await readTalk(reader, `${issueRoute}/comments`, parameters, memory.talk, memory.since);
  if (fresh === null && (talk === null || talk.quiet) && !memory.issueStirred) return 'ours';
  // What is told of comments and labels is told with the issue as it stands.
  const issue = fresh === null ? (await reader.get('reading the issue', issueRoute, parameters))?.data : fresh.data;
  if (isObjectAt(issue, 'pull_request') || (known === null && !labelsOf(issue).includes(missionLabel))) return 'none of ours';
  const events = await readList(reader, "reading the issue's history", `${issueRoute}/events`, parameters, memory.events);
  const since = memory.since ?? beginningOf(issue, events.items);
  const comments = talk ?? (await readTalk(reader, `${issueRoute}/comments`, parameters, memory.talk, since));
  look.happenings.push(...happeningsOfIssue(issue, events.items, ourBot), ...happeningsOfComments(issue, await genuine(look, comments.items)));
  const body = sha256(textAt(issue, 'body') ?? '');
  // A text that stands as it was last seen may have been changed twice: to something of ours, and back.
  if (fresh !== null || body !== memory.body) look.happenings.push(...happeningsOfEdits(issue, await textVersions(reader, issue)));
  if (fresh !== null || !events.quiet || !comments.quiet || isFirst) look.quiet = false;
  look.memory = { ...memory, since, body, issue: fresh?.etag ?? memory.issue, issueStirred: fresh !== null, events: events.mark, talk: comments.mark };
  return 'ours';
}

/** Labels put on together may come in any order, some seconds apart. */
const togetherMs = 10 * 60_000;

/** A mission begins when its label is put on; what happened on the issue before was not said to us, save by our other labels. */
function beginningOf(issue: unknown, events: readonly unknown[]): string {
  const ours = events.filter((event) => field(event, 'event') === 'labeled' && /^mission(:|$)/.test(nameAt(event, 'label', 'name') ?? ''));
  const begun = nameAt(
    ours.findLast((event) => nameAt(event, 'label', 'name') === missionLabel),
    'created_at',
  );
  if (begun === null) return nameAt(issue, 'created_at') ?? '';
  const together = ours.find((event) => Date.parse(nameAt(event, 'created_at') ?? '') >= Date.parse(begun) - togetherMs);
  return nameAt(together, 'created_at') ?? begun;
}

/** Comments by people, without those that somebody else has edited: that would be speaking in their name. */
async function genuine({ reader }: Look, comments: readonly unknown[]): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const comment of comments) {
    if (actorAt(comment, 'user')?.kind !== 'person') continue;
    const isEdited = nameAt(comment, 'updated_at') !== nameAt(comment, 'created_at');
    if (!isEdited || !mayCommand(comment) || (await isEditedByAuthorAlone(reader, comment))) found.push(comment);
  }
  return found;
}

function mayCommand(comment: unknown): boolean {
  return (textAt(comment, 'body') ?? '').includes('/');
}

/** Who pushed what to the trunk, from where to where. */
async function lookAtTrunk(look: Look, start: string): Promise<void> {
  const { reader, at, place, memory } = look;
  try {
    const ref = `refs/heads/${trunkBranch(place.issue)}`;
    const fresh = await reader.get('reading what was pushed to the trunk', '/repos/{owner}/{repo}/activity', { ...at, ref, per_page: 100 }, memory.activity);
    if (fresh === null) return;
    const pushes = (Array.isArray(fresh.data) ? (fresh.data as readonly unknown[]) : []).filter((one) => (nameAt(one, 'timestamp') ?? '') >= start && field(one, 'ref') === ref);
    look.happenings.push(...happeningsOfActivity(pushes.toReversed()));
    look.quiet = false;
    look.memory = { ...look.memory, activity: fresh.etag };
  } catch (error) {
    // Older GitHub Enterprise Servers have no such list; there a lost push is noticed when a gate is approved.
    if (!(error instanceof HostError) || error.failure !== 'gone') throw error;
  }
}

type KnownPull = KnownMission & { readonly pull: number };

async function lookAtPull(look: Look, known: KnownPull, start: string): Promise<void> {
  const { reader, at, memory } = look;
  const number = known.pull;
  const parameters = { ...at, pull_number: number };
  const fresh = await reader.get('reading the pull request', pullRoute, parameters, memory.pull);
  const talk = await readTalk(reader, `${issueRoute}/comments`, { ...at, issue_number: number }, memory.pullTalk, start);
  if (fresh === null && talk.quiet && !memory.pullStirred) return;
  const pull = fresh === null ? (await reader.get('reading the pull request', pullRoute, parameters))?.data : fresh.data;
  const reviews = await readList(reader, 'reading the reviews', `${pullRoute}/reviews`, parameters, memory.reviews);
  look.happenings.push(...happeningsOfReviews(pull, reviews.items), ...(await happeningsOfPull(look, pull)), ...(await changesOfPull(look, known, pull, reviews.items)));
  // For comments a pull request is an issue with a mark.
  const conversation = { number, title: field(pull, 'title'), user: field(pull, 'user'), body: field(pull, 'body'), labels: listAt(pull, 'labels'), pull_request: {} };
  look.happenings.push(...happeningsOfComments(conversation, await genuine(look, talk.items)));
  if (fresh !== null || !talk.quiet || !reviews.quiet) look.quiet = false;
  look.memory = { ...look.memory, pull: fresh?.etag ?? memory.pull, pullStirred: fresh !== null, reviews: reviews.mark, pullTalk: talk.mark };
}

/** A pull request that is closed or merged, told by whoever did it. */
async function happeningsOfPull({ reader, at, ourBot }: Look, pull: unknown): Promise<readonly Happening[]> {
  if (field(pull, 'state') !== 'closed') return [];
  const number = Number(field(pull, 'number'));
  const closer = field(pull, 'merged') === true ? field(pull, 'merged_by') : field((await reader.get('reading who closed the pull request', issueRoute, { ...at, issue_number: number }))?.data, 'closed_by');
  const actor = actorAt(closer);
  if (actor === null || isOurBot(actor, ourBot)) return [];
  return [{ at: nameAt(pull, 'closed_at') ?? '', event: 'pull_request', payload: { action: 'closed', number, pull_request: pull }, sender: closer }];
}

/**
 * What can only be seen by comparing with what we know: a review that counted and was dismissed since, and another base branch. Who did
 * it, and when, stands in the pull request's history, which is read only then.
 */
async function changesOfPull(look: Look, { pull: number, base, reviews = [] }: KnownPull, pull: unknown, read: readonly unknown[]): Promise<readonly Happening[]> {
  const dismissed = (await reviewsOf(look, number, reviews, read)).filter((review) => field(review, 'state') === 'DISMISSED');
  const target = nameAt(pull, 'base', 'ref');
  const from = field(pull, 'state') === 'open' && base !== undefined && target !== null && target !== base ? base : null;
  if (dismissed.length === 0 && from === null) return [];
  const history = (await everyEntry(look, number)).toReversed();
  return [
    ...dismissed.map((review) => happeningOfDismissal(pull, review, history.find((event) => field(event, 'event') === 'review_dismissed' && field(event, 'dismissed_review', 'review_id') === field(review, 'id')))),
    ...(from === null ? [] : [happeningOfRetargeting(pull, from, history.find((event) => field(event, 'event') === 'base_ref_changed'))]),
  ];
}

/**
 * The reviews that count, as they stand: as they were just read, or, on pages that are read no more, one by one. A reviewer's account may
 * be gone with everything it wrote; nothing can be said of it then.
 */
async function reviewsOf({ reader, at }: Look, number: number, wanted: readonly number[], read: readonly unknown[]): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const id of wanted) {
    const shown = read.find((review) => field(review, 'id') === id);
    found.push(shown ?? (await nullIfGone(() => reader.get('reading a review', `${pullRoute}/reviews/{review_id}`, { ...at, pull_number: number, review_id: id })))?.data);
  }
  return found;
}

/** The history of the pull request. */
async function everyEntry({ reader, at }: Look, number: number): Promise<readonly unknown[]> {
  return (await readList(reader, "reading the pull request's history", `${issueRoute}/events`, { ...at, issue_number: number }, { page: 1, etag: null })).items;
}
