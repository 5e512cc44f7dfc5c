import { givenInputs } from '../config/inputs.ts';
import { readMission } from './read-mission.ts';
import { makePlan } from '../core/mission/plan.ts';
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
  const sources = missionSources([word]);
  if (!sources.ok) return usage(sources.error);
  const [source, another] = sources.value;
  if (!source || another) return usage(`${word} holds ${sources.value.length} missions; name one of them`);
  const read = readMission(source, { stepTypes: createStepRegistry(builtInSteps), readFile: (path) => source.readFile(path), inputs: givenInputs('--input', values.value) });
  if (!read.ok) {
    console.error(formatProblems('text', { files: [source.file], problems: read.error }, ''));
    return 1;
  }
  const made = makePlan(read.value.definition);
  if (!made.ok) {
    // What the reader accepts can be planned; this is for what it let through.
    console.error(made.error.map(({ message }) => message).join('\n'));
    return 1;
  }
  const plan = made.value;
  if (format === 'mermaid') console.log(withoutFence(planGraph(plainInk, { plan, index: indexPlan(plan) })));
  else {
    const description = describePlan(read.value.definition, plan);
    console.log(format === 'json' ? JSON.stringify(description, null, 2) : planText(description));
  }
  return 0;
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
