import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { openSync } from 'fontkit';

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/** DejaVu: Latin, Greek, Cyrillic, Armenian, Georgian, Arabic, Hebrew, and the signs that gates are told with. Embedded as far as it is used. */
const dejavu = (name: string): string => join(folderOf('dejavu-fonts-ttf'), 'ttf', `DejaVu${name}.ttf`);

export const ownFonts = {
  Text: { normal: dejavu('SansCondensed'), bold: dejavu('SansCondensed-Bold'), italics: dejavu('SansCondensed-Oblique'), bolditalics: dejavu('SansCondensed-BoldOblique') },
  Mono: { normal: dejavu('SansMono'), bold: dejavu('SansMono-Bold'), italics: dejavu('SansMono-Oblique'), bolditalics: dejavu('SansMono-BoldOblique') },
};

export const ownFontFiles: ReadonlySet<string> = new Set(Object.values(ownFonts).flatMap((faces) => Object.values(faces)));

export type Face = keyof typeof ownFonts;

const own = new Map<Face, ReadonlySet<number>>();

/** Characters that a face has, plain and bold. */
export function charactersOf(face: Face): ReadonlySet<number> {
  const known = own.get(face);
  if (known) return known;
  const bold = charactersIn(ownFonts[face].bold);
  const both = new Set([...charactersIn(ownFonts[face].normal)].filter((character) => bold.has(character)));
  own.set(face, both);
  return both;
}

function charactersIn(file: string): ReadonlySet<number> {
  const font = openSync(file);
  return new Set('characterSet' in font ? font.characterSet : []);
}

/** Noto in slices of some hundred characters each, as web pages load them: Chinese, Japanese, Korean, emoji in one colour. */
export const sliced = ['noto-sans-sc', 'noto-sans-jp', 'noto-sans-kr', 'noto-emoji'] as const;
export type Sliced = (typeof sliced)[number];

/** One file of a font that comes in slices. */
export interface Slice {
  readonly font: Sliced;
  /** Number of the slice. */
  readonly number: string;
  readonly file: string;
}

const slices = new Map<Sliced, ReadonlyMap<number, Slice>>();
const inSlice = new Map<string, ReadonlySet<number>>();

/** The slice of a font that has a glyph for a character; null when none has. */
export function sliceWith(font: Sliced, character: number): Slice | null {
  const known = slices.get(font) ?? readSlices(font);
  slices.set(font, known);
  const slice = known.get(character);
  if (slice === undefined) return null;
  const characters = inSlice.get(slice.file) ?? charactersIn(slice.file);
  inSlice.set(slice.file, characters);
  return characters.has(character) ? slice : null;
}

/** What the package says of its slices: `"[4]": "U+1f300,U+1f302-1f308,…"`. Those with a name hold letters that DejaVu has. */
function readSlices(font: Sliced): ReadonlyMap<number, Slice> {
  const folder = folderOf(`@fontsource-variable/${font}`);
  const ranges = require(join(folder, 'unicode.json')) as Readonly<Record<string, string>>;
  const found = new Map<number, Slice>();
  for (const [key, listed] of Object.entries(ranges)) {
    const number = /^\[(\d+)\]$/.exec(key)?.[1];
    if (number === undefined) continue;
    const slice = { font, number, file: join(folder, 'files', `${font}-${number}-wght-normal.woff2`) };
    for (const range of listed.split(',')) {
      const [first = 0, last = first] = range.slice(2).split('-').map((digits) => Number.parseInt(digits, 16));
      for (let character = first; character <= last; character += 1) found.set(character, slice);
    }
  }
  return found;
}
