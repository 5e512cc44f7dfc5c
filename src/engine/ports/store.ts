import type { EvidencePack } from '../../core/evidence/pack.ts';
import type { MissionEvent } from '../../core/mission/event.ts';
import type { Signal, TimerPurpose } from '../../core/mission/signal.ts';
import type { Mission, MissionState } from '../../core/mission/state.ts';
import type { Millis } from '../../kit/time.ts';
import type { ObjectRecords } from './projector.ts';
import type { JobRequest } from './queue.ts';

/** A signal on its way into the inbox. */
export interface IncomingSignal {
  readonly missionId: string;
  /** Key of the transport: webhook delivery id and position, or the same as `meaning` for signals of our own. */
  readonly source: string;
  /** Key of the meaning: `comment:123:2026-…`, `attempt:build:1:finished`. Equal meanings are stored once. */
  readonly meaning: string;
  /** Further keys of the same happening: a signal is left out when one of them is stored already. */
  readonly aliases?: readonly string[];
  /** The n-th happening whose key begins with one of `of`: it is left out when n of them are stored already. */
  readonly nth?: { readonly of: readonly string[]; readonly n: number };
  readonly signal: Signal;
  readonly receivedAt: Millis;
}

export interface StoredSignal {
  readonly id: string;
  readonly meaning: string;
  readonly signal: Signal;
  readonly receivedAt: Millis;
  /** A deferred signal has nothing to say before this moment. */
  readonly lookAt: Millis;
  readonly tries: number;
}

/** Proof that this process is the one writer of a mission for now; only `hold` makes one, and it dies with the call. */
export interface HeldMission {
  readonly missionId: string;
  readonly state: MissionState | null;
  readonly headHash: string;
  /** A sync is due already: another job for it is not needed. */
  readonly syncWanted: boolean;
  /** Pending signals: those that are due, oldest first, then deferred ones; `pendingFull` says that there may be more than were read. */
  readonly pending: readonly StoredSignal[];
  readonly pendingFull: boolean;
  /** Once a hold that read only its `own` is over: true when it left pending signals that it had not read. */
  readonly unread?: () => boolean;
  /** What is to be written, all of it or nothing, when `work` has resolved; at most once per hold. */
  commit(batch: MissionBatch): Promise<void>;
}

export interface MissionBatch {
  readonly events: readonly MissionEvent[];
  /** The state after the events; null only when there are none. */
  readonly state: MissionState | null;
  readonly settled: readonly { readonly id: string; readonly note: string }[];
  /** Signals to look at again later (facts could not be gathered yet). */
  readonly deferred: readonly { readonly id: string; readonly until: Millis }[];
  readonly jobs: readonly JobRequest[];
  readonly timers: readonly { readonly id: string; readonly fireAt: Millis; readonly purpose: TimerPurpose }[];
  readonly packs: readonly { readonly phase: string; readonly round: number; readonly digest: string; readonly pack: EvidencePack }[];
  /** Leases of attempts that these events queue, taken at once by this process: such an attempt needs no job and no claim. */
  readonly leases?: readonly Lease[];
  /** Attempts that must stop: their leases are marked, their workers see it at the next heartbeat. */
  readonly cancelAttempts: boolean;
  /** The view on GitHub may have to change, with or without events. */
  readonly sync: boolean;
  readonly now: Millis;
}

export interface OutboxRow {
  readonly id: string;
  readonly job: JobRequest;
}

export interface LeaseKey {
  readonly missionId: string;
  readonly subject: string;
  /** The attempt number is the fencing number: every attempt has one lease, every later attempt a higher number. */
  readonly attempt: number;
}

/** Proof that a worker may run an attempt. */
export interface Lease extends LeaseKey {
  readonly owner: string;
  readonly expiresAt: Millis;
}

export type ClaimOutcome =
  /** `mission` is its state when the lease was taken, or a later one; null when it has to be read. */
  | { readonly outcome: 'claimed'; readonly lease: Lease; readonly mission: Mission | null }
  /** Somebody else works on it; look again at `until`. */
  | { readonly outcome: 'held'; readonly until: Millis }
  /** Settled, lost, cancelled, or not (or no longer) expected: nothing to do. */
  | { readonly outcome: 'over' };

export interface ArtifactContent {
  readonly digest: string;
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface StoredEvent extends MissionEvent {
  readonly prevHash: string;
  readonly hash: string;
}

/** True for what every method of a store rejects with while its database is out of reach; a write may or may not have happened. */
export function isStoreUnavailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'database_unavailable';
}

/** State, ledger, inbox, outbox, leases and timers of all missions. */
export interface Store {
  /** What nobody takes turns at, such as the objects of routines. */
  readonly objects: ObjectRecords;
  /** The same records, put only while this owner has the right to write the mission's view: what a thawed process still knew overwrites nothing. */
  objectsInTurn(owner: string): ObjectRecords;

  /** Stores signals; those whose source or meaning is known already are left out. Durable when it resolves. */
  receive(signals: readonly IncomingSignal[]): Promise<{ readonly stored: number; readonly missions: readonly string[] }>;

