import type { GivenInputs } from './inputs.ts';
import type { StepTypes } from './step-types.ts';

export interface ReadOptions {
  readonly stepTypes: StepTypes;
  /** Text of another file of the repository, named by `uses: mission:./other.yml`; null when there is none. */
  readonly readFile?: (path: string) => string | null;
  /** Values for the inputs. Without them the file is checked for itself: required inputs may be missing, and defaults stand for the others. */
  readonly inputs?: GivenInputs;
}
