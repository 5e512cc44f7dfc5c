import type { JsonObject } from '../../kit/json.ts';

/** Kinds of repair; `rejection`: what a person did not accept. */
export const healClasses = ['tests', 'coverage', 'secrets', 'scope', 'lint', 'vulnerabilities', 'conflict', 'missing', 'unknown', 'rejection'] as const;
export type HealClass = (typeof healClasses)[number];

/** Most rounds of repair in a row. */
export const mostHealRounds = 5;

/** A gate that did not pass makes tasks that repair it, and is examined again. */
export interface HealRule {
  /** Rounds in a row, then it waits for a person: 1 … 5. */
  readonly maxRounds: number;
  /** Name of a configured agent; the default one when absent. */
  readonly agent?: string;
  /** What a person rejects is repaired as well, as they say. */
  readonly onRejection?: true;
  /** A step of one's own for some kinds of repair; null: that kind waits for a person. */
  readonly strategies?: { readonly [named in HealClass]?: HealStep | null };
}

export interface HealStep {
  readonly uses: string;
  readonly with: JsonObject;
}

/** What a task repairs. */
export interface HealOrigin {
  readonly class: HealClass;
  /** Round of the gate that did not pass. */
  readonly round: number;
  /** Digests of the findings it is about; their texts are handed to it when it runs. */
  readonly findings: readonly string[];
}

/** How far the repairs of a gate are; forgotten when it passes, when a person pushes, and when a person asks for another try. */
export interface HealState {
  /** Rounds begun in a row. */
  readonly rounds: number;
  /** Tasks of the latest round. */
  readonly tasks: readonly string[];
  /** Why no further round begins by itself, in words. */
  readonly stopped?: string;
}
