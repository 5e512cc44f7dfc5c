import { readSignedHead } from './signed-head.ts';
import type { SignedHead } from './signed-head.ts';

/** What somebody saw of a ledger and kept elsewhere: in a gate check, in a git tag, in a file of his own. */
export interface Anchor {
  /** Where it is from, in the words of whoever gave it. */
  readonly place: string;
  /** Number of entries at that time; null when only the hash is known. */
  readonly size: number | null;
  /** Hash of the last entry at that time, or its first 8 or more digits. */
  readonly head: string;
  readonly root: string | null;
  /** Null when it is told without a signature. */
  readonly signed: SignedHead | null;
}

/**
 * Reads an anchor: a hash (or its beginning), `<entries>:<hash>`, a signed head as JSON, or a text that holds one of the last two (the
 * message of a tag, the summary of a gate check). Null when there is nothing of that kind in it.
 */
export function readAnchor(place: string, text: string): Anchor | null {
  const plain = /^\s*(?:(\d{1,15}):)?([0-9a-f]{8,64})\s*$/.exec(text);
  if (plain) return { place, size: plain[1] === undefined ? null : Number(plain[1]), head: plain[2] ?? '', root: null, signed: null };
  const signed = readSignedHead(text) ?? [...text.matchAll(/\{[^{}]*"schema"\s*:\s*"schema\.ledger\.head\.v1"[^{}]*\}/g)].map(([json]) => readSignedHead(json)).find((head) => head !== null);
  if (signed) return anchorOf(place, signed);
  const told = /ledger\s+`?(\d{1,15}):([0-9a-f]{8,64})`?(?:\s*·\s*root\s+`?([0-9a-f]{64})`?)?/.exec(text);
  return told ? { place, size: Number(told[1]), head: told[2] ?? '', root: told[3] ?? null, signed: null } : null;
}

export function anchorOf(place: string, signed: SignedHead): Anchor {
  return { place, size: signed.size, head: signed.head, root: signed.root, signed };
}
