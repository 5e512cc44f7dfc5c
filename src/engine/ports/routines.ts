import type { Problem } from '../../core/mission/definition.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import type { RoutineDefinition, RoutineFacts, RoutineTrigger } from '../../core/schedule/routine.ts';
import type { Result } from '../../kit/result.ts';
import type { Json } from '../../kit/json.ts';
import type { Millis } from '../../kit/time.ts';
import type { ObjectRecords } from './projector.ts';

/** A repository that may have routines. */
export type RoutinePlace = Pick<MissionSource, 'installationId' | 'repository'>;

export interface RoutineKey {
  readonly repositoryId: number;
  /** Its file's name without the ending. */
  readonly name: string;
}

/** A routine as its file was last read. */
export interface StoredRoutine extends RoutineKey, RoutineFacts {
  readonly place: RoutinePlace;
  /** 1 …; every change of the file is a new one. */
  readonly revision: number;
  /** Digest of the file's content, as git names it; empty once it was removed. */
  readonly digest: string;
  /** The latest revision that could be read; null when none could. */
  readonly definition: RoutineDefinition | null;
  readonly problems: readonly Problem[];
  /** Who stands for this revision and how that is known, or why nobody does; in words. */
  readonly standing: string;
  /** When it is due next; null while it is not active, or has no schedule. */
  readonly nextDue: Millis | null;
}

export interface RoutineRevision {
  readonly revision: number;
  readonly digest: string;
  readonly removed: boolean;
  readonly activatedBy: string | null;
  readonly standing: string;
  readonly at: Millis;
}

export interface NewRun {
  /** Unique for the routine: the due time, the delivery of an event, the request of a person. */
  readonly key: string;
  readonly trigger: RoutineTrigger;
  readonly due: Millis;
  readonly decided: 'queued' | 'skipped';
  readonly detail: string;
}

export interface RoutineRun extends RoutineKey {
  readonly id: string;
  readonly key: string;
  readonly trigger: RoutineTrigger;
  readonly due: Millis;
  readonly revision: number;
  /** `queued`: its mission's issue is still to be made. */
  readonly decided: 'queued' | 'started' | 'denied' | 'skipped' | 'failed';
  readonly detail: string;
  readonly issue: number | null;
  readonly missionId: string | null;
  /** Status of its mission; null before it is known. */
  readonly missionStatus: string | null;
  readonly createdAt: Millis;
}

/** Routines and their runs. Every method is durable when it resolves. */
export interface Routines {
  ofRepository(repositoryId: number): Promise<readonly StoredRoutine[]>;
  all(): Promise<readonly StoredRoutine[]>;
  /** Stores a revision that follows the one that is stored; false when somebody else stored another one first. */
  put(routine: StoredRoutine, now: Millis): Promise<boolean>;
  /** Changes who stands for a revision, who paused it, and when it is due; false when there is another revision by now. */
  steer(routine: StoredRoutine, now: Millis): Promise<boolean>;
  revisions(key: RoutineKey, limit: number): Promise<readonly RoutineRevision[]>;

  /** Routines with a due time until `now`, the longest due first. */
  due(now: Millis, limit: number): Promise<readonly StoredRoutine[]>;
  /** Records what was decided about due times and sets the next one, in one step; false when another process has done so. */
  decide(routine: StoredRoutine, runs: readonly NewRun[], next: Millis | null, now: Millis): Promise<boolean>;
  /** Adds a run; false when its key is known. */
  add(routine: StoredRoutine, run: NewRun, now: Millis): Promise<boolean>;
  /** Takes queued runs that are due to be looked at; nobody else gets them before `ttlMs` have passed. */
  take(owner: string, ttlMs: number, now: Millis, limit: number): Promise<readonly RoutineRun[]>;
  /** Extends a right that was not taken over meanwhile. */
  hold(owner: string, runId: string, ttlMs: number, now: Millis): Promise<boolean>;
  /** What became of a run. Without effect when somebody else has it by now. */
  settle(owner: string, runId: string, outcome: Pick<RoutineRun, 'decided' | 'detail' | 'issue' | 'missionId'>, now: Millis): Promise<void>;
  /** Gives a run back to be looked at later. */
  putOff(owner: string, runId: string, lookAt: Millis, detail: string, now: Millis): Promise<void>;
  /** Its runs, the latest first. */
  runs(key: RoutineKey, limit: number): Promise<readonly RoutineRun[]>;
}

/** A file below `.github/routines` on the default branch. */
export interface RoutineFile {
  readonly path: string;
  readonly digest: string;
}

/** What one look at a repository's routines gave. */
export interface RoutineLook {
  readonly place: RoutinePlace;
  /** Null: everything stands as it did at the last look. */
  readonly files: readonly RoutineFile[] | null;
  /** To be given to the next look. */
  readonly memory: Json;
}

/** Who stands for the content of a file on the default branch: the person who merged or pushed it. */
export type Standing = { readonly person: string; readonly how: string } | { readonly person: null; readonly why: string };

/** What a routine's mission is opened with. */
export interface RoutineIssue {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
}


/** GitHub as routines need it. Failures that may pass are thrown as `HostError`. */
export interface RoutineHost {
  /** Lists the files with a conditional request; null when the memory names no repository. */
  look(memory: Json): Promise<RoutineLook | null>;
  /** The text of a file with this digest. */
  textOf(place: RoutinePlace, file: RoutineFile): Promise<string>;
  standingOf(place: RoutinePlace, file: RoutineFile): Promise<Standing>;
  /** Posts the check `routines` on the default branch's head, once for each commit and content. */
  report(place: RoutinePlace, routines: readonly StoredRoutine[], records: ObjectRecords): Promise<void>;
  /** The issue of the mission whose pull request brought a commit to the default branch; null: no mission's did. */
  landedMission(place: RoutinePlace, commit: string): Promise<number | null>;
  /** Whether an issue was opened for a run, or may have been. */
  isBegun(run: RoutineRun, records: ObjectRecords): Promise<boolean>;
  /** Opens an issue exactly once for each run; its number, or null when the right to it was lost before it was made. */
  open(place: RoutinePlace, run: RoutineRun, issue: RoutineIssue, records: ObjectRecords, stillOurs: () => Promise<boolean>): Promise<number | null>;
  /** The App itself, as the author of such issues. */
  readonly ourLogin: string;
}

/** Reads routine files; implemented by `config`. */
export type ReadRoutine = (text: string, path: string) => Result<RoutineDefinition, readonly Problem[]>;
