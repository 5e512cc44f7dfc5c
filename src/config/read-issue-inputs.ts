import { withoutComments } from '../core/checklist/item-line.ts';
import type { OutlineNode } from '../core/checklist/outline.ts';
import { visibleText } from '../core/command/hidden-characters.ts';
import type { Json } from '../kit/json.ts';
import type { GivenInputs } from './inputs.ts';
import { quoted } from './problems.ts';
import type { Position, ProblemList } from './problems.ts';
import { bulletText } from './read-issue-task.ts';

/** What an issue form leaves where nothing was filled in. */
const noResponse = '_No response_';

/** Values under a heading "Inputs": bullets `- name: value`, or lines `name: value` of an issue form. */
export function readIssueInputs(file: string, nodes: readonly OutlineNode[], problems: ProblemList): GivenInputs {
  const values = new Map<string, { value: Json; place: Position }>();
  const add = (text: string, place: Position): void => {
    const said = visibleText(withoutComments(text)).trim();
    if (said === '' || said === noResponse) return;
    const match = /^(`?)([A-Za-z_][A-Za-z0-9_-]{0,99})\1:(?:\s+(.*))?$/s.exec(said);
    const name = match?.[2];
    if (name === undefined) problems.add('bad-input', place, `${quoted(said)} is no input: write \`- name: value\`.`);
    else if (values.has(name)) problems.add('duplicate-key', place, `The input ${quoted(name)} is given twice; keep one of them.`);
    else values.set(name, { value: (match?.[3] ?? '').trim().replace(/^`([^`]*)`$/, '$1'), place });
  };
  let inside = false;
  for (const node of nodes) {
    const { block } = node;
    if (block.kind === 'heading') inside = /^inputs$/i.test(withoutComments(block.lines[0]?.text ?? '').trim());
    else if (inside && block.kind === 'item') add(bulletText(node) ?? '', { line: block.line, column: block.column });
    else if (inside && block.kind === 'paragraph') for (const { text, line, column } of block.lines) if (!/^(?:\*\*)?mission(?:\*\*)?:/i.test(text.trim())) add(text, { line, column });
  }
  return { file, values };
}
