import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createStepWorld, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
});
afterAll(() => steps.close());

const value = async (name: string, parameters: Record<string, unknown>) => (await steps.run(name, parameters as never)).outcome.outputs['value'];

describe('data steps read a text or a file', () => {
  test('JSON', async () => {
    expect(await value('data.json', { text: '{"a":[1,{"b":null}]}' })).toEqual({ a: [1, { b: null }] });
    const workspace = await steps.world.open();
    await workspace.writeFile('d.json', '{"deep":{"x":"y"}}');
    expect((await steps.run('data.json', { file: 'd.json', select: '/deep/x' }, { workspace })).outcome.outputs['value']).toBe('y');
  });

  test('YAML 1.2: no is text, a date is text', async () => {
    expect(await value('data.yaml', { text: 'a: no\nb: 2026-01-01\nc: [1, true]\n' })).toEqual({ a: 'no', b: '2026-01-01', c: [1, true] });
  });

  test('XML: attributes, repeated elements, values as text', async () => {
    expect(await value('data.xml', { text: '<?xml version="1.0"?><s n="007"><c>1 &lt; 2</c><c/></s>' })).toEqual({ s: { '@n': '007', c: ['1 < 2', ''] } });
  });

  test('CSV: quotes, a byte order mark, line ends inside values', async () => {
    expect(await value('data.csv', { text: '\ufeffname,note\nAda,"one\ntwo, ""three"""\n' })).toEqual([{ name: 'Ada', note: 'one\ntwo, "three"' }]);
    expect(await value('data.csv', { text: 'a;b\n', header: false, delimiter: ';' })).toEqual([['a', 'b']]);
  });

  test('a path gives a list, a pointer one value', async () => {
    expect(await value('data.json', { text: '{"a":[{"n":1},{"n":5}]}', select: '$.a[?@.n > 2].n' })).toEqual([5]);
    expect(await steps.failing('data.json', { text: '{}', select: '/a' })).toMatchObject({ failure: 'input', message: expect.stringContaining('has nothing at "/a"') });
  });
});

describe('hostile data is refused', () => {
  const hostile: [string, string, RegExp][] = [
    ['data.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /100 levels/],
    ['data.json', '{"__proto__": {"polluted": true}}', /__proto__/],
    ['data.json', '{"a": 1', /is not JSON/],
    ['data.yaml', `a: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`}, *${i === 0 ? 'a' : `b${i - 1}`}]`).join('\n')}\n`, /Aliases repeat too much/],
    ['data.yaml', `${'['.repeat(5000)}${']'.repeat(5000)}`, /levels deep/],
    ['data.yaml', 'a: !!js/function x\n', /tag/],
    ['data.yaml', 'a: 1\na: 2\n', /second time/],
    ['data.xml', '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>', /document type/],
    ['data.xml', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', /document type/],
    ['data.xml', '<a><b></a>', /not well-formed/],
    ['data.xml', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, /cannot be read as XML|levels/],
    ['data.csv', 'a,b\n"never closed', /not CSV/],
    ['data.csv', `a\n"${'x'.repeat(400_000)}"\n`, /not CSV/],
    ['data.csv', 'a,a\n1,2\n', /Two columns/],
    ['data.json', `"${'x'.repeat(400_000)}"`, /outputs have at most/],
  ];
  test.each(hostile)('%s %.40s', async (name, text, reason) => {
    const error = await steps.failing(name, { text });
    expect(error.failure).toBe('input');
    expect(error.message).toMatch(reason);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('an entity that XML itself does not know stays text', async () => {
    expect(await value('data.xml', { text: '<a>&unknown;</a>' })).toEqual({ a: '&unknown;' });
  });

  test('selectors that could run for ever, and both sources at once, are refused before anything runs', () => {
    expect(steps.problems('data.json', { text: '{}', select: "$[?match(@.a, '(a+)+b')]" })).toHaveLength(1);
    expect(steps.problems('data.json', { text: '{}', select: 'a.b' })).toHaveLength(1);
    expect(steps.problems('data.json', { text: '{}', file: 'x' })).toEqual(['with needs either "file" or "text".']);
  });
});

describe('data.validate', () => {
  const schema = { type: 'object', required: ['name'], additionalProperties: false, properties: { name: { type: 'string', pattern: '^[a-z]+$' }, port: { type: 'integer', maximum: 10 } } };

  test('reports every error, as evidence too', async () => {
    const error = await steps.failing('data.validate', { value: { name: 'A', port: 11, extra: 1 }, schema });
    expect(error.failure).toBe('work');
    expect(error.message).toContain('3 errors');
    expect(error.artifacts[0]?.text.trim().split('\n')).toHaveLength(3);
  });

  test('reads data and schema from files, YAML as well', async () => {
    const workspace = await steps.world.open();
    await workspace.writeFile('s.yml', 'type: object\nrequired: [name]\n');
    await workspace.writeFile('d.yml', 'name: x\n');
    expect((await steps.run('data.validate', { file: 'd.yml', 'schema-file': 's.yml' }, { workspace })).outcome.outputs).toEqual({ valid: true });
  });

  test('draft-07 and formats are known', async () => {
    const old = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string', format: 'date' }] };
    expect(await steps.failing('data.validate', { value: ['tomorrow'], schema: old })).toMatchObject({ failure: 'work' });
    expect((await steps.run('data.validate', { value: ['2026-01-01'], schema: old })).outcome.summary).toBe('the value is valid by the schema.');
  });

  test('nothing is fetched for a schema', async () => {
    expect(await steps.failing('data.validate', { value: 1, schema: { $ref: 'https://example.com/schema.json' } })).toMatchObject({ failure: 'input', message: expect.stringContaining('Nothing is fetched') });
  });

  test('a pattern that would take exponential time elsewhere takes linear time', async () => {
    expect(await steps.failing('data.validate', { value: `${'a'.repeat(40_000)}!`, schema: { type: 'string', pattern: '^(a+)+$' } })).toMatchObject({ failure: 'work' });
  });

  test('a schema that is none is said to be none', async () => {
    expect(await steps.failing('data.validate', { value: 1, schema: { type: 'strnig' } })).toMatchObject({ failure: 'input', message: expect.stringContaining('no JSON Schema') });
    expect(await steps.failing('data.validate', { value: 'x', schema: { pattern: '(?=x)' } })).toMatchObject({ failure: 'input' });
  });
});
