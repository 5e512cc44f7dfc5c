import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Content, TFontDictionary } from 'pdfmake/interfaces.js';

import { charactersOf, ownFonts, sliced, sliceWith } from './fonts.ts';
import type { Face, Slice, Sliced } from './fonts.ts';

/** What joins and varies emoji has no glyph of its own. */
// oxlint-disable-next-line no-misleading-character-class -- the class is a list of single characters
const joining = /[\u200C\u200D\uFE00-\uFE0F\u{1F3FB}-\u{1F3FF}]/u;

interface Run {
  /** Null: the face that the text is in. */
  readonly slice: Slice | null;
  readonly text: string;
}

/**
 * The letters of one document: every character is given a font that has it, and the fonts that are needed besides the own ones are cut to
 * what is used. No character comes out as an empty box, and none vanishes: one that no font has is written as its number, `[U+0E01]`.
 */
export class Lettering {
  readonly #order: readonly Sliced[];
  readonly #used = new Map<string, { readonly slice: Slice; readonly characters: Set<string> }>();

  /** `texts`: all texts of the document; its language decides how signs look that Chinese, Japanese and Korean share. */
  constructor(texts: string) {
    const first: Sliced = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(texts) ? 'noto-sans-jp' : /\p{Script=Hangul}/u.test(texts) ? 'noto-sans-kr' : 'noto-sans-sc';
    this.#order = [first, ...sliced.filter((font) => font !== first)];
  }

  /** A text in pieces of one font each. */
  text(text: string, face: Face): Content {
    const runs = this.#runs(text, face);
    if (runs.every(({ slice }) => slice === null)) return runs.map((run) => run.text).join('');
    return runs.map((run) => (run.slice === null ? { text: run.text } : { text: run.text, font: familyOf(run.slice) }));
  }

  /** The same within an SVG, whose texts are escaped. */
  svg(svg: string): string {
    return svg.split(/(<[^>]*>)/).map((part) => {
      // What stands in attributes is not drawn.
      if (part.startsWith('<')) return part;
      return this.#runs(part, 'Text').map((run) => (run.slice === null ? run.text : `<tspan font-family="${familyOf(run.slice)}">${run.text}</tspan>`)).join('');
    }).join('');
  }

  /** Whether fonts besides the own ones are needed for what was lettered so far. */
  get needsMore(): boolean {
    return this.#used.size > 0;
  }

  /** The own fonts and, cut to what was used so far, the others: these are written to `folder`. */
  async fonts(folder: string): Promise<TFontDictionary> {
    const fonts: TFontDictionary = { ...ownFonts };
    if (!this.needsMore) return fonts;
    const { default: subsetFont } = await import('subset-font');
    for (const [family, { slice, characters }] of this.#used) {
      const bytes = await readFile(slice.file);
      const text = [...characters].toSorted().join('');
      const weighing = async (wght: number): Promise<string> => {
        const file = join(folder, `${family}-${wght}.ttf`);
        await writeFile(file, await subsetFont(bytes, text, { targetFormat: 'truetype', variationAxes: { wght } }));
        return file;
      };
      const [normal, bold] = [await weighing(400), await weighing(700)];
      fonts[family] = { normal, bold, italics: normal, bolditalics: bold };
    }
    return fonts;
  }

  #runs(text: string, face: Face): readonly Run[] {
    const known = charactersOf(face);
    const runs: { slice: Slice | null; text: string }[] = [];
    let unknown: string[] = [];
    const add = (slice: Slice | null, piece: string): void => {
      const last = runs.at(-1);
      if (last !== undefined && last.slice === slice) last.text += piece;
      else runs.push({ slice, text: piece });
    };
    const tellUnknown = (): void => {
      if (unknown.length > 0) add(null, `[${unknown.join(' ')}]`);
      unknown = [];
    };
    for (const character of text.toWellFormed()) {
      const code = character.codePointAt(0) ?? 0;
      if (joining.test(character)) continue;
      const slice = known.has(code) || /\s/.test(character) ? null : this.#sliceWith(code);
      if (slice === undefined) {
        unknown.push(`U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
        continue;
      }
      tellUnknown();
      if (slice === null) add(null, character === '\n' || known.has(code) ? character : ' ');
      else {
        add(slice, character);
        this.#use(slice, character);
      }
    }
    tellUnknown();
    return runs;
  }

  #sliceWith(code: number): Slice | undefined {
    for (const font of this.#order) {
      const slice = sliceWith(font, code);
      if (slice !== null) return slice;
    }
    return undefined;
  }

  #use(slice: Slice, character: string): void {
    const family = familyOf(slice);
    const used = this.#used.get(family) ?? { slice, characters: new Set() };
    used.characters.add(character);
    this.#used.set(family, used);
  }
}

function familyOf({ font, number }: Slice): string {
  return `${font}-${number}`;
}
