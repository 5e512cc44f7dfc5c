import type { ASTNode } from '@marcbachmann/cel-js';

import type { Json } from '../../kit/json.ts';
import type { Code, Scope } from './code.ts';
import { expressionLimits } from './limits.ts';
import { EvaluationFailure } from './problem.ts';
import { isList, isMap, kindOf, sortedKeys } from './values.ts';

type Compile = (node: ASTNode, scope: Scope) => Code;
type Comprehension = (of: Code, args: readonly ASTNode[], scope: Scope, compile: Compile) => Code;

/** The only repetitions there are: over the elements of a list, or the keys of a map in order. Every step is counted. */
export const comprehensions: ReadonlyMap<string, Comprehension> = new Map<string, Comprehension>([
  ['map', map],
  ['filter', filter],
  ['all', (of, args, scope, compile) => quantifier(of, args, scope, compile, false)],
  ['exists', (of, args, scope, compile) => quantifier(of, args, scope, compile, true)],
  ['exists_one', existsOne],
]);

function elements(value: Json): readonly Json[] {
  if (isList(value)) return value;
  if (isMap(value)) return sortedKeys(value);
  throw new EvaluationFailure('wrong-type', `\`map\`, \`filter\`, \`all\` and \`exists\` go through a list or a map, not through ${kindOf(value)}.`);
}

interface Loop {
  readonly slot: number;
  readonly body: readonly Code[];
}

/** `x` of `.map(x, …)` and the parts that see it. */
function loop(args: readonly ASTNode[], scope: Scope, compile: Compile): Loop {
  const [name, ...body] = args;
  if (name?.op !== 'id') throw new Error('a comprehension without a variable');
  const slot = scope.locals.size === 0 ? 0 : Math.max(...scope.locals.values()) + 1;
  const inner: Scope = { ...scope, locals: new Map([...scope.locals, [name.args, slot]]) };
  return { slot, body: body.map((part) => compile(part, inner)) };
}

function map(of: Code, args: readonly ASTNode[], scope: Scope, compile: Compile): Code {
  const { slot, body } = loop(args, scope, compile);
  const [first, second] = body;
  const condition = second && first;
  const transform = second ?? first;
  return (evaluation) => {
    const made: Json[] = [];
    for (const value of elements(of(evaluation))) {
      evaluation.work.spend(1);
      evaluation.locals[slot] = value;
      if (condition && !holds(condition(evaluation), 'map')) continue;
      evaluation.locals[slot] = value;
      if (transform) made.push(transform(evaluation));
    }
    evaluation.work.willMakeList(made.length);
    return made;
  };
}

function filter(of: Code, args: readonly ASTNode[], scope: Scope, compile: Compile): Code {
  const { slot, body } = loop(args, scope, compile);
  return (evaluation) => {
    const kept: Json[] = [];
    for (const value of elements(of(evaluation))) {
      evaluation.work.spend(1);
      evaluation.locals[slot] = value;
      if (body[0] && holds(body[0](evaluation), 'filter')) kept.push(value);
    }
    return kept;
  };
}

/** As CEL has it: an element that decides, decides; a failure counts only when none does. */
function quantifier(of: Code, args: readonly ASTNode[], scope: Scope, compile: Compile, decisive: boolean): Code {
  const { slot, body } = loop(args, scope, compile);
  return (evaluation) => {
    let failed: EvaluationFailure | null = null;
    for (const value of elements(of(evaluation))) {
      evaluation.work.spend(1);
      evaluation.locals[slot] = value;
      try {
        if (body[0] && holds(body[0](evaluation), decisive ? 'exists' : 'all') === decisive) return decisive;
      } catch (error) {
        if (!(error instanceof EvaluationFailure) || error.code === 'too-much') throw error;
        failed ??= error;
        evaluation.work.spend(expressionLimits.failure);
      }
    }
    if (failed) throw failed;
    return !decisive;
  };
}

function existsOne(of: Code, args: readonly ASTNode[], scope: Scope, compile: Compile): Code {
  const { slot, body } = loop(args, scope, compile);
  return (evaluation) => {
    let count = 0;
    for (const value of elements(of(evaluation))) {
      evaluation.work.spend(1);
      evaluation.locals[slot] = value;
      if (body[0] && holds(body[0](evaluation), 'exists_one')) count += 1;
    }
    return count === 1;
  };
}

function holds(value: Json, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new EvaluationFailure('wrong-type', `The condition of ${name}() is ${kindOf(value)}; it must be true or false.`);
}
