/** Milliseconds since the Unix epoch, UTC. */
export type Millis = number;

/** The one window on time. Nothing outside `main/` and tests builds a clock; everything else is handed one. */
export interface Clock {
  now(): Millis;
  /** Resolves once `ms` milliseconds have passed on this clock, or rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Renders an instant as ISO 8601 in UTC, the form used in events, checks and files. */
export function isoTime(at: Millis): string {
  return new Date(at).toISOString();
}
