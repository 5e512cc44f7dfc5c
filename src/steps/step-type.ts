import type { Json, JsonObject } from '../kit/json.ts';
import type { Outside } from './outside.ts';

/** Text that a program printed, kept within limits. `truncatedBytes` were dropped from the middle. */
export interface CapturedOutput {
  readonly text: string;
  readonly truncatedBytes: number;
}

export interface CommandOutcome {
  /** Exit code, or null when a signal ended the program. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the program was ended by us, if it was. */
  readonly endedBy: 'timeout' | 'cancel' | 'output-limit' | null;
  /** stdout and stderr interleaved as they came, redacted. */
  readonly output: CapturedOutput;
  readonly durationMs: number;
}

export interface CommandRequest {
  /** Program and arguments; never a shell line. */
  readonly argv: readonly [string, ...string[]];
  /** Additional environment; the worker's own environment is not inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder relative to the workspace root; `.` when absent. */
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/**
 * The files an attempt works on: a worktree of the mission's repository at the attempt's base commit. All paths are
 * relative to its root with `/`; a path that leaves it (`..`, absolute, through a symlink, into `.git`) is refused with
 * a `StepError` of class `input`.
 */
export interface Workspace {
  /** Absolute folder, for programs that need it. */
  readonly root: string;
  readFile(path: string): Promise<string>;
  /** Creates missing folders; replaces the whole file or nothing. An existing file keeps its executable bit unless `executable` is given. */
  writeFile(path: string, content: string, options?: { executable?: boolean }): Promise<void>;
  /** Removes one file or symbolic link (the link, never its target). A missing file is a `StepError` of class `input`. */
  removeFile(path: string): Promise<void>;
  /**
   * Runs a program with an environment of its own. A program that fails, is ended by a limit or by cancel is an outcome;
   * a program that cannot be started is a `StepError`. When this resolves, nothing the program started is left running.
   */
  run(command: CommandRequest): Promise<CommandOutcome>;
  /** The files as a tree; absent where there are no real files (simulations). */
  readonly tree?: WorkspaceTree;
  /** What steps may ask the worker's git; absent where there is no real repository. */
  readonly git?: WorkspaceGit;
}

export interface WorkspaceEntry {
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
}

/** Files by path, as bytes. Refuses what `Workspace` refuses. */
export interface WorkspaceTree {
  /** Null when nothing stands there; a symbolic link is a `link`, whatever it points to. */
  facts(path: string): Promise<{ readonly kind: 'file' | 'folder' | 'link' | 'other'; readonly bytes: number; readonly executable: boolean } | null>;
  /** Regular files that git would see (ignored ones, links and nested repositories left out), in order of path. */
  list(): Promise<readonly WorkspaceEntry[]>;
  /** What stands in a folder (`.`: the root), ignored files included, in order of name; empty when the folder is missing or no folder. */
  entries(folder: string): Promise<readonly { readonly name: string; readonly kind: 'file' | 'folder' | 'link' | 'other' }[]>;
  readBytes(path: string, maximumBytes?: number): Promise<Buffer>;
  /** Creates missing folders; replaces the whole file or nothing. */
  writeBytes(path: string, content: Uint8Array, options?: { executable?: boolean }): Promise<void>;
  /** Renames a regular file in one step, creating folders as needed; a file that stands at `to` is replaced. */
  move(from: string, to: string): Promise<void>;
}

export interface FileChange {
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'other';
}

export interface GitDiff {
  readonly files: readonly (FileChange & { readonly additions: number; readonly deletions: number })[];
  readonly additions: number;
  readonly deletions: number;
  readonly patch: string;
  readonly truncated: boolean;
}

/** Git through the worker's own, private git folder. Nothing here commits or pushes the attempt's work: the worker does. */
export interface WorkspaceGit {
  /** The commit the attempt started from. */
  readonly baseCommit: string;
  /** What differs between the head commit and the worktree, new files included; in order of path. */
  status(): Promise<readonly FileChange[]>;
  /** Commit of a branch, a tag or a full id of the repository (`conflict` when there is none); `HEAD` and `HEAD^` are the attempt's own. */
  resolve(ref: string): Promise<string>;
  /** From one commit to another (the worktree's head when absent). */
  diff(from: string, to?: string): Promise<GitDiff>;
  /** Message of the commit the worker will make; `evenIfEmpty` makes it also when no file changed. */
  describeCommit(message: string, options?: { readonly evenIfEmpty?: boolean }): void;
  /**
   * Merges a commit into the worktree; the worker's commit will have it as a parent. Null when it is contained already. A conflict
   * changes nothing and is a `StepError` of class `conflict` that names the files.
   */
  merge(commit: string): Promise<readonly FileChange[] | null>;
  /** Makes a branch on the server. Harmless when it is there at this commit; `conflict` when it is at another one. */
  createBranch(name: string, commit: string): Promise<'created' | 'existed'>;
  /** Brings files back to what they were at a commit; what was not there is removed. */
  restore(commit: string, paths: readonly string[]): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/** What a step is given. `signal` is aborted on cancel, time limit and lost lease. */
export interface StepContext {
  readonly missionId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly title: string;
  readonly parameters: JsonObject;
  /** Present exactly when the step type needs one. */
  readonly workspace: Workspace | null;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Runs agents; absent where no agent is configured. */
  readonly agent: AgentRunner | null;
  /** Environment of the task (mission, phase, task), for programs. */
  readonly env?: Environment;
  /** What the definition says of the work as a whole; absent: nothing. */
  readonly about?: { readonly persona?: string; readonly zone?: string; readonly scope?: readonly string[] };
  /** Round of an `until` loop, from 1. */
  readonly round?: number;
  /** The mission lives in an issue, and people can be told something there. */
  readonly hasIssue?: boolean;
  /** What only the outside can do: network, model, tools, databases, notices, time. */
  readonly outside?: Outside;
  /** Reports progress for the timeline; 0 … 1. */
  progress(fraction: number, message: string): void;
}

/** A piece of evidence an attempt leaves. `text` is redacted and limited before it is stored. */
export interface Artifact {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface StepOutcome {
  /** One line for people. */
  readonly summary: string;
  /** Values that later tasks may read. */
  readonly outputs: { readonly [name: string]: Json };
  readonly artifacts: readonly Artifact[];
  /** What it used up, for budgets. */
  readonly usage?: { readonly tokens?: number; readonly usd?: number };
  /** The agent that did the work, where one did. */
  readonly agent?: { readonly name: string; readonly version: string };
  /** Said to the people of the mission, each once, when the result counts. */
  readonly notices?: readonly string[];
}

/** Class of a step's failure; the retry table (core/schedule) decides by it, never by the message. */
export type FailureClass = 'input' | 'work' | 'timeout' | 'cancelled' | 'environment' | 'network' | 'permission' | 'conflict';

/** An expected failure of a step: what was attempted, on what, and the way out. Carries what was captured until then. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly failure: FailureClass;
  readonly artifacts: readonly Artifact[];
  constructor(failure: FailureClass, message: string, artifacts: readonly Artifact[] = []) {
    super(message);
    this.failure = failure;
    this.artifacts = artifacts;
  }
}

/** One thing wrong with a step's parameters, said so that a person can repair it. */
export interface ParameterProblem {
  /** Where: names and positions from `with:` inwards; empty for the parameters as a whole. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What stands there, shortened; null when something is missing. */
  readonly found: string | null;
  readonly expected: string;
  /** The existing word that is closest to a mistyped one. */
  readonly nearest: string | null;
  /** What it is about, where that matters: a name that there is not, or a value of another type. Anything else is about the value itself. */
  readonly kind?: 'name' | 'type';
}

/** What a step may do to the world, declared: a plan shows it before anything runs. */
export const stepEffects = ['reads-files', 'writes-files', 'runs-programs', 'network', 'model', 'people', 'none'] as const;
export type StepEffect = (typeof stepEffects)[number];

export interface StepType {
  /** The name used in `uses:`. */
  readonly name: string;
  readonly summary: string;
  readonly needsWorkspace: boolean;
  /** At least one; `none` stands alone. */
  readonly effects: readonly StepEffect[];
  /**
   * In a mission no worker runs it. `people`: the engine asks them, and `run` refuses. `time`: the engine sets a timer; `run`
   * waits where there is no engine.
   */
  readonly waitsFor?: 'people' | 'time';
  /** Carried out when the definition is read; `run` refuses. */
  readonly isInlined?: boolean;
  /** JSON Schema (2020-12) of `with:`; closed (`additionalProperties: false`). */
  readonly parameters: JsonObject;
  /** Rules the schema cannot say; called only with parameters that the schema accepts. */
  check?(parameters: JsonObject): readonly ParameterProblem[];
  /** Parameter sets that are valid; tests execute them. */
  readonly examples: readonly JsonObject[];
  /** The step that undoes it, from its parameters and outputs; null when there is none for these. */
  inverse?(parameters: JsonObject, outputs: JsonObject): { readonly uses: string; readonly with: JsonObject } | null;
  run(context: StepContext): Promise<StepOutcome>;
}

export interface AgentRequest {
  readonly missionId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly prompt: string;
  readonly title: string;
  /** As whom it is to work, in which part of the system, and which files it may touch (globs); null where nothing was said. */
  readonly persona: string | null;
  readonly zone: string | null;
  readonly scope: readonly string[] | null;
  /** Configured agent's name, or null for the default one. */
  readonly agent: string | null;
  /** Moves for agents that follow a script; ignored by all others. */
  readonly script: Json | null;
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
  progress(fraction: number, message: string): void;
}

export interface AgentReport {
  readonly status: 'complete' | 'partial' | 'blocked';
  readonly summary: string;
  readonly agent: { readonly name: string; readonly version: string; readonly kind: string };
  readonly artifacts: readonly Artifact[];
}

export interface AgentRunner {
  run(request: AgentRequest): Promise<AgentReport>;
}
