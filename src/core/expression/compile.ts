import type { ASTNode } from '@marcbachmann/cel-js';

import { didYouMean } from '../../kit/nearest-word.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import type { Code, Scope } from './code.ts';
import { comprehensions } from './comprehensions.ts';
import type { ExpressionContext, RootName } from './context.ts';
import { globalFunctions } from './functions.ts';
import type { ExpressionFunction } from './functions.ts';
import { expressionLimits } from './limits.ts';
import { methods } from './methods.ts';
import { finite, operators } from './operators.ts';
import { EvaluationFailure } from './problem.ts';
import { memberName } from './references.ts';
import { isList, isMap, kindOf, ownValue } from './values.ts';

const globals = new Map(globalFunctions.map((one) => [one.name, one]));
const receivers = new Map(methods.map((one) => [one.name, one]));

/**
 * CEL's tree as closures. CEL itself could run it, but tells whole from other numbers, which JSON does not; lets `matches` and nested
 * `map` run for hours; and reads a key `constructor` of data as a class. (docs/decisions/mission-language.md)
 */
export function compile(node: ASTNode, scope: Scope): Code {
  const code = codeOf(node, scope);
  const { start, end } = node;
  return (evaluation) => {
    try {
      return code(evaluation);
    } catch (error) {
      if (error instanceof EvaluationFailure) throw error.at(start, end - start);
      throw error;
    }
  };
}

function codeOf(node: ASTNode, scope: Scope): Code {
  switch (node.op) {
    case 'value': return constant(node.args);
    case 'id': return variable(node.args, scope);
    case '.': return member(node.args[0], memberName(node, scope.source), scope);
    case '[]': return element(node.args[0], node.args[1], scope);
    case 'list': return list(node.args.map((item) => compile(item, scope)));
    case 'map': return map(node.args.map(([key, value]) => [compile(key, scope), compile(value, scope)]));
    case '?:': return ternary(node.args, scope);
    case '&&': return logical(node.args, false, scope);
    case '||': return logical(node.args, true, scope);
    case '!_': return not(compile(node.args, scope));
    case '-_': return negative(compile(node.args, scope));
    case 'call': return call(node.args[0], node.args[1], scope);
    case 'rcall': return receiverCall(node.args[0], node.args[1], node.args[2], scope);
    default: return binary(node.op, node.args as readonly [ASTNode, ASTNode], scope);
  }
}

function constant(value: unknown): Code {
  const json = typeof value === 'bigint' ? Number(value) : (value as Json);
  return () => json;
}

function variable(name: string, { locals }: Scope): Code {
  const slot = locals.get(name);
  if (slot !== undefined) return ({ locals: values }) => values[slot] ?? null;
  return ({ context }) => asJson(rootOf(context, name as RootName), name);
}

function rootOf(context: ExpressionContext, name: RootName): unknown {
  return Object.hasOwn(context, name) ? context[name] : undefined;
}

function asJson(value: unknown, name: string): Json {
  if (value === undefined) throw new EvaluationFailure('not-available', `\`${name}\` is not known here.`);
  return (value instanceof Map ? Object.fromEntries(value) : value) as Json;
}

function member(target: ASTNode, name: string, scope: Scope): Code {
  if (target.op === 'id' && !scope.locals.has(target.args)) {
    const root = target.args;
    return ({ context }) => {
      const value = rootOf(context, root as RootName);
      if (value instanceof Map) return found((value as ReadonlyMap<string, Json>).get(name), name, () => [...(value as ReadonlyMap<string, Json>).keys()]);
      return valueOfKey(asJson(value, root), name);
    };
  }
  const of = compile(target, scope);
  return (evaluation) => valueOfKey(of(evaluation), name);
}

function element(target: ASTNode, index: ASTNode, scope: Scope): Code {
  if (index.op === 'value' && typeof index.args === 'string') return member(target, index.args, scope);
  const of = compile(target, scope);
  const at = compile(index, scope);
  return (evaluation) => {
    const within = of(evaluation);
    const key = at(evaluation);
    if (isList(within)) {
      if (typeof key !== 'number' || !Number.isInteger(key)) throw new EvaluationFailure('wrong-type', `The place in a list is a whole number, not ${kindOf(key)}.`);
      const value = key < 0 ? undefined : within[key];
      if (value === undefined) throw new EvaluationFailure('out-of-range', `The list has ${within.length} elements, and none at ${key} (the first is 0).`);
      return value;
    }
    return valueOfKey(within, typeof key === 'number' ? String(key) : key);
  };
}

function valueOfKey(within: Json, key: Json): Json {
  if (!isMap(within)) throw new EvaluationFailure('no-such-key', `There is no ${named(key)} in ${kindOf(within)}.`);
  if (typeof key !== 'string') throw new EvaluationFailure('wrong-type', `The key of a map is text, not ${kindOf(key)}.`);
  return found(ownValue(within, key), key, () => Object.keys(within));
}