  /**
   * Makes this process the one writer of a mission: what `work` commits is written only if nobody else wrote the mission since it
   * was read, durably when this resolves. Otherwise `work` is called again with the newer state, so it must not do anything but
   * decide and commit.
   *
   * With `own`, `pending` may leave out what other processes stored, which `unread` then tells; it saves reading it.
   */
  hold<T>(missionId: string, work: (held: HeldMission) => Promise<T>, reading?: 'all' | 'own'): Promise<T>;

  /** The state as of now, without holding the mission; null for an unknown one. */
  read(missionId: string): Promise<{ readonly state: MissionState; readonly headHash: string } | null>;

  takeOutbox(limit: number, olderThan: Millis): Promise<readonly OutboxRow[]>;
  /** Rows of one mission, at once after its commit. */
  outboxOf(missionId: string): Promise<readonly OutboxRow[]>;
  removeOutbox(ids: readonly string[]): Promise<void>;

  /** Takes the lease of an expected attempt and records `attempt.started`, in one step. */
  claim(key: LeaseKey, owner: string, ttlMs: number, now: Millis): Promise<ClaimOutcome>;
  /** Extends a lease that nobody has marked lost yet; `cancelled` tells the worker to stop, `lost` that its results will be refused. */
  heartbeat(lease: Lease, ttlMs: number, now: Millis): Promise<'held' | 'cancelled' | 'lost'>;
  /**
   * Settles a lease and records the result with its artifacts, in one step; `lost` when the lease was marked lost or settled
   * before: nothing is recorded. Durable when it resolves.
   *
   * With `decide` the mission is to be decided right afterwards, by a hold of this process. The store may then call it before
   * the result is stored, so that the hold's commit stores it, and calls it again when that did not come about. It must not
   * reject: what goes wrong in deciding is no matter of the result.
   */
  finish(lease: Lease, signal: IncomingSignal, artifacts: readonly ArtifactContent[], now: Millis, decide?: () => Promise<void>): Promise<'recorded' | 'lost'>;
  /** Marks leases that ran out and records `attempt.lost` for each; returns the missions concerned. */
  expireLeases(now: Millis): Promise<readonly string[]>;

  /** Records `timer.fired` for timers that are due; returns the missions concerned. With an id only that one. */
  fireTimers(now: Millis, id?: string): Promise<readonly string[]>;
  /** When the next timer that has not fired is due (perhaps in the past); null when there is none. */
  nextTimer(): Promise<Millis | null>;

  /** Missions with pending signals received (or deferred) until `before`. */
  missionsWithSignals(before: Millis, limit: number): Promise<readonly string[]>;
  /** Jobs that should be known to the queue by now; adding them again is harmless. */
  expectedJobs(olderThan: Millis, limit: number): Promise<readonly JobRequest[]>;

  /** Takes the right to write a mission's view to GitHub, when that is wanted or its last holder went silent. */
  beginSync(missionId: string, owner: string, ttlMs: number, now: Millis): Promise<SyncBeginning>;
  extendSync(missionId: string, owner: string, ttlMs: number, now: Millis): Promise<boolean>;
  /** Ends a turn, remembering up to which event notices were shown. True: something changed meanwhile, the right is kept and another turn is due. */
  endSync(missionId: string, owner: string, noticesUpTo: number): Promise<boolean>;
  /** Asks for a sync although nothing changed on our side. */
  wantSync(missionId: string): Promise<void>;
  /** Gives the right back after a failure; the sync stays wanted. */
  failSync(missionId: string, owner: string): Promise<void>;

  events(missionId: string, afterSeq: number, limit: number): Promise<readonly StoredEvent[]>;
  evidencePack(missionId: string, phase: string, round: number): Promise<EvidencePack | null>;
  evidencePacks(missionId: string): Promise<readonly { readonly phase: string; readonly round: number; readonly digest: string; readonly pack: EvidencePack }[]>;
  artifact(missionId: string, digest: string): Promise<ArtifactContent | null>;
  /** Missions of a repository whose trunk stands or once stood on a commit. */
  missionsAt(repositoryId: number, commit: string): Promise<readonly string[]>;
  /**
   * What a repository's policy concerns: missions of which nothing has been merged yet, as far as they were not cancelled, and commits
   * that open pull requests of no mission stand on; the latest first, at most 2,000.
   */
  missionsOf(repositoryId: number): Promise<readonly string[]>;
  missions(limit: number): Promise<readonly { readonly missionId: string; readonly status: string; readonly name: string; readonly owner: string; readonly repository: string; readonly issue: number; readonly seq: number }[]>;

  ping(): Promise<void>;
  close(): Promise<void>;
}

export type SyncBeginning =
  | { readonly outcome: 'turn'; readonly turn: SyncTurn }
  /** Another process has the right. It looks again before it gives it back, but it may die: look again at `until`. */
  | { readonly outcome: 'taken'; readonly until: Millis }
  | { readonly outcome: 'nothing' };

export interface SyncTurn {
  readonly state: MissionState;
  readonly headHash: string;
  /** `answer.given`, `label.consumed`, `mission.refused` events not yet shown. */
  readonly notices: readonly MissionEvent[];
  readonly noticesUpTo: number;
}
