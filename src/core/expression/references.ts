import type { ASTNode } from '@marcbachmann/cel-js';

import { didYouMean } from '../../kit/nearest-word.ts';
import { familiarNames, rootNames, statusFunctionNames } from './context.ts';
import type { RootName, StatusFunction } from './context.ts';
import { globalFunctions } from './functions.ts';
import { expressionLimits } from './limits.ts';
import { methods } from './methods.ts';
import type { ExpressionProblem } from './problem.ts';

/** A value of the context that an expression names: `tasks.build.outputs.version` is root `tasks`, path `build outputs version`. */
export interface Reference {
  readonly root: RootName;
  /** Member names as far as they are written out. */
  readonly path: readonly { readonly name: string; /** Written as `["name"]`, not as `.name`. */ readonly quoted: boolean; readonly offset: number; readonly length: number }[];
  /** Goes on with a member that is computed. */
  readonly computed: boolean;
  readonly offset: number;
  readonly length: number;
}

/** Everything that can be told of an expression without running it. */
export interface Findings {
  readonly references: readonly Reference[];
  readonly statusFunctions: readonly StatusFunction[];
  readonly functions: ReadonlySet<string>;
  readonly problems: readonly ExpressionProblem[];
}

const comprehensionArguments: ReadonlyMap<string, readonly number[]> = new Map([['map', [2, 3]], ['filter', [2]], ['all', [2]], ['exists', [2]], ['exists_one', [2]]]);
const globalCounts = new Map<string, readonly [number, number]>([...globalFunctions.map((one) => [one.name, one.count] as const), ['has', [1, 1]]]);
const methodCounts = new Map<string, readonly [number, number]>(methods.map((one) => [one.name, one.count]));

/** The name of a member as written: hyphens were replaced before CEL read it, character by character. */
export function memberName(node: ASTNode, source: string): string {
  return source.slice(node.pos, node.end);
}

/** Walks through the tree of `source` once. */
export function findingsIn(tree: ASTNode, source: string): Findings {
  const walk = new Walk(source);
  walk.visit(tree, new Set(), 0);
  return { references: walk.references, statusFunctions: statusFunctionNames.filter((name) => walk.functions.has(name)), functions: walk.functions, problems: walk.problems };
}

class Walk {
  readonly references: Reference[] = [];
  readonly functions = new Set<string>();
  readonly problems: ExpressionProblem[] = [];
  readonly #source: string;
  #tooDeep = false;

  constructor(source: string) {
    this.#source = source;
  }

  visit(node: ASTNode, locals: ReadonlySet<string>, depth: number): void {
    if (depth > expressionLimits.depth) {
      if (!this.#tooDeep) this.#report('too-large', node, `Operators stand inside each other more than ${expressionLimits.depth} levels deep. Split the expression.`);
      this.#tooDeep = true;
      return;
    }
    const inside = (part: ASTNode, names = locals): void => this.visit(part, names, depth + 1);
    switch (node.op) {
      case 'value': return this.#literal(node);
      case 'id': case '.': case '[]': return this.#chain(node, locals, inside);
      case 'list': return node.args.forEach((item) => inside(item));
      case 'map': return node.args.forEach(([key, value]) => { inside(key); inside(value); });
      case 'call': return this.#call(node, node.args[0], node.args[1], inside);
      case 'rcall': return this.#receiverCall(node, node.args, locals, inside);
      case '!_': case '-_': return inside(node.args);
      default: return (node.args as readonly ASTNode[]).forEach((part) => inside(part));
    }
  }

  #literal(node: ASTNode): void {
    const value = node.args as unknown;
    if (typeof value === 'object' && value !== null) this.#report('wrong-type', node, 'Bytes (b"…") and unsigned numbers (1u) have no form in JSON. Write text or a plain number.');
    else if (typeof value === 'bigint' && !Number.isSafeInteger(Number(value))) this.#report('too-large', node, 'The number has more digits than JSON keeps exactly.');
  }

