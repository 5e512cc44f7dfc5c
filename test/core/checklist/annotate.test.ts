import { describe, expect, test } from 'vitest';

import { annotate } from '../../../src/core/checklist/annotate.ts';
import { readIntents, readRegion } from '../../../src/core/checklist/intents.ts';
import { itemTitle, parseItemLine } from '../../../src/core/checklist/item-line.ts';
import type { ChecklistModel } from '../../../src/core/checklist/match-tasks.ts';
import { outline } from '../../../src/core/checklist/outline.ts';
import { visibleText } from '../../../src/core/command/hidden-characters.ts';
import { slug } from '../../../src/config/slug.ts';
import * as fc from '../../support/fast-check.ts';

type Adopt = NonNullable<ChecklistModel['adopt']>;

/** The model of a body whose checklist is adopted: every top-level item is a task. */
function adopted(body: string, change: (index: number) => { checked?: boolean; suffix?: string } = () => ({}), statusBlock = ''): ChecklistModel {
  const nodes = outline(body);
  if (!nodes.ok) throw new Error('too deep');
  const taken = new Map<string, number>();
  const adopt: Adopt[number][] = [];
  const tasks = nodes.value.flatMap((node) => {
    if (!node.task) return [];
    const title = visibleText(itemTitle(node.task)).trim();
    const base = slug(title) || 'task';
    const count = (taken.get(base) ?? 0) + 1;
    taken.set(base, count);
    const id = count === 1 ? base : `${base}-${count}`;
    adopt.push({ taskId: id, line: node.block.line });
    return [{ id, title, checked: node.task.box !== ' ', suffix: '', ...change(adopt.length - 1) }];
  });
  return { phases: [{ id: 'build', title: 'Build', tasks }], statusBlock, adopt, maximumBytes: 65_535 };
}

function generated(tasks: readonly { id: string; title: string; checked?: boolean; suffix?: string }[], more: Partial<ChecklistModel> = {}): ChecklistModel {
  return { phases: [{ id: 'build', title: 'Build', tasks: tasks.map((task) => ({ checked: false, suffix: '', ...task })) }], statusBlock: '', adopt: null, maximumBytes: 65_535, ...more };
}

/** The person's text: without our lines, markers and suffixes, boxes emptied. */
function theirWords(body: string): string[] {
  const kept: string[] = [];
  let inStatus = false;
  for (const line of body.split(/\r\n|\n|\r/)) {
    const text = line.trim();
    if (text === '<!-- mg:status -->') inStatus = true;
    if (!inStatus && !/^<!-- \/?mg:(?:begin|end|status) -->$/.test(text)) {
      const parts = parseItemLine(line);
      kept.push(parts ? `${parts.lead}[ ]${parts.text}${parts.tail}` : line);
    }
    if (text === '<!-- /mg:status -->') inStatus = false;
  }
  while (kept.at(-1) === '') kept.pop();
  return kept;
}

const person = `Intro line

## Build 🚀
Some prose.

- [ ] Build the API
  - needs: model

  more words
- [x] Model  

Text after.
`;

