import { isJsonObject, type JsonObject } from '../kit/json.ts';
import type { StepRegistry } from './registry.ts';
import type { StepType } from './step-type.ts';

/** The page `docs/reference/step-types.md`, made from the registry; a test compares the two. */
export function renderStepReference(registry: StepRegistry): string {
  const overview = registry.types.map((type) => `| [\`${type.name}\`](#${type.name.replaceAll('.', '')}) | ${type.summary} | ${type.needsWorkspace ? 'yes' : 'no'} | ${type.effects.join(', ')} |`);
  return [
    '# Step types',
    '',
    'What a task can be: the names for `uses:` and the parameters for `with:`. This page is made from the registry in `src/steps/`;',
    'after a change there, `UPDATE_DOCS=1 npx vitest run test/steps/reference.test.ts` writes it anew.',
    '',
    'Where a type needs a workspace, the worker checks the repository out for it, and commits and pushes what it changed.',
    '',
    'Effects are what a type may do to the world; a plan shows them before anything runs.',
    '',
    '| type | what it does | workspace | effects |',
    '| --- | --- | --- | --- |',
    ...overview,
    '',
    ...registry.types.flatMap(section),
  ].join('\n');
}

function section(type: StepType): string[] {
  const properties = isJsonObject(type.parameters['properties']) ? type.parameters['properties'] : {};
  const required = new Set(Array.isArray(type.parameters['required']) ? type.parameters['required'] : []);
  const rows = Object.entries(properties).map(([name, schema]) => row(name, isJsonObject(schema) ? schema : {}, required.has(name)));
  return [
    `## ${type.name}`,
    '',
    type.summary,
    '',
    ...notes(type),
    '| parameter | type | required | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    ...type.examples.flatMap((example) => ['```yaml', `uses: ${type.name}`, ...(Object.keys(example).length > 0 ? ['with:', ...yamlLines(example, '  ')] : []), '```', '']),
  ];
}

/** What a table cannot say. */
function notes(type: StepType): string[] {
  const lines = [
    ...(type.inverse ? ['It has an inverse: with `on-failure: rollback` it is undone.'] : []),
    ...(type.waitsFor === 'people' ? ['The engine carries it out: the mission waits for people, no worker does.'] : []),
    ...(type.isInlined ? ['It is carried out when the mission is read: the other file’s tasks become tasks of this mission.'] : []),
  ];
  return lines.length > 0 ? [...lines, ''] : [];
}

function row(name: string, schema: JsonObject, required: boolean): string {
  const bounds = [['minimum', '≥ '], ['maximum', '≤ '], ['maxLength', 'at most '], ['maxItems', 'at most ']] as const;
  const limits = bounds.filter(([keyword]) => typeof schema[keyword] === 'number').map(([keyword, words]) => `${words}${(schema[keyword] as number).toLocaleString('en')}${keyword === 'maxLength' ? ' characters' : keyword === 'maxItems' ? ' items' : ''}`);
  const kind = kindOf(schema);
  const description = (typeof schema['description'] === 'string' ? schema['description'] : '').replaceAll('|', '\\|');
  return `| \`${name}\` | ${[kind, ...limits].join(', ')} | ${required ? 'yes' : 'no'} | ${description} |`;
}

function kindOf(schema: JsonObject): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${String(value)}\``).join(', ');
  const type = typeof schema['type'] === 'string' ? schema['type'] : 'any';
  if (type !== 'array') return type;
  return isJsonObject(schema['items']) ? `list of ${kindOf(schema['items'])}s` : 'list';
}

/** JSON is YAML: each parameter on a line of its own, its value in flow style. */
function yamlLines(example: JsonObject, indent: string): string[] {
  return Object.entries(example).map(([name, value]) => `${indent}${name}: ${JSON.stringify(value)}`);
}
