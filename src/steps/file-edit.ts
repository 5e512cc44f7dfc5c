import type { JsonObject } from '../kit/json.ts';
import { before, restoring } from './restoring.ts';
import { closed, path, text, whole } from './schema-parts.ts';
import { workspaceOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

type Edit = { readonly find: string; readonly replace: string } | { readonly line: number; readonly through?: number; readonly replace: string } | { readonly after: number; readonly insert: string };

interface FileEditParameters {
  readonly path: string;
  readonly edits: readonly Edit[];
}

const longest = 1_000_000;

/** Changes parts of one file. */
export const fileEdit: StepType = {
  name: 'file.edit',
  summary: 'Changes parts of one file: replaces a text that stands in it exactly once, replaces lines, or inserts some. All edits are made, or none.',
  needsWorkspace: true,
  effects: ['reads-files', 'writes-files'],
  parameters: closed({
    path: path('The file, relative to the root of the repository.'),
    edits: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      description: 'One or more of {find, replace}, {line, through, replace}, {after, insert}. Line numbers are those of the file as it was; texts to find are looked for after the lines were changed, in this order.',
      items: {
        type: 'object',
        description: 'An edit: {find, replace}, {line, through, replace} or {after, insert}.',
        oneOf: [
          closed({ find: text('Text that stands exactly once in the file.', longest, 1), replace: text('What takes its place.', longest) }, ['find', 'replace']),
          closed({ line: whole('First line to replace, from 1.', 1, 10_000_000), through: whole('Last line to replace; the first one when absent.', 1, 10_000_000), replace: text('Lines that take their place; nothing removes them.', longest) }, ['line', 'replace']),
          closed({ after: whole('Line to insert after; 0 inserts at the top.', 0, 10_000_000), insert: text('Lines to insert.', longest) }, ['after', 'insert']),
        ],
      },
    },
  }, ['path', 'edits']),
  examples: [
    { path: 'README.md', edits: [{ find: '# Test', replace: '# Tested' }] },
    { path: 'README.md', edits: [{ after: 0, insert: '<!-- made by a mission -->' }, { line: 1, replace: '# Title' }] },
  ],
  check: (parameters: JsonObject) => {
    const { edits } = parameters as unknown as FileEditParameters;
    return edits.flatMap((edit, index) => ('line' in edit && edit.through !== undefined && edit.through < edit.line ? [{ path: ['edits', index, 'through'], message: `with.edits.${index}.through is before its line.`, found: String(edit.through), expected: `a line from ${edit.line} on`, nearest: null }] : []));
  },
  inverse: restoring('path'),
  async run(context: StepContext): Promise<StepOutcome> {
    const { path: file, edits } = context.parameters as unknown as FileEditParameters;
    const workspace = workspaceOf(context);
    const old = await workspace.readFile(file);
    const changed = withTexts(file, withLines(file, old, edits), edits);
    if (changed !== old) await workspace.writeFile(file, changed);
    return { summary: `Made ${edits.length} ${edits.length === 1 ? 'edit' : 'edits'} in ${file}.`, outputs: { path: file, changed: changed !== old, ...before(context) }, artifacts: [] };
  },
};

interface LineEdit {
  /** Index of the first line that is replaced, and of the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function withLines(file: string, old: string, edits: readonly Edit[]): string {
  const end = old.includes('\r\n') ? '\r\n' : '\n';
  const endsWithLineEnd = old.endsWith('\n');
  const lines = old === '' ? [] : (endsWithLineEnd ? old.slice(0, old.endsWith('\r\n') ? -2 : -1) : old).split(/\r?\n/);
  const changes: LineEdit[] = [];
  for (const edit of edits) {
    if ('line' in edit) changes.push({ from: edit.line - 1, to: edit.through ?? edit.line, text: edit.replace });
    else if ('after' in edit) changes.push({ from: edit.after, to: edit.after, text: edit.insert });
  }
  if (changes.length === 0) return old;
  const sorted = changes.toSorted((a, b) => a.from - b.from || a.to - b.to);
  for (const [index, change] of sorted.entries()) {
    if (change.to > lines.length) throw new StepError('input', `${file} has ${lines.length} lines, so line ${change.to} cannot be edited. Look at the file as it is now.`);
    const next = sorted[index + 1];
    if (next && next.from < change.to) throw new StepError('input', `Two edits of ${file} change line ${next.from + 1}. Make one of them.`);
  }
  for (const { from, to, text: put } of sorted.toReversed()) lines.splice(from, to - from, ...(put === '' && to > from ? [] : put.replace(/\r?\n$/, '').split(/\r?\n/)));
  return lines.length === 0 ? '' : lines.join(end) + (endsWithLineEnd || old === '' ? end : '');
}

function withTexts(file: string, content: string, edits: readonly Edit[]): string {
  for (const edit of edits) {
    if (!('find' in edit)) continue;
    const at = content.indexOf(edit.find);
    const shown = JSON.stringify(edit.find.length > 80 ? `${edit.find.slice(0, 80)}…` : edit.find);
    if (at === -1) throw new StepError('input', `${shown} does not stand in ${file}. Nothing was changed. Give the text exactly as it is there, spaces and line ends included.`);
    if (content.includes(edit.find, at + 1)) throw new StepError('input', `${shown} stands more than once in ${file}. Nothing was changed. Give more of the text around it.`);
    content = content.slice(0, at) + edit.replace + content.slice(at + edit.find.length);
  }
  return content;
}
