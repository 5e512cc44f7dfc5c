import { StepError } from '../steps/step-type.ts';

/** What every program finds, besides what its task asks for. */
export interface ProgramPlace {
  readonly path: string;
  readonly home: string;
  readonly temporary: string;
}

/** Nothing of the worker's own environment: what a program sees is listed here and in its request. */
export function programEnvironment({ path, home, temporary }: ProgramPlace, asked: Readonly<Record<string, string>> = {}): Record<string, string> {
  for (const name of Object.keys(asked)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new StepError('input', `${JSON.stringify(name)} is not a name for an environment variable. Use letters, digits and "_".`);
  }
  return {
    PATH: path,
    HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    CI: 'true',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    ...asked,
  };
}
