import type { Fate, Faults, Party } from './simulated-process.ts';
import type { Timeline } from './timeline.ts';

/** How unkind a world is. Probabilities, each per occasion. */
export interface Weather {
  readonly name: string;
  /** A process dies just before a step of its. */
  readonly death: number;
  /** A process is stopped for a while (SIGSTOP), longer than a lease lasts in most cases. */
  readonly freeze: number;
  /** A process is asked to end, as in a rolling restart. */
  readonly restart: number;
  /** Calls that fail before anything was done, and calls that are done but whose answer is lost. */
  readonly refused: { readonly [party in Party]: number };
  readonly answerLost: { readonly [party in Party]: number };
  /** GitHub answers 5xx, 403 (secondary limit) or 429 instead of doing it. */
  readonly limited: number;
  /** A call takes seconds instead of milliseconds. */
  readonly slow: number;
  readonly webhooks: { readonly dropped: number; readonly doubled: number; readonly late: number };
  /** The queue forgets everything. */
  readonly flush: number;
  /** Milliseconds by which the processes' clocks may differ from the true time. */
  readonly skewMs: number;
}

const never = { database: 0, queue: 0, GitHub: 0, git: 0 };

export const calmWeather: Weather = {
  name: 'calm',
  death: 0,
  freeze: 0,
  restart: 0,
  refused: never,
  answerLost: never,
  limited: 0,
  slow: 0,
  webhooks: { dropped: 0, doubled: 0, late: 0 },
  flush: 0,
  skewMs: 0,
};

/** One kind of trouble each, and all together. */
export const weathers: readonly Weather[] = [
  calmWeather,
  { ...calmWeather, name: 'unreliable webhooks', webhooks: { dropped: 0.3, doubled: 0.4, late: 0.4 } },
  { ...calmWeather, name: 'no webhooks', webhooks: { dropped: 1, doubled: 0, late: 0 } },
  { ...calmWeather, name: 'deaths', death: 0.006, restart: 0.001 },
  { ...calmWeather, name: 'zombies', freeze: 0.004, slow: 0.05, skewMs: 400 },
  { ...calmWeather, name: 'a bad day at GitHub', refused: { ...never, GitHub: 0.06, git: 0.1 }, answerLost: { ...never, GitHub: 0.08, git: 0.1 }, limited: 0.04, slow: 0.05 },
  { ...calmWeather, name: 'a failing database', refused: { ...never, database: 0.03 }, answerLost: { ...never, database: 0.03 } },
  { ...calmWeather, name: 'a forgetful queue', refused: { ...never, queue: 0.1 }, answerLost: { ...never, queue: 0.1 }, flush: 0.15 },
  {
    name: 'everything at once',
    death: 0.003,
    freeze: 0.001,
    restart: 0.0005,
    refused: { database: 0.01, queue: 0.03, GitHub: 0.02, git: 0.04 },
    answerLost: { database: 0.01, queue: 0.03, GitHub: 0.04, git: 0.04 },
    limited: 0.02,
    slow: 0.03,
    webhooks: { dropped: 0.2, doubled: 0.2, late: 0.3 },
    flush: 0.05,
    skewMs: 300,
  },
];

/** Most troubles of one kind that a world is put through: enough to hurt, few enough that it ends. */
const most = { death: 6, freeze: 4, restart: 3 };

/** Draws the troubles of one world. They stop at `until`, so that what must happen in the end can be asked for. */
export class Chance implements Faults {
  readonly weather: Weather;
  readonly #timeline: Timeline;
  readonly #until: number;
  readonly #gitUntil: number;
  readonly #left = { ...most };

  constructor(timeline: Timeline, weather: Weather, { until, gitUntil }: { readonly until: number; readonly gitUntil: number }) {
    this.weather = weather;
    this.#timeline = timeline;
    this.#until = until;
    this.#gitUntil = gitUntil;
  }

  get isOver(): boolean {
    return this.#timeline.now >= this.#until;
  }

  fate(party: Party): Fate {
    if (this.isOver || (party === 'git' && this.#timeline.now >= this.#gitUntil)) return 'done';
    if (this.#timeline.chance(this.weather.refused[party])) return 'refused';
    return this.#timeline.chance(this.weather.answerLost[party]) ? 'answer lost' : 'done';
  }

  latency(party: Party): number {
    if (!this.isOver && this.#timeline.chance(this.weather.slow)) return this.#timeline.between(500, 15_000);
    return this.#timeline.between(0, party === 'GitHub' || party === 'git' ? 60 : 4);
  }

  /** What happens to a process before its next step, if anything. */
  strike(): 'death' | 'freeze' | 'restart' | null {
    if (this.isOver) return null;
    for (const kind of ['death', 'freeze', 'restart'] as const) {
      if (this.#left[kind] === 0 || !this.#timeline.chance(this.weather[kind])) continue;
      this.#left[kind] -= 1;
      return kind;
    }
    return null;
  }

  /** A refusal of GitHub's instead of an answer: status and headers, or null. */
  refusal(): { readonly status: number; readonly message: string; readonly headers: Readonly<Record<string, string>> } | null {
    if (this.isOver || !this.#timeline.chance(this.weather.limited)) return null;
    return this.#timeline.pick<{ readonly status: number; readonly message: string; readonly headers: Readonly<Record<string, string>> }>([
      { status: 502, message: 'Bad Gateway', headers: {} },
      { status: 500, message: 'Server Error', headers: {} },
      { status: 403, message: 'You have exceeded a secondary rate limit.', headers: { 'retry-after': '20' } },
      { status: 429, message: 'Too many requests', headers: { 'retry-after': '5' } },
    ]);
  }

  /** After how many milliseconds a webhook arrives: nothing for a lost one, twice for a doubled one. */
  arrivals(): readonly number[] {
    const { dropped, doubled, late } = this.weather.webhooks;
    const soon = () => this.#timeline.between(5, 300);
    if (this.#timeline.chance(dropped)) return [];
    if (this.isOver) return [soon()];
    const delay = () => (this.#timeline.chance(late) ? this.#timeline.between(300, 90_000) : soon());
    return this.#timeline.chance(doubled) ? [delay(), delay()] : [delay()];
  }
}
