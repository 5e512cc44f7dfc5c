import type { Clock } from '../../kit/time.ts';
import type { Delivery } from './delivery.ts';

/** A fault of GitHub's delivery: what it matches, how often, and what happens to a delivery. */
export interface WebhookRule {
  readonly match?: { readonly event?: string; readonly action?: string };
  /** Deliveries it still applies to; absent means all. */
  readonly times?: number;
  readonly effect:
    /** Loses all, or a share of them (0 … 1) drawn from `seed`. */
    | { readonly kind: 'drop'; readonly share?: number; readonly seed?: number }
    | { readonly kind: 'duplicate'; readonly copies: number }
    | { readonly kind: 'delay'; readonly delayMs: number }
    /** Collects `size` deliveries, then sends them in an order drawn from `seed`. */
    | { readonly kind: 'reorder'; readonly size: number; readonly seed: number };
}

interface ActiveRule {
  readonly rule: WebhookRule;
  left: number;
  readonly waiting: (() => void)[];
  readonly random: () => number;
}

/** Lets deliveries through, or spoils them as the rules say. */
export class WebhookFaults {
  readonly #clock: Clock;
  #rules: ActiveRule[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(rule: WebhookRule): void {
    this.#rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY, waiting: [], random: drawn('seed' in rule.effect ? (rule.effect.seed ?? 1) : 1) });
  }

  /** Forgets all rules; deliveries waiting to be reordered leave as they are. */
  clear(): void {
    for (const active of this.#rules) for (const resume of active.waiting.splice(0)) resume();
    this.#rules = [];
  }

  /** Sends a delivery through the first rule that matches. */
  async pass(delivery: Delivery, signal: AbortSignal, send: () => Promise<void>): Promise<void> {
    const active = this.#rules.find((one) => one.left > 0 && matches(one.rule, delivery));
    if (active === undefined) return send();
    const effect = active.rule.effect;
    if (effect.kind === 'drop' && active.random() >= (effect.share ?? 1)) return send();
    active.left -= 1;
    if (effect.kind === 'drop') return;
    if (effect.kind === 'delay') await this.#clock.sleep(effect.delayMs, signal);
    if (effect.kind === 'reorder') await this.#reorder(active, effect.size, effect.seed);
    await send();
    if (effect.kind === 'duplicate') for (let copy = 0; copy < effect.copies; copy += 1) await send();
  }

  async #reorder(active: ActiveRule, size: number, seed: number): Promise<void> {
    await new Promise<void>((resolve) => {
      active.waiting.push(resolve);
      if (active.waiting.length < size && active.left > 0) return;
      for (const resume of shuffled(active.waiting.splice(0), seed)) resume();
    });
  }
}

function matches(rule: WebhookRule, delivery: Delivery): boolean {
  const { event, action } = rule.match ?? {};
  return (event === undefined || event === delivery.event) && (action === undefined || action === delivery.action);
}

/** A permutation drawn from a seed, the same in every run. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  const random = drawn(seed);
  for (let at = result.length - 1; at > 0; at -= 1) {
    const pick = Math.floor(random() * (at + 1));
    [result[at], result[pick]] = [result[pick] as T, result[at] as T];
  }
  return result;
}

/** Numbers from 0 (included) to 1 (excluded), drawn from a seed (mulberry32). */
function drawn(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
