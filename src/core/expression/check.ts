import { didYouMean } from '../../kit/nearest-word.ts';
import type { Json } from '../../kit/json.ts';
import type { RootName } from './context.ts';
import { parseExpression } from './parse.ts';
import type { ParsedExpression } from './parse.ts';
import type { ExpressionProblem } from './problem.ts';
import type { Reference } from './references.ts';
import { parseTemplate, templatesIn } from './template.ts';
import type { TemplatePath } from './template.ts';
import { checkerFor, problemOfCel } from './type-checker.ts';
import type { InputType } from './type-checker.ts';

/** Ids of one sort, some of which surely have ended where the expression is evaluated. */
export interface KnownIds {
  exists(id: string): boolean;
  /** Whether its result is surely known there. */
  hasEnded(id: string): boolean;
  /** All that have ended, for the nearest word. */
  ended(): readonly string[];
}

/** What may be named where an expression stands. Null leaves names unchecked. */
export interface ExpressionScope {
  readonly roots: readonly RootName[];
  /** `always()` and its like. */
  readonly statusFunctions: boolean;
  readonly hashFiles: boolean;
  readonly inputs: ReadonlyMap<string, InputType> | null;
  readonly env: readonly string[] | null;
  readonly matrix: readonly string[] | null;
  readonly tasks: (KnownIds & { /** Names of its outputs, or null when its step decides. */ outputsOf(id: string): readonly string[] | null }) | null;
  readonly phases: KnownIds | null;
}

/** What an expression must give. */
export type ExpectedType = 'boolean' | 'list or map' | 'anything';

const missionFields = ['name', 'id', 'issue', 'repository', 'requester', 'trunk'];
const routineFields = ['name', 'trigger', 'due', 'date'];
const taskFields = ['result', 'outputs', 'attempts'];
const phaseFields = ['result'];

/** Everything wrong with an expression for the place where it stands; offsets are those of `text`. */
export function checkExpression(text: string, scope: ExpressionScope, expected: ExpectedType = 'anything'): readonly ExpressionProblem[] {
  const parsed = parseExpression(text);
  return parsed.ok ? checkParsed(parsed.value, scope, expected) : parsed.error;
}

/** The same for every template in the texts of a tree. */
export function checkTemplates(tree: Json, scope: ExpressionScope): readonly (ExpressionProblem & { readonly path: TemplatePath })[] {
  return templatesIn(tree).flatMap(({ text, path }) => {
    const parsed = parseTemplate(text);
    const problems = parsed.ok ? parsed.value.parts.flatMap((part) => (typeof part === 'string' ? [] : checkParsed(part, scope, 'anything'))) : parsed.error;
    return problems.map((found) => ({ ...found, path }));
  });
}

function checkParsed(parsed: ParsedExpression, scope: ExpressionScope, expected: ExpectedType): readonly ExpressionProblem[] {
  const problems: ExpressionProblem[] = [];
  for (const reference of parsed.references) {
    const found = problemOf(reference, scope);
    if (found) problems.push(found);
  }
  if (!scope.statusFunctions && parsed.statusFunctions.length > 0) problems.push(whole(parsed, 'not-available', `${parsed.statusFunctions.map((name) => `${name}()`).join(', ')} can be used in \`if\` only.`));
  if (!scope.hashFiles && parsed.functions.has('hashFiles')) problems.push(whole(parsed, 'not-available', 'hashFiles() can be used where a task works on files: in its `with` and `env`.'));
  if (problems.length > 0) return problems.map((found) => ({ ...found, offset: found.offset + parsed.offset }));
  const type = typeOf(parsed, scope);
  if (typeof type !== 'string') return [{ ...type, offset: type.offset + parsed.offset }];
  const wrong = mismatch(type, expected);
  return wrong === null ? [] : [{ code: 'wrong-type', message: wrong, offset: parsed.offset, length: parsed.source.length }];
}

function whole(parsed: ParsedExpression, code: ExpressionProblem['code'], message: string): ExpressionProblem {
  return { code, message, offset: 0, length: parsed.source.length };
}

/** The type that CEL infers when the types of inputs are known as well. */
function typeOf(parsed: ParsedExpression, scope: ExpressionScope): string | ExpressionProblem {
  if (!scope.inputs || !parsed.references.some(({ root }) => root === 'inputs')) return parsed.type;
  const checked = checkerFor(scope.inputs).check(parsed.plain);
  return checked.valid ? (checked.type ?? 'dyn') : problemOfCel(checked.error, 'wrong-type');
}

