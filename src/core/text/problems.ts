import type { Problem } from '../mission/definition.ts';

/** A place in a text: 1-based line, 1-based column in UTF-16 code units; 0 and 0 mean the file as a whole. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** More problems than this help nobody and would not fit a comment. */
export const maximumProblems = 100;

/**
 * Collects the problems of a file, and of files it names (`of`), which come after its own; keeps the first `maximumProblems` in
 * order of place and says how many more there were.
 */
export class ProblemList {
  readonly file: string;
  readonly #all: { readonly found: Problem[]; readonly files: string[]; dropped: number };

  constructor(file: string, parent?: ProblemList) {
    this.file = file;
    this.#all = parent ? parent.#all : { found: [], files: [], dropped: 0 };
    if (!this.#all.files.includes(file)) this.#all.files.push(file);
  }

  /** The same list, for problems of another file. */
  of(file: string): ProblemList {
    return new ProblemList(file, this);
  }

  add(code: string, at: Position, message: string): void {
    // A bound of ten times the answer keeps memory small and still lets the answer be the earliest ones.
    if (this.#all.found.length >= maximumProblems * 10) this.#all.dropped += 1;
    else this.#all.found.push({ code, file: this.file, line: at.line, column: at.column, message });
  }

  /** Problems of other readers, as they are. */
  take(problems: readonly Problem[]): void {
    this.#all.found.push(...problems);
  }

  get isEmpty(): boolean {
    return this.#all.found.length === 0;
  }

  get size(): number {
    return this.#all.found.length;
  }

  list(): readonly Problem[] {
    const order = new Map(this.#all.files.map((file, index) => [file, index]));
    const sorted = this.#all.found.toSorted((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column);
    const shown = sorted.slice(0, maximumProblems);
    const more = sorted.length - shown.length + this.#all.dropped;
    const last = shown.at(-1);
    if (more > 0 && last) {
      shown.push({ ...last, code: 'more-problems', message: `${more} more problems are not listed; repair these first and check again.` });
    }
    return shown;
  }
}

/** A piece of somebody's text for a message: quoted, on one line, at most 60 characters, no control characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not reach a message
  const flat = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/gu, ' ');
  const letters = Array.from(flat.slice(0, 130));
  const short = letters.length > 60 ? `${letters.slice(0, 59).join('')}…` : letters.join('');
  return typeof value === 'string' ? `"${short}"` : short;
}
