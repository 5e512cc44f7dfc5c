import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { withoutComments } from '../core/checklist/item-line.ts';
import { outline } from '../core/checklist/outline.ts';
import type { OutlineNode } from '../core/checklist/outline.ts';
import { withoutStatus } from '../core/checklist/markers.ts';
import { visibleText } from '../core/command/hidden-characters.ts';
import type { Definition, Problem } from '../core/mission/definition.ts';
import type { GivenInputs } from './inputs.ts';
import { templateName } from './mission-templates.ts';
import { ProblemList, quoted } from './problems.ts';
import { readIssueInputs } from './read-issue-inputs.ts';
import { readIssueChecklist } from './read-issue-checklist.ts';
import type { ChecklistItem } from './read-issue-checklist.ts';
import { readMissionFile } from './read-mission-file.ts';
import { longestTitle } from './read-task.ts';
import type { ReadOptions } from './read-options.ts';

/** What an issue says about its mission. */
export type IssueDefinition =
  | { readonly kind: 'checklist'; readonly definition: Definition; readonly items: readonly ChecklistItem[] }
  | { readonly kind: 'file'; readonly path: string; readonly inputs: GivenInputs }
  | { readonly kind: 'template'; readonly name: string; readonly inputs: GivenInputs }
  | { readonly kind: 'inline'; readonly definition: Definition };

/** GitHub allows 65,536 characters; texts for the command line may be longer, up to this many. */
const longestBody = 1_000_000;

const missionFolder = '.github/missions/';

/**
 * Reads the mission of an issue. In this order: a line `Mission: name` (or the issue form's "Mission definition") names a file, a
 * fenced block ```` ```yaml mission ```` is the definition itself, otherwise the checklist is. A body with two of them is a
 * problem, never a guess. Never throws.
 */
export function readMissionIssue(source: { file: string; title: string; body: string | null }, options: ReadOptions): Result<IssueDefinition, readonly Problem[]> {
  const problems = new ProblemList(source.file);
  const body = source.body ?? '';
  if (body.length > longestBody) {
    problems.add('too-large', { line: 0, column: 0 }, `The text has ${body.length} characters; ${longestBody} are allowed.`);
    return err(problems.list());
  }
  const lines = withoutStatus(body.split(/\r\n|\n|\r/));
  const outlined = outline(lines.join('\n'));
  if (!outlined.ok) {
    problems.add('too-deep', { line: outlined.error.line, column: 1 }, `Quotes and lists are nested more than ${outlined.error.depth} levels deep here. Flatten the text.`);
    return err(problems.list());
  }
  const nodes = outlined.value;
  const named = namedFiles(nodes);
  const blocks = nodes.filter((node) => node.block.kind === 'fenced' && /^ya?ml[ \t]+mission$/i.test(node.block.info));
  const firstTask = nodes.find((node) => node.task !== null);
  const ways = [
    ...named.map((name) => ({ line: name.line, says: 'names a mission file' })),
    ...blocks.map((node) => ({ line: node.block.line, says: 'begins a mission in YAML' })),
    ...(firstTask ? [{ line: firstTask.block.line, says: 'begins a checklist' }] : []),
  ];
  const [first, second] = ways.toSorted((a, b) => a.line - b.line);
  if (!first) {
    problems.add('empty', { line: 1, column: 1 }, 'There is no mission here. Write tasks as a checklist ("- [ ] Build the API") under headings, or name a file with a line "Mission: name".');
    return err(problems.list());
  }
  if (second) {
    problems.add('two-definitions', { line: second.line, column: 1 }, `Line ${first.line} ${first.says}, and line ${second.line} ${second.says}. Keep one of them.`);
    return err(problems.list());
  }
  if (named[0]) return readName(named[0], readIssueInputs(source.file, nodes, problems), problems);
  if (blocks[0]) return readInline(source.file, blocks[0], readIssueInputs(source.file, nodes, problems), problems, options);
  const title = Array.from(visibleText(source.title).replace(/\s+/g, ' ').trim()).slice(0, longestTitle).join('');
  const checklist = readIssueChecklist(title === '' ? source.file : title, nodes, lines, options.stepTypes, problems);
  return problems.isEmpty ? ok({ kind: 'checklist', ...checklist }) : err(problems.list());
}

interface NamedFile {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** Lines `Mission: name`, and the answer under the issue form's heading "Mission definition". */
function namedFiles(nodes: readonly OutlineNode[]): readonly NamedFile[] {
  const found: NamedFile[] = [];
  let inForm = false;
  for (const { block } of nodes) {
    if (block.kind === 'heading') inForm = /^mission (?:definition|file)$/i.test(block.lines[0]?.text.trim() ?? '');
    if (block.kind !== 'paragraph') continue;
    for (const { text, line, column } of block.lines) {
      const said = withoutComments(text).trim();
      const match = /^(?:\*\*)?mission(?:\*\*)?:(?:\*\*)?[ \t]+(`?)([^\s`]+)\1$/i.exec(said);
      const name = match?.[2] ?? (inForm && line === block.line && said !== '_No response_' && said !== '' ? said.replace(/^`([^`]+)`$/, '$1') : null);
      if (name !== null) found.push({ name, line, column });
    }
    inForm = false;
  }
  return found;
}

function readName(named: NamedFile, inputs: GivenInputs, problems: ProblemList): Result<IssueDefinition, readonly Problem[]> {
  const template = templateName(named.name);
  if (template !== null) return problems.isEmpty ? ok({ kind: 'template', name: template, inputs }) : err(problems.list());
  const inFolder = named.name.startsWith(missionFolder) ? named.name.slice(missionFolder.length) : named.name;
  const match = /^([A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)$/.exec(inFolder);
  if (match?.[1] === undefined || match[1].includes('..')) {
    problems.add('bad-name', { line: named.line, column: named.column }, `${quoted(named.name)} is no name of a mission file: letters, digits, dots, hyphens and underscores, for a file in ${missionFolder}, or "template:" and the name of a template.`);
    return err(problems.list());
  }
  if (!problems.isEmpty) return err(problems.list());
  return ok({ kind: 'file', inputs, path: `${missionFolder}${/\.ya?ml$/i.test(match[1]) ? match[1] : `${match[1]}.yml`}` });
}

function readInline(file: string, node: OutlineNode, inputs: GivenInputs, problems: ProblemList, options: ReadOptions): Result<IssueDefinition, readonly Problem[]> {
  if (!problems.isEmpty) return err(problems.list());
  const { lines, line } = node.block;
  const result = readMissionFile(
    { file, text: lines.map((part) => `${part.text}\n`).join('') },
    { ...options, inputs, yaml: { place: (at) => ({ line: lines[at.line - 1]?.line ?? line, column: (lines[at.line - 1]?.column ?? 1) + at.column - 1 }) } },
  );
  return result.ok ? ok({ kind: 'inline', definition: result.value }) : result;
}
