import type { Watch, Watches } from '../../src/engine/ports/observer.ts';
import type { Json } from '../../src/kit/json.ts';
import type { MemoryTables, Turn } from './memory-store.ts';

interface WatchRow {
  readonly subject: string;
  /** As JSON text: what was put in cannot be changed from outside. */
  memory: string;
  quiet: number;
  lookAt: number;
  owner: string | null;
  ownerUntil: number;
}

const ended: ReadonlySet<string> = new Set(['completed', 'cancelled']);

/** The tables of the re-reading in memory, with the rules of src/store/watches.ts. One for all processes of a world. */
export class WatchTables {
  readonly #missions: Pick<MemoryTables, 'runs'>;
  readonly #rows = new Map<string, WatchRow>();
  readonly #redeliveries = new Map<string, { readonly tries: number; readonly askedAt: number }>();

  constructor(missions: Pick<MemoryTables, 'runs'>) {
    this.#missions = missions;
  }

  add(subject: string, memory: Json, lookAt: number): void {
    if (!this.#rows.has(subject)) this.#rows.set(subject, { subject, memory: JSON.stringify(memory), quiet: 0, lookAt, owner: null, ownerUntil: 0 });
  }

  addMissions(since: number, lookAt: number): void {
    for (const { id, state, events, updatedAt } of this.#missions.runs()) {
      if (events.length === 0 || state === null || state.status === 'none' || state.source.installationId <= 0) continue;
      if (!ended.has(state.status) || updatedAt > since) this.add(`mission:${id}`, null, lookAt);
    }
  }

  hasten(now: number, subject?: string): void {
    for (const row of this.#rows.values()) if (subject === undefined || row.subject === subject) row.lookAt = Math.min(row.lookAt, now);
  }

  take(owner: string, ttlMs: number, now: number, limit: number): readonly Watch[] {
    const due = [...this.#rows.values()].filter((row) => row.lookAt <= now && (row.owner === null || row.ownerUntil <= now));
    const taken = due.toSorted((one, other) => one.lookAt - other.lookAt || (one.subject < other.subject ? -1 : 1)).slice(0, limit);
    return taken.map((row) => {
      row.owner = owner;
      row.ownerUntil = now + ttlMs;
      return { subject: row.subject, memory: JSON.parse(row.memory) as Json, quiet: row.quiet };
    });
  }

  put(owner: string, { subject, memory, quiet }: Watch, lookAt: number): void {
    const row = this.#rows.get(subject);
    if (row?.owner === owner) Object.assign(row, { memory: JSON.stringify(memory), quiet, lookAt, owner: null });
  }

  remove(owner: string, subject: string): void {
    if (this.#rows.get(subject)?.owner === owner) this.#rows.delete(subject);
  }

  redelivered(guids: readonly string[]): ReadonlyMap<string, { readonly tries: number; readonly askedAt: number }> {
    return new Map(guids.flatMap((guid) => {
      const known = this.#redeliveries.get(guid);
      return known === undefined ? [] : [[guid, known] as const];
    }));
  }

  noteRedelivery(guid: string, now: number): void {
    this.#redeliveries.set(guid, { tries: (this.#redeliveries.get(guid)?.tries ?? 0) + 1, askedAt: now });
  }

  forgetRedeliveries(before: number): void {
    for (const [guid, { askedAt }] of this.#redeliveries) if (askedAt < before) this.#redeliveries.delete(guid);
  }
}

/** The agenda as one process sees it. */
export function memoryWatches(tables: WatchTables, turn: Turn): Watches {
  return {
    async add(subjects) {
      if (subjects.length > 0) await turn('add watches', () => subjects.forEach(({ subject, memory, lookAt }) => tables.add(subject, memory, lookAt)));
    },
    addMissions: (since, lookAt) => turn('watch missions', () => tables.addMissions(since, lookAt)),
    hasten: (now, subject) => turn('hasten watches', () => tables.hasten(now, subject)),
    take: (owner, ttlMs, now, limit) => turn('take watch', () => tables.take(owner, ttlMs, now, limit)),
    put: (owner, watch, lookAt) => turn('put watch', () => tables.put(owner, watch, lookAt)),
    remove: (owner, subject) => turn('remove watch', () => tables.remove(owner, subject)),
    redelivered: async (guids) => (guids.length === 0 ? new Map() : turn('redelivered', () => tables.redelivered(guids))),
    noteRedelivery: (guid, now) => turn('note redelivery', () => tables.noteRedelivery(guid, now)),
    forgetRedeliveries: (before) => turn('forget redeliveries', () => tables.forgetRedeliveries(before)),
  };
}
