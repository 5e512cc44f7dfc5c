import { alwaysMeasured, metricNames, metrics } from '../core/gate/metrics.ts';
import type { Metric } from '../core/gate/metrics.ts';
import type { JsonObject } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import type { GuardType } from './guard-type.ts';
import type { GuardRegistry } from './registry.ts';

/** The part of `docs/reference/guards.md` below its line `<!-- made from the registry -->`; a test compares the two. */
export function renderGuardReference(registry: GuardRegistry): string {
  const table: { readonly [name: string]: Metric } = metrics;
  return [
    '## Guard types',
    '',
    '| guard | what it does | fails by itself when |',
    '| --- | --- | --- |',
    ...registry.types.map((type) => `| [\`${type.name}\`](#${type.name}) | ${type.summary} | ${failsWhen(type)} |`),
    '',
    ...registry.types.flatMap(section),
    '## Metrics',
    '',
    '| metric | kind | meaning | given by |',
    '| --- | --- | --- | --- |',
    ...metricNames().map((name) => `| \`${name}\` | ${table[name]?.kind ?? ''} | ${table[name]?.meaning ?? ''} | ${givers(registry, name, table[name])} |`),
    '',
  ].join('\n');
}

function failsWhen(type: GuardType): string {
  const limits = Object.entries(type.limits).map(([name, limit]) => `\`${name}\` > ${limit}`);
  return limits.length === 0 ? '–' : limits.join(', ');
}

function givers(registry: GuardRegistry, name: string, metric: Metric | undefined): string {
  if ((alwaysMeasured as readonly string[]).includes(name)) return 'every gate';
  const needed = metric?.kind === 'share' ? metric.of : [name];
  return registry.types.filter((type) => needed.every((one) => (type.metrics as readonly string[]).includes(one))).map((type) => `\`${type.name}\``).join(', ');
}

function section(type: GuardType): readonly string[] {
  const properties = isJsonObject(type.parameters['properties']) ? type.parameters['properties'] : {};
  const required = new Set(Array.isArray(type.parameters['required']) ? (type.parameters['required'] as readonly string[]) : []);
  const rows = Object.entries(properties).map(([name, schema]) => `| \`${name}\` | ${kindOf(isJsonObject(schema) ? schema : {})} | ${required.has(name) ? 'yes' : 'no'} | ${describe(schema)} |`);
  return [
    `### ${type.name}`,
    '',
    type.summary,
    '',
    ...(rows.length === 0 ? [] : ['| parameter | type | required | meaning |', '| --- | --- | --- | --- |', ...rows, '']),
    '```yaml',
    'guards:',
    ...type.examples.map((example) => `  - ${JSON.stringify({ uses: type.name, ...(Object.keys(example).length === 0 ? {} : { with: example }) })}`),
    '```',
    '',
  ];
}

function describe(schema: JsonObject[string]): string {
  return isJsonObject(schema) && typeof schema['description'] === 'string' ? schema['description'].replaceAll('|', '\\|') : '';
}

function kindOf(schema: JsonObject): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${String(value)}\``).join(', ');
  const { type, items } = schema;
  if (Array.isArray(type)) return (type as readonly string[]).map((one) => (one === 'array' ? 'list' : one)).join(' or ');
  if (type === 'array') return isJsonObject(items) ? `list of ${kindOf(items)}` : 'list';
  return typeof type === 'string' ? type : 'any';
}
