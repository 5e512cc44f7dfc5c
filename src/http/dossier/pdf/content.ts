import type { Content, TableCell } from 'pdfmake/interfaces.js';

import type { Block, Section, Span, Spans } from '../document.ts';
import { colourOf, colours } from '../draw.ts';
import type { Lettering } from './lettering.ts';

/** Points between the margins of an A4 page. */
export const pageWidth = 515;
/** Tallest picture that leaves room for its caption. */
const tallest = 690;
const marks = { passed: '✓', failed: '✗', waived: '⚠', waiting: '…', pending: '○' } as const;
const tints = { passed: '#eaf7ed', failed: '#ffefef', waived: '#fff9e0', waiting: '#fff9e0', pending: '#f6f8fa' } as const;

export function sectionContent(letters: Lettering, { title, blocks }: Section): Content[] {
  return grouped(letters, [{ text: letters.text(title, 'Text'), style: 'section', tocItem: true, tocMargin: [0, 0, 0, 0] }], blocks);
}

/** Blocks in which no heading is left behind at the foot of a page: it stays with what follows, or is the first row of its table. */
function grouped(letters: Lettering, first: Content[], blocks: readonly Block[]): Content[] {
  const out: Content[] = [];
  let heads = first;
  for (const block of blocks) {
    if (block.kind === 'heading') {
      heads = [...heads, blockContent(letters, block)];
      continue;
    }
    if (heads.length > 0 && isSmall(block)) out.push({ unbreakable: true, stack: [...heads, blockContent(letters, block)] });
    else if (block.kind === 'table') out.push(...heads.slice(0, -1), tableContent(letters, block, heads.at(-1)));
    else out.push(...heads, blockContent(letters, block));
    heads = [];
  }
  return [...out, ...heads];
}

/** Fits on a page together with its heading, however it is wrapped: what does not would be cut off. */
function isSmall(block: Block): boolean {
  switch (block.kind) {
    case 'text':
    case 'note':
      return lettersOf([block.spans]) < 1_500;
    case 'facts':
      return block.rows.length <= 10 && lettersOf(block.rows.map(([, value]) => value)) < 1_500;
    case 'preformatted':
      return block.text.length < 1_000 && block.text.split('\n').length < 20;
    case 'table':
      return block.rows.length <= 8 && lettersOf(block.rows.flat()) < 1_000;
    case 'drawing':
      return block.drawing.height < 800;
    case 'heading':
      return true;
  }
}

function lettersOf(all: readonly Spans[]): number {
  return all.flat().reduce((sum, span) => sum + (typeof span === 'string' ? span : 'code' in span ? span.code : 'strong' in span ? span.strong : 'dim' in span ? span.dim : span.text).length, 0);
}

export function blockContent(letters: Lettering, block: Block): Content {
  switch (block.kind) {
    case 'text':
      return { text: spansContent(letters, block.spans), style: 'text' };
    case 'heading':
      return { text: letters.text(block.text, 'Text'), style: 'heading' };
    case 'note':
      return {
        table: { widths: ['*'], body: [[{ text: spansContent(letters, block.spans) }]] },
        layout: { hLineWidth: () => 0, vLineWidth: (line: number) => (line === 0 ? 3 : 0), vLineColor: () => colours[colourOf[block.state]], fillColor: () => tints[block.state], paddingLeft: () => 8, paddingRight: () => 8, paddingTop: () => 5, paddingBottom: () => 6 },
        margin: [0, 4, 0, 4],
      };
    case 'facts':
      return { table: { widths: [105, '*'], body: block.rows.map(([name, value]) => [{ text: letters.text(name, 'Text'), color: colours.dim }, { text: spansContent(letters, value) }]) }, layout: { hLineWidth: () => 0, vLineWidth: () => 0, paddingLeft: () => 0, paddingTop: () => 1, paddingBottom: () => 1 }, margin: [0, 3, 0, 6] };
    case 'preformatted':
      return { table: { widths: ['*'], body: [[{ text: letters.text(block.text, 'Mono'), font: 'Mono', fontSize: 7, preserveLeadingSpaces: true }]] }, layout: { hLineColor: () => colours.line, vLineColor: () => colours.line, hLineWidth: () => 0.5, vLineWidth: () => 0.5, fillColor: () => colours.soft, paddingLeft: () => 6, paddingTop: () => 4, paddingBottom: () => 4 }, margin: [0, 3, 0, 6] };
    case 'drawing': {
      const { svg, width, height } = block.drawing;
      return { unbreakable: true, stack: [{ svg: letters.svg(svg), fit: [pageWidth, Math.min(tallest, (height / width) * pageWidth)], font: 'Text' }, { text: letters.text(block.caption, 'Text'), style: 'caption' }] };
    }
    case 'table':
      return tableContent(letters, block);
  }
}

const padding = 4;

/** A table whose heading stands on every page that it reaches. Widths are fixed, so that what is long wraps. */
function tableContent(letters: Lettering, { columns, rows, leftOut }: Extract<Block, { kind: 'table' }>, head?: Content): Content {
  const room = pageWidth - columns.length * 2 * padding;
  const total = columns.reduce((sum, { width }) => sum + width, 0);
  const header: TableCell[] = columns.map(({ title }) => ({ text: letters.text(title, 'Text'), bold: true, color: colours.dim, fontSize: 7 }));
  const headRow = head === undefined ? [] : [[{ stack: [head], colSpan: columns.length, margin: [-padding, 0, 0, 0] } satisfies TableCell, ...columns.slice(1).map((): TableCell => ({}))]];
  const ruled = headRow.length + 1;
  const rest: Content[] = leftOut === 0 ? [] : [{ text: `… and ${leftOut} more rows; the JSON holds them all.`, color: colours.dim, style: 'text' }];
  return {
    stack: [
      {
        table: { headerRows: ruled, keepWithHeaderRows: 1, dontBreakRows: true, widths: columns.map(({ width }) => (width / total) * room), body: [...headRow, header, ...rows.map((row) => row.map((cell): TableCell => ({ text: spansContent(letters, cell) })))] },
        layout: { hLineWidth: (line: number) => (line === ruled ? 1 : line < ruled ? 0 : 0.5), vLineWidth: () => 0, hLineColor: () => colours.line, paddingLeft: () => padding, paddingRight: () => padding, paddingTop: () => 3, paddingBottom: () => 3 },
        fontSize: 7.5,
      },
      ...rest,
    ],
    margin: [0, 3, 0, 8],
  };
}

function spansContent(letters: Lettering, spans: Spans): Content[] {
  return spans.length === 0 ? [{ text: ' ' }] : spans.map((span) => spanContent(letters, span));
}

function spanContent(letters: Lettering, span: Span): Content {
  if (typeof span === 'string') return { text: letters.text(span, 'Text') };
  if ('code' in span) return { text: letters.text(span.code, 'Mono'), font: 'Mono', fontSize: 6.8 };
  if ('strong' in span) return { text: letters.text(span.strong, 'Text'), bold: true };
  if ('dim' in span) return { text: letters.text(span.dim, 'Text'), color: colours.dim };
  return { text: letters.text(`${marks[span.state]} ${span.text}`, 'Text'), color: colours[colourOf[span.state]] };
}
