import type { Definition, PhaseDefinition, Problem } from '../../core/mission/definition.ts';
import { didYouMean } from '../../kit/nearest-word.ts';
import { err, ok } from '../../kit/result.ts';
import type { Result } from '../../kit/result.ts';
import { builtInSteps, createStepRegistry } from '../../steps/registry.ts';
import { CannotRun } from '../local/exit-codes.ts';
import { planOf } from '../plan-file.ts';
import { readMission } from '../read-mission.ts';
import type { Call } from './inputs.ts';
import { inputFile, inputProblem } from './inputs.ts';
import { readMissionInputs } from './mission-inputs.ts';

/** A gate that is to be judged without a mission. */
export interface WantedGate {
  readonly definition: Definition;
  readonly phase: PhaseDefinition;
}

/** The gate that the workflow names or writes down, or everything that is wrong with it. Throws `CannotRun`. */
export function wantedGate(call: Call): Result<WantedGate, readonly Problem[]> {
  return call.text('mission') === '' ? ownGate(call.written('guards'), call.written('rubric')) : gateOfFile(call);
}

function gateOfFile(call: Call): Result<WantedGate, readonly Problem[]> {
  const inputs = readMissionInputs(call.written('inputs'));
  if (!inputs.ok) return inputs;
  const read = planOf(call.text('mission'), inputs.value.values.size === 0 ? undefined : inputs.value);
  if (read.kind === 'wrong-call') throw new CannotRun(`mission: ${read.message}`);
  if (read.kind === 'problems') return err(read.problems);
  const id = call.text('phase');
  const phase = read.definition.phases.find((one) => one.id === id);
  if (phase !== undefined && (phase.gate !== null || phase.guards.length > 0)) return ok({ definition: read.definition, phase });
  const ids = read.definition.phases.filter(({ gate, guards }) => gate !== null || guards.length > 0).map((one) => one.id);
  const has = ids.length === 0 ? ' It has no phase with a gate.' : ` Phases with a gate: ${ids.join(', ')}.`;
  return err([inputProblem('phase', phase === undefined ? `${read.file} has no phase ${JSON.stringify(id.slice(0, 60))}.${didYouMean(id, ids)}${has}` : `The phase ${id} of ${read.file} has neither a gate nor guards.${has}`)]);
}

/** Indents of a text that stands inside another one. */
const guardsIndent = 6;
const rubricIndent = 8;

/** Reads `guards` and `rubric` as they would stand in a phase, so that they mean and refuse the same. */
function ownGate(guards: string, rubric: string): Result<WantedGate, readonly Problem[]> {
  const lines = ['version: 1', 'name: gate', 'phases:', '  - id: gate', '    tasks: [{ id: checkout, uses: noop }]', '    gate:', '      approvals: { count: 0 }'];
  if (rubric.trim() !== '') lines.push('      rubric:', ...indented(rubric, rubricIndent));
  const rubricStart = lines.length - (rubric.trim() === '' ? 0 : indented(rubric, rubricIndent).length);
  lines.push('    guards:');
  const guardsStart = lines.length;
  lines.push(...indented(guards, guardsIndent));
  const read = readMission({ file: 'gate', text: `${lines.join('\n')}\n` }, { stepTypes: createStepRegistry(builtInSteps) });
  if (!read.ok) {
    return err(read.error.map((problem): Problem => {
      const [name, start, indent] = problem.line > guardsStart || rubric.trim() === '' ? (['guards', guardsStart, guardsIndent] as const) : (['rubric', rubricStart, rubricIndent] as const);
      return { ...problem, file: inputFile(name), line: Math.max(1, problem.line - start), column: Math.max(1, problem.column - indent) };
    }));
  }
  const { definition } = read.value;
  const [phase] = definition.phases;
  if (phase === undefined) throw new Error('a mission with one phase has none');
  return ok({ definition, phase });
}

function indented(text: string, by: number): readonly string[] {
  return text.replace(/\n+$/, '').split('\n').map((line) => (line.trim() === '' ? '' : ' '.repeat(by) + line));
}
