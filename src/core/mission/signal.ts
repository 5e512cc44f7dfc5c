import type { Json } from '../../kit/json.ts';
import type { Ownership, Standing } from '../gate/approvals.ts';
import type { PolicyLook } from '../gate/policy.ts';
import type { ChecklistIntent, CommandRequest } from './request.ts';
import type { Actor, Authority } from './actor.ts';
import type { Definition, Problem } from './definition.ts';
import type { AssignmentLook } from './assignment.ts';
import type { Contributors } from './contributors.ts';
import type { AttemptEvidence, GuardReport } from './event.ts';
import type { FailureKind } from './failure-kind.ts';
import type { MergeGroup } from './judged-group.ts';
import type { GroupLook } from './merge-group.ts';
import type { OfferedPull } from './outside-commit.ts';
import type { OutsideLook } from './outside-pull.ts';
import type { MissionSource } from './source.ts';

/**
 * Something that happened outside and concerns a mission. A signal is a hint: whatever it needs to be judged by (who may
 * what, where the trunk stands now) is looked up when it is decided and handed to `decide` as facts.
 */
export type Signal =
  | { readonly kind: 'mission.requested'; readonly source: MissionSource; readonly title: string; readonly body: string; readonly actor: Actor }
  | { readonly kind: 'mission.queue-requested'; readonly source: MissionSource; readonly actor: Actor }
  | { readonly kind: 'mission.pause-requested'; /** The label `mission` was taken off; absent: the label `mission:pause` was put on. */ readonly why?: 'unlabelled'; readonly source: MissionSource; readonly actor: Actor }
  | { readonly kind: 'mission.resume-requested'; readonly source: MissionSource; readonly actor: Actor }
  | { readonly kind: 'command.given'; readonly source: MissionSource; readonly conversation: number; readonly commentId: number; readonly actor: Actor; readonly command: CommandRequest; /** By GitHub's clock, whole seconds; milliseconds since the epoch. */ readonly writtenAt?: number; /** Given in a terminal or by a workflow, not in a comment. */ readonly via?: 'terminal' | 'workflow' }
  | { readonly kind: 'review.submitted'; readonly source: MissionSource; readonly pull: number; readonly reviewId: number; readonly verdict: 'approved' | 'changes-requested'; readonly commit: string; readonly text: string; readonly actor: Actor }
  | { readonly kind: 'review.dismissed'; readonly source: MissionSource; readonly pull: number; readonly reviewId: number; readonly reviewer: Actor; readonly actor: Actor }
  | { readonly kind: 'button.pressed'; readonly source: MissionSource; readonly phase: string; readonly round: number; readonly action: string; readonly pull: number | null; readonly actor: Actor }
  | { readonly kind: 'recheck.requested'; readonly source: MissionSource; readonly phase: string | null; readonly actor: Actor }
  | { readonly kind: 'trunk.pushed'; readonly source: MissionSource; readonly head: string; readonly actor: Actor }
  | { readonly kind: 'issue.edited'; readonly source: MissionSource; readonly title: string; readonly body: string; /** What the person edited, as GitHub tells; absent when it cannot be told. */ readonly previousBody?: string; readonly actor: Actor }
  | { readonly kind: 'issue.closed'; readonly source: MissionSource; readonly actor: Actor }
  | { readonly kind: 'pull.closed'; readonly source: MissionSource; readonly pull: number; readonly merged: boolean; readonly commit: string | null; readonly actor: Actor }
  | { readonly kind: 'pull.retargeted'; readonly source: MissionSource; readonly pull: number; readonly from: string; readonly to: string; readonly actor: Actor }
  /** The repository's policy file on its default branch is not what it was. */
  | { readonly kind: 'policy.changed'; readonly source: MissionSource; readonly actor: Actor }
  /** The merge queue made a commit of pull requests, and waits for the check on it. */
  | { readonly kind: 'merge-group.requested'; readonly source: MissionSource; readonly group: MergeGroup }
  | { readonly kind: 'merge-group.ended'; readonly source: MissionSource; readonly reason: string }
  /** A pull request stands on this commit, and is not the mission's that it would be told to. */
  | { readonly kind: 'outside-pull.offered'; readonly source: MissionSource; readonly commit: string; readonly pull: OfferedPull }
  /** It was closed, or stands on another commit. */
  | { readonly kind: 'outside-pull.left'; readonly source: MissionSource; readonly pull: number }
  | { readonly kind: 'pull.opened'; readonly pull: number }
  | { readonly kind: 'merge.refused'; readonly reason: string }
  | { readonly kind: 'attempt.started'; readonly subject: string; readonly attempt: number; readonly worker: string }
  | { readonly kind: 'attempt.finished'; readonly subject: string; readonly attempt: number; readonly result: AttemptResult }
  | { readonly kind: 'attempt.lost'; readonly subject: string; readonly attempt: number; readonly reason: string }
  | { readonly kind: 'integration.finished'; readonly task: string; readonly attempt: number; readonly result: IntegrationResult }
  | { readonly kind: 'timer.fired'; readonly purpose: TimerPurpose };

