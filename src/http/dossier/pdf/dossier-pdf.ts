import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { TDocumentDefinitions } from 'pdfmake/interfaces.js';

import type { DossierDocument } from '../document.ts';
import { colours, fit } from '../draw.ts';
import { time } from '../words.ts';
import { blockContent, sectionContent } from './content.ts';
import { ownFontFiles } from './fonts.ts';
import { Lettering } from './lettering.ts';

/**
 * A dossier as a PDF: A4, its fonts embedded, its text selectable, its headings an outline; the same dossier gives the same bytes.
 * Nothing is fetched, and nothing but fonts is read. The library is loaded when it is called for the first time.
 */
export async function dossierPdf(document: DossierDocument): Promise<Uint8Array> {
  const { default: pdfmake } = await import('pdfmake');
  const letters = new Lettering(JSON.stringify(document));
  const definition = definitionOf(letters, document);
  const folder = letters.needsMore ? await mkdtemp(join(tmpdir(), 'missiongate-letters-')) : null;
  try {
    const fonts = await letters.fonts(folder ?? '');
    // From here to the call nothing else goes on: the library has one set of rules and fonts for everybody.
    pdfmake.setUrlAccessPolicy(() => false);
    pdfmake.setLocalAccessPolicy((path) => ownFontFiles.has(path) || (folder !== null && dirname(path) === folder));
    pdfmake.setFonts(fonts);
    return await pdfmake.createPdf(definition).getBuffer();
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

function definitionOf(letters: Lettering, { title, place, mission, digest, at, opening, sections }: DossierDocument): TDocumentDefinitions {
  const head = letters.text(fit(`Release dossier · ${place} · ${title}`, headWidth, headSize), 'Text');
  return {
    pageSize: 'A4',
    pageMargins: [40, 52, 40, 46],
    info: { title: `Release dossier: ${title.toWellFormed()}`, subject: `${place.toWellFormed()}, mission ${mission}, dossier ${digest}`, creator: 'Missiongate', producer: 'Missiongate', creationDate: new Date(at), modDate: new Date(at) },
    defaultStyle: { font: 'Text', fontSize: 8.5, lineHeight: 1.15, color: colours.ink },
    styles: {
      title: { fontSize: 22, bold: true, margin: [0, 2, 0, 6] },
      section: { fontSize: 15, bold: true, margin: [0, 16, 0, 6] },
      heading: { fontSize: 10.5, bold: true, margin: [0, 9, 0, 3] },
      text: { margin: [0, 2, 0, 5] },
      caption: { fontSize: 7, color: colours.dim, margin: [0, 2, 0, 8] },
      small: { fontSize: 7, color: colours.dim },
    },
    header: { columns: [{ text: head, style: 'small' }, { text: `mission ${mission}`, style: 'small', alignment: 'right', width: 'auto', noWrap: true }], columnGap: 12, margin: [40, 24, 40, 0] },
    footer: (page, pages) => ({ columns: [{ text: [{ text: 'dossier ' }, { text: digest, font: 'Mono', fontSize: 6 }], style: 'small', width: 'auto' }, { text: `${page} / ${pages}`, style: 'small', alignment: 'right' }], margin: [40, 12, 40, 0] }),
    content: [
      { text: letters.text(`Release dossier · ${place}`, 'Text'), color: colours.dim },
      { text: letters.text(title, 'Text'), style: 'title' },
      { text: [{ text: `mission ${mission} · as of ${time(at)}` }], style: 'small' },
      ...opening.map((block) => blockContent(letters, block)),
      { toc: { title: { text: 'Contents', bold: true, fontSize: 11, margin: [0, 8, 0, 4] } } },
      ...sections.flatMap((section) => sectionContent(letters, section)),
      { text: `Made by Missiongate from the mission's ledger and evidence. The SHA-256 of dossier.json is ${digest}. Characters that none of its fonts has are written as their numbers, as in [U+0E01].`, style: 'small', margin: [0, 20, 0, 0] },
    ],
  };
}

/** Points of a page's head: what is longer is cut, so that it stays one line. */
const headWidth = 360;
const headSize = 7;
