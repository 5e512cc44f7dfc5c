interface Held<T> {
  readonly value: T;
  readonly bytes: number;
}

/** Values by name, those that were used last: at most `most` of them, and at most `mostBytes` together. */
export class Kept<T> {
  readonly #held = new Map<string, Held<T>>();
  readonly #most: number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(most: number, mostBytes = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  find(name: string): T | null {
    const held = this.#held.get(name);
    if (held === undefined) return null;
    this.#held.delete(name);
    this.#held.set(name, held);
    return held.value;
  }

  /** In place of what was kept by this name. What is larger than all together may be is not kept. */
  keep(name: string, value: T, bytes = 0): void {
    this.#drop(name);
    if (bytes > this.#mostBytes) return;
    this.#held.set(name, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#most && this.#bytes <= this.#mostBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    this.#bytes -= this.#held.get(name)?.bytes ?? 0;
    this.#held.delete(name);
  }
}