describe('annotate', () => {
  test('puts the region around an adopted checklist and changes nothing but boxes, markers and suffixes', () => {
    const { body, conflicts } = annotate(person, adopted(person, (index) => (index === 0 ? { suffix: '— ⏳ running' } : {}), '**1 of 2**'));
    expect(conflicts).toEqual([]);
    expect(body).toBe(`Intro line

<!-- mg:begin -->
## Build 🚀
Some prose.

- [ ] Build the API <!-- mg:task build-the-api --> — ⏳ running <!-- mg:s -->
  - needs: model

  more words
- [x] Model   <!-- mg:task model -->
<!-- mg:status -->
**1 of 2**
<!-- /mg:status -->
<!-- mg:end -->

Text after.
`);
  });

  test('appends a checklist by phase for a mission that is defined elsewhere', () => {
    const { body } = annotate('Mission: add-endpoint\n', generated([{ id: 'api', title: 'Build the API' }, { id: 'docs', title: 'Write <!-- docs', checked: true }]));
    expect(body).toBe(`Mission: add-endpoint

<!-- mg:begin -->
### Build <!-- mg:phase build -->

- [ ] Build the API <!-- mg:task api -->
- [x] Write &lt;!-- docs <!-- mg:task docs -->
<!-- mg:end -->
`);
  });

  test('accepts an empty, a missing and a one-line body', () => {
    const model = generated([{ id: 'a', title: 'A' }]);
    for (const body of [null, '', '\n', 'no ending', '\r\n']) expect(readRegion(annotate(body, model).body).items).toMatchObject([{ id: 'a', text: 'A', checked: false }]);
  });

  test('keeps the line endings it finds', () => {
    const { body } = annotate('# Build\r\n- [ ] A\r\n\r\nend', adopted('# Build\r\n- [ ] A\r\n\r\nend'));
    expect(body).toBe('<!-- mg:begin -->\r\n# Build\r\n- [ ] A <!-- mg:task a -->\r\n<!-- mg:end -->\r\n\r\nend');
  });

  test('is not misled by markers that are shown in code or quotes', () => {
    const text = '```\n<!-- mg:begin -->\n- [ ] A <!-- mg:task a -->\n<!-- mg:end -->\n```\n> <!-- mg:begin -->\n\n- [ ] Real\n';
    const { body } = annotate(text, adopted(text));
    expect(body).toBe('```\n<!-- mg:begin -->\n- [ ] A <!-- mg:task a -->\n<!-- mg:end -->\n```\n> <!-- mg:begin -->\n\n<!-- mg:begin -->\n- [ ] Real <!-- mg:task real -->\n<!-- mg:end -->\n');
  });

  test.each([
    ['a lost end marker', (body: string) => body.replace('<!-- mg:end -->\n', ''), 'lost-end'],
    ['a lost begin marker', (body: string) => body.replace('<!-- mg:begin -->\n', ''), 'lost-begin'],
    ['a region pasted twice', (body: string) => `${body}\n${body}`, 'duplicate-region'],
    ['a status block without end', (body: string) => body.replace('<!-- /mg:status -->\n', ''), 'lost-status'],
    ['a status block without beginning', (body: string) => body.replace('<!-- mg:status -->\n', ''), 'lost-status'],
    ['an item moved below the region', (body: string) => `${body.replace(/^- \[x\] Model.*\n/m, '')}\n- [x] Model <!-- mg:task model -->\n`, 'moved-out'],
    ['an item copied', (body: string) => body.replace(/^- \[x\] Model.*\n/m, (line) => line + line), 'duplicate-task'],
    ['an id we never gave', (body: string) => body.replace('mg:task model', 'mg:task other'), 'unknown-task'],
  ])('repairs %s, says so, and loses no word', (_, damage, kind) => {
    const model = adopted(person, () => ({}), 'status');
    const damaged = damage(annotate(person, model).body);
    const repaired = annotate(damaged, model);
    expect(repaired.conflicts.map((conflict) => conflict.kind)).toContain(kind);
    expect(annotate(repaired.body, model)).toEqual({ body: repaired.body, conflicts: expect.anything() });
    for (const word of theirWords(damaged)) expect(theirWords(repaired.body)).toContain(word);
    const ids = readRegion(repaired.body).items.flatMap((item) => item.id ?? []);
    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set(['build-the-api', 'model']));
  });

  test('knows a task again by its words when the marker was removed', () => {
    const model = adopted(person);
    const { body } = annotate(person, model);
    expect(annotate(body.replaceAll(/ <!-- mg:task \S+ -->/g, ''), model).body).toBe(body);
  });

  test('puts a removed task back into its phase', () => {
    const model = generated([{ id: 'a', title: 'A' }, { id: 'b', title: 'B' }, { id: 'c', title: 'C' }]);
    const { body } = annotate('', model);
    expect(annotate(body.replace(/^.*mg:task b.*\n/m, ''), model).body).toBe(body);
    expect(annotate(body.replace(/^.*mg:task a.*\n/m, ''), model).body).toContain('- [ ] A <!-- mg:task a -->');
  });

  test('a fence that somebody opens in the status block hides nothing from the repair', () => {
    const model = generated([], { statusBlock: '**1 of 2**' });
    const damaged = '<!-- mg:begin -->\n<!-- mg:status -->\n```\n<!-- /mg:status -->\n<!-- mg:end -->\n<!-- /mg:status -->\nwords\n';
    const { body } = annotate(damaged, model);
    expect(body).toBe('<!-- mg:begin -->\n<!-- mg:status -->\n**1 of 2**\n<!-- /mg:status -->\n<!-- mg:end -->\nwords\n');
    expect(annotate(body, model)).toEqual({ body, conflicts: [] });
  });

  test('a body that nests too deep comes back as it is', () => {
    const bomb = '>'.repeat(5000);
    expect(annotate(bomb, generated([{ id: 'a', title: 'A' }]))).toEqual({ body: bomb, conflicts: [{ kind: 'unreadable', line: 0, task: null }] });
  });

  test('shrinks in order: suffixes, finished items of a generated list, status block, markers; never a person\'s text', () => {
    const tasks = Array.from({ length: 300 }, (_, index) => ({ id: `t${index}`, title: `Task ${index} 🚀`, checked: index < 200, suffix: '— ✅ done in 3 minutes' }));
    const text = 'Words of a person.\n';
    const sizes = [40_000, 18_000, 8000, 4600, 3000, 100];
    const bodies = sizes.map((maximumBytes) => annotate(text, generated(tasks, { maximumBytes, statusBlock: 'S'.repeat(300) })));
    expect(bodies.map(({ body }) => [body.includes('✅'), body.includes('Task 0 '), body.includes('SSS'), body.includes('mg:task'), body.includes('Task 299')])).toEqual([
      [true, true, true, true, true],
      [false, true, true, true, true],
      [false, false, true, true, true],
      [false, false, false, true, true],
      [false, false, false, false, true],
      [false, false, false, false, false],
    ]);
    for (const [index, { body }] of bodies.entries()) {
      expect(body.startsWith(text)).toBe(true);
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(Math.max(sizes[index] ?? 0, text.length));
      expect(annotate(body, generated(tasks, { maximumBytes: sizes[index] ?? 0, statusBlock: 'S'.repeat(300) })).body).toBe(body);
    }
  });

  test('5,000 adopted items of a body at GitHub\'s limit keep their text though there is no room for markers', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `- [ ] t ${index}`).join('\n');
    const result = annotate(text, adopted(text, () => ({ checked: true })));
    expect(result.conflicts).toContainEqual({ kind: 'too-large', line: 0, task: null });
    expect(theirWords(result.body)).toEqual(text.split('\n'));
    expect(readRegion(result.body).items.every((item) => item.checked)).toBe(true);
    expect(readRegion(annotate(text, { ...adopted(text), maximumBytes: 1_000_000 }).body).items).toHaveLength(5000);
  });
});

