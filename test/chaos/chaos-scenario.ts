import type { Verdict } from './chaos-judge.ts';

export interface Terms {
  /** At least this long, where a scenario goes on until told otherwise; null for its own measure. */
  readonly seconds: number | null;
  readonly random: () => number;
  readonly report: (line: string) => void;
  /** Folder for the output of the processes; null for nowhere. */
  readonly logs: string | null;
}

/** What came of a scenario. It is passed when nothing was lost or doubled and there are no faults. */
export interface Outcome extends Verdict {
  /** Faults injected, by what was broken. */
  readonly injected: Readonly<Record<string, number>>;
  /** Results of attempts whose lease was lost, and how many of them were refused; null where none is provoked. */
  readonly late: { readonly sent: number; readonly refused: number } | null;
}

export interface Scenario {
  readonly name: string;
  /** What is broken, for people. */
  readonly breaks: string;
  /** Why it cannot run on this machine, or null when it can. */
  unable?(): Promise<string | null>;
  run(terms: Terms): Promise<Outcome>;
}

/** Everything that is wrong with an outcome; empty when it is passed. */
export function problemsOf(outcome: Outcome): readonly string[] {
  const late = outcome.late && outcome.late.refused < outcome.late.sent ? [`only ${outcome.late.refused} of ${outcome.late.sent} late results were refused`] : [];
  const missing = outcome.finished < outcome.tasks ? [`only ${outcome.finished} of ${outcome.tasks} tasks finished`] : [];
  return [...missing, ...outcome.lost.map((what) => `lost: ${what}`), ...outcome.doubled.map((what) => `doubled: ${what}`), ...late, ...outcome.faults];
}

/** Breaks something again and again until stopped. */
export interface Monkey {
  readonly times: number;
  /** No further fault; what is under way is finished first. */
  stop(): Promise<void>;
}

/** Calls `strike` after pauses between `fromMs` and `toMs`, one at a time. */
export function monkey(fromMs: number, toMs: number, random: () => number, strike: () => Promise<void> | void): Monkey {
  let times = 0;
  let wake: () => void = () => undefined;
  let stopped = false;
  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = (async () => {
    for (;;) {
      await rest(fromMs + (toMs - fromMs) * random());
      if (stopped) return;
      await strike();
      times += 1;
    }
  })();
  return {
    get times() {
      return times;
    },
    async stop() {
      stopped = true;
      wake();
      await loop;
    },
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
