import type { MissionState } from '../../core/mission/state.ts';
import type { Signal } from '../../core/mission/signal.ts';
import type { EventBody, MissionEvent } from '../../core/mission/event.ts';
import type { SignedHead } from '../../core/ledger/signed-head.ts';
import type { EvidencePack } from '../../core/evidence/pack.ts';
import type { HostError } from './repository-host.ts';

/**
 * What is known of one object on GitHub. `intended`: a create call may or may not have reached GitHub — its marker must be
 * looked for before it is made again. `present`: it exists with this id.
 */
export interface ObjectRecord {
  readonly key: string;
  readonly state: 'intended' | 'present';
  /** Database id or number on GitHub; null while intended, and for objects without one (labels, reactions). */
  readonly remoteId: number | null;
  /** Digest of what was last written, to write only what differs. */
  readonly rendered: string | null;
  /** Data the object needs next time, such as the issue body as last rendered (base of the three-way merge). */
  readonly memory: string | null;
  /** Milliseconds since the epoch. */
  readonly intendedAt: number;
}

/** Key of the record whose `memory` is the issue's body as last written: the base of the three-way merge. */
export const issueBodyKey = 'issue:body';

/** The durable memory of the projector. Every method is durable when it resolves. */
export interface ObjectRecords {
  all(missionId: string): Promise<readonly ObjectRecord[]>;
  /** False: the turn in which these records are put is somebody else's by now, and nothing was remembered. */
  put(missionId: string, record: ObjectRecord): Promise<boolean>;
}

/** Events that are shown once each, as they happened: the projector is told of those since the last finished sync. */
export const noticeTypes = ['answer.given', 'label.consumed', 'mission.refused', 'notice.given', 'people.assigned', 'people.unassigned'] as const satisfies readonly EventBody['type'][];

export interface Projection {
  readonly missionId: string;
  readonly state: MissionState;
  /** Answers, consumed labels, people assigned and what tasks said to people since the last finished sync, oldest first (`noticeTypes`). */
  readonly notices: readonly MissionEvent[];
  /** Hash of the ledger's head, shown in every gate check. */
  readonly ledgerHead: string;
  /** The same head with the root over all entries, signed; null where there is no key. Reads what was added to the ledger since the last call. */
  readonly signedHead?: () => Promise<SignedHead | null>;
  readonly records: ObjectRecords;
  /** The issue of the mission whose trunk stands on a commit now, as far as it is recorded; null when there is none. */
  trunkAt(commit: string): Promise<number | null>;
  /** What is known of the objects that pull requests of no mission have on a commit: the same check may stand there. */
  recordsOfCommit(commit: string): Promise<readonly ObjectRecord[]>;
  /** Evidence pack of a gate's round, with the texts of its artifacts on demand. */
  evidence(phase: string, round: number): Promise<EvidencePack | null>;
  artifact(digest: string): Promise<string | null>;
  /** False when another process took over: stop at the next step, write nothing more. */
  stillOurs(): Promise<boolean>;
}

export interface ProjectionOutcome {
  /** What the projector learned: pull request opened, merged, merge refused. */
  readonly signals: readonly { readonly meaning: string; readonly signal: Signal }[];
  /** The right to write was lost on the way: what was not shown yet is somebody else's to show, or ours in another turn. */
  readonly overtaken?: boolean;
  /** Number of writing calls made. */
  readonly writes: number;
  /** When something must be tried again although nothing changes on our side (a merge that waits for checks). */
  readonly againInMs: number | null;
  /** Objects that GitHub refuses for a reason that does not pass by itself (a missing permission, a commit that is gone); everything else was written. */
  readonly problems?: readonly HostError[];
}

/** Brings GitHub to the desired view with few writes, in order. Throws `HostError` when GitHub refuses for now; a second run goes on where the first ended. */
export interface Projector {
  project(projection: Projection): Promise<ProjectionOutcome>;
}
