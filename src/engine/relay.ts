import type { Clock } from '../kit/time.ts';
import type { Queue } from './ports/queue.ts';
import type { OutboxRow, Store } from './ports/store.ts';

export interface RelayParts {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
}

/** Rows younger than this are left to the process that wrote them. */
const ownersHeadStartMs = 2_000;
const rowsPerSweep = 500;

/** Sends a mission's outbox rows to the queue. Rows are removed only after the queue has them; sending twice is harmless. */
export async function relayMission(parts: RelayParts, missionId: string): Promise<void> {
  await send(parts, await parts.store.outboxOf(missionId));
}

/** Sends what other processes left behind. Returns the number of rows sent. */
export async function relayLeftovers(parts: RelayParts): Promise<number> {
  const rows = await parts.store.takeOutbox(rowsPerSweep, parts.clock.now() - ownersHeadStartMs);
  await send(parts, rows);
  return rows.length;
}

async function send(parts: RelayParts, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  await parts.queue.add(rows.map((row) => row.job));
  await parts.store.removeOutbox(rows.map((row) => row.id));
}
