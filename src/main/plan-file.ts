import { givenInputs } from '../config/inputs.ts';
import type { GivenInputs } from '../config/inputs.ts';
import { readMission } from './read-mission.ts';
import type { Definition, Problem } from '../core/mission/definition.ts';
import { makePlan } from '../core/mission/plan.ts';
import type { Plan } from '../core/mission/plan.ts';
import { indexPlan } from '../core/mission/plan-index.ts';
import { planGraph } from '../github/messages/plan-graph.ts';
import { plainInk } from '../github/messages/ink.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { builtInSteps, createStepRegistry } from '../steps/registry.ts';
import { missionSources } from './mission-sources.ts';
import { describePlan } from './plan-description.ts';
import { planText } from './plan-text.ts';
import { formatProblems } from './problem-formats.ts';

const formats = ['text', 'mermaid', 'json'] as const;

/** `missiongate plan`: 0 shown, 1 the mission has problems, 2 called wrongly. */
export function planFile(word: string, options: { readonly input: readonly string[]; readonly format: string }): number {
  const format = formats.find((known) => known === options.format);
  if (format === undefined) return usage(`--format: found "${options.format}", expected ${formats.join(', ')}`);
  const values = inputsOf(options.input);
  if (!values.ok) return usage(values.error);
  const read = planOf(word, givenInputs('--input', values.value));
  if (read.kind === 'wrong-call') return usage(read.message);
  if (read.kind === 'problems') {
    console.error(formatProblems('text', { files: [read.file], problems: read.problems }, ''));
    return 1;
  }
  const { definition, plan } = read;
  if (format === 'mermaid') console.log(withoutFence(planGraph(plainInk, { plan, index: indexPlan(plan) })));
  else {
    const description = describePlan(definition, plan);
    console.log(format === 'json' ? JSON.stringify(description, null, 2) : planText(description));
  }
  return 0;
}

export type PlanReading =
  | { readonly kind: 'plan'; readonly file: string; readonly definition: Definition; readonly plan: Plan }
  | { readonly kind: 'problems'; readonly file: string; readonly problems: readonly Problem[] }
  | { readonly kind: 'wrong-call'; readonly message: string };

/** Reads one mission and plans it. Without inputs it is read for itself: required ones may be missing. */
export function planOf(word: string, inputs?: GivenInputs): PlanReading {
  const sources = missionSources([word]);
  if (!sources.ok) return { kind: 'wrong-call', message: sources.error };
  const [source, another] = sources.value;
  if (!source || another) return { kind: 'wrong-call', message: `${word} holds ${sources.value.length} missions; name one of them` };
  const { file } = source;
  const read = readMission(source, { stepTypes: createStepRegistry(builtInSteps), readFile: (path) => source.readFile(path), inputs });
  if (!read.ok) return { kind: 'problems', file, problems: read.error };
  const made = makePlan(read.value.definition);
  // What the reader accepts can be planned; this is for what it let through.
  if (!made.ok) return { kind: 'problems', file, problems: made.error.map(({ code, message }) => ({ code, file, line: 0, column: 0, message })) };
  return { kind: 'plan', file, definition: read.value.definition, plan: made.value };
}

/** The diagram alone, as programs that draw it read it. */
function withoutFence(block: string): string {
  return block.split('\n').slice(1, -1).join('\n');
}

function inputsOf(words: readonly string[]): Result<Readonly<Record<string, string>>, string> {
  const values: [string, string][] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) return err(`--input: found ${JSON.stringify(word)}, expected name=value`);
    if (values.some(([name]) => name === word.slice(0, at))) return err(`--input: ${JSON.stringify(word.slice(0, at))} is given twice`);
    values.push([word.slice(0, at), word.slice(at + 1)]);
  }
  return ok(Object.fromEntries(values));
}

function usage(message: string): number {
  console.error(`missiongate plan: ${message}`);
  return 2;
}
