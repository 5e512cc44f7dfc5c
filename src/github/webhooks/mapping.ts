import type { Actor } from '../../core/mission/actor.ts';
import type { Signal } from '../../core/mission/signal.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import { field, idAt, nameAt, textAt } from './reading.ts';

/** A delivery of GitHub's, verified but not trusted. */
export interface WebhookEvent {
  /** The delivery's GUID. */
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  /** For labels read from the issue's history: the how-manieth of its moment it is (1, 2, …). */
  readonly nth?: number;
}

/** Who we are on GitHub: what we did ourselves is no news, and only what we made is trusted to name a mission. */
export interface OurBot {
  /** `<slug>[bot]`. */
  readonly login: string;
  readonly appId: number;
}

export interface MappedSignal {
  /** It concerns every mission of this repository; `missionId` is then empty. */
  readonly everyMissionOf?: number;
  readonly missionId: string;
  /** Equal for every delivery of the same happening, different for every other one. */
  readonly meaning: string;
  /** Other keys under which the same happening may have been told, where GitHub's sources differ by a second. */
  readonly aliases?: readonly string[];
  /** The n-th happening whose key begins with one of `of`: it is news only while fewer than n are known. */
  readonly nth?: { readonly of: readonly string[]; readonly n: number };
  readonly signal: Signal;
  /** A command that will be answered: people may be told that it has arrived. */
  readonly answered?: boolean;
}

/** What every mapping is given: the event and what was read of it already. */
export interface Delivery {
  readonly event: WebhookEvent;
  readonly payload: unknown;
  readonly action: string | null;
  readonly actor: Actor;
  readonly repository: RepositoryOfEvent;
  readonly ourBot: OurBot;
}

export type RepositoryOfEvent = MissionSource['repository'] & { readonly installationId: number };

/** Maps one family of events; returns what it means for missions, mostly nothing. */
export type EventMapping = (delivery: Delivery) => readonly MappedSignal[];

/** The account behind a user object; null when there is none (a deleted account is `ghost`, with a login). */
export function actorAt(value: unknown, ...path: readonly string[]): Actor | null {
  const login = nameAt(value, ...path, 'login');
  if (login === null) return null;
  const isBot = field(value, ...path, 'type') === 'Bot' || /\[bot\]$/i.test(login);
  return { kind: isBot ? 'bot' : 'person', login };
}

export function isOurBot(actor: Actor, ourBot: OurBot): boolean {
  return actor.login.toLowerCase() === ourBot.login.toLowerCase();
}

export function repositoryOf(payload: unknown): RepositoryOfEvent | null {
  const id = idAt(payload, 'repository', 'id');
  const owner = nameAt(payload, 'repository', 'owner', 'login') ?? nameAt(payload, 'repository', 'owner', 'name');
  const name = nameAt(payload, 'repository', 'name');
  const installationId = idAt(payload, 'installation', 'id');
  if (id === null || owner === null || name === null || installationId === null) return null;
  return { id, owner, name, defaultBranch: nameAt(payload, 'repository', 'default_branch') ?? 'main', installationId };
}

/** The mission's place, from an event that carries its issue. */
export function sourceOfIssue(repository: RepositoryOfEvent, issue: unknown): MissionSource | null {
  const number = idAt(issue, 'number');
  if (number === null) return null;
  return source(repository, number, (textAt(issue, 'title') ?? '').slice(0, 1024), actorAt(issue, 'user') ?? unknownAuthor);
}

/** The mission's place, from an event that only says which issue it is (a review, a push): title and author are not known. */
export function sourceOfNumber(repository: RepositoryOfEvent, issue: number): MissionSource {
  return source(repository, issue, '', unknownAuthor);
}

const unknownAuthor: Actor = { kind: 'person', login: 'ghost' };

function source({ installationId, ...repository }: RepositoryOfEvent, number: number, title: string, author: Actor): MissionSource {
  return { installationId, repository, issue: { number, title, author } };
}

/** A webhook says when an object changed, the histories when that very thing did: the same moment, give or take. */
const toleranceSeconds = [-2, -1, 0, 1, 2];

/** The key of a happening, made of its moment, with those of the moments beside it. */
export function keyedByMoment(at: string, key: (time: string) => string): { readonly meaning: string; readonly aliases: readonly string[] } {
  const moment = Date.parse(at);
  const near = Number.isNaN(moment) ? [] : toleranceSeconds.map((seconds) => key(`${new Date(moment + seconds * 1000).toISOString().slice(0, 19)}Z`));
  return { meaning: key(at), aliases: near.filter((other) => other !== key(at)) };
}
