import type { Timeline } from './timeline.ts';

/** A world that broke a promise, with its story when one was asked for. */
export class BrokenWorld extends Error {
  override readonly name = 'BrokenWorld';
  readonly story: readonly string[] | null;
  readonly fingerprint: string;
  constructor(message: string, timeline: Timeline, cause: unknown) {
    super(message, { cause });
    this.story = timeline.story;
    this.fingerprint = timeline.fingerprint.toString(16).padStart(8, '0');
  }
}
