import { DatabaseUnavailable } from './postgres-database-error.ts';

export interface BatchLimits<Call> {
  /** Statements under way at the same time. More than one, so that a large statement does not hold up everybody else. */
  readonly atOnce: number;
  /** Sum of weights in one statement; a heavier call goes alone. */
  readonly heaviest: number;
  /** Weight of a call; 1 when absent. */
  readonly weigh?: (call: Call) => number;
  /** Calls with the same key never share a statement; later ones go with a later one. */
  readonly keyOf?: (call: Call) => string;
}

/**
 * Group commit: calls that come while others are on their way to the database wait for each other and go together, in one
 * statement and one transaction. An idle database is asked at once; a busy one is asked seldom and much.
 *
 * `run` answers each call, in the order given. When the database refuses a statement for several calls, each is tried
 * alone, so that nobody fails for somebody else's mistake; when it is unavailable, all of them fail.
 */
export function batchCalls<Call, Answer>(run: (calls: readonly Call[]) => Promise<readonly Answer[]>, limits: BatchLimits<Call>): (call: Call) => Promise<Answer> {
  interface Waiting {
    readonly call: Call;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let underWay = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || underWay >= limits.atOnce || waiting.length === 0) return;
    scheduled = true;
    // What is asked in the same moment goes together from the start.
    queueMicrotask(() => {
      scheduled = false;
      const batch = take();
      underWay += 1;
      void send(batch).finally(() => {
        underWay -= 1;
        schedule();
      });
      schedule();
    });
  }

  function take(): readonly Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    const keys = new Set<string>();
    let weight = 0;
    for (const entry of waiting) {
      const own = limits.weigh?.(entry.call) ?? 1;
      const key = limits.keyOf?.(entry.call);
      const fits = batch.length === 0 || weight + own <= limits.heaviest;
      if (!fits || (key !== undefined && keys.has(key))) {
        left.push(entry);
        continue;
      }
      weight += own;
      if (key !== undefined) keys.add(key);
      batch.push(entry);
    }
    waiting = left;
    return batch;
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await run(batch.map(({ call }) => call));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      if (batch.length > 1 && !(error instanceof DatabaseUnavailable)) await Promise.all(batch.map((entry) => send([entry])));
      else for (const { reject } of batch) reject(error);
    }
  }

  return (call) =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      schedule();
    });
}
