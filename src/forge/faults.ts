import type { Actor } from './rest/actor.ts';

/** What a fault does to a request. */
export type FaultEffect =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** The work is done, then the connection is cut: the caller cannot know. */
  | 'drop-answer'
  /** The connection is cut before anything is done. */
  | 'reset'
  | { readonly delayMs: number };

export interface FaultRule {
  readonly match?: {
    readonly method?: string;
    /** A regular expression over the path, without prefix or query. */
    readonly path?: string;
    /** A login, `slug[bot]`, or one of `user`, `app`, `installation`, `anonymous`. */
    readonly actor?: string;
  };
  /** Requests it still applies to; absent means all. */
  readonly times?: number;
  readonly effect: FaultEffect;
  /** `after`: the work is done and only the answer is the fault. `before` when absent. */
  readonly moment?: 'before' | 'after';
}

export interface FaultPoint {
  readonly effect: FaultEffect;
  readonly moment: 'before' | 'after';
}

interface ActiveFault {
  readonly rule: FaultRule;
  readonly path: RegExp | null;
  left: number;
}

/** The faults that wait for requests. */
export class Faults {
  #active: ActiveFault[] = [];

  /** Adds a rule. Throws `SyntaxError` when its path is not a regular expression. */
  add(rule: FaultRule): void {
    const path = rule.match?.path === undefined ? null : new RegExp(rule.match.path);
    this.#active.push({ rule, path, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** The fault that a request meets, counted as used; null for none. */
  take(method: string, path: string, actor: Actor): FaultPoint | null {
    const found = this.#active.find(({ rule, path: pattern, left }) => {
      if (left <= 0) return false;
      if (rule.match?.method !== undefined && rule.match.method.toUpperCase() !== method) return false;
      if (pattern !== null && !pattern.test(path)) return false;
      return rule.match?.actor === undefined || names(actor).includes(rule.match.actor.toLowerCase());
    });
    if (found === undefined) return null;
    found.left -= 1;
    const effect = found.rule.effect;
    return { effect, moment: effect === 'drop-answer' ? 'after' : effect === 'reset' ? 'before' : (found.rule.moment ?? 'before') };
  }
}

function names(actor: Actor): string[] {
  if (actor.kind === 'user' || actor.kind === 'installation') return [actor.kind, actor.account.login.toLowerCase()];
  return actor.kind === 'app' ? ['app', actor.app.slug] : ['anonymous'];
}
