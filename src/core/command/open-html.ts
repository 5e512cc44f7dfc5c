/** They hold nothing, or end by themselves where the next one begins: an open one says nothing of what follows. */
const endsByItself = new Set('a area base br caption col colgroup dd dt embed hr img input li link meta option optgroup p param source tbody td tfoot th thead tr track wbr'.split(' '));

/**
 * Follows the HTML of a document from block to block. An HTML block ends at a blank line, the element it opened does not: what stands
 * between `<details>` and `</details>` is folded away, however many paragraphs it has.
 */
export class OpenHtml {
  readonly #open: string[] = [];

  /** True while some element is open. */
  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Takes the next HTML block. Linear in its length. */
  see(text: string): void {
    for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
      if (text.startsWith('<!--', at)) {
        const end = text.indexOf('-->', at + 4);
        if (end < 0) return;
        at = end;
        continue;
      }
      const tag = /^<(\/?)([a-z][a-z0-9-]{0,40})(?=[\s/>]|$)/i.exec(text.slice(at, at + 50));
      const name = tag?.[2]?.toLowerCase();
      if (name === undefined || endsByItself.has(name)) continue;
      if (tag?.[1] === '') this.#open.push(name);
      else if (this.#open.includes(name)) this.#open.length = this.#open.lastIndexOf(name);
    }
  }
}
