import type { Nodes, Parents } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';

import { deepestNesting, scanBlocks } from '../../../src/core/checklist/scan-blocks.ts';
import type { Block } from '../../../src/core/checklist/scan-blocks.ts';
import * as fc from '../../support/fast-check.ts';

/** `kind line`, for items also the last line, with nesting as indentation: what both readings are compared by. */
function ours(markdown: string): string[] {
  const scanned = scanBlocks(markdown);
  if (!scanned.ok) throw new Error('too deep');
  const depth = (block: Block): number => (block.parent < 0 ? 0 : depth(scanned.value[block.parent] as Block) + 1);
  const isInside = (block: Block | undefined, container: Block): boolean => block !== undefined && (block === container || isInside(scanned.value[block.parent], container));
  const end = (item: Block): string => (scanned.value.findLast((block) => isInside(block, item))?.kind === 'paragraph' ? String(item.endLine) : '?');
  return scanned.value.map((block) => `${'  '.repeat(depth(block))}${block.kind} ${block.line}${block.kind === 'item' ? `-${end(block)}` : ''}`);
}

const names: Record<string, string> = { blockquote: 'quote', listItem: 'item', footnoteDefinition: 'footnote', thematicBreak: 'break' };

/** Last line of an item that ends with a paragraph; the library's own end of other items is not always their last line. */
function lastLine(node: Nodes): string {
  const last = 'children' in node && ['list', 'listItem', 'blockquote', 'footnoteDefinition'].includes(node.type) ? node.children.at(-1) : undefined;
  if (last) return lastLine(last);
  return node.type === 'paragraph' ? String(node.position?.end.line) : '?';
}

function oracle(markdown: string): string[] {
  const found: string[] = [];
  const walk = (node: Nodes, depth: number): void => {
    if (node.type === 'list') {
      for (const child of node.children) walk(child, depth);
      return;
    }
    const line = node.position?.start.line ?? 0;
    const name = node.type === 'code' ? (/^(`{3}|~{3})/.test(markdown.slice(node.position?.start.offset)) ? 'fenced' : 'indented') : (names[node.type] ?? node.type);
    found.push(`${'  '.repeat(depth)}${name} ${line}${name === 'item' ? `-${lastLine(node)}` : ''}`);
    if (['blockquote', 'listItem', 'footnoteDefinition'].includes(node.type)) for (const child of (node as Parents).children) walk(child, depth + 1);
  };
  const extension = gfm();
  const tree = fromMarkdown(markdown, { extensions: [{ document: extension.document, text: extension.text }], mdastExtensions: [gfmFromMarkdown()] });
  for (const child of tree.children) walk(child, 0);
  return found;
}

const piece = fc.constantFrom(
  '- [ ] task', '- [x] done', '- item', '* star', '1. one', '1) uno', '# Head', '### Deep ###', 'Title', '===', '---', '- - -', '***',
  '> quote', '>', '> - [ ] quoted', '```', '```yaml mission', '~~~', '    code', '  - nested', '  text', '    - [ ] four', '   - [ ] three', '\t- tab', ' \ttab',
  '<!-- c -->', '<!--', '-->', '<details>', '</details>', '<summary>s</summary>', '<pre>', 'x</pre>', '<?p', '?>', '<!X', 'text', '', '', ' ', '> > deep', '- > both', '- - two', '  ```', '  > in', '+ plus', '-\ttab', '#', '#no', '``` `', '     five', '- ```', '-     code', '1)   wide', 'a | b', '<![CDATA[', ']]>', '<script>', 'y</script>',
);
const documentOf = fc.array(fc.tuple(fc.constantFrom('', '', '', '  ', '> ', '    ', '   ', '- '), piece), { maxLength: 14 }).map((lines) => lines.map((parts) => parts.join('')).filter((line) => !emptyItem.test(line)).join('\n'));

/**
 * What is left out of the comparison, because the library differs from cmark there (and GitHub runs cmark): list items without
 * content after a container has ended, tags that fill a line after a lazy continuation, and two pieces of indented code in a row.
 */
const emptyItem = /^(?:.*[-+*>] +)?[-+*]\s*$/;
function merged(blocks: string[]): string[] {
  return blocks.filter((block, index) => !(/^ *indented/.test(block) && block.split('indented')[0] === blocks[index - 1]?.split('indented')[0] && /indented/.test(blocks[index - 1] ?? '')));
}

describe('the block scanner', () => {
  test('finds the same blocks, in the same containers, on the same lines as the Markdown library', () => {
    fc.assert(
      fc.property(documentOf, (markdown) => {
        expect(merged(ours(markdown))).toEqual(merged(oracle(markdown)));
      }),
      { numRuns: Number(process.env.RUNS ?? 2000) },
    );
  });

  test('never throws, and every block lies inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const scanned = scanBlocks(text);
        const last = text.split(/\r\n|\n|\r/).length;
        if (scanned.ok) for (const block of scanned.value) expect(block.line >= 1 && block.line <= block.endLine && block.endLine <= last).toBe(true);
      }),
    );
  });

  test('refuses a text that nests deeper than the limit, and names the line', () => {
    for (const bomb of ['>'.repeat(10_000), `${'- '.repeat(10_000)}a`, `${'1. '.repeat(10_000)}a`, Array.from({ length: 5000 }, (_, level) => `${' '.repeat(level * 2)}- a`).join('\n')]) {
      const scanned = scanBlocks(bomb);
      expect(scanned.ok).toBe(false);
      if (!scanned.ok) expect(scanned.error.depth).toBe(deepestNesting);
    }
  });

  test('reads the bodies that take the Markdown library tens of seconds', () => {
    for (const body of ['> a\n\n'.repeat(13_000), `> a\n${'a\n'.repeat(32_000)}`, '- - a\n'.repeat(10_000), `${'> '.repeat(90)}a\n\n`.repeat(300)]) {
      expect(scanBlocks(body).ok).toBe(true);
    }
  });
});
