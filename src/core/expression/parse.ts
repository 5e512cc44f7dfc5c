import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';

import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import type { Code } from './code.ts';
import { compile } from './compile.ts';
import type { StatusFunction } from './context.ts';
import { expressionLimits } from './limits.ts';
import type { ExpressionProblem } from './problem.ts';
import { findingsIn } from './references.ts';
import type { Reference } from './references.ts';
import { endOfTemplate, withPlainNames } from './scan.ts';
import { checkerFor, problemOfCel } from './type-checker.ts';

/** An expression that was read: known names and functions only, types that can fit, ready to run. */
export interface ParsedExpression {
  /** What stands between `${{` and `}}`. */
  readonly source: string;
  /** The same with names CEL can read; every character in the same place. */
  readonly plain: string;
  /** Where `source` begins in the text that was given. */
  readonly offset: number;
  readonly references: readonly Reference[];
  readonly statusFunctions: readonly StatusFunction[];
  readonly functions: ReadonlySet<string>;
  /** In words of CEL: `bool`, `string`, `int`, `double`, `list…`, `map…`, `null`, or `dyn` where only data can tell. */
  readonly type: string;
  readonly code: Code;
}

type Parsed = Result<ParsedExpression, readonly ExpressionProblem[]>;

/** Expressions that were read lately. An entry is a few times as large as its text. */
const cache = new Map<string, Parsed>();
const cacheLimits = { entries: 5_000, characters: 2_000_000 };
let cachedCharacters = 0;

/** Reads an expression, with or without `${{ }}` around it. Places are those of `text`. Never throws. */
export function parseExpression(text: string): Parsed {
  const known = cache.get(text);
  if (known) return known;
  const parsed = readExpression(text);
  if (cache.size >= cacheLimits.entries || cachedCharacters + text.length > cacheLimits.characters) {
    cache.clear();
    cachedCharacters = 0;
  }
  // A text that is refused for its length would fill the cache by itself.
  if (text.length <= expressionLimits.length + 100) {
    cache.set(text, parsed);
    cachedCharacters += text.length;
  }
  return parsed;
}

/** Which of `always()`, `success()`, `failure()` and `cancelled()` an expression calls; none when it cannot be read. */
export function statusFunctionsIn(text: string): readonly StatusFunction[] {
  const parsed = parseExpression(text);
  return parsed.ok ? parsed.value.statusFunctions : [];
}

function readExpression(text: string): Parsed {
  const { source, offset } = unwrapped(text);
  const shifted = (problems: readonly ExpressionProblem[]): Parsed => err(problems.map((found) => ({ ...found, offset: found.offset + offset })));
  if (source.trim() === '') return err([{ code: 'syntax', message: 'The expression is empty.', offset, length: source.length }]);
  if (source.length > expressionLimits.length) {
    return err([{ code: 'too-large', message: `The expression has ${source.length} characters; ${expressionLimits.length} are allowed.`, offset, length: source.length }]);
  }
  const plain = withPlainNames(source);
  const read = parseWithCel(plain);
  if (!read.ok) return shifted([read.error]);
  const tree: ASTNode = read.value.ast;
  const { references, statusFunctions, functions, problems } = findingsIn(tree, source);
  if (problems.length > 0) return shifted(problems);
  const checked = read.value.check();
  if (!checked.valid) return shifted([problemOfCel(checked.error, 'wrong-type')]);
  return ok({ source, plain, offset, references, statusFunctions, functions, type: checked.type ?? 'dyn', code: compile(tree, { source, locals: new Map() }) });
}

function parseWithCel(plain: string): Result<ParseResult, ExpressionProblem> {
  try {
    return ok(checkerFor(null).parse(plain));
  } catch (error) {
    // CEL's parser recurses; a text made of thousands of brackets ends here as well.
    if (error instanceof RangeError) return err({ code: 'too-large', message: 'The expression is nested too deeply.', offset: 0, length: plain.length });
    return err(problemOfCel(error, 'syntax'));
  }
}

function unwrapped(text: string): { source: string; offset: number } {
  const start = /^\s*\$\{\{/.exec(text)?.[0].length;
  if (start === undefined) return { source: text, offset: 0 };
  const end = endOfTemplate(text, start);
  if (end < 0 || text.slice(end + 2).trim() !== '') return { source: text, offset: 0 };
  return { source: text.slice(start, end), offset: start };
}
