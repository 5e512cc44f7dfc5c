import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { openSync } from 'fontkit';

/** DejaVu: Latin, Greek, Cyrillic, Armenian, Georgian, Arabic, Hebrew, and the signs that gates are told with. Embedded as far as it is used. */
const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const file = (name: string): string => join(folder, `DejaVu${name}.ttf`);

export const fonts = {
  Text: { normal: file('SansCondensed'), bold: file('SansCondensed-Bold'), italics: file('SansCondensed-Oblique'), bolditalics: file('SansCondensed-BoldOblique') },
  Mono: { normal: file('SansMono'), bold: file('SansMono-Bold'), italics: file('SansMono-Oblique'), bolditalics: file('SansMono-BoldOblique') },
};

export const fontFiles: ReadonlySet<string> = new Set(Object.values(fonts).flatMap((faces) => Object.values(faces)));

/** Stands for a character that the fonts do not have. */
export const missing = '▯';

type Face = 'Text' | 'Mono';

const faces = new Map<Face, ReadonlySet<number>>();

function charactersOf(face: Face): ReadonlySet<number> {
  const known = faces.get(face);
  if (known) return known;
  const font = openSync(fonts[face].normal);
  const bold = openSync(fonts[face].bold);
  const inBold = new Set('characterSet' in bold ? bold.characterSet : []);
  const characters = new Set(('characterSet' in font ? font.characterSet : []).filter((character) => inBold.has(character)));
  faces.set(face, characters);
  return characters;
}

/** What joins and varies emoji has no glyph of its own. */
// oxlint-disable-next-line no-misleading-character-class -- the class is a list of single characters
const joining = /[\u200C\u200D\uFE00-\uFE0F\u{1F3FB}-\u{1F3FF}]/u;

/** A text in which every character has a glyph: others are replaced one by one, those that only change their neighbours go. */
export function printable(text: string, face: Face): string {
  const known = charactersOf(face);
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (known.has(code) || character === '\n') out += character;
    else if (character === '\t' || character === '\r') out += ' ';
    else if (!joining.test(character)) out += missing;
  }
  return out;
}
