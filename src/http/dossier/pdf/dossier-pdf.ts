import type { TDocumentDefinitions } from 'pdfmake/interfaces.js';

import type { DossierDocument } from '../document.ts';
import { colours } from '../draw.ts';
import { time } from '../words.ts';
import { blockContent, sectionContent } from './content.ts';
import { fontFiles, fonts, missing, printable } from './fonts.ts';

/**
 * A dossier as a PDF: A4, its fonts embedded, its text selectable, its headings an outline; the same dossier gives the same bytes.
 * Nothing is fetched, and nothing but the fonts is read. The library is loaded when it is called for the first time.
 */
export async function dossierPdf(document: DossierDocument): Promise<Uint8Array> {
  const { default: pdfmake } = await import('pdfmake');
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => fontFiles.has(path));
  pdfmake.setFonts(fonts);
  return pdfmake.createPdf(definitionOf(document)).getBuffer();
}

function definitionOf({ title, place, mission, digest, at, opening, sections }: DossierDocument): TDocumentDefinitions {
  const name = printable(title, 'Text');
  const where = printable(place, 'Text');
  return {
    pageSize: 'A4',
    pageMargins: [40, 52, 40, 46],
    info: { title: `Release dossier: ${name}`, subject: `${where}, mission ${mission}, dossier ${digest}`, creator: 'Missiongate', producer: 'Missiongate', creationDate: new Date(at), modDate: new Date(at) },
    defaultStyle: { font: 'Text', fontSize: 8.5, lineHeight: 1.15, color: colours.ink },
    styles: {
      title: { fontSize: 22, bold: true, margin: [0, 2, 0, 6] },
      section: { fontSize: 15, bold: true, margin: [0, 16, 0, 6] },
      heading: { fontSize: 10.5, bold: true, margin: [0, 9, 0, 3] },
      text: { margin: [0, 2, 0, 5] },
      caption: { fontSize: 7, color: colours.dim, margin: [0, 2, 0, 8] },
      small: { fontSize: 7, color: colours.dim },
    },
    header: { columns: [{ text: shorten(`Release dossier · ${where} · ${name}`), style: 'small' }, { text: `mission ${mission}`, style: 'small', alignment: 'right', width: 'auto' }], columnGap: 12, margin: [40, 24, 40, 0] },
    footer: (page, pages) => ({ columns: [{ text: [{ text: 'dossier ' }, { text: digest, font: 'Mono', fontSize: 6 }], style: 'small', width: 'auto' }, { text: `${page} / ${pages}`, style: 'small', alignment: 'right' }], margin: [40, 12, 40, 0] }),
    content: [
      { text: `Release dossier · ${where}`, color: colours.dim },
      { text: name, style: 'title' },
      { text: [{ text: `mission ${mission} · as of ${time(at)}` }], style: 'small' },
      ...opening.map(blockContent),
      { toc: { title: { text: 'Contents', bold: true, fontSize: 11, margin: [0, 8, 0, 4] } } },
      ...sections.flatMap(sectionContent),
      { text: `Made by Missiongate from the mission's ledger and evidence. The SHA-256 of dossier.json is ${digest}. Characters that the fonts of this file do not have are shown as ${missing}; the JSON and the page hold them.`, style: 'small', margin: [0, 20, 0, 0] },
    ],
  };
}

/** One line of a page's head. */
function shorten(text: string): string {
  const all = [...text.replaceAll(/\s+/g, ' ')];
  return all.length <= 85 ? all.join('') : `${all.slice(0, 84).join('')}…`;
}
