import { reasonOf } from '../kit/reason-of.ts';
import type { Log } from '../engine/ports/log.ts';

/** Something that was started and must be stopped, in the reverse order of starting. */
export interface Part {
  readonly name: string;
  stop(graceMs: number): Promise<void>;
}

/** Starts and stops the parts of a process: stop intake → drain → force → close everything, each even if another fails. */
export class Lifecycle {
  readonly #parts: Part[] = [];
  readonly #log: Log;
  #stopping: Promise<void> | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A part that comes when the process is being stopped already is stopped at once. */
  add(name: string, stop: (graceMs: number) => Promise<void> | void): void {
    const part: Part = { name, stop: async (graceMs) => stop(graceMs) };
    if (this.#stopping) this.#stopping = this.#stopping.then(() => this.#stopPart(part, 0));
    else this.#parts.push(part);
  }

  /** True from the moment the process was asked to end: nothing more is to be started. */
  get stopping(): boolean {
    return this.#stopping !== null;
  }

  /** Stops everything once; later calls wait for the first. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stopAll(graceMs);
    return this.#stopping;
  }

  async #stopAll(graceMs: number): Promise<void> {
    for (const part of this.#parts.toReversed()) await this.#stopPart(part, graceMs);
  }

  async #stopPart(part: Part, graceMs: number): Promise<void> {
    try {
      await part.stop(graceMs);
    } catch (error) {
      this.#log.error('a part did not stop cleanly', { part: part.name, reason: reasonOf(error) });
    }
  }
}

/**
 * Resolves with an exit code once the process was asked to end and has drained. A second signal ends it at once.
 */
export function untilSignalled(lifecycle: Lifecycle, graceMs: number, log: Log): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(130);
      asked = true;
      log.info('stopping: nothing new is taken on, what runs may finish', { signal, graceSeconds: graceMs / 1000 });
      lifecycle.stop(graceMs).then(
        () => resolve(0),
        () => resolve(1),
      );
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** Waits for a step of starting; when it fails, what was started before is stopped, so that the process can end. */
export async function orStop<T>(lifecycle: Lifecycle, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    await lifecycle.stop(0);
    throw error;
  }
}
