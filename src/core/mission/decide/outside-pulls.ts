import { digest } from '../../../kit/hash.ts';
import type { Json } from '../../../kit/json.ts';
import type { OfferedPull, OutsideCommit } from '../outside-commit.ts';
import { judgeOutside } from '../outside-pull.ts';
import type { Signal } from '../signal.ts';
import { issueOfTrunk } from '../source.ts';
import type { Draft, Entry } from './draft.ts';

type Of<K extends Signal['kind']> = Extract<Signal, { kind: K }>;

/** What was said of the commit so far; null for a mission, and for a commit that nobody has offered yet. */
export function outsideOf({ state }: Draft): OutsideCommit | null {
  return state?.status === 'none' ? (state.outside ?? null) : null;
}

/** A pull request stands on the commit: what is said of it is decided anew, by what holds now. */
export function noteOffer(draft: Draft, { signal, facts }: Entry<Of<'outside-pull.offered'>>): void {
  const { state } = draft;
  const before = outsideOf(draft);
  if (state !== null && before === null) return;
  const { source, commit, pull } = signal;
  const answer = judgeOutside(facts.outside ?? unseen);
  // The pull request of a mission itself is none outside of missions.
  if (before === null && answer.say === 'nothing' && answer.because === 'trunk' && pull.isOurs && issueOfTrunk(pull.branch) !== null) return;
  if (state === null) draft.emit({ type: 'conversation.opened', source });
  say(draft, before, { commit, pulls: withPull(before?.pulls ?? [], pull), answer });
}

/** The same, for the pull requests that stand there: the policy changed, or somebody asked. */
export function judgeAgain(draft: Draft, { facts }: Entry): void {
  const before = outsideOf(draft);
  if (before !== null && before.pulls.length > 0) say(draft, before, { ...before, answer: judgeOutside(facts.outside ?? unseen) });
}

/** Nobody merges by this commit any more, as far as this pull request goes. */
export function noteLeaving(draft: Draft, { pull }: Of<'outside-pull.left'>): void {
  if (outsideOf(draft)?.pulls.some(({ number }) => number === pull) === true) draft.emit({ type: 'outside-pull.left', pull });
}

const unseen = { known: false, reason: 'nobody looked what the repository says' } as const;

function say(draft: Draft, before: OutsideCommit | null, now: OutsideCommit): void {
  if (before === null || digest(before as unknown as Json) !== digest(now as unknown as Json)) draft.emit({ type: 'outside-pull.judged', ...now });
}

function withPull(pulls: readonly OfferedPull[], pull: OfferedPull): readonly OfferedPull[] {
  return [...pulls.filter(({ number }) => number !== pull.number), pull].sort((one, other) => one.number - other.number);
}
