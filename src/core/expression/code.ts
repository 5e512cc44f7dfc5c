import type { Json } from '../../kit/json.ts';
import type { Evaluation } from './evaluation.ts';

/** A part of an expression, ready to run. Throws `EvaluationFailure`. */
export type Code = (evaluation: Evaluation) => Json;

/** What compiling a part needs: the text it stands in, and the slots of the variables around it. */
export interface Scope {
  readonly source: string;
  readonly locals: ReadonlyMap<string, number>;
}
