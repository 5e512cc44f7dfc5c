import type { SignedHead } from './signed-head.ts';

/**
 * What is wrong with a ledger. `tampered`: something was changed, put in, taken out or moved; `truncated`: what is there is right,
 * but something is missing; `forked`: the same key signed two histories, or a history other than this one was seen; `wrong-key`:
 * signed by a key that nobody vouches for.
 */
export type FaultKind = 'forked' | 'tampered' | 'truncated' | 'wrong-key';

export interface Fault {
  readonly kind: FaultKind;
  /** File and, for a ledger, line: `ledger.jsonl:12`. */
  readonly place: string;
  /** The first entry concerned; null when it is no matter of one entry. */
  readonly entry: number | null;
  readonly message: string;
  /** The ledger does not know of it: it was cut off, or this was added. */
  readonly unknown?: true;
  /** Two signed heads of which one at most can be true: whoever has the public key, and the ledger where they are of different sizes, can see that. */
  readonly proof?: readonly [SignedHead, SignedHead];
}

export type Verdict = { readonly kind: 'valid' } | (Fault & { readonly kind: FaultKind });

/** The worst comes first: a broken chain makes everything else uncertain. */
const gravity: readonly FaultKind[] = ['forked', 'tampered', 'truncated', 'wrong-key'];

/** The one fault that a reader should hear of first. */
export function verdictOf(faults: readonly Fault[]): Verdict {
  const [worst] = faults.toSorted((a, b) => gravity.indexOf(a.kind) - gravity.indexOf(b.kind));
  return worst ?? { kind: 'valid' };
}

export function faultText({ place, message }: Fault): string {
  return `${place}: ${message}`;
}
