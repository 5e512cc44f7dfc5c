import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import { atxHeading, closesFence, endsHtml, fenceStart, footnoteMarker, htmlStart, isThematicBreak, listMarker, setextLevel } from './block-starts.ts';
import type { Fence, HtmlKind } from './block-starts.ts';

/*
 * The block structure of a Markdown text in one pass, in time proportional to its length times the open containers.
 *
 * Why not the Markdown library: `micromark` needs the square of the number of containers. 64 KB of `> a`, blank line,
 * repeated, took it 40 seconds, one quote followed by 32,000 short lines 21 seconds, and such a text is one comment by anybody.
 * This scanner follows the algorithm of CommonMark's appendix ("A parsing strategy") for blocks only; the library is its oracle in
 * the tests. Inline content is not looked at; GFM tables count as paragraphs, and link reference definitions too.
 */

export type BlockKind = 'quote' | 'item' | 'footnote' | 'paragraph' | 'heading' | 'fenced' | 'indented' | 'html' | 'break';

/** A line of a block's own text, without the marks of the containers around it. */
export interface BlockLine {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units: where `text` begins in its line. */
  readonly column: number;
  readonly text: string;
}

export interface Block {
  readonly kind: BlockKind;
  /** Index of the container in the list of blocks, or -1 at the top. */
  readonly parent: number;
  readonly line: number;
  readonly column: number;
  /** Last line that belongs to the block; for containers, of their last content. */
  endLine: number;
  /** Paragraph, heading, code and HTML: their text. */
  readonly lines: BlockLine[];
  /** Heading: 1 … 6. Item: 1 for bullets, 2 for ordered. Otherwise 0. */
  readonly level: number;
  /** Fenced code: what stands after the opening marks. */
  readonly info: string;
}

export interface TooDeep {
  readonly line: number;
  readonly depth: number;
}

/** Quotes and lists inside each other; a text that goes deeper is refused, because the work grows with it. */
export const deepestNesting = 100;

interface Container {
  readonly index: number;
  readonly kind: 'quote' | 'item' | 'footnote';
  /** Columns a line must be indented to belong to an item. */
  readonly indent: number;
  isEmpty: boolean;
}

interface Leaf {
  readonly index: number;
  readonly kind: 'paragraph' | 'fenced' | 'indented' | 'html';
  readonly fence: Fence | null;
  readonly fenceIndent: number;
  readonly html: HtmlKind | null;
}

/** All blocks in order of their beginning, or the line where nesting passes `deepestNesting`. Never throws. */
export function scanBlocks(markdown: string): Result<readonly Block[], TooDeep> {
  const scan = new Scan();
  for (const [index, line] of markdown.split(/\r\n|\n|\r/).entries()) {
    if (!scan.line(index + 1, line)) return err({ line: index + 1, depth: deepestNesting });
  }
  return ok(scan.blocks);
}

class Scan {
  readonly blocks: Block[] = [];
  #open: Container[] = [];
  #leaf: Leaf | null = null;

  #text = '';
  #number = 0;
  #offset = 0;
  /** Columns count tabs as steps to the next multiple of four. */
  #column = 0;
  #insideTab = false;
  #next = 0;
  #indent = 0;

