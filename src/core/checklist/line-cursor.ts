/**
 * A place in a line, counted in characters and in columns: a tab is a step to the next multiple of four columns, and a container
 * may take a part of one (CommonMark 2.2).
 */
export class LineCursor {
  /** Characters before the place. */
  offset = 0;
  /** First character at or behind the place that is not white space. */
  next = 0;
  /** Columns between the two. */
  indent = 0;
  #text = '';
  #column = 0;
  #insideTab = false;

  begin(text: string): void {
    this.#text = text;
    this.offset = 0;
    this.#column = 0;
    this.#insideTab = false;
    this.look();
  }

  /** What is behind the place. A tab of which a part belonged to a container leaves the rest of its width. */
  remainder(): string {
    const filler = this.#insideTab ? ' '.repeat(4 - (this.#column % 4)) : '';
    return filler + this.#text.slice(this.#insideTab ? this.offset + 1 : this.offset);
  }

  isBlank(): boolean {
    return this.next >= this.#text.length;
  }

  rest(): string {
    return this.#text.slice(this.next);
  }

  /** Finds the next character that is not white space, and how many columns away it is. */
  look(): void {
    let column = this.#column;
    let at = this.offset;
    for (; at < this.#text.length; at += 1) {
      const letter = this.#text.charAt(at);
      if (letter === ' ') column += 1;
      else if (letter === '\t') column += 4 - (column % 4);
      else break;
    }
    this.next = at;
    this.indent = column - this.#column;
  }

  peekSpace(): boolean {
    const letter = this.#text.charAt(this.offset);
    return letter === ' ' || letter === '\t';
  }

  skipIndent(): void {
    this.#column += this.indent;
    this.offset = this.next;
    this.#insideTab = false;
    this.indent = 0;
  }

  advanceChars(count: number): void {
    this.offset += count;
    this.#column += count;
    this.#insideTab = false;
  }

  advanceColumns(count: number): void {
    let left = count;
    while (left > 0 && this.offset < this.#text.length) {
      if (this.#text.charAt(this.offset) === '\t') {
        const width = 4 - (this.#column % 4);
        this.#insideTab = width > left;
        const step = Math.min(width, left);
        this.#column += step;
        if (!this.#insideTab) this.offset += 1;
        left -= step;
      } else {
        this.#insideTab = false;
        this.offset += 1;
        this.#column += 1;
        left -= 1;
      }
    }
    this.look();
  }
}
