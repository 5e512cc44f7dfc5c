import type { StepTypes } from '../../src/config/step-types.ts';

/** Four step types with just enough rules to see that parameters are checked and where their problems point. */
export const someStepTypes: StepTypes = {
  names: () => ['agent', 'command', 'file.write', 'noop'],
  check(uses, parameters) {
    if (uses !== 'command') return [];
    if (!Array.isArray(parameters.run)) return [{ path: parameters.run === undefined ? [] : ['run'], message: 'command needs `run`, a list of program and arguments' }];
    return Object.keys(parameters).filter((key) => key !== 'run').map((key) => ({ path: [key], message: `command has no parameter "${key}"` }));
  },
};
