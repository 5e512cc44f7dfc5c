import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import { atxHeading, closesFence, endsHtml, fenceStart, footnoteMarker, htmlStart, isThematicBreak, listMarker, setextLevel } from './block-starts.ts';
import type { Fence, HtmlKind } from './block-starts.ts';
import { LineCursor } from './line-cursor.ts';

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

  readonly #at = new LineCursor();
  #number = 0;

  /** False when the line opens too many containers. */
  line(number: number, text: string): boolean {
    this.#number = number;
    this.#at.begin(text);

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
      if (this.#at.isBlank()) break;
      if (this.#at.indent >= 4) {
        if (paragraph) break;
        closeUnmatched();
        this.#at.advanceColumns(4);
        this.#addText(this.#openLeaf('indented', {}));
        return true;
      }
      const rest = this.#at.rest();
      if (rest.startsWith('>')) {
        closeUnmatched();
        this.#at.skipIndent();
        depth = this.#openContainer('quote', 0, 0);
        this.#at.advanceChars(1);
        if (this.#at.peekSpace()) this.#at.advanceColumns(1);
        this.#at.look();
        if (depth > deepestNesting) return false;
        continue;
      }
      if (this.#startLeaf(rest, interrupts ? paragraph : null, closeUnmatched)) return true;
      const note = footnoteMarker(rest);
      if (note !== null) {
        closeUnmatched();
        this.#at.skipIndent();
        depth = this.#openContainer('footnote', 4, 0);
        this.#at.advanceChars(note);
        this.#at.look();
        // However wide the white space behind the marker is, it makes no indented code.
        this.#at.skipIndent();
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
    if (this.#at.isBlank()) {
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
        if (this.#at.indent >= 4 || !this.#at.rest().startsWith('>')) break;
        this.#at.skipIndent();
        this.#at.advanceChars(1);
        if (this.#at.peekSpace()) this.#at.advanceColumns(1);
      } else if (this.#at.isBlank()) {
        if (container.isEmpty && container.kind === 'item') break;
        this.#at.skipIndent();
      } else if (this.#at.indent >= container.indent) this.#at.advanceColumns(container.indent);
      else break;
      this.#at.look();
      matched += 1;
    }
    return matched;
  }

  /** `yes` the line belongs to it (or may, for a paragraph), `no` it has ended, `done` this line was its last. */
  #continueLeaf(leaf: Leaf): 'yes' | 'no' | 'done' {
    switch (leaf.kind) {
      case 'paragraph':
        return this.#at.isBlank() ? 'no' : 'yes';
      case 'fenced':
        if (leaf.fence && this.#at.indent < 4 && closesFence(this.#at.rest(), leaf.fence)) {
          this.#touch(leaf.index);
          this.#leaf = null;
          return 'done';
        }
        this.#at.advanceColumns(Math.min(leaf.fenceIndent, this.#at.indent));
        return 'yes';
      case 'indented':
        if (this.#at.indent >= 4) this.#at.advanceColumns(4);
        else if (this.#at.isBlank()) this.#at.skipIndent();
        else return 'no';
        return 'yes';
      default:
        return this.#at.isBlank() && (leaf.html ?? 0) >= 6 ? 'no' : 'yes';
    }
  }

  #startLeaf(rest: string, interrupted: Leaf | null, closeUnmatched: () => void): boolean {
    const heading = atxHeading(rest);
    if (heading) {
      closeUnmatched();
      const block = this.#push('heading', heading.level, '');
      const at = heading.text === '' ? -1 : rest.indexOf(heading.text, heading.level);
      block.lines.push({ line: this.#number, column: this.#at.next + Math.max(at, 0) + 1, text: heading.text });
      return true;
    }
    const fence = fenceStart(rest);
    if (fence) {
      closeUnmatched();
      this.#openLeaf('fenced', { fence, fenceIndent: this.#at.indent });
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
    const outer = this.#at.indent;
    this.#at.skipIndent();
    this.#openContainer('item', 0, marker.isBullet ? 1 : 2);
    this.#at.advanceChars(marker.width);
    this.#at.look();
    let padding = marker.width + 1;
    if (isEmpty) {
      if (this.#at.peekSpace()) this.#at.advanceColumns(1);
    } else if (this.#at.indent <= 4) {
      padding = marker.width + this.#at.indent;
      this.#at.advanceColumns(this.#at.indent);
    } else {
      this.#at.advanceColumns(1);
    }
    this.#at.look();
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
    const block: Block = { kind, parent: parent?.index ?? -1, line: this.#number, column: this.#at.next + 1, endLine: this.#number, lines: [], level, info };
    this.blocks.push(block);
    this.#touch(this.blocks.length - 1);
    return block;
  }

  #addText(leaf: Leaf): void {
    const keepsIndent = leaf.kind !== 'paragraph';
    if (!keepsIndent) this.#at.skipIndent();
    const text = this.#at.remainder();
    this.blocks[leaf.index]?.lines.push({ line: this.#number, column: this.#at.offset + 1, text });
    if (leaf.kind !== 'indented' || text.trim() !== '') this.#touch(leaf.index);
    if (leaf.html !== null && endsHtml(text, leaf.html)) this.#leaf = null;
  }

  /** The block and everything around it reach down to this line. */
  #touch(index: number): void {
    const own = this.blocks[index];
    if (!own) return;
    own.endLine = this.#number;
    for (let block = this.blocks[own.parent]; block && block.endLine < this.#number; block = this.blocks[block.parent]) block.endLine = this.#number;
  }
}
