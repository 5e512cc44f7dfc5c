import { chainEntry, genesisHash, ledgerLine } from '../core/ledger/chain.ts';
import { Frontier, leafHash } from '../core/ledger/merkle.ts';
import { signHead } from '../core/ledger/signed-head.ts';
import type { LedgerHead, SignedHead } from '../core/ledger/signed-head.ts';
import { isoTime } from '../kit/time.ts';
import type { Signer } from './ports/signer.ts';
import type { Store, StoredEvent } from './ports/store.ts';

/** Reads a ledger onward, keeping as much as its root needs. */
export class LedgerReading {
  readonly #tree = new Frontier();
  #head = genesisHash;
  #at = isoTime(0);

  get size(): number {
    return this.#tree.size;
  }

  /** Takes the next entry and gives its line. */
  take(event: StoredEvent): string {
    const line = ledgerLine(chainEntry(event, event.prevHash));
    this.#tree.append(leafHash(line));
    this.#head = event.hash;
    this.#at = isoTime(event.at);
    return line;
  }

  head(mission: string): LedgerHead {
    return { mission, size: this.size, root: this.#tree.root(), head: this.#head, at: this.#at };
  }
}

/** Ledgers whose reading is remembered; the others are read from their first entry on. */
const remembered = 200;
const eventsPerPage = 500;

/** Signs heads of ledgers. */
export interface LedgerHeads {
  /** The signed head over the first `size` entries; null when there is no key, or the ledger has not that many. */
  signed(missionId: string, size: number): Promise<SignedHead | null>;
}

/** A head is a function of ledger and key alone: nothing needs to be stored. What was read before is not read again, as long as this process remembers it. */
export function ledgerHeads(store: Pick<Store, 'events'>, signer: Signer | null): LedgerHeads {
  const readings = new Map<string, LedgerReading>();
  return {
    async signed(missionId, size) {
      if (signer === null) return null;
      const known = readings.get(missionId);
      // Taken out while it goes on: whoever else comes meanwhile begins anew.
      readings.delete(missionId);
      const reading = known !== undefined && known.size <= size ? known : new LedgerReading();
      while (reading.size < size) {
        const events = await store.events(missionId, reading.size, Math.min(eventsPerPage, size - reading.size));
        if (events.length === 0) return null;
        for (const event of events) reading.take(event);
      }
      readings.set(missionId, reading);
      for (const oldest of [...readings.keys()].slice(0, -remembered)) readings.delete(oldest);
      return signHead(reading.head(missionId), signer);
    },
  };
}
