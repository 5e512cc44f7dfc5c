import type { ArtifactContent, IncomingSignal, Lease, StoredSignal } from '../engine/ports/store.ts';

/** More signals of one mission than this are not kept: reading them is no slower. */
const mostPerMission = 100;
/** So many holds of a mission read what is pending after one met another writer: where one is, there will be more. */
const readsAfterConflict = 20;
/** Artifacts with more characters than this are stored by themselves: a commit is no place for them. */
const longestCarried = 20_000;

/** A result on its way into the store. */
export interface Finish {
  readonly lease: Lease;
  readonly signal: IncomingSignal;
  readonly artifacts: readonly ArtifactContent[];
  readonly now: number;
}

/** A result that is stored by the commit that decides it, or else by itself. */
export class CarriedResult {
  readonly finish: Finish;
  /** What the decision calls it; it has no number in the table yet. */
  readonly signal: StoredSignal;
  readonly outcome: Promise<'recorded' | 'lost'>;
  settle: (outcome: 'recorded' | 'lost') => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;

  constructor(finish: Finish, serial: number) {
    const { signal, meaning } = finish.signal;
    this.finish = finish;
    this.signal = { id: `carried:${serial}`, meaning, signal, receivedAt: finish.now, lookAt: finish.now, tries: 0 };
    this.outcome = new Promise((settle, fail) => Object.assign(this, { settle, fail }));
    // Whoever handed it in asks later, perhaps only after it has failed.
    this.outcome.catch(() => undefined);
  }
}

/** What one hold is to decide of what this process knows. */
export interface Taken {
  readonly stored: readonly StoredSignal[];
  readonly carried: readonly CarriedResult[];
  /** False: it must be read together with what other processes stored. */
  readonly enough: boolean;
}

/**
 * Signals that this process stored, or is about to store, and that nobody has decided as far as it knows. Only a shortcut:
 * what is missing here is found in the table, and deciding one twice does nothing, because results are fenced by their attempt.
 */
export class OwnSignals {
  readonly #stored = new Map<string, StoredSignal[]>();
  readonly #carried = new Map<string, CarriedResult[]>();
  readonly #mistrusted = new Map<string, number>();
  #serial = 0;

  add(missionId: string, signal: StoredSignal): void {
    append(this.#stored, missionId, signal);
  }

  /** Null when the result had better be stored by itself. */
  carry(finish: Finish): CarriedResult | null {
    const { missionId } = finish.lease;
    const length = finish.artifacts.reduce((sum, { text }) => sum + text.length, 0);
    if (length > longestCarried || this.#mistrusted.has(missionId) || (this.#carried.get(missionId)?.length ?? 0) >= mostPerMission) return null;
    this.#serial += 1;
    const carried = new CarriedResult(finish, this.#serial);
    append(this.#carried, missionId, carried);
    return carried;
  }

  /** Takes a result back that no hold has taken; false when one has. */
  takeBack(carried: CarriedResult): boolean {
    const { missionId } = carried.finish.lease;
    const all = this.#carried.get(missionId) ?? [];
    const left = all.filter((other) => other !== carried);
    if (left.length > 0) this.#carried.set(missionId, left);
    else this.#carried.delete(missionId);
    return left.length < all.length;
  }

  /** Hands out what there is of a mission, oldest first. */
  take(missionId: string): Taken {
    const stored = this.#stored.get(missionId) ?? [];
    const carried = this.#carried.get(missionId) ?? [];
    this.forget(missionId);
    this.#carried.delete(missionId);
    const reads = this.#mistrusted.get(missionId) ?? 0;
    if (reads > 1) this.#mistrusted.set(missionId, reads - 1);
    else this.#mistrusted.delete(missionId);
    return { stored, carried, enough: reads === 0 && stored.length <= mostPerMission };
  }

  /** Signals that are going to be read anyway need not be remembered. */
  forget(missionId: string): void {
    this.#stored.delete(missionId);
  }

  /** Another process writes the mission, too. */
  mistrust(missionId: string): void {
    this.#mistrusted.set(missionId, readsAfterConflict);
  }
}

function append<T>(lists: Map<string, T[]>, key: string, entry: T): void {
  const list = lists.get(key);
  if (list) list.push(entry);
  else lists.set(key, [entry]);
}
