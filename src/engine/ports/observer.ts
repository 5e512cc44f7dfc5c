import type { MissionSource } from '../../core/mission/source.ts';
import type { Json } from '../../kit/json.ts';
import type { Millis } from '../../kit/time.ts';
import type { IncomingSignal } from './store.ts';

/** A signal as it would have come by webhook: the same meaning, whoever tells it first. */
export type ObservedSignal = Pick<IncomingSignal, 'missionId' | 'meaning' | 'aliases' | 'nth' | 'signal'>;

/** What one look at GitHub gave. */
export interface Observation {
  /** What may have happened since the last look, oldest first; most of it is known already. */
  readonly signals: readonly ObservedSignal[];
  /** Pull requests that stand open, each as it would have been told; whether it was answered, whoever asked for the look knows. */
  readonly offered?: readonly ObservedSignal[];
  /** To be given to the next look at the same thing. */
  readonly memory: Json;
  /** Everything stood as it did: the next look may wait longer. */
  readonly quiet: boolean;
  /** Further things worth looking at, each with its first memory. */
  readonly found: readonly { readonly subject: string; readonly memory: Json }[];
  /** Nothing is left to look at: it is gone, or it was never ours. */
  readonly over: boolean;
}

/** A mission as far as the look needs to know it; null for an issue that nobody has told us of yet. */
export interface KnownMission {
  readonly source: MissionSource;
  /** Number of its pull request, while that may still change. */
  readonly pull: number | null;
  /** The branch it goes into, as far as we know. */
  readonly base?: string;
  /** Reviews that count as approvals, or would again. */
  readonly reviews?: readonly number[];
}

/**
 * Re-reads GitHub with conditional requests. Every method throws `HostError` when GitHub refuses or cannot be reached, and
 * `rate-limit` of its own accord when the installation's budget runs low; the memory of before is then still good.
 */
export interface Observer {
  /** The App's installations and their repositories. */
  installations(memory: Json): Promise<Observation>;
  /** Issues of a repository that carry the label `mission`, and its open pull requests. */
  repository(memory: Json): Promise<Observation>;
  /** One mission: its issue, the conversation, its trunk, its pull request. */
  mission(known: KnownMission | null, memory: Json): Promise<Observation>;
}

/** A webhook that never got a 2xx answer. */
export interface FailedDelivery {
  readonly guid: string;
  /** Id of its latest attempt. */
  readonly attemptId: number;
  /** `issue_comment.created` */
  readonly event: string;
  /** When its first attempt known to us was made. */
  readonly deliveredAt: Millis;
}

/** GitHub's log of webhooks sent to the App; it reaches back three days. */
export interface DeliveryLog {
  /** Deliveries since `since` that would mean something and that nobody took, oldest first; and when the newest of all was made. */
  failedSince(since: Millis): Promise<{ readonly failed: readonly FailedDelivery[]; readonly newest: Millis | null }>;
  /** Asks GitHub to deliver it once more. */
  redeliver(attemptId: number): Promise<void>;
}

/** Something that is looked at again and again. `mission:<id>`, `repository:<id>`, `routines:<repository id>`, `activation:<repository id>:<delivery>`, `installations`, `deliveries`. */
export interface Watch {
  readonly subject: string;
  readonly memory: Json;
  /** Looks in a row that found nothing changed. */
  readonly quiet: number;
}

/** The durable agenda of the re-reading. */
export interface Watches {
  /** Puts subjects on the agenda; those that are there already stay as they are. */
  add(subjects: readonly { readonly subject: string; readonly memory: Json; readonly lookAt: Millis }[]): Promise<void>;
  /** Puts missions on the agenda that are under way, or that changed after `since`. */
  addMissions(since: Millis, lookAt: Millis): Promise<void>;
  /** Everything becomes due now: after a start nobody knows what was missed. With a subject only that one. */
  hasten(now: Millis, subject?: string): Promise<void>;
  /** Takes what is due, the longest due first; nobody else gets it before `ttlMs` have passed. */
  take(owner: string, ttlMs: number, now: Millis, limit: number): Promise<readonly Watch[]>;
  /** Puts a watch back with its new memory. Without effect when somebody else has it by now. */
  put(owner: string, watch: Watch, lookAt: Millis): Promise<void>;
  /** Takes it off the agenda. */
  remove(owner: string, subject: string): Promise<void>;

  /** What is known of deliveries that were asked for again. */
  redelivered(guids: readonly string[]): Promise<ReadonlyMap<string, { readonly tries: number; readonly askedAt: Millis }>>;
  /** Notes, before it is done, that a delivery is asked for again. */
  noteRedelivery(guid: string, now: Millis): Promise<void>;
  /** Forgets notes older than GitHub's log. */
  forgetRedeliveries(before: Millis): Promise<void>;
}
