import type { Actor } from './actor.ts';

/** A criterion that a person confirmed, and what it was confirmed of. */
export interface MetCriterion {
  readonly criterion: string;
  readonly by: Actor;
  readonly at: number;
  readonly round: number;
  readonly head: string;
  readonly patchId: string | null;
}