const proseLine = fc.constantFrom('words', '', '', '# Head', '## Build', '> - [ ] quoted', '```', '- gate: none', '  - nested: x', '    deep', '- note', '<details>', '</details>', '1. [ ] numbered', '<!-- hidden', '-->', 'Title', '===', '---', '\ttab', '🚀 שלום', '* [X] star', '- [ ] ', '<!-- note -->');
const itemLine = fc.tuple(fc.constantFrom('- [ ] ', '- [x] ', '* [ ] ', '+ [X] ', '  - [ ] '), fc.constantFrom('Alpha', 'Beta two', 'Gamma `code`', 'Δέλτα', 'Alpha', 'emoji 🚀', 'trailing  ', 'with <!-- note --> text')).map((parts) => parts.join(''));
const bodyOf = fc
  .tuple(fc.array(fc.oneof(proseLine, itemLine), { maxLength: 16 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, eol, ends]) => lines.join(eol) + (ends ? eol : ''));
const states = fc.array(fc.record({ checked: fc.boolean(), suffix: fc.constantFrom('', '— ⏳ running', '— ✅') }), { minLength: 20, maxLength: 20 });
const status = fc.constantFrom('', '**Status**', '| a | b |\n|---|---|\n| 1 | 2 |', '```\nopen fence', '- [ ] not a task', '<!-- mg:end -->');

