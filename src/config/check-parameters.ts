import { splitWords } from '../core/command/split-words.ts';
import { isTemplate, isSingleTemplate, templatesIn } from '../core/expression/template.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import { maximumProblems, quoted } from './problems.ts';
import type { StepTypes, WrongParameter } from './step-types.ts';

const texts: readonly Json[] = ['x', '1', '', 'https://example.com/a', 'a/b.txt', '**/*.txt', '2024-01-01T00:00:00Z'];
const others: readonly Json[] = [1, 0.5, true, null, [], ['x'], {}];

/** Problems for which values are tried in place of templates. */
const mostTried = 50;

/**
 * What is wrong with the parameters of a step type, whatever the templates in them may give: a problem that some value of a template
 * repairs is none. A template alone may give anything, one inside a text gives text.
 */
export function checkParameters(stepTypes: StepTypes, uses: string, parameters: JsonObject): readonly WrongParameter[] {
  const program = programProblem(uses, parameters);
  const isRun = ({ path, kind }: WrongParameter): boolean => kind === 'type' && path.length === 1 && path[0] === 'run';
  // What is said of a line in `run` says more than that it has another type.
  const found = [...stepTypes.check(uses, parameters).filter((one) => program.length === 0 || !isRun(one)), ...program];
  if (found.length === 0) return found;
  const templates = templatesIn(parameters);
  // So many problems are no matter of values; trying some would take long.
  if (templates.length === 0 || found.length > mostTried) return found.slice(0, maximumProblems + 1);
  const atTemplate = new Set(templates.map(({ path }) => path.join('\0')));
  // A name that there is not is wrong whatever its value.
  let real = found.filter(({ path, kind }) => kind === 'name' || !atTemplate.has(path.join('\0')));
  let misplaced: readonly WrongParameter[] = [];
  for (const [turn, sample] of [...texts, ...others].entries()) {
    const filled = fill(parameters, sample, typeof sample === 'string' ? sample : 'x');
    const wrong = stepTypes.check(uses, filled as JsonObject);
    const keys = new Set(wrong.map(keyOf));
    real = real.filter((one) => keys.has(keyOf(one)));
    // A text cannot stand at all where no text is right. Whether a text made of templates is written as it must be shows when it runs.
    const ofType = wrong.filter(({ path, kind }) => kind === 'type' && atTemplate.has(path.join('\0')));
    if (turn === 0) misplaced = ofType;
    else if (turn < texts.length) misplaced = misplaced.filter((one) => ofType.some((other) => keyOf(other) === keyOf(one)));
  }
  const mixed = templates.filter(({ text }) => !isSingleTemplate(text)).flatMap(({ path }) => misplaced.find((one) => one.path.join('\0') === path.join('\0')) ?? []);
  return [...real, ...mixed, ...programProblem(uses, parameters)].filter((one, index, all) => all.findIndex((other) => keyOf(other) === keyOf(one)) === index);
}

/** Steps that run a program; the name it is found by comes first in `run`. */
const programSteps = ['command', 'test.run', 'lint.run', 'format.run'];

/** Which program runs is written in the file, where people have read it. */
function programProblem(uses: string, parameters: JsonObject): readonly WrongParameter[] {
  if (!programSteps.includes(uses)) return [];
  const { run } = parameters;
  const [program] = Array.isArray(run) ? (run as readonly Json[]) : [];
  if (typeof run === 'string' && !isTemplate(run)) return run.trim() === '' ? [] : [lineProblem(run)];
  if (typeof run === 'string') return [{ path: ['run'], message: 'with.run is a list that begins with the name of a program, and cannot be a template as a whole. Its arguments may.' }];
  if (typeof program !== 'string' || !isTemplate(program)) return [];
  return [{ path: ['run', 0], message: 'with.run.0 is the program, and cannot hold a template: write its name out. Arguments may.' }];
}

/** A line as Actions has it under `run`. */
function lineProblem(line: string): WrongParameter {
  const words = splitWords(line.trim(), { refuseShell: true });
  if (words.ok) return { path: ['run'], message: `with.run is one text; it is a list of the program and its arguments: ${listed(words.value.map(({ text }) => text))}.` };
  return { path: ['run'], message: `with.run is a line for a shell (${words.error.code === 'unclosed-quote' ? 'with a quote that is not closed' : `it holds ${words.error.found}`}), and no shell reads it. Write a task for each program, like [npm, test], or put the lines into a script file of the repository and run that: [sh, scripts/check.sh].` };
}

/** Words as a list in YAML would have them, cut where nobody would read on. */
function listed(words: readonly string[]): string {
  const whole = JSON.stringify(words).replaceAll('","', '", "');
  return whole.length <= 300 ? whole : `[${words.slice(0, 5).map(quoted).join(', ')}${words.length > 5 ? ', …' : ''}]`;
}

function keyOf({ path, message }: WrongParameter): string {
  return `${path.join('\0')}\0\0${message}`;
}

/** The parameters with every template replaced: one alone by `single`, one inside a text by `text`. */
function fill(value: Json, single: Json, text: string): Json {
  if (typeof value === 'string') return !isTemplate(value) ? value : isSingleTemplate(value) ? single : text;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => fill(item, single, text));
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item ?? null, single, text)]));
  return value;
}
