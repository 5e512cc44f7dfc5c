import type { Rubric } from '../mission/definition.ts';
import type { EventBody } from '../mission/event.ts';
import { measureOf, waiverCovers } from './waivers.ts';
import type { Measured } from './waivers.ts';

type Asked = Extract<EventBody, { type: 'waiver.requested' }>;

interface Recorded {
  readonly asked: Asked;
  counts: boolean;
}

/**
 * Follows the waivers of a ledger and tells whether a gate may open over lines that did not pass: each needs a waiver that a second
 * person confirmed, that was neither withdrawn nor expired, and that covers what was measured.
 */
export class WaiverRecord {
  readonly #waivers = new Map<string, Recorded>();

  see(body: EventBody): void {
    switch (body.type) {
      case 'waiver.requested':
        this.#waivers.set(`${body.phase} ${body.waiver}`, { asked: body, counts: false });
        return;
      case 'waiver.approved': {
        const waiver = this.#waivers.get(`${body.phase} ${body.waiver}`);
        if (!waiver || waiver.asked.rule !== body.rule || waiver.asked.by.login.toLowerCase() === body.by.login.toLowerCase() || body.by.kind !== 'person') return;
        for (const other of this.#waivers.values()) if (other.asked.phase === body.phase && other.asked.rule === body.rule) other.counts = false;
        waiver.counts = true;
        return;
      }
      case 'waiver.withdrawn':
      case 'waiver.expired': {
        const waiver = this.#waivers.get(`${body.phase} ${body.waiver}`);
        if (waiver) waiver.counts = false;
        return;
      }
      default:
    }
  }

  /** Rules that did not pass and that no waiver covers at `at` (milliseconds since the epoch). */
  uncovered(phase: string, found: Measured, rubric: Rubric, at: number): readonly string[] {
    const own = [...this.#waivers.values()].filter(({ asked, counts }) => counts && asked.phase === phase);
    return found.lines.flatMap((line) => {
      const measure = measureOf(line, rubric, found);
      return line.passed || own.some(({ asked }) => waiverCovers(asked, line.rule, measure, at)) ? [] : [line.rule];
    });
  }
}
