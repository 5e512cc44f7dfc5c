import type { Anchor } from './anchor.ts';
import type { LedgerEntry } from './chain.ts';
import { findKey } from './key-ring.ts';
import type { KeyRing } from './key-ring.ts';
import { Frontier, leafHash } from './merkle.ts';
import { isHeadSignedBy, isSealSignedBy } from './signed-head.ts';
import type { SignedHead } from './signed-head.ts';
import type { Fault } from './verdict.ts';

/** What is known of a ledger besides its entries. */
export interface Heads {
  /** Signed heads that come with the ledger; null for a ledger that comes alone. */
  readonly heads: readonly { readonly place: string; readonly head: SignedHead }[] | null;
  /** What was seen elsewhere. */
  readonly anchors: readonly Anchor[];
  readonly keys: KeyRing;
  /** The keys are the reader's own; otherwise they came with the files. */
  readonly keysAreGiven: boolean;
}

/** A signature over the ledger, as a reader is told of it. */
export interface LedgerSignature {
  readonly place: string;
  /** It covers the entries up to this one. */
  readonly size: number;
  readonly keyId: string;
  readonly at: string;
  readonly good: boolean;
}

interface Expected extends Anchor {
  readonly isAnchor: boolean;
  /** Its signature was checked and is right. */
  readonly trusted: boolean;
}

/**
 * Compares a ledger with signed heads, seals and anchors while its entries go by: what a chain alone cannot show (a cut-off end, a
 * history written anew, two histories) shows here.
 */
export class HeadCheck {
  readonly signatures: LedgerSignature[] = [];
  readonly remarks = new Set<string>();
  readonly #given: Heads;
  readonly #fault: (fault: Fault) => void;
  readonly #expected: readonly Expected[];
  readonly #bySize = new Map<number, Expected[]>();
  readonly #unplaced: Set<Expected>;
  readonly #others = new Set<Expected>();
  readonly #wrong: { readonly expected: Expected; readonly what: string }[] = [];
  readonly #tree = new Frontier();
  readonly #needsRoot: boolean;
  #goodUpTo = 0;
  /** No key at all: what is signed counts as if it were not, and the reader is told. */
  readonly #unchecked: boolean;

  constructor(given: Heads, fault: (fault: Fault) => void) {
    this.#given = given;
    this.#unchecked = given.keys.length === 0 && !given.keysAreGiven;
    this.#fault = fault;
    const heads = (given.heads ?? []).map(({ place, head }) => ({ place, size: head.size, head: head.head, root: head.root, signed: head, isAnchor: false }));
    this.#expected = [...heads, ...given.anchors.map((anchor) => ({ ...anchor, isAnchor: true }))].map((one) => ({ ...one, trusted: this.#checkSignature(one.place, one.signed) }));
    const counting = this.#expected.filter((one) => one.signed === null || one.trusted || this.#unchecked);
    for (const one of counting) if (one.size !== null) this.#bySize.set(one.size, [...(this.#bySize.get(one.size) ?? []), one]);
    this.#unplaced = new Set(counting.filter((one) => one.size === null));
    this.#needsRoot = counting.some((one) => one.root !== null);
    this.#findForks();
  }

