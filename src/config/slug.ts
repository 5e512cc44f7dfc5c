/** Leaves room for a suffix within an id's 63 characters. */
const longestSlug = 48;

/** An id made of a title: `Build the API!` → `build-the-api`. Empty when the title has no letter or digit of a–z, 0–9. */
export function slug(title: string): string {
  const words = title
    .slice(0, 400)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f'’`]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (words.length <= longestSlug) return words;
  const cut = words.slice(0, longestSlug + 1);
  const end = cut.lastIndexOf('-');
  return end > longestSlug / 2 ? cut.slice(0, end) : words.slice(0, longestSlug).replace(/-$/, '');
}

/**
 * Gives ids to titles. Ids that people gave are taken first, so that no made-up id collides with one of them; the same titles
 * in the same order always get the same ids.
 */
export class IdMaker {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();
  readonly #fallback: string;

  constructor(taken: Iterable<string>, fallback: string) {
    this.#taken = new Set(taken);
    this.#fallback = fallback;
  }

  make(title: string): string {
    const base = slug(title) || this.#fallback;
    let number = this.#next.get(base) ?? (base === this.#fallback ? 1 : 0);
    let id = number === 0 ? base : `${base}-${number}`;
    while (this.#taken.has(id)) {
      number = Math.max(number + 1, 2);
      id = `${base}-${number}`;
    }
    this.#next.set(base, number);
    this.#taken.add(id);
    return id;
  }
}
