import type { Json, JsonObject } from '../kit/json.ts';
import type { OutlineNode } from '../core/checklist/outline.ts';
import { itemTitle, withoutComments } from '../core/checklist/item-line.ts';
import { visibleText } from '../core/command/hidden-characters.ts';
import { asTemplates } from '../core/expression/template.ts';
import { didYouMean, nearestWord } from '../kit/nearest-word.ts';
import { definitionDefaults } from '../core/mission/definition.ts';
import type { Waits } from '../core/mission/definition.ts';
import type { Result } from '../kit/result.ts';
import { duration, idList, keyAndValue, programAndArguments, wholeNumber, yesOrNo } from './issue-words.ts';
import { longestTitle, usualLimit } from './read-task.ts';
import { quoted } from './problems.ts';
import type { Position, ProblemList } from './problems.ts';
import { kebabCase, longestId } from './shape.ts';
import { parameterWords } from './step-types.ts';
import type { StepTypes } from './step-types.ts';

/** Keys of the bullets under a task. */
export const taskWords = ['id', 'needs', 'uses', 'run', 'path', 'agent', 'retry', 'timeout', 'continue-on-error', 'message'] as const;

/** A task of the checklist before ids are given. */
export interface IssueTask {
  /** Given by the person, or by our own marker when the issue has been annotated. */
  readonly explicitId: string | null;
  readonly title: string;
  readonly checked: boolean;
  readonly place: Position;
  readonly idPlace: Position;
  readonly uses: string;
  /** Nothing in an issue is filled in: what looks like a template there is the text it is. */
  readonly with: JsonObject;
  readonly needs: readonly { readonly id: string; readonly place: Position }[];
  readonly continueOnError: boolean;
  readonly maxAttempts: number;
  readonly timeoutSeconds: number;
  readonly waits?: Waits;
}

interface Entry {
  readonly value: string;
  readonly place: Position;
}

/** Reads one item and what is nested under it. `lines` are the lines of the whole body. */
export function readIssueTask(node: OutlineNode, lines: readonly string[], stepTypes: StepTypes, problems: ProblemList): IssueTask {
  const { task, block } = node;
  const place = { line: block.line, column: block.column };
  const title = visibleText(task ? itemTitle(task) : '').trim();
  if (title === '') problems.add('empty', place, 'This item has no text; say in a few words what is to be done.');
  if (Array.from(title).length > longestTitle) {
    problems.add('out-of-range', place, `The text of this item has more than ${longestTitle} characters. Keep the first line short and put the rest on indented lines under it.`);
  }
  const { entries, configured } = readEntries(node, problems);
  const parameters: Record<string, Json> = {};
  const places = new Map<string, Position>();
  const set = (name: string, value: Json, at: Position): void => {
    parameters[name] = value;
    places.set(name, at);
  };

  const run = entries.get('run');
  const path = entries.get('path');
  const content = node.children.find((child) => child.block.kind === 'fenced');
  const uses = entries.get('uses')?.value ?? (run ? 'command' : path && content ? 'file.write' : 'agent');
  const waits = stepTypes.waitsFor?.(uses);
  if (run) {
    const argv = programAndArguments(run.value);
    if (argv.ok) set('run', argv.value, run.place);
    else problems.add('run', run.place, argv.error.message);
  }
  if (path) set('path', path.value, path.place);
  for (const key of ['agent', 'message'] as const) {
    const entry = entries.get(key);
    if (entry) set(key, entry.value, entry.place);
  }
  if (uses === 'file.write' && content) {
    set('content', content.block.lines.map((line) => `${line.text}\n`).join(''), { line: content.block.line, column: content.block.column });
  }
  if (uses === 'agent' || uses === 'approval') {
    const prose = visibleText(nestedText(node, lines, configured)).trim();
    set(uses === 'agent' ? 'prompt' : 'question', prose === '' ? title : `${title}\n\n${prose}`, place);
  }
  checkStep(uses, parameters, entries.get('uses')?.place ?? place, places, run !== undefined, stepTypes, problems);

  const id = entries.get('id');
  if (id && !(kebabCase.test(id.value) && id.value.length <= longestId)) {
    problems.add('bad-id', id.place, `The id ${quoted(id.value)} must be in kebab-case: letters a–z, digits and single hyphens, at most ${longestId} characters, like "build-api".`);
  }
  const needs = entries.get('needs');
  return {
    explicitId: id?.value ?? task?.id ?? null,
    title,
    checked: task?.box !== ' ' && task !== null,
    place,
    idPlace: id?.place ?? place,
    uses,
    with: asTemplates(parameters) as JsonObject,
    needs: needs ? idList(needs.value).map((need) => ({ id: need, place: needs.place })) : [],
    continueOnError: read(entries.get('continue-on-error'), yesOrNo, problems) ?? false,
    maxAttempts: (read(entries.get('retry'), (value) => wholeNumber(value, 0, 9), problems) ?? definitionDefaults.maxAttempts - 1) + 1,
    timeoutSeconds: read(entries.get('timeout'), (value) => duration(value, waits === undefined ? undefined : definitionDefaults.waitSeconds), problems) ?? usualLimit(waits),
    ...(waits === undefined ? {} : { waits }),
  };
}

