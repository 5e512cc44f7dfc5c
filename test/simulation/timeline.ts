import { seeded } from '../support/random.ts';

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly life: Life | null;
  readonly what: string;
  readonly run: () => void;
  /** Nobody waits for what it does: promises need not be given their turn. */
  readonly isSilent: boolean;
}

/** One life of a simulated process, from its start to its death. What a dead life was about to do never happens. */
export interface Life {
  readonly process: string;
  alive: boolean;
  /** Frozen (SIGSTOP): what it was about to do happens after this moment. */
  frozenUntil: number;
}

/** Told before every step of a process: may kill or freeze it. */
export type StepWatcher = (life: Life, what: string) => void;

/** After so many steps something goes round in circles. */
const maximumSteps = 60_000;

/**
 * Time and chance of one simulated world. Everything that happens is a step on this timeline; steps run one at a time, in
 * the order of their (simulated) moments, and between two steps every promise that can go on does. Equal seeds give equal
 * steps: `fingerprint` is a hash over all of them.
 */
export class Timeline {
  readonly random: () => number;
  readonly started = 1_900_000_000_000;
  now = this.started;
  steps = 0;
  fingerprint = 0x811c9dc5;
  beforeStep: StepWatcher = () => undefined;
  readonly story: string[] | null;
  readonly #heap: Entry[] = [];
  #order = 0;

  constructor(seed: number, tellStory: boolean) {
    this.random = seeded(seed);
    this.story = tellStory ? [] : null;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)] as T;
  }

  /** `run` happens `afterMs` from now, unless the life it belongs to has ended by then. Silent: it settles no promise. */
  schedule(afterMs: number, life: Life | null, what: string, run: () => void, isSilent = false): void {
    this.#order += 1;
    push(this.#heap, { at: this.now + Math.max(0, afterMs), order: this.#order, life, what, run, isSilent });
  }

  /** Adds a line to the fingerprint and, unless it is of little interest, to the story. */
  tell(who: string, what: string, isQuiet = false): void {
    for (let at = 0; at < what.length; at += 1) this.fingerprint = Math.imul(this.fingerprint ^ what.charCodeAt(at), 0x01000193);
    this.fingerprint = Math.imul(this.fingerprint ^ (this.now - this.started), 0x01000193) >>> 0;
    if (this.story && !isQuiet) this.story.push(`${clockTime(this.now - this.started)}  ${who.padEnd(9)} ${what}`);
  }

  /** Runs steps until `isDone` says so after one of them. Rejects when the world does not come to rest. */
  async run(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const next = pop(this.#heap);
      if (next === undefined) throw new Error('nothing is left to happen');
      if (next.life !== null) {
        if (!next.life.alive) continue;
        if (next.at < next.life.frozenUntil) {
          push(this.#heap, { ...next, at: next.life.frozenUntil });
          continue;
        }
      }
      this.now = Math.max(this.now, next.at);
      if (next.life !== null) {
        this.beforeStep(next.life, next.what);
        if (!next.life.alive) continue;
        if (next.life.frozenUntil > this.now) {
          push(this.#heap, { ...next, at: next.life.frozenUntil });
          continue;
        }
      }
      this.steps += 1;
      if (this.steps > maximumSteps) throw new Error(`the world did not come to rest within ${maximumSteps} steps`);
      next.run();
      if (!next.isSilent) await everythingElse();
    }
  }
}

/** Resolves when every promise that could go on has. */
function everythingElse(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Entry;
    if (!isBefore(entry, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const smaller = right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry) ? right : left;
    if (!isBefore(heap[smaller] as Entry, last)) break;
    heap[at] = heap[smaller] as Entry;
    at = smaller;
  }
  heap[at] = last;
  return first;
}
