import type { Json, JsonObject } from '../../kit/json.ts';
import type { FailureKind } from './failure-kind.ts';
import type { HealRule } from './heal.ts';

/** Letters of an id as people write it: `build-api`. Kebab-case, ≤ 63 characters; safe in branch names, check names and job keys. */
export const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Ids that would clash with names of our own (`mission/7/trunk`). */
export const reservedIds: ReadonlySet<string> = new Set(['trunk']);

/** An expression (CEL) as written between `${{` and `}}`; parsed and type-checked when the definition was read. */
export type Expression = string;

/** What a person wrote, checked and completed: every default is filled in, every id is unique, every reference resolves. Absent parts were not asked for. */
export interface Definition {
  readonly name: string;
  readonly description: string;
  readonly phases: readonly PhaseDefinition[];
  readonly settings: MissionSettings;
  /** Values of the declared inputs, defaults filled in; what `inputs` means in expressions. */
  readonly inputs?: JsonObject;
  /** Templates; what `env` means in expressions, and the environment of programs. */
  readonly env?: Environment;
  /** Templates over `tasks` and `inputs`, evaluated when the mission ends. */
  readonly outputs?: { readonly [name: string]: string };
}

/** Names and templates; later levels (mission, phase, task) win. */
export type Environment = { readonly [name: string]: string };

/** What may be used up: a part that is absent has no bound. */
export interface Budget {
  readonly tokens?: number;
  readonly usd?: number;
  /** Minutes that attempts work, summed. */
  readonly minutes?: number;
}

export interface MissionSettings {
  /** Attempts of this mission that may be queued or running at the same time: 1 … 1,000. */
  readonly maxParallel: number;
  /** When a task finally fails: true cancels what has not started and fails the mission, false lets independent tasks go on. */
  readonly failFast: boolean;
  /** What happens after the last gate: nothing but "ready for review", or a merge by the given method. */
  readonly merge: 'none' | 'merge' | 'squash' | 'rebase';
  /** `rollback`: when the mission fails, what succeeded is undone in reverse order. */
  readonly onFailure?: 'stop' | 'rollback';
  /** Seconds the whole mission may take from its first start. */
  readonly timeoutSeconds?: number;
  readonly budget?: Budget;
}

export interface PhaseDefinition {
  readonly id: string;
  readonly title: string;
  /** Phases whose gate must be open before this one starts; the previous one by default. */
  readonly needs: readonly string[];
  readonly tasks: readonly TaskDefinition[];
  readonly guards: readonly GuardDefinition[];
  /** Null: the phase ends as soon as its tasks are done. */
  readonly gate: GateDefinition | null;
  readonly if?: Expression;
  readonly env?: Environment;
  readonly timeoutSeconds?: number;
  /** Overrides the mission's. */
  readonly failFast?: boolean;
  readonly maxParallel?: number;
  /** `partial`: failures do not fail the phase as long as one task succeeded. `iterative`: its tasks are repeated until `until` holds. */
  readonly mode?: 'partial' | 'iterative';
  readonly until?: Until;
  readonly budget?: Budget;
}

/** Another round as long as the condition is false, at most so many. */
export interface Until {
  readonly condition: Expression;
  /** 1 … 20. */
  readonly maxRounds: number;
}

/** How a failed attempt is tried again; what is absent comes from the retry table. */
export interface RetryRule {
  readonly initialSeconds?: number;
  /** 1 … 10. */
  readonly factor?: number;
  readonly maxSeconds?: number;
  /** Classes of failure that are tried again; all that the table allows when absent. */
  readonly on?: readonly FailureKind[];
}

export type Waits = 'people' | 'time';

/** One task for many items. */
export interface FanOut {
  /** The items of a matrix, or the expression that gives them. */
  readonly over: { readonly matrix: readonly JsonObject[] } | { readonly forEach: Expression };
  readonly mode: 'parallel' | 'sequential' | 'partial' | 'iterative';
  readonly maxParallel: number;
  readonly failFast: boolean;
  /** For `partial`: items that must succeed. */
  readonly minSuccess: number;
  readonly collect: 'concat' | 'merge' | 'vote' | { readonly expression: Expression };
  /** JSON Schema of what was collected; null accepts everything. */
  readonly schema: JsonObject | null;
}

/** Most items of one fan-out. */
export const maximumItems = 10_000;

/** Most attempts that may be queued or running at once, of a mission, a phase or a strategy. */
export const maximumParallel = 1_000;

