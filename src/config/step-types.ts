import type { Waits } from '../core/mission/definition.ts';
import type { JsonObject } from '../kit/json.ts';

/** What reading a definition must know of step types. The step registry offers it; tests give a small one. */
export interface StepTypes {
  /** Every value `uses:` may have. */
  names(): readonly string[];
  /** What a step type waits for, when no worker runs it. */
  waitsFor?(uses: string): Waits | undefined;
  /** What is wrong with `with:` of a known step type; `path` leads from `with:` inwards, empty for `with:` as a whole. */
  check(uses: string, parameters: JsonObject): readonly WrongParameter[];
}

export interface WrongParameter {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What stands there, shortened; null when something is missing. */
  readonly found?: string | null;
  readonly expected?: string;
  /** The message names it already. */
  readonly nearest?: string | null;
  /** A name that there is not, or a value of another type; anything else is about the value itself. */
  readonly kind?: 'name' | 'type';
}

/** The whole problem in one line: what is wrong, what stands there, what was expected. */
export function parameterWords({ message, found = null, expected, nearest = null }: WrongParameter): string {
  if (nearest !== null || expected === undefined) return message;
  const wanted = `xpected ${expected.replace(/\.$/, '')}.`;
  return found === null ? `${message} E${wanted}` : `${message} Found ${found}; e${wanted}`;
}
