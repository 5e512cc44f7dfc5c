import { err, ok } from '../../kit/result.ts';
import type { Json } from '../../kit/json.ts';
import type { Result } from '../../kit/result.ts';
import type { ExpressionContext } from './context.ts';
import { evaluateParsed } from './evaluate.ts';
import { expressionLimits } from './limits.ts';
import { parseExpression } from './parse.ts';
import type { ParsedExpression } from './parse.ts';
import type { ExpressionError, ExpressionProblem } from './problem.ts';
import { endOfTemplate } from './scan.ts';
import { asText, isList, isMap } from './values.ts';
import { Work } from './work.ts';

export type TemplatePath = readonly (string | number)[];

/** Text and the expressions in it, in order. Offsets of the expressions are those of the whole text. */
export interface ParsedTemplate {
  readonly parts: readonly (string | ParsedExpression)[];
  /** The text is one expression alone: then its value is taken as it is, and not made a text. */
  readonly single: ParsedExpression | null;
}

/** True when a text holds `${{`, escaped or not: everything else is the text it is. */
export function isTemplate(text: string): boolean {
  return text.includes('${{');
}

/** A template that gives this text again: nothing in words of people and tools is filled in. */
export function asTemplate(text: string): string {
  return text.replaceAll('${{', () => '$${{');
}

/** The same for every text in a value. */
export function asTemplates(value: Json): Json {
  if (typeof value === 'string') return asTemplate(value);
  if (isList(value)) return value.map(asTemplates);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asTemplates(one ?? null)])) : value;
}

/** True when a text is one `${{ … }}` and nothing else, so that its value keeps its type. */
export function isSingleTemplate(text: string): boolean {
  if (!text.trimStart().startsWith('${{')) return false;
  const parsed = parseTemplate(text);
  return parsed.ok && parsed.value.single !== null;
}

/** Reads a text with any number of `${{ … }}`; `$${{` stands for `${{` itself. */
export function parseTemplate(text: string): Result<ParsedTemplate, readonly ExpressionProblem[]> {
  const parts: (string | ParsedExpression)[] = [];
  const problems: ExpressionProblem[] = [];
  let literal = '';
  let at = 0;
  let count = 0;
  for (;;) {
    const start = text.indexOf('${{', at);
    if (start < 0) break;
    if (text.charAt(start - 1) === '$' && start > at) {
      literal += `${text.slice(at, start - 1)}\${{`;
      at = start + 3;
      continue;
    }
    const end = endOfTemplate(text, start + 3);
    if (end < 0) return err([...problems, { code: 'syntax', message: '"${{" is not closed by "}}". Write "$${{" for the characters themselves.', offset: start, length: 3 }]);
    count += 1;
    if (count > expressionLimits.templates) return err([...problems, { code: 'too-large', message: `The text holds more than ${expressionLimits.templates} expressions.`, offset: start, length: 3 }]);
    const parsed = parseExpression(text.slice(start + 3, end));
    if (parsed.ok) {
      literal += text.slice(at, start);
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push({ ...parsed.value, offset: start + 3 + parsed.value.offset });
    } else problems.push(...parsed.error.map((found) => ({ ...found, offset: found.offset + start + 3 })));
    at = end + 2;
  }
  if (problems.length > 0) return err(problems);
  literal += text.slice(at);
  if (literal !== '') parts.push(literal);
  return ok({ parts, single: singleOf(parts) });
}

/** White space around it does not make a text of a value. */
function singleOf(parts: readonly (string | ParsedExpression)[]): ParsedExpression | null {
  const [only, ...others] = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  return only !== undefined && typeof only !== 'string' && others.length === 0 ? only : null;
}

/** The value of a text with templates: what its one expression gives, or text with every value put in. */
export function evaluateTemplate(text: string, context: ExpressionContext): Result<Json, ExpressionError> {
  if (!isTemplate(text)) return ok(text);
  const parsed = parseTemplate(text);
  if (!parsed.ok) {
    const [first] = parsed.error;
    return err({ code: 'invalid', message: first?.message ?? 'The text cannot be read.', offset: first?.offset ?? 0, length: first?.length ?? 0 });
  }
  const { parts, single } = parsed.value;
  if (single) return evaluateParsed(single, context);
  let made = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      made += part;
      continue;
    }
    const value = evaluateParsed(part, context);
    if (!value.ok) return value;
    made += asText(value.value, new Work());
    if (made.length > expressionLimits.text + text.length) return err({ code: 'too-much', message: `The text becomes longer than ${expressionLimits.text} characters.`, offset: part.offset, length: part.source.length });
  }
  return ok(made);
}

/** A failed template of a tree and where it stands in it. */
export interface TemplateError extends ExpressionError {
  readonly path: TemplatePath;
}

/** The same tree with every template in its texts (not in its keys) replaced by its value, or every failure. */
export function resolveTemplates(tree: Json, context: ExpressionContext): Result<Json, readonly TemplateError[]> {
  const errors: TemplateError[] = [];
  const resolve = (value: Json, path: TemplatePath): Json => {
    if (typeof value === 'string') {
      const result = evaluateTemplate(value, context);
      if (result.ok) return result.value;
      errors.push({ ...result.error, path });
      return null;
    }
    if (isList(value)) return value.map((item, index) => resolve(item, [...path, index]));
    if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]): [string, Json | undefined] => [key, item === undefined ? item : resolve(item, [...path, key])]));
    return value;
  };
  const resolved = resolve(tree, []);
  return errors.length === 0 ? ok(resolved) : err(errors);
}

/** Every text of a tree that holds `${{`, with its path. */
export function templatesIn(tree: Json): readonly { readonly text: string; readonly path: TemplatePath }[] {
  const found: { text: string; path: TemplatePath }[] = [];
  const visit = (value: Json, path: TemplatePath): void => {
    if (typeof value === 'string') {
      if (isTemplate(value)) found.push({ text: value, path });
    } else if (isList(value)) value.forEach((item, index) => visit(item, [...path, index]));
    else if (isMap(value)) for (const [key, item] of Object.entries(value)) if (item !== undefined) visit(item, [...path, key]);
  };
  visit(tree, []);
  return found;
}