  see(entry: LedgerEntry, line: string): void {
    if (entry.seq === 1) this.#findOthers(entry.mission);
    if (this.#needsRoot) this.#tree.append(leafHash(line));
    if (entry.body.type === 'ledger.sealed') this.#checkSeal(entry, entry.body);
    for (const expected of this.#bySize.get(entry.seq) ?? []) this.#compare(expected, entry);
    for (const expected of this.#unplaced) if (entry.hash.startsWith(expected.head)) this.#unplaced.delete(expected);
  }

  /** To be called when the ledger has ended; `isWhole` when its chain held up to there. */
  finish(entries: number, isWhole: boolean): void {
    if (isWhole) this.#tellWrong(entries);
    const { heads, keysAreGiven } = this.#given;
    const good = this.signatures.filter((signature) => signature.good);
    if (good.length === 0) {
      if (keysAreGiven && this.signatures.length === 0) this.#fault({ kind: 'wrong-key', place: 'ledger.jsonl', entry: null, message: 'nothing here is signed, but a key was given: signatures were removed, or never made' });
      else if (this.signatures.length === 0) this.remarks.add('unsigned: nothing but the chain itself speaks for it');
      return;
    }
    const covered = Math.max(this.#goodUpTo, 0);
    if (heads !== null && heads.length === 0) {
      const message = `heads.jsonl is missing: the ledger is sealed up to entry ${covered} of ${entries}, and was exported without its signed head, or that was removed`;
      if (keysAreGiven) this.#fault({ kind: 'truncated', place: 'heads.jsonl', entry: null, message });
      else this.remarks.add(message);
    } else if (covered < entries) this.remarks.add(`signed up to entry ${covered}; nothing shows whether the ${entries - covered} after it are all there are`);
    if (!keysAreGiven) for (const keyId of new Set(good.map((one) => one.keyId))) this.remarks.add(`the public key ${keyId.slice(0, 16)}… came with the files: compare it with your installation's, or name yours with --key`);
  }

  #checkSignature(place: string, head: SignedHead | null): boolean {
    if (head === null) return false;
    const { keys } = this.#given;
    const found = findKey(keys, head.keyId, head.at);
    const good = found.known && isHeadSignedBy(head, found.key);
    this.signatures.push({ place, size: head.size, keyId: head.keyId, at: head.at, good });
    if (this.#unchecked) this.#tellUnchecked(head.keyId);
    else if (!found.known) this.#fault({ kind: 'wrong-key', place, entry: null, message: `the signed head is by a key that nobody vouches for: ${found.reason}` });
    else if (!good) this.#fault({ kind: 'tampered', place, entry: null, message: `the signed head was changed after key ${head.keyId.slice(0, 16)} signed it, or was signed with another key` });
    else if (found.remark !== null) this.remarks.add(found.remark);
    return good;
  }

  #checkSeal({ mission, seq, at, prev }: LedgerEntry, seal: Extract<LedgerEntry['body'], { type: 'ledger.sealed' }>): void {
    const place = `ledger.jsonl:${seq}`;
    if (seal.size !== seq - 1 || seal.head !== prev) {
      this.#fault({ kind: 'tampered', place, entry: seq, message: `the seal speaks of ${seal.size} entries ending in ${seal.head.slice(0, 12)}…, before it stand ${seq - 1} ending in ${prev.slice(0, 12)}…: entries were written anew` });
      return;
    }
    const found = findKey(this.#given.keys, seal.keyId, at);
    const good = found.known && isSealSignedBy(mission, seal, found.key);
    this.signatures.push({ place, size: seal.size, keyId: seal.keyId, at, good });
    if (this.#unchecked) this.#tellUnchecked(seal.keyId);
    else if (!found.known) this.#fault({ kind: 'wrong-key', place, entry: seq, message: `the seal is by a key that nobody vouches for: ${found.reason}` });
    else if (!good) this.#fault({ kind: 'tampered', place, entry: seq, message: `the seal is not key ${seal.keyId.slice(0, 16)}'s for these ${seal.size} entries: entries were written anew, or it was signed with another key` });
    else {
      this.#goodUpTo = Math.max(this.#goodUpTo, seal.size);
      if (found.remark !== null) this.remarks.add(found.remark);
    }
  }

  #compare(expected: Expected, { hash, seq }: LedgerEntry): void {
    const { head, root, trusted } = expected;
    if (this.#others.has(expected)) return;
    if (!hash.startsWith(head)) this.#wrong.push({ expected, what: `entry ${seq} has the hash ${hash.slice(0, 12)}…, expected ${head.slice(0, 12)}…` });
    else if (root !== null && this.#tree.root() !== root) this.#wrong.push({ expected, what: `the root over ${seq} entries is ${this.#tree.root().slice(0, 12)}…, expected ${root.slice(0, 12)}…` });
    else if (trusted) this.#goodUpTo = Math.max(this.#goodUpTo, seq);
  }

  #tellWrong(entries: number): void {
    for (const [size, all] of this.#bySize) {
      // A ledger without entries has a head of its own: nothing.
      if (size > entries) for (const { place } of all.filter((one) => !this.#others.has(one))) this.#fault({ kind: 'truncated', place, entry: entries + 1, message: `it speaks of ${size} entries, the ledger has ${entries}: ${size - entries} were cut off` });
    }
    for (const { place, head } of this.#unplaced) this.#fault({ kind: 'truncated', place, entry: null, message: `the ledger has no entry with the hash ${head.slice(0, 16)}${head.length > 16 ? '…' : ''}: entries were cut off or rewritten` });
    for (const { expected, what } of this.#wrong) {
      const { place, size, signed } = expected;
      // The key has signed this history too: two of them exist.
      const ours = this.#expected.find((one) => one.trusted && one !== expected && one.size !== null && one.size >= (size ?? 0) && one.size <= entries && !this.#others.has(one) && !this.#wrong.some((wrong) => wrong.expected === one));
      const isFork = ours !== undefined || (expected.isAnchor && this.#goodUpTo >= (size ?? Infinity));
      const message = isFork ? `another history than this one was shown there: ${what}` : `entries were written anew after it was made: ${what}`;
      this.#fault({ kind: isFork ? 'forked' : 'tampered', place, entry: Math.min(this.#goodUpTo + 1, size ?? 1), message, ...(ours?.signed && signed && expected.trusted ? { proof: [ours.signed, signed] as const } : {}) });
    }
  }

  /** What was signed for another mission's ledger says nothing of this one, neither for nor against it. */
  #findOthers(mission: string): void {
    for (const one of this.#expected) {
      if (one.signed === null || one.signed.mission === mission) continue;
      this.#others.add(one);
      this.#fault({ kind: 'tampered', place: one.place, entry: null, message: `it is of another mission: it speaks of ${one.signed.mission}, the ledger is of ${mission}` });
    }
  }

  #tellUnchecked(keyId: string): void {
    this.remarks.add(`signed by key ${keyId.slice(0, 16)}, but no public key was given: signatures were not checked (--key)`);
  }

  /** Two heads of one size that differ prove by themselves that their signer told two stories. */
  #findForks(): void {
    for (const all of this.#bySize.values()) {
      const signed = all.flatMap((one) => (one.trusted && one.signed !== null ? [{ ...one, signed: one.signed }] : []));
      const [first] = signed;
      const other = signed.find((one) => one.signed.mission === first?.signed.mission && (one.signed.root !== first.signed.root || one.signed.head !== first.signed.head));
      if (first && other) this.#fault({ kind: 'forked', place: other.place, entry: null, message: `two signed heads over ${first.size ?? 0} entries differ (the other one: ${first.place}): the key has signed two histories`, proof: [first.signed, other.signed] });
    }
  }
}
