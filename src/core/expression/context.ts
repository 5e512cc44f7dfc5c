import type { Json, JsonObject } from '../../kit/json.ts';

/** What `success()`, `failure()` and `cancelled()` answer. */
export interface ExpressionStatus {
  /** Everything that is needed has succeeded. */
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
}

/** Values by id. A map serves where an object would have to be built anew for every evaluation. */
export type Lookup = JsonObject | ReadonlyMap<string, Json>;

/**
 * Everything an expression can see; what is absent cannot be named where it is evaluated. Values are plain JSON: only their own
 * keys are seen, never what JavaScript adds.
 */
export interface ExpressionContext {
  readonly inputs?: JsonObject;
  readonly env?: JsonObject;
  readonly mission?: JsonObject;
  /** Id → `{result}`. */
  readonly phases?: Lookup;
  /** Id → `{result, outputs, attempts}`. */
  readonly tasks?: Lookup;
  readonly matrix?: JsonObject;
  readonly item?: Json;
  readonly items?: readonly Json[];
  readonly round?: number;
  readonly result?: Json;
  readonly findings?: readonly Json[];
  /** In a routine's file: which routine, and what it was due for. */
  readonly routine?: JsonObject;
  /** Absent where no status is known: then the status functions cannot be used. */
  readonly status?: ExpressionStatus;
  /** Digest of the files that match; present where a workspace is. */
  readonly hashFiles?: (patterns: readonly string[]) => string;
}

/** Names an expression can begin with, in the order in which people are told. */
export const rootNames = ['inputs', 'env', 'mission', 'phases', 'tasks', 'matrix', 'item', 'items', 'round', 'result', 'findings', 'routine'] as const;
/** What GitHub Actions has and expressions here do not, with what to write. */
export const familiarNames: ReadonlyMap<string, string> = new Map([
  ['github', ' What it tells is at mission: mission.repository, mission.requester, mission.issue, mission.trunk.'],
  ['secrets', ' A definition holds no secrets: the worker’s configuration does, and steps name them ("secret-headers", "connection").'],
  ['vars', ' Declare it under inputs or env, and write inputs.<name> or env.<NAME>.'],
  ['needs', ' What a task needs is at tasks: tasks.<id>.result, tasks.<id>.outputs.'],
  ['steps', ' Steps are tasks here: tasks.<id>.outputs.'],
  ['jobs', ' Jobs are tasks here: tasks.<id>.outputs.'],
  ['strategy', ' The values of an item are at matrix.<name>, or item.'],
  ['runner', ' What a task runs on is a matter of the worker.'],
  ['job', ' What a task runs on is a matter of the worker; how it ended is at tasks.<id>.result.'],
]);

export type RootName = (typeof rootNames)[number];

export const statusFunctionNames = ['always', 'success', 'failure', 'cancelled'] as const;
export type StatusFunction = (typeof statusFunctionNames)[number];
