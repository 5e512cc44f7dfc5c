import type { Definition } from '../core/mission/definition.ts';

/** Steps of all searches of one file: far more than files of people need, and a bound for others. */
const mostSteps = 20_000_000;

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
    return id !== of && this.exists(id) && this.#closureOf(of).has(id);
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
