import type { Content, TableCell } from 'pdfmake/interfaces.js';

import type { Block, Section, Span, Spans } from '../document.ts';
import { colourOf, colours } from '../draw.ts';
import { printable } from './fonts.ts';

/** Points between the margins of an A4 page. */
export const pageWidth = 515;
/** Tallest picture that leaves room for its caption. */
const tallest = 690;
const marks = { passed: '✓', failed: '✗', waived: '⚠', waiting: '…', pending: '○' } as const;
const tints = { passed: '#eaf7ed', failed: '#ffefef', waived: '#fff9e0', waiting: '#fff9e0', pending: '#f6f8fa' } as const;

export function sectionContent({ title, blocks }: Section): Content[] {
  return [{ text: printable(title, 'Text'), style: 'section', tocItem: true, tocMargin: [0, 2, 0, 2] }, ...blocks.map(blockContent)];
}

export function blockContent(block: Block): Content {
  switch (block.kind) {
    case 'text':
      return { text: spansContent(block.spans), style: 'text' };
    case 'heading':
      return { text: printable(block.text, 'Text'), style: 'heading' };
    case 'note':
      return {
        table: { widths: ['*'], body: [[{ text: spansContent(block.spans) }]] },
        layout: { hLineWidth: () => 0, vLineWidth: (line: number) => (line === 0 ? 3 : 0), vLineColor: () => colours[colourOf[block.state]], fillColor: () => tints[block.state], paddingLeft: () => 8, paddingRight: () => 8, paddingTop: () => 5, paddingBottom: () => 6 },
        margin: [0, 4, 0, 4],
      };
    case 'facts':
      return { table: { widths: [105, '*'], body: block.rows.map(([name, value]) => [{ text: printable(name, 'Text'), color: colours.dim }, { text: spansContent(value) }]) }, layout: { hLineWidth: () => 0, vLineWidth: () => 0, paddingLeft: () => 0, paddingTop: () => 1, paddingBottom: () => 1 }, margin: [0, 3, 0, 6] };
    case 'preformatted':
      return { table: { widths: ['*'], body: [[{ text: printable(block.text, 'Mono'), font: 'Mono', fontSize: 7, preserveLeadingSpaces: true }]] }, layout: { hLineColor: () => colours.line, vLineColor: () => colours.line, hLineWidth: () => 0.5, vLineWidth: () => 0.5, fillColor: () => colours.soft, paddingLeft: () => 6, paddingTop: () => 4, paddingBottom: () => 4 }, margin: [0, 3, 0, 6] };
    case 'drawing': {
      const { svg, width, height } = block.drawing;
      return { unbreakable: true, stack: [{ svg: printable(svg, 'Text'), fit: [pageWidth, Math.min(tallest, (height / width) * pageWidth)], font: 'Text' }, { text: printable(block.caption, 'Text'), style: 'caption' }] };
    }
    case 'table':
      return tableContent(block);
  }
}

const padding = 4;

/** A table whose heading stands on every page that it reaches. Widths are fixed, so that what is long wraps. */
function tableContent({ columns, rows, leftOut }: Extract<Block, { kind: 'table' }>): Content {
  const room = pageWidth - columns.length * 2 * padding;
  const total = columns.reduce((sum, { width }) => sum + width, 0);
  const header: TableCell[] = columns.map(({ title }) => ({ text: printable(title, 'Text'), bold: true, color: colours.dim, fontSize: 7 }));
  const rest: Content[] = leftOut === 0 ? [] : [{ text: `… and ${leftOut} more rows; the JSON holds them all.`, color: colours.dim, style: 'text' }];
  return {
    stack: [
      {
        table: { headerRows: 1, keepWithHeaderRows: 1, widths: columns.map(({ width }) => (width / total) * room), body: [header, ...rows.map((row) => row.map((cell): TableCell => ({ text: spansContent(cell) })))] },
        layout: { hLineWidth: (line: number) => (line === 1 ? 1 : line === 0 ? 0 : 0.5), vLineWidth: () => 0, hLineColor: () => colours.line, paddingLeft: () => padding, paddingRight: () => padding, paddingTop: () => 3, paddingBottom: () => 3 },
        fontSize: 7.5,
      },
      ...rest,
    ],
    margin: [0, 3, 0, 8],
  };
}

function spansContent(spans: Spans): Content[] {
  return spans.length === 0 ? [{ text: ' ' }] : spans.map(spanContent);
}

function spanContent(span: Span): Content {
  if (typeof span === 'string') return { text: printable(span, 'Text') };
  if ('code' in span) return { text: printable(span.code, 'Mono'), font: 'Mono', fontSize: 6.8 };
  if ('strong' in span) return { text: printable(span.strong, 'Text'), bold: true };
  if ('dim' in span) return { text: printable(span.dim, 'Text'), color: colours.dim };
  return { text: printable(`${marks[span.state]} ${span.text}`, 'Text'), color: colours[colourOf[span.state]] };
}