/** The bullets `key: value` directly under the item, and the lines they stand on. */
function readEntries(node: OutlineNode, problems: ProblemList): { readonly entries: ReadonlyMap<string, Entry>; readonly configured: readonly OutlineNode[] } {
  const entries = new Map<string, Entry>();
  const configured: OutlineNode[] = [];
  for (const child of node.children) {
    const bullet = bulletText(child);
    const found = bullet === null ? null : keyAndValue(bullet);
    if (!found) continue;
    const { key, value } = found;
    const place = { line: child.block.line, column: child.block.column };
    if (!isTaskWord(key)) {
      const near = nearestWord(key, taskWords, 1);
      if (near !== null) problems.add('unknown-key', place, `A task has no setting ${quoted(key)}. Did you mean "${near}"? If this is text for the agent, write it without the colon.`);
      continue;
    }
    configured.push(child);
    if (entries.has(key)) problems.add('duplicate-key', place, `This task has "${key}" twice; keep one of them.`);
    else if (value === '') problems.add('missing-value', place, `Write the value of "${key}" on the same line.`);
    else entries.set(key, { value, place });
  }
  return { entries, configured };
}

/** What a bullet without a box says, comments left out; null for everything else. */
export function bulletText(node: OutlineNode): string | null {
  if (node.block.kind !== 'item') return null;
  const [paragraph] = node.children;
  if (paragraph?.block.kind !== 'paragraph' || paragraph.block.line !== node.block.line) return null;
  return withoutComments(paragraph.block.lines.map((line) => line.text).join(' ')).trim();
}

function isTaskWord(key: string): key is (typeof taskWords)[number] {
  return (taskWords as readonly string[]).includes(key);
}

function read<T>(entry: Entry | undefined, reader: (value: string) => Result<T, string>, problems: ProblemList): T | undefined {
  if (!entry) return undefined;
  const result = reader(entry.value);
  if (result.ok) return result.value;
  problems.add('bad-value', entry.place, result.error);
  return undefined;
}

/** Everything under the item that is not a setting, without its indentation and without comments: what an agent is told. */
function nestedText(node: OutlineNode, lines: readonly string[], configured: readonly OutlineNode[]): string {
  const indent = contentIndent(lines[node.block.line - 1] ?? '');
  const parts: string[] = [];
  const skipped = new Set<number>();
  for (const { block } of configured) for (let line = block.line; line <= block.endLine; line += 1) skipped.add(line);
  const verbatim = new Set<number>();
  for (const child of node.children) {
    if (child.block.kind !== 'fenced' && child.block.kind !== 'indented') continue;
    for (let line = child.block.line; line <= child.block.endLine; line += 1) verbatim.add(line);
  }
  let prose: string[] = [];
  const flush = (): void => {
    if (prose.length > 0) parts.push(withoutComments(prose.join('\n')));
    prose = [];
  };
  for (let line = node.block.line + 1; line <= node.block.endLine; line += 1) {
    if (skipped.has(line)) continue;
    const text = dedent(lines[line - 1] ?? '', indent);
    if (verbatim.has(line)) {
      flush();
      parts.push(text);
    } else prose.push(text);
  }
  flush();
  return parts.join('\n');
}

function contentIndent(line: string): number {
  return /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+/.exec(line)?.[0].length ?? 2;
}

function dedent(line: string, indent: number): string {
  let at = 0;
  while (at < indent && (line.charAt(at) === ' ' || line.charAt(at) === '\t')) at += 1;
  return line.slice(at);
}

function checkStep(
  uses: string,
  parameters: Readonly<Record<string, Json>>,
  usesPlace: Position,
  places: ReadonlyMap<string, Position>,
  runIsGiven: boolean,
  stepTypes: StepTypes,
  problems: ProblemList,
): void {
  const names = stepTypes.names();
  if (!names.includes(uses)) {
    problems.add('unknown-step-type', usesPlace, `There is no step type ${quoted(uses)}.${didYouMean(uses, names)} Known: ${names.join(', ')}.`);
    return;
  }
  // A `run:` that could not be split has been reported already; the parameter it would have become is not missing.
  if (runIsGiven && parameters.run === undefined) return;
  for (const wrong of stepTypes.check(uses, parameters)) problems.add('parameter', places.get(String(wrong.path[0])) ?? usesPlace, parameterWords(wrong));
}
