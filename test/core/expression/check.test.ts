import { describe, expect, it } from 'vitest';

import { checkExpression, checkTemplates } from '../../../src/core/expression/check.ts';
import type { ExpressionScope } from '../../../src/core/expression/check.ts';

const scope: ExpressionScope = {
  roots: ['inputs', 'env', 'mission', 'phases', 'tasks'],
  statusFunctions: true,
  hashFiles: false,
  inputs: new Map([['route', 'string'], ['count', 'double'], ['dry-run', 'bool'], ['files', 'list']]),
  env: ['NODE_ENV'],
  matrix: null,
  tasks: { exists: (id) => ['build-api', 'lint'].includes(id), hasEnded: (id) => id === 'build-api', ended: () => ['build-api'], outputsOf: () => ['version'] },
  phases: { exists: (id) => ['plan', 'build'].includes(id), hasEnded: (id) => id === 'plan', ended: () => ['plan'] },
};

const problems = (text: string, expected?: 'boolean' | 'list or map') => checkExpression(text, scope, expected).map(({ message, offset, length }) => `${text.slice(offset, offset + length)}| ${message}`);

describe('checkExpression', () => {
  it.each(['tasks.build-api.outputs.version == "2" && size(inputs.files) > 3', 'always() && phases.plan.result == "success"', 'inputs.count + 1 > 2', 'env.NODE_ENV == mission.name', 'inputs.dry-run', 'inputs.files.exists(f, f == inputs.route)', 'tasks.build-api.outputs[inputs.route] == 1'])(
    'accepts %s',
    (text) => expect(problems(text, 'boolean')).toEqual([]),
  );

  it.each([
    ['tasks.build-apy.result == "success"', 'build-apy| There is no task "build-apy". Did you mean "build-api"?'],
    ['tasks.lint.result == "success"', 'lint| The task "lint" need not have ended here. Put it under `needs`.'],
    ['tasks.build-api.output.version == "2"', 'output| "build-api" has no "output"; it has result, outputs, attempts. Did you mean "outputs"?'],
    ['tasks.build-api.version == "2"', 'version| "build-api" has no "version"; it has result, outputs, attempts. What it gives is at `outputs`: `tasks.build-api.outputs.version`.'],
    ['tasks.build-api.outputs.versoin == "2"', 'versoin| The task "build-api" has no output "versoin". Did you mean "version"? It has: version.'],
    ['tasks[inputs.route].result == "x"', 'Write out which of `tasks` is meant'],
    ['size(tasks) > 1', 'Write out which of `tasks` is meant'],
    ['phases.build.result == "x"', 'The phase "build" need not have ended here. Name a phase that comes before.'],
    ['inputs.rout == "x"', 'rout| There is no input "rout". Did you mean "route"?'],
    ['inputs.count-1 > 0', 'A subtraction needs spaces around its minus.'],
    ['env.NODE == "x"', 'There is no environment variable "NODE".'],
    ['mission.nam == "x"', 'Did you mean "name"?'],
    ['result.x == 1', '`result` is not known here.'],
    ['hashFiles("x") == "1"', 'hashFiles() can be used where a task works on files'],
    ['inputs.route', 'This is text; a condition must be true or false.'],
    ['inputs.count + inputs.route == "x"', '`+` does not take number and text.'],
    ['"x" + inputs.count == "x"', '`+` does not take text and number.'],
    ['inputs.route && true', 'requires bool operands'],
    ['contain(inputs.files, 1)', 'There is no function "contain" here. Did you mean "contains"?'],
    ['inputs.files.mapp(x, x)', 'Did you mean "map"?'],
    ['size(1, 2) > 1', 'size() takes 1 argument, not 2.'],
    ['has(inputs) || true', 'has() asks for a member'],
    ['taks.x.result == "a"', 'taks| There is no "taks". Did you mean "tasks"?'],
    ['inputs.route ==', 'the end of the expression'],
    ['inputs.files.map(x + 1, x) == []', 'is a name for each element'],
  ])('reports %s', (text, message) => expect(problems(text, 'boolean').join('\n')).toContain(message));

  it('reports everything at once', () => {
    expect(checkExpression('tasks.a.result == inputs.b && result == 1', scope)).toHaveLength(3);
  });

  it('knows what cannot be gone through', () => {
    expect(problems('inputs.route', 'list or map')).toEqual([expect.stringContaining('must be a list or a map')]);
    expect(problems('inputs.files', 'list or map')).toEqual([]);
    expect(problems('tasks.build-api.outputs.version', 'list or map')).toEqual([]);
  });

  it('keeps status functions to where a status is known', () => {
    expect(checkExpression('success()', { ...scope, statusFunctions: false })).toMatchObject([{ message: 'success() can be used in `if` only.' }]);
  });
});

describe('checkTemplates', () => {
  it('finds every wrong template of a tree with its path', () => {
    const found = checkTemplates({ a: ['x ${{ inputs.z }}', { b: '${{ tasks.lint.result }} ${{ 1 + }}' }], c: 'plain' }, scope);
    expect(found.map(({ path, code }) => [path.join('.'), code])).toEqual([['a.0', 'unknown-name'], ['a.1.b', 'syntax']]);
  });
});
