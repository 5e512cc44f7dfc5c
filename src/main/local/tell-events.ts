import type { Store } from '../../engine/ports/store.ts';
import type { MissionRecord } from './mission-folder.ts';
import type { Reporter } from './reporter.ts';

/** Tells of every event that was not told of yet; resolves with the number of the last one. */
export type TellEvents = () => Promise<number>;

const eventsPerLook = 200;

/** Tells each event once and in order, from the first after `toldUpTo`. */
export function tellEvents(store: Store, record: MissionRecord, reporter: Reporter, toldUpTo: number): TellEvents {
  let seen = toldUpTo;
  return async () => {
    for (;;) {
      const events = await store.events(record.missionId, seen, eventsPerLook);
      for (const event of events) {
        seen = event.seq;
        reporter.happened(event, record);
      }
      if (events.length < eventsPerLook) return seen;
    }
  };
}
