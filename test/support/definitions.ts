import { definitionDefaults } from '../../src/core/mission/definition.ts';
import type { Definition, GateDefinition, PhaseDefinition, TaskDefinition } from '../../src/core/mission/definition.ts';
import { makePlan } from '../../src/core/mission/plan.ts';
import type { Plan } from '../../src/core/mission/plan.ts';

/** Short ways to write definitions in tests; everything not said has the product's defaults. */
export function task(id: string, more: Partial<TaskDefinition> = {}): TaskDefinition {
  return {
    id,
    title: `Do ${id}`,
    uses: 'noop',
    with: {},
    needs: [],
    continueOnError: false,
    maxAttempts: definitionDefaults.maxAttempts,
    timeoutSeconds: definitionDefaults.timeoutSeconds,
    ...more,
  };
}

export const oneApproval: GateDefinition = { rubric: {}, approvals: definitionDefaults.approvals };

export function phase(id: string, tasks: readonly TaskDefinition[], more: Partial<PhaseDefinition> = {}): PhaseDefinition {
  return { id, title: id, needs: [], guards: [], gate: oneApproval, tasks, ...more };
}

export function definition(phases: readonly PhaseDefinition[], settings: Partial<Definition['settings']> = {}): Definition {
  return { name: 'test mission', description: '', phases, settings: { ...definitionDefaults.settings, ...settings } };
}

/** A plan that must be valid. */
export function planOf(written: Definition): Plan {
  const plan = makePlan(written);
  if (!plan.ok) throw new Error(plan.error.map((problem) => problem.message).join('; '));
  return plan.value;
}
