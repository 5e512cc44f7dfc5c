import { evaluate as evaluateWithCel } from '@marcbachmann/cel-js';
import { describe, expect, it } from 'vitest';

import type { ExpressionContext } from '../../../src/core/expression/context.ts';
import { evaluateExpression } from '../../../src/core/expression/evaluate.ts';
import { expressionLimits } from '../../../src/core/expression/limits.ts';
import { parseExpression, statusFunctionsIn } from '../../../src/core/expression/parse.ts';
import type { Json } from '../../../src/kit/json.ts';
import * as fc from '../../support/fast-check.ts';

const context: ExpressionContext = {
  inputs: { count: 5, ratio: 2.5, name: 'x', list: [1, 2, 3], flags: { a: 1 }, 'dry-run': true },
  tasks: new Map<string, Json>([['build-api', { result: 'success', outputs: { count: 4, 'exit-code': 0 }, attempts: 1 }]]),
  phases: { build: { result: 'success' } },
  item: { key: 'k', value: [1, 2, 3] },
  status: { success: false, failure: true, cancelled: false },
};

const value = (text: string, given: ExpressionContext = context) => {
  const result = evaluateExpression(text, given);
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
};

describe('evaluateExpression', () => {
  it.each<[string, Json]>([
    ['inputs.count + 1', 6],
    ['inputs.count > 3 && inputs.ratio > 2', true],
    ['inputs.count == 5.0', true],
    ['1 == 1.0', true],
    ['inputs.count * inputs.ratio', 12.5],
    ['7 / 2', 3.5],
    ['inputs.count % 2', 1],
    ['-inputs.count', -5],
    ['size(inputs.list) + inputs.count', 8],
    ['inputs.list[inputs.count - 4]', 2],
    ['9007199254740991', 9007199254740991],
  ])('knows one kind of number, as JSON does: %s', (text, expected) => expect(value(text)).toEqual(expected));

  it.each<[string, Json]>([
    ['tasks.build-api.outputs.count > 3', true],
    ['tasks["build-api"].outputs["exit-code"] == 0', true],
    ['tasks.build-api.outputs.exit-code', 0],
    ['inputs.dry-run ? "dry" : "wet"', 'dry'],
    ['inputs.count - 1', 4],
    ['"a-b.c-d"', 'a-b.c-d'],
    ['1.5 - 0.5', 1],
    ['has(tasks.build-api) && has(tasks.build-api.outputs.count) && !has(tasks.build-api.outputs.size)', true],
  ])('takes a hyphen inside a member name for a letter: %s', (text, expected) => expect(value(text)).toEqual(expected));

  it.each<[string, Json]>([
    ['always()', true],
    ['success()', false],
    ['failure() && !cancelled()', true],
    ['contains("Missiongate", "gate")', true],
    ['contains(inputs.list, 2)', true],
    ['contains(inputs.flags, "a")', true],
    ['startsWith("abc", "ab") && endsWith("abc", "bc")', true],
    ['"abc".startsWith("ab") && "abc".contains("b")', true],
    ['format("{0}-{1} {{0}} {0}", inputs.name, inputs.count)', 'x-5 {0} x'],
    ['join(inputs.list, "-")', '1-2-3'],
    ['join(inputs.list)', '1,2,3'],
    ['["a", "b"].join("")', 'ab'],
    ['fromJSON("{\\"a\\": [1, 2]}").a[1]', 2],
    ['toJSON({"b": 1, "a": [true, null]})', '{"a":[true,null],"b":1}'],
    ['string(inputs.count) + inputs.name', '5x'],
    ['int("42") + int(2.9)', 44],
    ['double("2.5")', 2.5],
    ['bool("true")', true],
    ['" Ab ".trim().lowerAscii() + "c".upperAscii()', 'abC'],
    ['"a,b,c".split(",")', ['a', 'b', 'c']],
    ['"a,b,c".split(",", 2)', ['a', 'b,c']],
    ['"abcabc".indexOf("c") + "abcabc".lastIndexOf("c")', 7],
    ['"abc".substring(1, 3)', 'bc'],
    ['size("äö😀")', 3],
    ['inputs.list.map(x, x * x).filter(x, x > 1)', [4, 9]],
    ['inputs.list.map(x, x > 1, x * 10)', [20, 30]],
    ['inputs.list.all(x, x > 0) && inputs.list.exists(x, x == 3) && inputs.list.exists_one(x, x == 1)', true],
    ['inputs.list.map(x, inputs.list.map(x, x)).size()', 3],
    ['inputs.flags.map(key, key)', ['a']],
    ['2 in inputs.list && "a" in inputs.flags', true],
    ['item.value + [4]', [1, 2, 3, 4]],
    ['${{ inputs.count }}', 5],
    [' ${{ {"a": {"b": "}}"}} }} ', { a: { b: '}}' } }],
  ])('gives the value of %s', (text, expected) => expect(value(text)).toEqual(expected));

  it('lets one side of && and || decide when the other has no value', () => {
    expect(value('inputs.nothing == 1 || true')).toBe(true);
    expect(value('inputs.nothing == 1 && false')).toBe(false);
    expect(value('inputs.nothing == 1 || false')).toContain('no-such-key');
  });

  it.each([
    ['inputs.nam', 'no-such-key: There is no "nam". Did you mean "name"?'],
    ['inputs.count-1', 'A subtraction needs spaces around its minus.'],
    ['inputs.name + inputs.count', 'write string(…) around it'],
    ['inputs.name ? 1 : 2', 'must be true or false'],
    ['inputs.list[3]', 'The list has 3 elements, and none at 3 (the first is 0).'],
    ['inputs.list["a"]', 'no-such-key'],
    ['1 / 0', 'Division by zero'],
    ['1e308 * 10.0', 'too large'],
    ['fromJSON("{")', 'not JSON'],
    ['fromJSON("1e999")', 'not JSON'],
    ['matrix.os', 'not-available: `matrix` is not known here.'],
    ['hashFiles("*")', 'needs the files'],
    ['{"__proto__": 1}', 'not allowed'],
    ['"abc".substring(4)', 'from 0 to the length of the text (3)'],
  ])('says why %s has no value', (text, reason) => expect(value(text)).toContain(reason));

  it.each(['inputs.constructor', 'inputs["__proto__"]', 'inputs.list.length', 'inputs.name.length', 'inputs.toString', 'tasks.hasOwnProperty', 'tasks.size', 'item.value.constructor', 'mission', 'inputs["constr" + "uctor"]'])(
    'sees nothing but own keys of its context: %s',
    (text) => expect(value(text)).toMatch(/^(no-such-key|not-available)/),
  );

  it('takes data with a key "constructor" for data', () => {
    expect(value('inputs.constructor.name + inputs.o["__proto__"]', { inputs: JSON.parse('{"constructor": {"name": "a"}, "o": {"__proto__": "b"}}') })).toBe('ab');
  });

  const long = { inputs: { list: Array.from({ length: 10_000 }, (_, index) => index), text: 'x'.repeat(10_000) } };

  it.each([
    'inputs.list.map(a, inputs.list.map(b, inputs.list.map(c, a)))',
    'inputs.list.exists(a, inputs.list.exists(b, inputs.list.exists(c, a > 20000)))',
    'inputs.list.exists(a, inputs.list.exists(b, a + "x" == "y"))',
    'inputs.list.exists(a, inputs.nothing == 1 || inputs.list.exists(b, inputs.nothing == 1))',
    '[inputs.list].map(a, [a + a].map(b, [b + b].map(c, [c + c].map(d, [d + d].map(e, e + e)))))',
    '[inputs.text].map(a, [a + a + a + a].map(b, [b + b + b + b].map(c, [c + c + c + c].map(d, d + d + d + d))))',
    'inputs.list.map(a, toJSON(inputs.list))',
    'inputs.list.filter(a, inputs.list == inputs.list + [a])',
    'join(inputs.list.map(a, inputs.text), "")',
    'inputs.list.map(a, inputs.text.contains("xxxxxxxxxxxxxxxxxxxxy"))',
    'format("{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}", format("{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}", inputs.text))',
  ])('ends what would not end: %s', (text) => expect(value(text, long)).toMatch(/^too-much/));

  it('survives data nested as deep as JSON allows', () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(value('toJSON(fromJSON(inputs.text)) == "x" || fromJSON(inputs.text) == fromJSON(inputs.text + " ")', { inputs: { text: nested } })).toMatch(/^(too-much|function)/);
  });

  it('gives what CEL gives, wherever numbers are not divided', () => {
    const leaf = fc.constantFrom('1', '2.5', '0', '"a"', '"b"', 'true', 'false', 'null', '[1, 2]', '["a"]', '{"a": 1}', 'o.a', 'o.b', 'o.l', 'o.missing', 't', 's', '[]');
    const expression = fc.letrec<{ any: string }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.tuple(tie('any'), fc.constantFrom('==', '!=', '<', '>=', '&&', '||', 'in', '+'), tie('any')).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
        tie('any').map((a) => `!(${a})`),
        tie('any').map((a) => `size(${a})`),
        fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `((${a}) ? (${b}) : (${c}))`),
        fc.tuple(fc.constantFrom('all', 'exists', 'exists_one', 'filter', 'map'), tie('any'), tie('any')).map(([name, a, b]) => `(${a}).${name}(t, ${b})`),
        fc.tuple(fc.constantFrom('startsWith', 'contains', 'endsWith'), tie('any'), tie('any')).map(([name, a, b]) => `(${a}).${name}(${b})`),
      ),
    })).any;
    const rename = (text: string) => text.replaceAll('o.', 'inputs.').replaceAll(/\bs\b/g, 'item').replaceAll(/\bt\b(?!,)/g, 't');
    let same = 0;
    fc.assert(
      fc.property(expression, (text) => {
        const data = { a: 'a', b: 2.5, l: ['a', 'b'] };
        const ours = evaluateExpression(rename(`[true].map(t, ${text})`), { inputs: data, item: 'a' });
        let theirs: unknown;
        try {
          theirs = plain(evaluateWithCel(`[true].map(t, ${text})`, { o: data, s: 'a' }));
        } catch {
          return;
        }
        if (ours.ok) expect(ours.value).toEqual(theirs);
        // What CEL can work out and we refuse: sums of its two kinds of numbers never come here.
        else expect(ours.error.message).toMatch(/does not take|must have the same|takes|compares|number/);
        same += ours.ok ? 1 : 0;
      }),
      { numRuns: 2_000 },
    );
    expect(same).toBeGreaterThan(100);
  });

  it('never throws, whatever it is given', () => {
    const word = fc.constantFrom('inputs', 'tasks', '.', '[', ']', '(', ')', '{', '}', '"', "'", '-', '+', '!', '?', ':', ',', 'map', 'x', 'has', '1', '1.5', 'in', '&&', '||', '==', '${{', '}}', '\\', '//', '\n', 'r"', '"""', 'matches', 'e', 'true', 'null', 'format', '𝕏', '\ud800');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(word, { maxLength: 40 }).map((words) => words.join('')), fc.array(word, { maxLength: 40 }).map((words) => words.join(' '))), (text) => {
        const result = evaluateExpression(text, context);
        if (!result.ok) {
          expect(result.error.message).not.toBe('');
          expect(result.error.offset).toBeGreaterThanOrEqual(0);
          expect(result.error.offset).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([['brackets', '['.repeat(4_000)], ['not', `${'!'.repeat(8_000)}true`], ['sum', Array.from({ length: 2_000 }, () => '1').join('+')], ['long', `"${'x'.repeat(expressionLimits.length)}"`], ['members', `inputs${'.a'.repeat(3_000)}`], ['calls', `${'size('.repeat(1_000)}1${')'.repeat(1_000)}`]])(
    'refuses what is too large: %s',
    (_, text) => expect(parseExpression(text)).toMatchObject({ ok: false }),
  );
});

describe('statusFunctionsIn', () => {
  it('names the functions that replace the implied success()', () => {
    expect(statusFunctionsIn('always() && inputs.x')).toEqual(['always']);
    expect(statusFunctionsIn('${{ failure() || cancelled() }}')).toEqual(['failure', 'cancelled']);
    expect(statusFunctionsIn('"always()" == inputs.x')).toEqual([]);
  });
});

function plain(found: unknown): unknown {
  if (typeof found === 'bigint') return Number(found);
  if (Array.isArray(found)) return found.map(plain);
  if (typeof found === 'object' && found !== null) return Object.fromEntries(Object.entries(found).map(([key, item]) => [key, plain(item)]));
  return found;
}
