import { checkExpression, checkTemplates } from '../core/expression/check.ts';
import type { ExpectedType, ExpressionScope } from '../core/expression/check.ts';
import type { RootName } from '../core/expression/context.ts';
import { templatesIn } from '../core/expression/template.ts';
import type { Definition, TaskDefinition } from '../core/mission/definition.ts';
import { EndedBefore } from './ended-before.ts';
import type { ExpressionSite, SiteKind } from './expression-sites.ts';
import { maximumProblems } from './problems.ts';
import type { ProblemList } from './problems.ts';
import { typesOfInputs } from './read-inputs.ts';
import type { MissionReading } from './read-mission.ts';
import type { Shape } from './shape.ts';

/** What stands where, as docs/decisions/mission-language.md has it. */
const places: Readonly<Record<SiteKind, { readonly roots: readonly RootName[]; readonly expected: ExpectedType | 'templates'; readonly statusFunctions?: true; readonly hashFiles?: true }>> = {
  title: { roots: ['inputs'], expected: 'templates' },
  'mission-env': { roots: ['inputs', 'mission'], expected: 'templates' },
  'mission-outputs': { roots: ['tasks', 'inputs', 'mission'], expected: 'templates' },
  'phase-if': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'findings'], expected: 'boolean', statusFunctions: true },
  'phase-env': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'findings'], expected: 'templates' },
  'phase-until': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'round', 'findings'], expected: 'boolean' },
  'task-if': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'findings'], expected: 'boolean', statusFunctions: true },
  'for-each': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'findings'], expected: 'list or map' },
  with: { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'round', 'findings'], expected: 'templates', hashFiles: true },
  'task-env': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'round', 'findings'], expected: 'templates', hashFiles: true },
  'task-title': { roots: ['inputs'], expected: 'templates' },
  'task-outputs': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'round', 'findings', 'result'], expected: 'templates' },
  'task-until': { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'round', 'findings', 'result'], expected: 'boolean' },
  collect: { roots: ['items', 'inputs'], expected: 'anything' },
  compensate: { roots: ['inputs', 'env', 'mission', 'phases', 'tasks', 'findings', 'result'], expected: 'templates', hashFiles: true },
};

/** What a task gives by name, or null when its step decides. */
export type OutputsOf = (task: TaskDefinition) => readonly string[] | null;

/**
 * Reports everything wrong with the expressions and templates of a mission: how they are written, what they name, what type they
 * have. Only what surely has ended may be named.
 */
export function checkExpressions(reading: MissionReading, shape: Shape, problems: ProblemList, outputsOf: OutputsOf): void {
  if (reading.sites.length === 0) return;
  const scopes = new Scopes(reading, outputsOf);
  for (const site of reading.sites) {
    // Each hint costs a walk over all names; more problems than are shown need none.
    if (problems.size > maximumProblems * 2) return;
    const { expected } = places[site.kind];
    if (expected === 'templates') {
      // Most texts hold none, and what may be named in a place costs more to find out than to look for one.
      if (templatesIn(site.value).length === 0) continue;
      for (const found of checkTemplates(site.value, scopes.of(site))) shape.reportInside('expression', [...site.path, ...found.path], found.offset, found.length, found.message);
    } else if (typeof site.value === 'string') {
      for (const found of checkExpression(site.value, scopes.of(site), expected)) shape.reportInside('expression', site.path, found.offset, found.length, found.message);
    }
  }
}

class Scopes {
  readonly #definition: Definition;
  readonly #inputs: ExpressionScope['inputs'];
  readonly #ended: EndedBefore;
  readonly #tasks: ReadonlyMap<string, TaskDefinition>;
  readonly #outputsOf: OutputsOf;

  constructor({ definition, declared }: MissionReading, outputsOf: OutputsOf) {
    this.#definition = definition;
    this.#inputs = typesOfInputs(declared);
    this.#ended = new EndedBefore(definition);
    this.#tasks = new Map(definition.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, task] as const)));
    this.#outputsOf = outputsOf;
  }

  of(site: ExpressionSite): ExpressionScope {
    const place = places[site.kind];
    const task = this.#definition.phases[site.phase]?.tasks[site.task];
    return {
      roots: [...place.roots, ...rootsOfTask(site.kind, task)],
      statusFunctions: place.statusFunctions === true,
      hashFiles: place.hashFiles === true,
      inputs: this.#inputs,
      env: this.#environment(site, task),
      matrix: matrixNames(task),
      tasks: this.#taskIds(site, task),
      phases: {
        exists: (id) => this.#ended.phaseExists(id),
        hasEnded: (id) => this.#ended.phaseEnded(site.phase, id),
        ended: () => this.#ended.phasesEnded(site.phase),
      },
    };
  }

  #taskIds(site: ExpressionSite, task: TaskDefinition | undefined): ExpressionScope['tasks'] {
    const ended = this.#ended;
    const outputsOf = (id: string) => {
      const named = this.#tasks.get(id);
      return named ? this.#outputsOf(named) : null;
    };
    const common = { exists: (id: string) => ended.exists(id), outputsOf };
    if (site.kind === 'mission-outputs') return { ...common, hasEnded: common.exists, ended: () => [...this.#tasks.keys()].slice(0, 2_000) };
    if (site.kind === 'phase-until') {
      const own = new Set(this.#definition.phases[site.phase]?.tasks.map(({ id }) => id));
      return { ...common, hasEnded: (id) => own.has(id) || ended.taskEndedBeforePhase(site.phase, id), ended: () => [...own, ...ended.tasksEnded(null, site.phase)] };
    }
    if (!task) return { ...common, hasEnded: (id) => ended.taskEndedBeforePhase(site.phase, id), ended: () => ended.tasksEnded(null, site.phase) };
    return { ...common, hasEnded: (id) => ended.taskEnded(task.id, site.phase, id), ended: () => ended.tasksEnded(task.id, site.phase) };
  }

  /** Names from outside in; a value cannot use names of its own level. */
  #environment(site: ExpressionSite, task: TaskDefinition | undefined): readonly string[] {
    const levels = [this.#definition.env, site.kind === 'phase-env' ? undefined : this.#definition.phases[site.phase]?.env, site.kind === 'task-env' ? undefined : task?.env];
    return levels.flatMap((env) => Object.keys(env ?? {}));
  }
}

function rootsOfTask(kind: SiteKind, task: TaskDefinition | undefined): readonly RootName[] {
  if (!task || kind === 'task-if' || kind === 'for-each' || kind === 'collect') return [];
  const roots: RootName[] = [];
  if (task.strategy) roots.push('matrix' in task.strategy.over ? 'matrix' : 'item');
  // What the round or the item before gave.
  const repeats = task.until !== undefined || task.strategy?.mode === 'iterative';
  if (repeats && (kind === 'with' || kind === 'task-env')) roots.push('result');
  return roots;
}

function matrixNames(task: TaskDefinition | undefined): readonly string[] | null {
  if (!task?.strategy || !('matrix' in task.strategy.over)) return null;
  const names = new Set(task.strategy.over.matrix.flatMap((item) => Object.keys(item)));
  // Empty while inputs that make the matrix are not known.
  return names.size === 0 ? null : [...names];
}
