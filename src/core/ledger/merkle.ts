import { hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 9162, section 2.1: leaves are hashed behind a byte 0x00, nodes behind 0x01, so that no node can be passed
 * off as a leaf. Hashes are 32 bytes of SHA-256. A leaf is the UTF-8 text of one ledger line without its line break.
 */
export function leafHash(text: string): Buffer {
  return hash('sha256', `\u0000${text}`, 'buffer');
}

const node = Buffer.alloc(65);

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node[0] = 1;
  node.set(left, 1);
  node.set(right, 33);
  return hash('sha256', node, 'buffer');
}

/** The root of no leaves at all: the hash of nothing. */
export const emptyRoot = hash('sha256', '', 'hex');

/** As much of a tree as is needed to go on with it and to know its root: one hash for each bit that is set in its size. */
export class Frontier {
  #size = 0;
  /** Roots of the full trees that the leaves fall into, largest first. */
  readonly #peaks: Uint8Array[] = [];

  get size(): number {
    return this.#size;
  }

  /** Takes the next leaf's hash; two hashings a leaf, on average. */
  append(leaf: Uint8Array): void {
    let top = leaf;
    for (let trees = this.#size; trees % 2 === 1; trees = (trees - 1) / 2) top = nodeHash(this.#peaks.pop() ?? top, top);
    this.#peaks.push(top);
    this.#size += 1;
  }

  /** The root over all leaves so far, as hex. */
  root(): string {
    const [last, ...before] = this.#peaks.toReversed();
    if (last === undefined) return emptyRoot;
    return Buffer.from(before.reduce((right, left) => nodeHash(left, right), last)).toString('hex');
  }
}

/** The root over these leaf hashes, as hex. */
export function rootOf(leaves: readonly Uint8Array[]): string {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
}

/** Shows that leaf `index` (from 0) is in the tree of these leaves: hashes as hex, the nearest first (RFC 9162, 2.1.3.1). */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): readonly string[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new RangeError(`inclusionProof: leaf ${index} of ${leaves.length}`);
  return path(leaves, 0, leaves.length, index).map(hex);
}

function path(leaves: readonly Uint8Array[], from: number, to: number, index: number): Uint8Array[] {
  if (to - from === 1) return [];
  const middle = from + split(to - from);
  return index < middle ? [...path(leaves, from, middle, index), subtree(leaves, middle, to)] : [...path(leaves, middle, to, index), subtree(leaves, from, middle)];
}

/** Shows that the tree of the first `first` leaves is a beginning of the tree of all (RFC 9162, 2.1.4.1). */
export function consistencyProof(leaves: readonly Uint8Array[], first: number): readonly string[] {
  if (!Number.isInteger(first) || first < 1 || first > leaves.length) throw new RangeError(`consistencyProof: ${first} of ${leaves.length} leaves`);
  return growth(leaves, 0, leaves.length, first, true).map(hex);
}

function growth(leaves: readonly Uint8Array[], from: number, to: number, first: number, isWhole: boolean): Uint8Array[] {
  if (first === to - from) return isWhole ? [] : [subtree(leaves, from, to)];
  const half = split(to - from);
  const middle = from + half;
  return first <= half ? [...growth(leaves, from, middle, first, isWhole), subtree(leaves, middle, to)] : [...growth(leaves, middle, to, first - half, false), subtree(leaves, from, middle)];
}

function subtree(leaves: readonly Uint8Array[], from: number, to: number): Uint8Array {
  const leaf = leaves[from];
  if (to - from === 1 && leaf !== undefined) return leaf;
  const middle = from + split(to - from);
  return nodeHash(subtree(leaves, from, middle), subtree(leaves, middle, to));
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** True when the proof leads from leaf `index` of `size` to the root (RFC 9162, 2.1.3.2). Anything malformed is no proof. */
export function provesInclusion(claim: { readonly leaf: Uint8Array; readonly index: number; readonly size: number; readonly root: string }, proof: readonly string[]): boolean {
  const hashes = bytes(proof);
  if (hashes === null || !areCounts(claim.index, claim.size) || claim.index >= claim.size) return false;
  let at = claim.index;
  let last = claim.size - 1;
  let found = claim.leaf;
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = nodeHash(sibling, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else found = nodeHash(found, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hex(found) === claim.root;
}

interface Tree {
  readonly size: number;
  readonly root: string;
}

/** True when the proof shows that `first` is a beginning of `second` (RFC 9162, 2.1.4.2). */
export function provesConsistency(first: Tree, second: Tree, proof: readonly string[]): boolean {
  const given = bytes(proof);
  if (given === null || !areCounts(first.size, second.size) || first.size < 1 || first.size > second.size) return false;
  if (first.size === second.size) return given.length === 0 && first.root === second.root;
  const isFull = Number.isInteger(Math.log2(first.size)) && 2 ** Math.log2(first.size) === first.size;
  const [start, ...rest] = isFull ? [Buffer.from(first.root, 'hex'), ...given] : given;
  if (start === undefined || start.length !== 32) return false;
  let at = first.size - 1;
  let last = second.size - 1;
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  let earlier: Uint8Array = start;
  let later: Uint8Array = start;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      earlier = nodeHash(sibling, earlier);
      later = nodeHash(sibling, later);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else later = nodeHash(later, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hex(earlier) === first.root && hex(later) === second.root;
}

function areCounts(...numbers: readonly number[]): boolean {
  return numbers.every((number) => Number.isSafeInteger(number) && number >= 0);
}

function bytes(proof: readonly string[]): readonly Buffer[] | null {
  return proof.every((text) => /^[0-9a-f]{64}$/.test(text)) ? proof.map((text) => Buffer.from(text, 'hex')) : null;
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}