  /** False when the line opens too many containers. */
  line(number: number, text: string): boolean {
    this.#text = text;
    this.#number = number;
    this.#offset = 0;
    this.#column = 0;
    this.#insideTab = false;
    this.#look();

    const matched = this.#matchContainers();
    const allMatched = matched === this.#open.length;
    let leafGoesOn = false;
    if (allMatched && this.#leaf) {
      const state = this.#continueLeaf(this.#leaf);
      if (state === 'done') return true;
      leafGoesOn = state === 'yes';
      if (state === 'no') this.#leaf = null;
    }
    if (leafGoesOn && this.#leaf && this.#leaf.kind !== 'paragraph') {
      this.#addText(this.#leaf);
      return true;
    }
    const canInterrupt = leafGoesOn;
    let depth = matched;
    const closeUnmatched = (): void => {
      this.#open.length = depth;
      this.#leaf = null;
    };
    // Openings: containers first, any number of them, then at most one leaf.
    for (;;) {
      const paragraph = this.#leaf?.kind === 'paragraph' ? this.#leaf : null;
      const interrupts = canInterrupt && depth === matched && paragraph !== null;
      if (this.#isBlank()) break;
      if (this.#indent >= 4) {
        if (paragraph) break;
        closeUnmatched();
        this.#advanceColumns(4);
        this.#addText(this.#openLeaf('indented', {}));
        return true;
      }
      const rest = this.#rest();
      if (rest.startsWith('>')) {
        closeUnmatched();
        this.#skipIndent();
        depth = this.#openContainer('quote', 0, 0);
        this.#advanceChars(1);
        if (this.#peekSpace()) this.#advanceColumns(1);
        this.#look();
        if (depth > deepestNesting) return false;
        continue;
      }
      if (this.#startLeaf(rest, interrupts ? paragraph : null, closeUnmatched)) return true;
      const note = footnoteMarker(rest);
      if (note !== null) {
        closeUnmatched();
        this.#skipIndent();
        depth = this.#openContainer('footnote', 4, 0);
        this.#advanceChars(note);
        this.#look();
        if (depth > deepestNesting) return false;
        continue;
      }
      if (this.#startItem(rest, interrupts, closeUnmatched)) {
        depth = this.#open.length;
        if (depth > deepestNesting) return false;
        continue;
      }
      break;
    }
    this.#finish(depth, closeUnmatched);
    return true;
  }

  #finish(depth: number, closeUnmatched: () => void): void {
    if (this.#isBlank()) {
      closeUnmatched();
      return;
    }
    // A paragraph still open here goes on, lazily if its containers did not: everything that could stop it has been tried.
    if (this.#leaf?.kind === 'paragraph') {
      this.#addText(this.#leaf);
      return;
    }
    this.#open.length = depth;
    this.#addText(this.#openLeaf('paragraph', {}));
  }

  #matchContainers(): number {
    let matched = 0;
    for (const container of this.#open) {
      if (container.kind === 'quote') {
        if (this.#indent >= 4 || this.#text.charAt(this.#next) !== '>') break;
        this.#skipIndent();
        this.#advanceChars(1);
        if (this.#peekSpace()) this.#advanceColumns(1);
      } else if (this.#isBlank()) {
        if (container.isEmpty && container.kind === 'item') break;
        this.#skipIndent();
      } else if (this.#indent >= container.indent) this.#advanceColumns(container.indent);
      else break;
      this.#look();
      matched += 1;
    }
    return matched;
  }

  /** `yes` the line belongs to it (or may, for a paragraph), `no` it has ended, `done` this line was its last. */
  #continueLeaf(leaf: Leaf): 'yes' | 'no' | 'done' {
    switch (leaf.kind) {
      case 'paragraph':
        return this.#isBlank() ? 'no' : 'yes';
      case 'fenced':
        if (leaf.fence && this.#indent < 4 && closesFence(this.#rest(), leaf.fence)) {
          this.#touch(leaf.index);
          this.#leaf = null;
          return 'done';
        }
        this.#advanceColumns(Math.min(leaf.fenceIndent, this.#indent));
        return 'yes';
      case 'indented':
        if (this.#indent >= 4) this.#advanceColumns(4);
        else if (this.#isBlank()) this.#skipIndent();
        else return 'no';
        return 'yes';
      default:
        return this.#isBlank() && (leaf.html ?? 0) >= 6 ? 'no' : 'yes';
    }
  }

  #startLeaf(rest: string, interrupted: Leaf | null, closeUnmatched: () => void): boolean {
    const heading = atxHeading(rest);
    if (heading) {
      closeUnmatched();
      const block = this.#push('heading', heading.level, '');
      const at = heading.text === '' ? -1 : rest.indexOf(heading.text, heading.level);
      block.lines.push({ line: this.#number, column: this.#next + Math.max(at, 0) + 1, text: heading.text });
      return true;
    }
    const fence = fenceStart(rest);
    if (fence) {
      closeUnmatched();
      this.#openLeaf('fenced', { fence, fenceIndent: this.#indent });
      return true;
    }
    const html = htmlStart(rest);
    if (html !== null && (html < 7 || interrupted === null)) {
      closeUnmatched();
      this.#addText(this.#openLeaf('html', { html }));
      return true;
    }
    const level = interrupted ? setextLevel(rest) : null;
    if (interrupted && level !== null) {
      const paragraph = this.blocks[interrupted.index];
      if (paragraph) this.blocks[interrupted.index] = { ...paragraph, kind: 'heading', level, endLine: this.#number };
      this.#touch(interrupted.index);
      this.#leaf = null;
      return true;
    }
    if (isThematicBreak(rest)) {
      closeUnmatched();
      this.#push('break', 0, '');
      return true;
    }
    return false;
  }

  #startItem(rest: string, interrupts: boolean, closeUnmatched: () => void): boolean {
    const marker = listMarker(rest);
    if (!marker) return false;
    const isEmpty = rest.slice(marker.width).trim() === '';
    if (interrupts && (isEmpty || !marker.startsAtOne)) return false;
    closeUnmatched();
    const outer = this.#indent;
    this.#skipIndent();
    this.#openContainer('item', 0, marker.isBullet ? 1 : 2);
    this.#advanceChars(marker.width);
    this.#look();
    let padding = marker.width + 1;
    if (isEmpty) {
      if (this.#peekSpace()) this.#advanceColumns(1);
    } else if (this.#indent <= 4) {
      padding = marker.width + this.#indent;
      this.#advanceColumns(this.#indent);
    } else {
      this.#advanceColumns(1);
    }
    this.#look();
    const opened = this.#open.pop();
    if (opened) this.#open.push({ ...opened, indent: outer + padding });
    return true;
  }

  #openContainer(kind: Container['kind'], indent: number, level: number): number {
    this.#push(kind, level, '');
    this.#open.push({ index: this.blocks.length - 1, kind, indent, isEmpty: true });
    return this.#open.length;
  }

  #openLeaf(kind: Leaf['kind'], parts: Partial<Pick<Leaf, 'fence' | 'fenceIndent' | 'html'>>): Leaf {
    this.#push(kind, 0, parts.fence?.info ?? '');
    const leaf: Leaf = { index: this.blocks.length - 1, kind, fence: null, fenceIndent: 0, html: null, ...parts };
    this.#leaf = leaf;
    return leaf;
  }

  #push(kind: BlockKind, level: number, info: string): Block {
    const parent = this.#open.at(-1);
    if (parent) parent.isEmpty = false;
    const block: Block = { kind, parent: parent?.index ?? -1, line: this.#number, column: this.#next + 1, endLine: this.#number, lines: [], level, info };
    this.blocks.push(block);
    this.#touch(this.blocks.length - 1);
    return block;
  }

  #addText(leaf: Leaf): void {
    const keepsIndent = leaf.kind !== 'paragraph';
    if (!keepsIndent) this.#skipIndent();
    // A tab of which a part belonged to a container leaves the rest of its width to the text.
    const filler = this.#insideTab ? ' '.repeat(4 - (this.#column % 4)) : '';
    const text = filler + this.#text.slice(this.#insideTab ? this.#offset + 1 : this.#offset);
    this.blocks[leaf.index]?.lines.push({ line: this.#number, column: this.#offset + 1, text });
    if (leaf.kind !== 'indented' || text.trim() !== '') this.#touch(leaf.index);
    if (leaf.html !== null && endsHtml(text, leaf.html)) this.#leaf = null;
  }

  /** The block and everything around it reach down to this line. */
  #touch(index: number): void {
    for (let block = this.blocks[index]; block && block.endLine < this.#number; block = this.blocks[block.parent]) block.endLine = this.#number;
  }

  #isBlank(): boolean {
    return this.#next >= this.#text.length;
  }

  #rest(): string {
    return this.#text.slice(this.#next);
  }

  /** Finds the next character that is not white space, and how many columns away it is. */
  #look(): void {
    let column = this.#column;
    let at = this.#offset;
    for (; at < this.#text.length; at += 1) {
      const letter = this.#text.charAt(at);
      if (letter === ' ') column += 1;
      else if (letter === '\t') column += 4 - (column % 4);
      else break;
    }
    this.#next = at;
    this.#indent = column - this.#column;
  }

  #peekSpace(): boolean {
    const letter = this.#text.charAt(this.#offset);
    return letter === ' ' || letter === '\t';
  }

  #skipIndent(): void {
    this.#column += this.#indent;
    this.#offset = this.#next;
    this.#insideTab = false;
    this.#indent = 0;
  }

  #advanceChars(count: number): void {
    this.#offset += count;
    this.#column += count;
    this.#insideTab = false;
  }

  #advanceColumns(count: number): void {
    let left = count;
    while (left > 0 && this.#offset < this.#text.length) {
      if (this.#text.charAt(this.#offset) === '\t') {
        const width = 4 - (this.#column % 4);
        this.#insideTab = width > left;
        const step = Math.min(width, left);
        this.#column += step;
        if (!this.#insideTab) this.#offset += 1;
        left -= step;
      } else {
        this.#insideTab = false;
        this.#offset += 1;
        this.#column += 1;
        left -= 1;
      }
    }
    this.#look();
  }
}