  /** `a.b["c"][d].e`: from the outside in, down to where it begins. */
  #chain(node: ASTNode, locals: ReadonlySet<string>, inside: (part: ASTNode) => void): void {
    const members: (Reference['path'][number] | null)[] = [];
    let at: ASTNode = node;
    while (at.op === '.' || at.op === '[]') {
      const [target, key] = at.args;
      if (members.length > expressionLimits.depth) return this.#report('too-large', node, `A value is reached over more than ${expressionLimits.depth} members.`);
      if (typeof key === 'string') members.push({ name: memberName(at, this.#source), quoted: false, offset: at.pos, length: at.end - at.pos });
      else if (key.op === 'value' && typeof key.args === 'string') members.push({ name: key.args, quoted: true, offset: key.start, length: key.end - key.start });
      else {
        members.push(null);
        inside(key);
      }
      at = target;
    }
    if (at.op !== 'id') return inside(at);
    if (locals.has(at.args)) return;
    members.reverse();
    const computed = members.indexOf(null);
    const path = (computed < 0 ? members : members.slice(0, computed)).filter((member) => member !== null);
    if (isRoot(at.args)) this.references.push({ root: at.args, path, computed: computed >= 0, offset: node.start, length: node.end - node.start });
    else this.#report('unknown-name', at, `There is no ${JSON.stringify(at.args.slice(0, 60))}.${(familiarNames.get(at.args) ?? didYouMean(at.args, [...rootNames, ...locals])) || ` An expression begins with ${rootNames.join(', ')}.`}`);
  }

  #call(node: ASTNode, name: string, args: readonly ASTNode[], inside: (part: ASTNode) => void): void {
    const count = globalCounts.get(name);
    if (count) {
      this.functions.add(name);
      this.#count(node, name, count, args.length);
      if (name === 'has' && args[0] && args[0].op !== '.') this.#report('wrong-type', node, 'has() asks for a member: has(tasks.build.outputs.version).');
    } else this.#unknownFunction(node, name, globalCounts);
    args.forEach((argument) => inside(argument));
  }

  #receiverCall(node: ASTNode, [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]], locals: ReadonlySet<string>, inside: (part: ASTNode, names?: ReadonlySet<string>) => void): void {
    const counts = comprehensionArguments.get(name);
    const count = methodCounts.get(name);
    if (name === 'matches') this.#report('unknown-function', node, 'matches() is left out: a pattern can take for ever. Use contains(), startsWith(), endsWith() or split().');
    else if (counts) this.#count(node, name, [counts[0] ?? 0, counts.at(-1) ?? 0], args.length);
    else if (count) this.#count(node, name, count, args.length);
    else return this.#unknownFunction(node, name, new Map([...methodCounts, ...comprehensionArguments]));
    inside(receiver);
    if (!counts) return args.forEach((argument) => inside(argument));
    const [variable, ...body] = args;
    // With the right number of arguments CEL has refused everything but a name.
    if (variable?.op !== 'id') return;
    const names = new Set([...locals, variable.args]);
    body.forEach((part) => inside(part, names));
  }

  #count(node: ASTNode, name: string, [least, most]: readonly [number, number], given: number): void {
    if (given >= least && given <= most) return;
    this.#report('wrong-type', node, `${name}() takes ${least === most ? String(least) : `${least} to ${most}`} argument${most === 1 ? '' : 's'}, not ${given}.`);
  }

  #unknownFunction(node: ASTNode, name: string, known: ReadonlyMap<string, unknown>): void {
    const names = [...known.keys()];
    this.#report('unknown-function', node, `There is no function ${JSON.stringify(name.slice(0, 60))} here.${didYouMean(name, names) || ` There are: ${names.join(', ')}.`}`);
  }

  #report(code: ExpressionProblem['code'], node: ASTNode, message: string): void {
    this.problems.push({ code, message, offset: node.start, length: node.end - node.start });
  }
}

function isRoot(name: string): name is RootName {
  return (rootNames as readonly string[]).includes(name);
}
