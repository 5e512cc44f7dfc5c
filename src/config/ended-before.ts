import type { Definition } from '../core/mission/definition.ts';

/** Steps of all searches in a file with more tasks than the table holds. */
const mostSteps = 2_000_000;

/** Tasks up to which a table says who comes before whom: 50 MB at the most, while one file is read. */
const largestTable = 20_000;

/**
 * Tells which tasks and phases have surely ended where another one begins: what it needs, what that needs, and everything of earlier
 * phases. Circles do no harm; an id given twice means its first bearer.
 */
export class EndedBefore {
  readonly #phaseOf = new Map<string, number>();
  readonly #needs = new Map<string, readonly string[]>();
  readonly #phases: ReadonlyMap<string, number>;
  readonly #before: readonly ReadonlySet<number>[];
  readonly #definition: Definition;
  #closure: { readonly task: string; readonly ids: ReadonlySet<string> } | null = null;
  #steps = 0;
  #table: AncestorTable | null = null;

  constructor(definition: Definition) {
    this.#definition = definition;
    for (const [p, phase] of definition.phases.entries()) {
      for (const task of phase.tasks) {
        if (this.#phaseOf.has(task.id)) continue;
        this.#phaseOf.set(task.id, p);
        this.#needs.set(task.id, task.needs);
      }
    }
    this.#phases = new Map(definition.phases.map((phase, p) => [phase.id, p]));
    this.#before = definition.phases.map((_, p) => this.#phasesBefore(p));
  }

  exists(id: string): boolean {
    return this.#phaseOf.has(id);
  }

  phaseExists(id: string): boolean {
    return this.#phases.has(id);
  }

  /** Whether a phase is over when the phase at `phase` begins. */
  phaseEnded(phase: number, id: string): boolean {
    const at = this.#phases.get(id);
    return at !== undefined && this.#before[phase]?.has(at) === true;
  }

  phasesEnded(phase: number): readonly string[] {
    return this.#definition.phases.flatMap(({ id }, p) => (this.#before[phase]?.has(p) ? [id] : []));
  }

  /** Whether a task is over when the phase at `phase` begins. */
  taskEndedBeforePhase(phase: number, id: string): boolean {
    const at = this.#phaseOf.get(id);
    return at !== undefined && this.#before[phase]?.has(at) === true;
  }

  /** Whether a task is over when the task `of` begins. */
  taskEnded(of: string, phase: number, id: string): boolean {
    if (this.taskEndedBeforePhase(phase, id)) return true;
    if (this.#needs.get(of)?.includes(id)) return this.exists(id);
    if (id === of || !this.exists(id)) return false;
    if (this.#needs.size > largestTable) return this.#closureOf(of).has(id);
    this.#table ??= new AncestorTable(this.#needs);
    return this.#table.has(of, id);
  }

  /** Tasks that are over, nearest first; for hints, so that the far ones may be missing. */
  tasksEnded(of: string | null, phase: number): readonly string[] {
    const earlier = this.#definition.phases.flatMap(({ tasks }, p) => (this.#before[phase]?.has(p) ? tasks.map(({ id }) => id) : []));
    return [...(of === null ? [] : this.#closureOf(of)), ...earlier].slice(0, 2_000);
  }

  #closureOf(task: string): ReadonlySet<string> {
    if (this.#closure?.task === task) return this.#closure.ids;
    const ids = new Set<string>();
    const open = [...(this.#needs.get(task) ?? [])];
    for (let id = open.pop(); id !== undefined && this.#steps < mostSteps; id = open.pop()) {
      this.#steps += 1;
      if (ids.has(id)) continue;
      ids.add(id);
      open.push(...(this.#needs.get(id) ?? []));
    }
    this.#closure = { task, ids };
    return ids;
  }

  #phasesBefore(phase: number): ReadonlySet<number> {
    const found = new Set<number>();
    const open = [phase];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const need of this.#definition.phases[at]?.needs ?? []) {
        const index = this.#phases.get(need);
        if (index === undefined || index === phase || found.has(index)) continue;
        found.add(index);
        open.push(index);
      }
    }
    return found;
  }
}

/** Which tasks come before which, one bit for each pair; those in a circle, which is reported elsewhere, have none. */
class AncestorTable {
  readonly #position: ReadonlyMap<string, number>;
  readonly #words: number;
  readonly #bits: Uint32Array;

  constructor(needs: ReadonlyMap<string, readonly string[]>) {
    this.#position = new Map([...needs.keys()].map((id, index) => [id, index]));
    this.#words = Math.ceil(needs.size / 32);
    this.#bits = new Uint32Array(this.#words * needs.size);
    const waiting = new Map<string, number>();
    const dependents = new Map<string, string[]>();
    const free: string[] = [];
    for (const [id, own] of needs) {
      const known = new Set(own.filter((need) => needs.has(need)));
      waiting.set(id, known.size);
      if (known.size === 0) free.push(id);
      for (const need of known) {
        const list = dependents.get(need);
        if (list) list.push(id);
        else dependents.set(need, [id]);
      }
    }
    for (let id = free.pop(); id !== undefined; id = free.pop()) {
      for (const dependent of dependents.get(id) ?? []) {
        this.#add(dependent, id);
        const left = (waiting.get(dependent) ?? 1) - 1;
        waiting.set(dependent, left);
        if (left === 0) free.push(dependent);
      }
    }
  }

  has(of: string, id: string): boolean {
    const column = this.#position.get(id) ?? 0;
    const row = (this.#position.get(of) ?? 0) * this.#words;
    return ((this.#bits[row + (column >>> 5)] ?? 0) & (1 << (column & 31))) !== 0;
  }

  /** `id`, and all that comes before it, comes before `of`. */
  #add(of: string, id: string): void {
    const row = (this.#position.get(of) ?? 0) * this.#words;
    const column = this.#position.get(id) ?? 0;
    const from = column * this.#words;
    for (let word = 0; word < this.#words; word += 1) this.#bits[row + word] = (this.#bits[row + word] ?? 0) | (this.#bits[from + word] ?? 0);
    const at = row + (column >>> 5);
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (column & 31));
  }
}