describe('annotate, for any body', () => {
  test('adopting keeps every line of the person, and annotating again changes nothing', () => {
    fc.assert(
      fc.property(bodyOf, states, status, (body, state, statusBlock) => {
        const model = adopted(body, (index) => state[index] ?? {}, statusBlock);
        const once = annotate(body, model).body;
        if (model.adopt?.length) expect(theirWords(once)).toEqual(theirWords(body));
        expect(annotate(once, model).body).toBe(once);
        expect(readIntents(once, once)).toEqual([]);
        const shown = new Map(readRegion(once).items.map((item) => [item.id, item.checked]));
        for (const task of model.phases[0]?.tasks ?? []) expect(shown.get(task.id)).toBe(task.checked);
      }),
      { numRuns: 1500 },
    );
  });

  test('after any damage by a person one pass repairs it: no word of theirs is lost, every task is shown once, and a second pass changes nothing', () => {
    const edit = fc.tuple(fc.constantFrom('delete', 'duplicate', 'insert', 'append', 'swap'), fc.nat(40), fc.nat(40), fc.oneof(proseLine, itemLine, fc.constantFrom('<!-- mg:begin -->', '<!-- mg:end -->', '<!-- mg:task alpha -->', '- [ ] forged <!-- mg:task nope -->')));
    fc.assert(
      fc.property(bodyOf, fc.array(edit, { maxLength: 5 }), states, fc.boolean(), status, (body, edits, state, adopts, statusBlock) => {
        const own = adopted(body, (index) => state[index] ?? {}, statusBlock);
        const model = adopts ? own : { ...own, adopt: null };
        const lines = annotate(body, model).body.split(/\r\n|\n/);
        for (const [kind, at, other, text] of edits) {
          const line = at % Math.max(lines.length, 1);
          if (kind === 'delete') lines.splice(line, 1);
          else if (kind === 'duplicate') lines.splice(line, 0, lines[line] ?? '');
          else if (kind === 'insert') lines.splice(line, 0, text);
          else if (kind === 'append') lines[line] = `${lines[line] ?? ''} ${text.includes('mg:') ? '' : text}`;
          else [lines[line], lines[other % lines.length]] = [lines[other % lines.length] ?? '', lines[line] ?? ''];
        }
        const theirs = lines.join('\n');
        const { body: merged, conflicts } = annotate(theirs, model);
        if (conflicts.some((conflict) => conflict.kind === 'unsettled')) {
          expect(merged).toBe(theirs);
          return;
        }
        const left = new Map<string, number>();
        for (const word of theirWords(merged)) left.set(word, (left.get(word) ?? 0) + 1);
        if (!/mg:status/.test(theirs)) {
          for (const word of theirWords(theirs)) {
            expect(left.get(word) ?? 0, word).toBeGreaterThan(0);
            left.set(word, (left.get(word) ?? 0) - 1);
          }
        }
        expect(annotate(merged, model).body).toBe(merged);
        const items = readRegion(merged).items.filter((item) => model.phases[0]?.tasks.some((task) => task.id === item.id));
        expect(items).toHaveLength(model.phases[0]?.tasks.length ?? 0);
        expect(new Set(items.map((item) => item.id))).toEqual(new Set(model.phases[0]?.tasks.map((task) => task.id)));
        for (const item of items) expect(item.checked).toBe(model.phases[0]?.tasks.find((task) => task.id === item.id)?.checked);
      }),
      { numRuns: 1500 },
    );
  });

  test('never throws, whatever the body', () => {
    const model = generated([{ id: 'a', title: 'A' }, { id: 'b', title: '<!-- x' }], { statusBlock: 's' });
    const pieces = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<!-- mg:begin -->', '<!-- mg:end -->', '<!-- mg:status -->', '<!-- /mg:status -->', '- [ ] A <!-- mg:task a -->', '<!-- mg:s -->', '<!-- mg:more -->', '\n', '\r', '\r\n')), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const once = annotate(parts.join('\n'), model).body;
        expect(annotate(once, model).body).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});
