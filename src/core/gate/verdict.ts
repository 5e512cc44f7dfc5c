/**
 * One node of the tree that explains a gate: what was asked, what was found, and why that is enough or not. Check run, page,
 * terminal, dossier and tests read the same tree.
 */
export interface Verdict {
  readonly name: string;
  /** `waived` is not `passed`; `waiting` wants something from people, `pending` from us. */
  readonly state: 'passed' | 'failed' | 'waived' | 'waiting' | 'pending';
  /** `≤ 0`, `2 of role:maintain`; null where nothing is measured. */
  readonly expected: string | null;
  readonly measured: string | null;
  /** In words, unless it passed. */
  readonly reason: string | null;
  readonly children: readonly Verdict[];
}

const fromWorst = ['failed', 'waiting', 'pending', 'waived'] as const;

/** A part of the gate is as good as the worst of what it holds. */
export function worstOf(children: readonly Verdict[]): Verdict['state'] {
  return fromWorst.find((worst) => children.some(({ state }) => state === worst)) ?? 'passed';
}
