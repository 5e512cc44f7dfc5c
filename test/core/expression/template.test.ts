import { describe, expect, it } from 'vitest';

import { asTemplate, asTemplates, evaluateTemplate, isSingleTemplate, parseTemplate, resolveTemplates } from '../../../src/core/expression/template.ts';
import * as fc from '../../support/fast-check.ts';

const context = { inputs: { count: 5, list: [1, 2], name: 'x', nothing: null } };
const value = (text: string) => {
  const result = evaluateTemplate(text, context);
  return result.ok ? result.value : result.error;
};

describe('templates', () => {
  it('keep the type of a value that stands alone', () => {
    expect(value('${{ inputs.list }}')).toEqual([1, 2]);
    expect(value('  ${{ inputs.count }}\n')).toBe(5);
    expect(value('${{ inputs.nothing }}')).toBe(null);
    expect(isSingleTemplate('${{ inputs.list }}')).toBe(true);
    expect(isSingleTemplate('v${{ inputs.list }}')).toBe(false);
  });

  it('give back every text that is made one', () => {
    const piece = fc.oneof(fc.constantFrom('$', '{', '{{', '${{', '}}', ' mission.id ', '\n'), fc.string());
    fc.assert(
      fc.property(fc.array(piece).map((parts) => parts.join('')), (text) => {
        expect(value(asTemplate(text))).toBe(text);
        expect(resolveTemplates({ list: [asTemplate(text)] }, context)).toEqual(resolveTemplates(asTemplates({ list: [text] }), context));
      }),
    );
  });

  it('put values into text', () => {
    expect(value('v${{ inputs.count }}-${{ inputs.name }}')).toBe('v5-x');
    expect(value('${{ inputs.list }}${{ inputs.nothing }}')).toBe('[1,2]');
    expect(value('no template')).toBe('no template');
  });

  it('end where the expression ends, not at braces of its maps and texts', () => {
    expect(value('a ${{ {"k": {"l": "}}"}} }} b')).toBe('a {"k":{"l":"}}"}} b');
    expect(value("${{ '}}' + \"${{\" }}")).toBe('}}${{');
  });

  it('leave "$${{" as the characters themselves', () => {
    expect(value('$${{ inputs.count }} ${{ inputs.count }} $${{')).toBe('${{ inputs.count }} 5 ${{');
  });

  it('are never read twice: a value that looks like a template stays what it is', () => {
    const result = evaluateTemplate('${{ inputs.evil }} and ${{ inputs.evil }}', { inputs: { evil: '${{ inputs.secret }}', secret: 's' } });
    expect(result).toEqual({ ok: true, value: '${{ inputs.secret }} and ${{ inputs.secret }}' });
  });

  it('are all reported with their places when wrong', () => {
    const text = 'a ${{ inputs. }} b ${{ nope }} c';
    const parsed = parseTemplate(text);
    expect(parsed.ok ? [] : parsed.error.map(({ code, offset }) => [code, text.slice(offset, offset + 4)])).toEqual([['syntax', '}} b'], ['unknown-name', 'nope']]);
    expect(value('${{ inputs.count')).toMatchObject({ offset: 0, message: expect.stringContaining('is not closed') });
  });

  it('are resolved in a whole tree, and every failure is told with its path', () => {
    const tree = { run: ['echo', '${{ inputs.name }}'], n: '${{ inputs.count }}', deep: [{ '${{ key }}': 'as it is' }], flag: true };
    expect(resolveTemplates(tree, context)).toEqual({ ok: true, value: { run: ['echo', 'x'], n: 5, deep: [{ '${{ key }}': 'as it is' }], flag: true } });
    expect(resolveTemplates({ a: ['${{ inputs.z }}'], b: '${{ 1 / 0 }}' }, context)).toMatchObject({ ok: false, error: [{ path: ['a', 0], code: 'no-such-key' }, { path: ['b'], code: 'out-of-range' }] });
  });

  it('give back any text without "${{", and never throw on others', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', '"', "'", '${{', '}}', 'inputs.name', ' ', 'x', '\\', '$${{'), { maxLength: 30 }).map((parts) => parts.join('')), (text) => {
        const result = evaluateTemplate(text, context);
        if (!text.includes('${{')) expect(result).toEqual({ ok: true, value: text });
      }),
      { numRuns: 2_000 },
    );
  });

  it('do not grow beyond bounds', () => {
    const result = evaluateTemplate('${{ inputs.big }}'.repeat(20), { inputs: { big: 'x'.repeat(100_000) } });
    expect(result).toMatchObject({ ok: false, error: { code: 'too-much' } });
  });
});
