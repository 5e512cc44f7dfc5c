import type { Mission } from '../core/mission/state.ts';
import type { Lease } from './ports/store.ts';

/** Work that a slot was filled with: an attempt whose lease is taken and whose start is recorded. */
export interface Filled {
  readonly lease: Lease;
  /** The mission when the lease was taken. */
  readonly mission: Mission;
}

export interface FreeSlot {
  /** Ends the offer; what the slot was filled with meanwhile must be done now. */
  withdraw(): Filled | null;
}

/** The worker that offers slots: its name, and how long its leases last. */
export interface SlotOwner {
  readonly worker: string;
  readonly leaseMs: number;
}

export interface FreeSlots {
  offer(missionId: string, owner: SlotOwner): FreeSlot;
  /** Owners of the slots that are free for a mission now, one entry per slot. */
  of(missionId: string): readonly SlotOwner[];
  /** Fills slots with leases that are durable. */
  fill(missionId: string, work: readonly Filled[]): void;
}

/**
 * Slots of this process whose attempt is over and that wait for their mission to be decided. What the decision queues can be
 * started in them at once, with its lease taken in the same commit: for short tasks the way through outbox, queue and claim
 * takes several times as long as the task.
 */
export function freeSlots(): FreeSlots {
  const offers = new Map<string, { readonly owner: SlotOwner; filled: Filled | null }[]>();
  return {
    offer(missionId, owner) {
      const slot = { owner, filled: null as Filled | null };
      offers.set(missionId, [...(offers.get(missionId) ?? []), slot]);
      return {
        withdraw() {
          const left = (offers.get(missionId) ?? []).filter((other) => other !== slot);
          if (left.length > 0) offers.set(missionId, left);
          else offers.delete(missionId);
          return slot.filled;
        },
      };
    },
    of: (missionId) => (offers.get(missionId) ?? []).flatMap(({ owner, filled }) => (filled === null ? [owner] : [])),
    fill(missionId, work) {
      const left = [...work];
      for (const slot of offers.get(missionId) ?? []) if (slot.filled === null) slot.filled = left.shift() ?? null;
      if (left.length > 0) throw new Error(`mission ${missionId}: ${left.length} leases were taken for slots that are gone; they will run out and their attempts be made again`);
    },
  };
}
