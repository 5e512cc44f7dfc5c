import type { StoredSignal } from '../engine/ports/store.ts';

/** More signals of one mission than this are not kept: reading them is no slower. */
const mostPerMission = 100;
/** So many holds of a mission read what is pending after one met another writer: where one is, there will be more. */
const readsAfterConflict = 20;

/**
 * Signals that this process stored and that nobody has decided as far as it knows. Only a shortcut: what is missing here is
 * found in the table, and deciding one twice does nothing, because results are fenced by their attempt.
 */
export class OwnSignals {
  readonly #signals = new Map<string, StoredSignal[]>();
  readonly #mistrusted = new Map<string, number>();

  add(missionId: string, signal: StoredSignal): void {
    const signals = this.#signals.get(missionId);
    if (signals) signals.push(signal);
    else this.#signals.set(missionId, [signal]);
  }

  /** Hands a mission's signals out, oldest first; none when they must be read together with those of other processes. */
  take(missionId: string): readonly StoredSignal[] {
    const signals = this.#signals.get(missionId) ?? [];
    this.#signals.delete(missionId);
    const reads = this.#mistrusted.get(missionId) ?? 0;
    if (reads > 1) this.#mistrusted.set(missionId, reads - 1);
    else this.#mistrusted.delete(missionId);
    return reads > 0 || signals.length > mostPerMission ? [] : signals;
  }

  forget(missionId: string): void {
    this.#signals.delete(missionId);
  }

  /** Another process writes the mission, too. */
  mistrust(missionId: string): void {
    this.#mistrusted.set(missionId, readsAfterConflict);
  }
}
