import type { MissionState } from '../../../core/mission/state.ts';
import type { Facts } from '../facts.ts';
import type { Ink } from '../ink.ts';

export interface AnswerInput {
  readonly ink: Ink;
  readonly facts: Facts;
  /** The state as it is when the answer is written. */
  readonly state: MissionState;
}

/** One answer in Markdown, without the greeting. Says why, and what to type instead. */
export type AnswerText = (input: AnswerInput) => string;
