/** What the worker says about its own work. A pino logger fits. */
export interface WorkerLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** Removes secrets from text; `count` says how many were found. Owned by telemetry, handed in by `main/`. */
export interface TextRedactor {
  redact(text: string): { readonly text: string; readonly count: number };
}

/** Limits of one workspace. Bytes and milliseconds. */
export interface WorkspaceLimits {
  /** Kept of a program's output: the first and the last half; what lies between is dropped. */
  readonly outputKeptBytes: number;
  /** A program that prints more than this is ended. */
  readonly outputMaximumBytes: number;
  /** A program that gives no time limit of its own is ended after this. */
  readonly programMs: number;
  /** Time a program is given between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** One git command that works on local files. */
  readonly gitMs: number;
  /** One git command that talks to a server: a first fetch of a large repository must fit. */
  readonly gitNetworkMs: number;
  /** Kept of a unified diff. */
  readonly patchBytes: number;
  /** A larger file is not read, and not committed: GitHub refuses files above 100 MB. */
  readonly fileBytes: number;
}

export const DEFAULT_LIMITS: WorkspaceLimits = {
  outputKeptBytes: 1024 * 1024,
  outputMaximumBytes: 64 * 1024 * 1024,
  programMs: 60 * 60 * 1000,
  graceMs: 2000,
  gitMs: 5 * 60 * 1000,
  gitNetworkMs: 30 * 60 * 1000,
  patchBytes: 256 * 1024,
  fileBytes: 100 * 1000 * 1000,
};
