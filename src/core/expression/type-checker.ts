import { Environment } from '@marcbachmann/cel-js';

import type { ExpressionProblem } from './problem.ts';
import { rootNames } from './context.ts';
import { globalFunctions } from './functions.ts';
import { expressionLimits } from './limits.ts';

/** Types a declared input can have, in words of CEL; `dyn` where it may be anything, or nothing. */
export type InputType = 'string' | 'double' | 'bool' | 'list' | 'map' | 'dyn';

const never = (): never => {
  throw new Error('CEL checks types here; it evaluates nothing');
};

function declareLanguage(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: expressionLimits.nodes, maxDepth: 100, maxListElements: 1_000, maxMapEntries: 1_000, maxCallArguments: 32 },
  });
  for (const name of rootNames) if (name !== 'inputs') environment.registerVariable(name, 'dyn');
  for (const { signatures } of globalFunctions) for (const signature of signatures) environment.registerFunction(signature, never);
  // Numbers are of one kind, as in JSON; CEL's checker keeps whole ones apart.
  for (const sign of ['+', '-', '*', '/', '%']) {
    for (const [left, right] of [['int', 'double'], ['double', 'int']] as const) environment.registerOperator(`${left} ${sign} ${right}: double`, never);
  }
  environment.registerOperator('double % double: double', never);
  environment.registerOperator('int == double', never);
  for (const signature of ['string.substring(double): string', 'string.substring(int, double): string', 'string.substring(double, int): string', 'string.substring(double, double): string']) {
    environment.registerFunction(signature, never);
  }
  return environment;
}

const language = declareLanguage();
const untyped = language.clone().registerVariable('inputs', 'dyn');
const typed = new WeakMap<object, Environment>();

/** CEL's parser and type checker with the names and functions of missions. With `inputs`, their types are known to it. */
export function checkerFor(inputs: ReadonlyMap<string, InputType> | null): Environment {
  if (!inputs || inputs.size === 0) return untyped;
  const known = typed.get(inputs);
  if (known) return known;
  const made = language.clone();
  const schema = Object.create(null) as Record<string, string>;
  for (const [name, type] of inputs) {
    const plain = name.replaceAll('-', '_');
    schema[plain] = plain in schema ? 'dyn' : type === 'map' ? 'map<string, dyn>' : type === 'list' ? 'list<dyn>' : type;
  }
  made.registerVariable({ name: 'inputs', schema });
  typed.set(inputs, made);
  return made;
}

/** What CEL found wrong, in a sentence of ours. */
export function problemOfCel(error: unknown, code: 'syntax' | 'wrong-type'): ExpressionProblem {
  const { summary, range, code: celCode } = error as { summary?: string; range?: { start: number; end: number }; code?: string };
  const offset = range?.start ?? 0;
  return { code: celCode === 'limit_exceeded' ? 'too-large' : code, message: sentence(summary ?? 'It cannot be read'), offset, length: Math.max((range?.end ?? offset) - offset, 0) };
}

function sentence(summary: string): string {
  const overload = /^no such overload: (.+?) (\S+) (.+)$/.exec(summary);
  if (overload) return `\`${overload[2]}\` does not take ${inWords(overload[1])} and ${inWords(overload[3])}.`;
  const call = /^found no matching overload for '(.+)'$/.exec(summary);
  if (call) return `${inWords(call[1])} is given values of a wrong type.`;
  if (summary.includes('invalid predicate iteration variable')) return `The first argument of ${summary.split('(')[0] ?? ''}() is a name for each element: \`.map(x, …)\`.`;
  const text = summary.replace(/\bEOF\b/, 'the end of the expression').replace(/\bgot (['A-Z])/, 'found $1');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function inWords(type: string | undefined): string {
  return (type ?? '').replaceAll(/\bdyn<(\w+)>/g, '$1').replaceAll(/\b(double|int)\b/g, 'number').replaceAll(/\bstring\b/g, 'text').replaceAll(/\bbool\b/g, 'true or false').replaceAll(/\bdyn\b/g, 'any value');
}
