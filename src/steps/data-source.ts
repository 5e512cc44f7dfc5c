import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { utf8 } from './file-read.ts';
import { asOutput } from './output-size.ts';
import { checkSelector, select } from './select.ts';
import { path, text } from './schema-parts.ts';
import { treeOf } from './step-context.ts';
import { StepError, type ParameterProblem, type StepContext, type StepOutcome } from './step-type.ts';

/** Longest text that is parsed. */
const longestText = 4 * 1024 * 1024;
/** Levels of lists and objects inside each other: what comes out is walked recursively by others. */
const deepest = 100;

/** Parameters of every step that parses something. */
export const sourceSchema: Readonly<Record<string, JsonObject>> = {
  file: path('The file to parse, relative to the root of the repository.'),
  text: text('The text to parse, in place of a file.', 1_000_000),
  select: text('What to take of it: a JSON Pointer (/a/0/b) or a JSONPath ($.a[*].b, which gives a list).', 1000),
};

interface SourceParameters {
  readonly file?: string;
  readonly text?: string;
  readonly select?: string;
}

export function checkSource(parameters: JsonObject): readonly ParameterProblem[] {
  const { file, text: given, select: selector } = parameters as unknown as SourceParameters;
  const problems: ParameterProblem[] = [];
  if ((file === undefined) === (given === undefined)) problems.push({ path: [], message: 'with needs either "file" or "text".', found: null, expected: 'one of the two', nearest: null });
  const wrong = selector === undefined ? null : checkSelector(selector);
  if (wrong !== null) problems.push({ path: ['select'], message: `with.select is neither a JSON Pointer nor a JSONPath: ${wrong}.`, found: JSON.stringify(selector), expected: '/a/0/b or $.a[*].b', nearest: null });
  return problems;
}

/** Reads the source of a parsing step, and its name for messages. */
export async function sourceOf(context: StepContext): Promise<{ readonly name: string; readonly content: string }> {
  const { file, text: given } = context.parameters as unknown as SourceParameters;
  if (file === undefined) return { name: 'the text', content: given ?? '' };
  return { name: file, content: utf8(file, await treeOf(context).readBytes(file, longestText)) };
}

/** What a parsing step ends with: the value, or the part that was selected, as the output "value". */
export function parsed(context: StepContext, name: string, value: Json): StepOutcome {
  checkDepth(name, value);
  const { select: selector } = context.parameters as unknown as SourceParameters;
  const selected = selector === undefined ? value : select(name, value, selector);
  const kind = Array.isArray(selected) ? `a list of ${selected.length}` : isJsonObject(selected) ? `an object with ${Object.keys(selected).length} names` : selected === null ? 'null' : `a ${typeof selected}`;
  return { summary: `Read ${name}: ${kind}.`, outputs: { value: asOutput(selected, 'Select a part of it with "select".') }, artifacts: [] };
}

/** Without recursion: a value may be nested as deeply as its text was long. */
export function checkDepth(name: string, value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) throw new StepError('input', `${name} nests lists and objects more than ${deepest} levels deep. Flatten it.`);
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      if (Object.hasOwn(one, '__proto__')) throw new StepError('input', `${name} holds the name "__proto__", which is not allowed.`);
      for (const inner of Object.values(one)) if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
}