function found(value: Json | undefined, key: string, keys: () => readonly string[]): Json {
  if (value !== undefined) return value;
  const known = keys();
  const hint = known.length > 1_000 ? '' : didYouMean(key, known);
  const minus = /[A-Za-z_]-\d+$/.test(key) ? ' A subtraction needs spaces around its minus.' : '';
  throw new EvaluationFailure('no-such-key', `There is no ${named(key)}.${hint}${minus}${hint === '' && known.length > 0 && known.length <= 12 ? ` There are: ${known.join(', ').slice(0, 300)}.` : ''}`);
}

function named(key: Json): string {
  return typeof key === 'string' ? JSON.stringify(key.slice(0, 60)) : kindOf(key);
}

function list(items: readonly Code[]): Code {
  return (evaluation) => {
    evaluation.work.willMakeList(items.length);
    return items.map((item) => item(evaluation));
  };
}

function map(entries: readonly (readonly [Code, Code])[]): Code {
  return (evaluation) => {
    evaluation.work.spend(entries.length);
    const made: JsonObject = Object.fromEntries(
      entries.map(([key, value]): [string, Json] => {
        const name = key(evaluation);
        if (typeof name !== 'string') throw new EvaluationFailure('wrong-type', `The keys of a map are text, not ${kindOf(name)}.`);
        if (name === '__proto__') throw new EvaluationFailure('wrong-type', 'The key "__proto__" is not allowed.');
        return [name, value(evaluation)];
      }),
    );
    return made;
  };
}

function ternary([condition, whenTrue, whenFalse]: readonly [ASTNode, ASTNode, ASTNode], scope: Scope): Code {
  const test = compile(condition, scope);
  const yes = compile(whenTrue, scope);
  const no = compile(whenFalse, scope);
  return (evaluation) => (truth(test(evaluation), 'The condition before `?`') ? yes(evaluation) : no(evaluation));
}

export function truth(value: Json, noun: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new EvaluationFailure('wrong-type', `${noun} is ${kindOf(value)}; it must be true or false. Compare it with something.`);
}

/** As CEL has it: when one side decides, the other may have no value. */
function logical([first, second]: readonly [ASTNode, ASTNode], decisive: boolean, scope: Scope): Code {
  const left = compile(first, scope);
  const right = compile(second, scope);
  const noun = `What stands beside \`${decisive ? '||' : '&&'}\``;
  return (evaluation) => {
    let failed: EvaluationFailure;
    try {
      if (truth(left(evaluation), noun) === decisive) return decisive;
      return truth(right(evaluation), noun);
    } catch (error) {
      if (!(error instanceof EvaluationFailure) || error.code === 'too-much') throw error;
      evaluation.work.spend(expressionLimits.failure);
      failed = error;
    }
    if (truth(right(evaluation), noun) === decisive) return decisive;
    throw failed;
  };
}

function not(of: Code): Code {
  return (evaluation) => !truth(of(evaluation), 'What stands behind `!`');
}

function negative(of: Code): Code {
  return (evaluation) => {
    const value = of(evaluation);
    if (typeof value !== 'number') throw new EvaluationFailure('wrong-type', `\`-\` takes a number, not ${kindOf(value)}.`);
    return finite(-value);
  };
}

function binary(sign: string, [first, second]: readonly [ASTNode, ASTNode], scope: Scope): Code {
  const operator = operators[sign];
  if (!operator) throw new Error(`no operator ${sign}`);
  const left = compile(first, scope);
  const right = compile(second, scope);
  return (evaluation) => operator(left(evaluation), right(evaluation), evaluation);
}

function call(name: string, args: readonly ASTNode[], scope: Scope): Code {
  if (name === 'has') return has(args[0], scope);
  return run(globals.get(name), name, args.map((argument) => compile(argument, scope)));
}

function receiverCall(name: string, receiver: ASTNode, args: readonly ASTNode[], scope: Scope): Code {
  const of = compile(receiver, scope);
  const comprehension = comprehensions.get(name);
  if (comprehension) return comprehension(of, args, scope, compile);
  return run(receivers.get(name), name, [of, ...args.map((argument) => compile(argument, scope))]);
}

function run(one: ExpressionFunction | undefined, name: string, args: readonly Code[]): Code {
  if (!one) throw new Error(`no function ${name}`);
  return (evaluation) => one.run(args.map((argument) => argument(evaluation)), evaluation);
}

function has(argument: ASTNode | undefined, scope: Scope): Code {
  if (argument?.op !== '.') throw new Error('has() without a member');
  const name = memberName(argument, scope.source);
  const of = argument.args[0];
  const root = of.op === 'id' && !scope.locals.has(of.args) ? of.args : null;
  const target = compile(of, scope);
  return (evaluation) => {
    const lookup = root === null ? undefined : rootOf(evaluation.context, root as RootName);
    if (lookup instanceof Map) return lookup.has(name);
    const within = target(evaluation);
    return isMap(within) && ownValue(within, name) !== undefined;
  };
}