export type AttemptResult =
  | { readonly outcome: 'succeeded'; readonly commit: string | null; readonly branch: string | null; readonly evidence: AttemptEvidence; readonly outputs: { readonly [name: string]: Json }; /** Said to the people of the mission, once. */ readonly notices?: readonly string[] }
  | { readonly outcome: 'failed'; readonly failure: FailureKind; readonly reason: string; readonly evidence: AttemptEvidence | null }
  | { readonly outcome: 'examined'; readonly head: string; readonly reports: readonly GuardReport[]; readonly metrics: { readonly [name: string]: number }; readonly durationMs: number; /** What the change does to the base branch, wherever it stands; null when it could not be told. */ readonly patchId?: string | null };

export type IntegrationResult =
  | { readonly outcome: 'merged'; readonly head: string; readonly authors: readonly string[]; readonly contributors?: Contributors }
  /** `trunk`: where it stands, so that the next attempt starts from there; absent when it could not be read. */
  | { readonly outcome: 'conflict'; readonly reason: string; readonly trunk?: TrunkFacts }
  | { readonly outcome: 'refused'; readonly reason: string };

/** What a timer is for; the deciding core ignores one that no longer applies. */
export type TimerPurpose =
  | { readonly kind: 'retry-task'; readonly task: string; readonly attempt: number }
  | { readonly kind: 'retry-gate'; readonly phase: string; readonly attempt: number }
  | { readonly kind: 'end-wait'; readonly task: string; readonly attempt: number }
  | { readonly kind: 'limit-approval'; readonly task: string; readonly attempt: number }
  /** `at`: the deadline it was set for; a later one has a timer of its own. */
  | { readonly kind: 'limit-phase'; readonly phase: string; readonly at: number }
  | { readonly kind: 'limit-mission'; readonly at: number }
  | { readonly kind: 'end-waiver'; readonly phase: string; readonly waiver: number }
  | { readonly kind: 'count-waiver'; readonly phase: string; readonly waiver: number; readonly daysLeft: number };

/** What was looked up for a signal at the moment of deciding. Absent parts were not needed. */
export interface SignalFacts {
  readonly authority?: Authority;
  /** For `mission.requested`: what the issue (or the file it names) defines. */
  readonly reading?: Reading;
  /** Where the trunk (or, before it exists, the default branch) stands now. */
  readonly trunk?: TrunkFacts;
  /** Labels on the issue now: label signals are judged by the present, not by the order in which they arrive. */
  readonly labels?: readonly string[];
  /** For `issue.edited`: what the person changed in the checklist. */
  readonly intents?: readonly ChecklistIntent[];
  /** The repository's policy, where a gate is judged or decided. */
  readonly policy?: PolicyLook;
  /** Who owns the files of the change, where a gate's rule asks. */
  readonly ownership?: Ownership;
  /** For a group of the merge queue: its pull requests and their missions. */
  readonly group?: GroupLook;
  /** For a pull request of no mission: the missions that its commit has to do with, and what the repository says. */
  readonly outside?: OutsideLook;
  /** For `/assign` and `/unassign`: who is assigned, and who may be. */
  readonly assignment?: AssignmentLook;
  /** Teams and files of the person who decides, as far as the gate's rule asks. */
  readonly standing?: Standing;
}

export type Reading =
  | { readonly ok: true; readonly definition: Definition; readonly definedIn: string; readonly items: readonly { readonly taskId: string; readonly line: number; readonly checked: boolean }[] | null }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface TrunkFacts {
  readonly head: string;
  /** Logins (and, where GitHub knows none, e-mail addresses) of people who wrote commits of the change. */
  readonly authors: readonly string[];
  /** The same people by what they did; absent where nobody can tell. */
  readonly contributors?: Contributors;
}
