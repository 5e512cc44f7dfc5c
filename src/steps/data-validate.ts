import { readYaml } from '../core/text/read-yaml.ts';
import { isJsonObject, type Json, type JsonObject } from '../kit/json.ts';
import { parseJson } from './data-json.ts';
import { checkDepth } from './data-source.ts';
import { utf8 } from './file-read.ts';
import { schemaErrors, schemaProblems } from './json-schema.ts';
import { closed, path } from './schema-parts.ts';
import { treeOf } from './step-context.ts';
import { StepError, type ParameterProblem, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface DataValidateParameters {
  readonly file?: string;
  readonly value?: Json;
  readonly schema?: JsonObject;
  readonly 'schema-file'?: string;
}

/** Errors that are shown in the reason; all are in the artifact. */
const shownErrors = 20;

/** Checks data by a JSON Schema. */
export const dataValidate: StepType = {
  name: 'data.validate',
  summary: 'Checks a JSON or YAML file, or a value, by a JSON Schema. It succeeds when the data is valid; every error is reported.',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: closed({
    file: path('The JSON or YAML file to check (by its ending), relative to the root of the repository.'),
    value: { description: 'The value to check, in place of a file.' },
    schema: { type: 'object', description: 'The JSON Schema: 2020-12, or draft-07 when "$schema" says so. References lead within it; nothing is fetched.' },
    'schema-file': path('A file with the schema, in place of "schema".'),
  }),
  examples: [{ value: { port: 80 }, schema: { type: 'object', properties: { port: { type: 'integer', maximum: 65_535 } } } }],
  check: (parameters: JsonObject) => {
    const problems: ParameterProblem[] = [];
    for (const [one, other] of [['file', 'value'], ['schema', 'schema-file']] as const) {
      if ((parameters[one] === undefined) === (parameters[other] === undefined)) problems.push({ path: [], message: `with needs either "${one}" or "${other}".`, found: null, expected: 'one of the two', nearest: null });
    }
    return [...problems, ...schemaProblems('schema', parameters['schema'])];
  },
  async run(context: StepContext): Promise<StepOutcome> {
    const { file, value, schema, 'schema-file': schemaFile } = context.parameters as unknown as DataValidateParameters;
    const rules = schema ?? (await readDocument(context, schemaFile ?? ''));
    const schemaName = schemaFile ?? 'the schema';
    if (!isJsonObject(rules)) throw new StepError('input', `${schemaName} is no JSON Schema: it is not an object.`);
    const data = file === undefined ? (value ?? null) : await readDocument(context, file);
    const errors = schemaErrors(schemaName, rules, data);
    const name = file ?? 'the value';
    const artifacts = [{ name: 'schema-errors', mediaType: 'text/plain', text: errors.length === 0 ? 'valid\n' : `${errors.join('\n')}\n` }];
    if (errors.length > 0) {
      const more = errors.length > shownErrors ? ` and ${errors.length - shownErrors} more` : '';
      throw new StepError('work', `${name} is not valid by ${schemaName}, ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}: ${errors.slice(0, shownErrors).join('; ')}${more}.`, artifacts);
    }
    return { summary: `${name} is valid by ${schemaName}.`, outputs: { valid: true }, artifacts };
  },
};

async function readDocument(context: StepContext, file: string): Promise<Json> {
  const content = utf8(file, await treeOf(context).readBytes(file, 4 * 1024 * 1024));
  if (/\.ya?ml$/i.test(file)) {
    const read = readYaml(file, content);
    if (!read.ok) throw new StepError('input', read.error.slice(0, 20).map((problem) => `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`).join('\n'));
    return read.value.value;
  }
  const value = parseJson(file, content);
  checkDepth(file, value);
  return value;
}
