import type { Json } from '../../kit/json.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import { field, idAt, nameAt } from '../webhooks/reading.ts';

/** How far a list was read whose entries are only ever added at its end. */
export interface ListMark {
  /** The page to be read next, 1 …; earlier ones are full and never change. */
  readonly page: number;
  readonly etag: string | null;
}

/** How far a conversation was read. */
export interface TalkMark {
  /** Comments changed since then are read. */
  readonly since: string | null;
  readonly etag: string | null;
}

/** What one look at a mission leaves for the next. */
export interface MissionMemory {
  /** Where the issue is, for a mission that is not in the store yet. */
  readonly place: Place | null;
  /** What happened before was not for us. Null before the first look. */
  readonly since: string | null;
  readonly issue: string | null;
  /** The issue (or the pull request) had changed at the last look: GitHub counts in seconds, so that its details are read once more. */
  readonly issueStirred: boolean;
  readonly pullStirred: boolean;
  readonly events: ListMark;
  readonly talk: TalkMark;
  readonly activity: string | null;
  /** Digest of the issue's text as last seen. */
  readonly body: string | null;
  readonly pull: string | null;
  readonly reviews: ListMark;
  readonly pullTalk: TalkMark;
}

export interface Place {
  readonly installationId: number;
  readonly repository: MissionSource['repository'];
  readonly issue: number;
}

/** Reads a memory without trusting it: a missing part means that this part is read from the beginning. */
export function missionMemory(memory: Json): MissionMemory {
  return {
    place: placeIn(field(memory, 'place')),
    since: nameAt(memory, 'since'),
    issue: nameAt(memory, 'issue'),
    issueStirred: field(memory, 'issueStirred') === true,
    pullStirred: field(memory, 'pullStirred') === true,
    events: listMark(field(memory, 'events')),
    talk: talkMark(field(memory, 'talk')),
    activity: nameAt(memory, 'activity'),
    body: nameAt(memory, 'body'),
    pull: nameAt(memory, 'pull'),
    reviews: listMark(field(memory, 'reviews')),
    pullTalk: talkMark(field(memory, 'pullTalk')),
  };
}

export function placeIn(value: unknown): Place | null {
  const installationId = idAt(value, 'installationId');
  const id = idAt(value, 'repository', 'id');
  const owner = nameAt(value, 'repository', 'owner');
  const name = nameAt(value, 'repository', 'name');
  const issue = idAt(value, 'issue');
  if (installationId === null || id === null || owner === null || name === null) return null;
  return { installationId, repository: { id, owner, name, defaultBranch: nameAt(value, 'repository', 'defaultBranch') ?? 'main' }, issue: issue ?? 0 };
}

function listMark(value: unknown): ListMark {
  return { page: idAt(value, 'page') ?? 1, etag: nameAt(value, 'etag') };
}

function talkMark(value: unknown): TalkMark {
  return { since: nameAt(value, 'since'), etag: nameAt(value, 'etag') };
}