function mismatch(type: string, expected: ExpectedType): string | null {
  if (type === 'dyn' || expected === 'anything') return null;
  if (expected === 'boolean') return type === 'bool' ? null : `This is ${inWords(type)}; a condition must be true or false. Compare it with something, like \`… == "yes"\`.`;
  return type.startsWith('list') || type.startsWith('map') ? null : `This is ${inWords(type)}; it must be a list or a map.`;
}

function inWords(type: string): string {
  if (type === 'string') return 'text';
  if (type === 'int' || type === 'double') return 'a number';
  if (type === 'bool') return 'true or false';
  return type.startsWith('list') ? 'a list' : type.startsWith('map') ? 'a map' : type;
}

function problemOf(reference: Reference, scope: ExpressionScope): ExpressionProblem | null {
  const { root, path, computed, offset, length } = reference;
  const at = { offset, length };
  if (!scope.roots.includes(root)) return { code: 'not-available', message: `\`${root}\` is not known here. Known: ${scope.roots.join(', ')}.`, ...at };
  const [first, second, third] = path;
  switch (root) {
    case 'tasks': return scope.tasks && (written(root, first, at) ?? ended('task', first, scope.tasks) ?? field(first?.name ?? '', second, taskFields) ?? (second?.name === 'outputs' ? output(first?.name ?? '', third, scope.tasks.outputsOf(first?.name ?? '')) : null));
    case 'phases': return scope.phases && (written(root, first, at) ?? ended('phase', first, scope.phases) ?? field(first?.name ?? '', second, phaseFields));
    case 'inputs': return scope.inputs && member('input', first, [...scope.inputs.keys()]);
    case 'env': return scope.env && member('environment variable', first, scope.env);
    case 'matrix': return scope.matrix && member('value of the matrix', first, scope.matrix);
    case 'mission': return computed && !first ? null : member('field of mission', first, missionFields);
    case 'routine': return computed && !first ? null : member('field of routine', first, routineFields);
    default: return null;
  }
}

type Member = Reference['path'][number];

/** Which task is meant must be plain to see: whether it has ended cannot be told otherwise. */
function written(root: string, first: Member | undefined, at: { offset: number; length: number }): ExpressionProblem | null {
  return first ? null : { code: 'not-available', message: `Write out which of \`${root}\` is meant: \`${root}.build.result\`. A computed one, or all of them at once, could name one that has not ended.`, ...at };
}

function ended(noun: string, first: Member | undefined, ids: KnownIds): ExpressionProblem | null {
  if (!first || ids.hasEnded(first.name)) return null;
  const { name, offset, length } = first;
  if (ids.exists(name)) {
    const way = noun === 'task' ? 'Put it under `needs`.' : 'Name a phase that comes before.';
    return { code: 'not-available', message: `The ${noun} "${name}" need not have ended here. ${way}`, offset, length };
  }
  const minus = /-\d+$/.test(name) && ids.exists(name.replace(/-\d+$/, '')) ? ' A subtraction needs spaces around its minus.' : '';
  return { code: 'unknown-name', message: `There is no ${noun} ${JSON.stringify(name.slice(0, 60))}.${minus || didYouMean(name, ids.ended())}`, offset, length };
}

function field(of: string, found: Member | undefined, fields: readonly string[]): ExpressionProblem | null {
  if (!found || fields.includes(found.name)) return null;
  const hint = fields.includes('outputs') && didYouMean(found.name, fields) === '' ? ` What it gives is at \`outputs\`: \`tasks.${of}.outputs.${found.name.slice(0, 60)}\`.` : didYouMean(found.name, fields);
  return { code: 'unknown-name', message: `"${of}" has no ${JSON.stringify(found.name.slice(0, 60))}; it has ${fields.join(', ')}.${hint}`, offset: found.offset, length: found.length };
}

function output(of: string, found: Member | undefined, names: readonly string[] | null): ExpressionProblem | null {
  if (!found || !names || names.includes(found.name)) return null;
  return { code: 'unknown-name', message: `The task "${of}" has no output ${JSON.stringify(found.name.slice(0, 60))}.${didYouMean(found.name, names)} ${names.length === 0 ? 'It has none.' : `It has: ${names.slice(0, 50).join(', ')}.`}`, offset: found.offset, length: found.length };
}

function member(noun: string, found: Member | undefined, known: readonly string[]): ExpressionProblem | null {
  if (!found || known.includes(found.name)) return null;
  const minus = /-\d+$/.test(found.name) && known.includes(found.name.replace(/-\d+$/, '')) ? ' A subtraction needs spaces around its minus.' : didYouMean(found.name, known);
  return { code: 'unknown-name', message: `There is no ${noun} ${JSON.stringify(found.name.slice(0, 60))}.${minus}${known.length === 0 ? ' None is declared.' : ''}`, offset: found.offset, length: found.length };
}
