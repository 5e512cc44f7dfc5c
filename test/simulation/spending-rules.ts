import type { Budget } from '../../src/core/mission/definition.ts';
import type { AttemptEvidence, EventBody } from '../../src/core/mission/event.ts';
import { Violation } from './violation.ts';

interface Used {
  tokens: number;
  microUsd: number;
  ms: number;
  /** People were told that nothing is left. */
  told: boolean;
}

/** Adds up what attempts report, each once, and knows by itself where nothing is left. */
export class SpendingRules {
  readonly #used = new Map<string, Used>();
  readonly #bounds = new Map<string, Budget>();
  readonly #counted = new Set<string>();

  bound(scope: string, budget: Budget | undefined): void {
    if (budget !== undefined) this.#bounds.set(scope, budget);
  }

  count(attempt: string, scopes: readonly string[], evidence: AttemptEvidence | null): void {
    if (evidence === null || this.#counted.has(attempt)) return;
    this.#counted.add(attempt);
    for (const scope of scopes) {
      const used = this.#of(scope);
      used.tokens += Math.round(evidence.usage?.tokens ?? 0);
      used.microUsd += Math.round((evidence.usage?.usd ?? 0) * 1e6);
      used.ms += Math.round(evidence.durationMs);
    }
  }

  /** The first of the scopes in which nothing is left; null when all have something. */
  usedUp(scopes: readonly string[]): string | null {
    return scopes.find((scope) => this.#isUsedUp(scope)) ?? null;
  }

  exceeded({ scope, spent }: Extract<EventBody, { type: 'budget.exceeded' }>): void {
    const used = this.#of(scope);
    if (!this.#isUsedUp(scope)) throw new Violation(`the budget of ${scope} counts as used up, but ${used.tokens} tokens and ${used.ms} ms are not all of it`);
    if (used.told) throw new Violation(`people are told twice that the budget of ${scope} is used up`);
    if (spent.tokens !== used.tokens) throw new Violation(`people are told of ${spent.tokens ?? 0} tokens in ${scope}, but attempts reported ${used.tokens}`);
    used.told = true;
  }

  raised({ scope, budget }: Extract<EventBody, { type: 'budget.raised' }>): void {
    this.#bounds.set(scope, { ...this.#bounds.get(scope), ...budget });
    this.#of(scope).told = false;
  }

  /** A budget that was used up without anybody being told; null when there is none. */
  unnoticed(): string | null {
    return [...this.#bounds.keys()].find((scope) => this.#isUsedUp(scope) && !this.#of(scope).told) ?? null;
  }

  #isUsedUp(scope: string): boolean {
    const bound = this.#bounds.get(scope);
    const { tokens, microUsd, ms } = this.#of(scope);
    if (bound === undefined) return false;
    return tokens >= (bound.tokens ?? Infinity) || microUsd >= (bound.usd ?? Infinity) * 1e6 || ms >= (bound.minutes ?? Infinity) * 60_000;
  }

  #of(scope: string): Used {
    const used = this.#used.get(scope) ?? { tokens: 0, microUsd: 0, ms: 0, told: false };
    this.#used.set(scope, used);
    return used;
  }
}