export interface TaskDefinition {
  readonly id: string;
  readonly title: string;
  /** Step type. */
  readonly uses: string;
  /** Parameters of the step type; checked against its schema. */
  readonly with: JsonObject;
  /** Tasks of the same or an earlier phase that must be done first. */
  readonly needs: readonly string[];
  /** A final failure of this task counts as done for its dependents and its phase. */
  readonly continueOnError: boolean;
  /** Attempts that may fail for a reason worth retrying, the first included: 1 … 10. */
  readonly maxAttempts: number;
  /** Seconds one attempt may take: 1 … 86,400; 30 days where it waits. */
  readonly timeoutSeconds: number;
  /** No worker runs it: people answer it, or time passes. Known from the step type when the definition is read. */
  readonly waits?: Waits;
  readonly if?: Expression;
  readonly env?: Environment;
  /** Templates over `result`; the step's own outputs when absent. */
  readonly outputs?: { readonly [name: string]: string };
  readonly retry?: RetryRule;
  readonly until?: Until;
  readonly strategy?: FanOut;
  /** As whom an agent is to work: `reviewer`, `integrator`. */
  readonly persona?: string;
  /** Part of the system it belongs to: `frontend`, `database`. */
  readonly zone?: string;
  /** Globs of the files it may touch; every file when absent. */
  readonly scope?: readonly string[];
  /** What undoes it. */
  readonly compensate?: { readonly uses: string; readonly with: JsonObject };
  readonly budget?: Budget;
  /** For a task made by a fan-out: the group it belongs to and what `matrix` or `item` means in it. */
  readonly itemOf?: { readonly group: string; readonly index: number; readonly value: Json };
}

/** An automatic examination of the phase's work. */
export interface GuardDefinition {
  readonly id: string;
  /** `command` (metrics: `<id>_failed` and `<id>_passed`, 0 or 1, with `_` for `-`) or `diff` (metrics: `files_changed`, `lines_added`, `lines_deleted`). */
  readonly uses: string;
  readonly with: JsonObject;
}

/** Thresholds over metrics: `*_max`, `*_min` (numbers), `*_required` (true), `*_range` ([low, high]). */
export type Rubric = { readonly [key: string]: Json };

export interface GateDefinition {
  readonly rubric: Rubric;
  readonly approvals: ApprovalRule;
  /** Absent: a gate that did not pass waits for people at once. */
  readonly heal?: HealRule;
  /** Sentences that people confirm one by one before the gate opens. */
  readonly criteria?: readonly string[];
  /** What the phase must consist of. */
  readonly structure?: readonly StructureCheck[];
}

/**
 * `work`: something in the phase was done, not everything skipped; `reviewer`: a task with the persona `reviewer` is done, here or in
 * an earlier phase; `integrator`: where the phase has several tasks, one with the persona `integrator` is done.
 */
export const structureChecks = ['work', 'reviewer', 'integrator'] as const;
export type StructureCheck = (typeof structureChecks)[number];

export interface ApprovalRule {
  /** Persons who must approve: 0 … 10. 0 opens the gate by its rubric alone, as far as `all` and `any` let it. */
  readonly count: number;
  /** Lowest repository permission that counts, by threshold; where `from` is given, the lowest role named there. */
  readonly minimumRole: RepositoryRole;
  /** The person who started the mission may approve it. */
  readonly allowRequester: boolean;
  /** Who counts, any of them; absent: everybody who reaches `minimumRole`. */
  readonly from?: readonly Approver[];
  /** Rules that must hold as well. */
  readonly all?: readonly ApprovalGroup[];
  /** Rules of which one must hold as well. */
  readonly any?: readonly ApprovalGroup[];
  /** Whose approvals never count; absent: `defaultExclusions`. */
  readonly exclude?: readonly Exclusion[];
}

/** One more rule beside a gate's own. */
export interface ApprovalGroup {
  /** 1 … 10. */
  readonly count: number;
  readonly from: readonly Approver[];
}

/** Who may give an approval: everybody from a role on, members of a team (`slug` of the repository's owner, or `org/slug`), one person, the owners of the files touched. */
export type Approver = `role:${RepositoryRole}` | `team:${string}` | `user:${string}` | 'codeowners';

/** What a person may have done with the change that keeps their approval from counting. */
export const exclusions = ['author', 'committer', 'co-author', 'requester'] as const;
export type Exclusion = (typeof exclusions)[number];

/** Nobody approves what they made themselves. */
export const defaultExclusions = ['author', 'committer', 'co-author'] as const satisfies readonly Exclusion[];

/** GitHub's repository roles, weakest first. */
export const repositoryRoles = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type RepositoryRole = (typeof repositoryRoles)[number];

/** True when `role` reaches the threshold `minimum` (never an equality test: admins pass where write is asked). */
export function roleReaches(role: RepositoryRole, minimum: RepositoryRole): boolean {
  return repositoryRoles.indexOf(role) >= repositoryRoles.indexOf(minimum);
}

/** One problem in a text that a person wrote (STYLE 13). */
export interface Problem {
  readonly code: string;
  /** File as the person knows it: `.github/missions/x.yml`, `issue #7`. */
  readonly file: string;
  /** 1-based; 0 where the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
  /** What was found, what was expected and the way out, in one or two sentences. Data from the text is quoted and shortened. */
  readonly message: string;
}

/** Defaults that both sources of a definition share. */
export const definitionDefaults = {
  settings: { maxParallel: 4, failFast: true, merge: 'none' },
  approvals: { count: 1, minimumRole: 'write', allowRequester: true },
  maxAttempts: 1,
  timeoutSeconds: 1800,
  /** Limit of what waits for people or time; as long as Actions keeps a deployment waiting. */
  waitSeconds: 30 * 86_400,
} as const satisfies { settings: MissionSettings; approvals: ApprovalRule; maxAttempts: number; timeoutSeconds: number; waitSeconds: number };
