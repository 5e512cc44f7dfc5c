import { describe, expect, test } from 'vitest';

import { annotate } from '../../../src/core/checklist/annotate.ts';
import { readIntents, readRegion } from '../../../src/core/checklist/intents.ts';
import type { ChecklistModel } from '../../../src/core/checklist/match-tasks.ts';
import * as fc from '../../support/fast-check.ts';

const model: ChecklistModel = {
  phases: [
    { id: 'build', title: 'Build', tasks: [{ id: 'api', title: 'Build the API', checked: false, suffix: '— ⏳ running' }, { id: 'docs', title: 'Docs', checked: true, suffix: '' }] },
    { id: 'ship', title: 'Ship', tasks: [{ id: 'tag', title: 'Tag it', checked: false, suffix: '' }] },
  ],
  statusBlock: '**1 of 3**',
  adopt: null,
  maximumBytes: 65_535,
};
const base = annotate('Words.\n', model).body;

describe('readIntents', () => {
  test.each([
    ['nothing', (body: string) => body, []],
    ['words outside', (body: string) => `More.\n${body}\nAnd more.`, []],
    ['other line endings', (body: string) => body.replaceAll('\n', '\r\n'), []],
    ['a tick', (body: string) => body.replace('[ ] Tag', '[x] Tag'), [{ kind: 'ticked', task: 'tag' }]],
    ['a tick removed', (body: string) => body.replace('[x] Docs', '[ ] Docs'), [{ kind: 'unticked', task: 'docs' }]],
    ['other words', (body: string) => body.replace('Build the API', 'Build the *best* API'), [{ kind: 'renamed', task: 'api', from: 'Build the API', title: 'Build the *best* API' }]],
    ['words behind the marker', (body: string) => body.replace('<!-- mg:task tag -->', '<!-- mg:task tag --> soon'), [{ kind: 'renamed', task: 'tag', from: 'Tag it', title: 'Tag it soon' }]],
    ['a line removed', (body: string) => body.replace(/^.*mg:task docs.*\n/m, ''), [{ kind: 'removed', task: 'docs' }]],
    ['a line added', (body: string) => body.replace(/^.*mg:task tag.*\n/m, (line) => `${line}- [x] Tell people\n`), [{ kind: 'added', title: 'Tell people', phaseTitle: 'Ship', checked: true, line: 12 }]],
    ['a line copied and changed', (body: string) => body.replace(/^.*mg:task tag.*\n/m, (line) => `${line}${line.replace('Tag it', 'Sign it')}`), [{ kind: 'added', title: 'Sign it', phaseTitle: 'Ship', checked: false, line: 12 }]],
    ['a line copied', (body: string) => body.replace(/^.*mg:task tag.*\n/m, (line) => line + line), []],
    ['a line with an id of its own', (body: string) => body.replace(/^.*mg:task tag.*\n/m, (line) => `${line}- [ ] New <!-- mg:task new -->\n`), [{ kind: 'added', title: 'New', phaseTitle: 'Ship', checked: false, line: 12 }]],
    ['a line moved', (body: string) => body.replace(/^.*mg:task docs.*\n/m, '').replace(/^.*mg:task tag.*\n/m, (line) => `${line}- [x] Docs <!-- mg:task docs -->\n`), [{ kind: 'moved', task: 'docs', phaseTitle: 'Ship' }]],
    ['a heading with other words', (body: string) => body.replace('### Ship', '### Release'), []],
    ['a marker removed', (body: string) => body.replace(' <!-- mg:task tag -->', ''), []],
    ['a marker removed and the box ticked', (body: string) => body.replace('[ ] Tag it <!-- mg:task tag -->', '[x] Tag it'), [{ kind: 'ticked', task: 'tag' }]],
    ['an item in code', (body: string) => body.replace(/^.*mg:task tag.*\n/m, (line) => `${line}\n\`\`\`\n- [ ] no\n\`\`\`\n`), []],
    ['an item in a quote', (body: string) => body.replace(/^.*mg:task tag.*\n/m, (line) => `${line}\n> - [ ] no\n\n`), []],
    ['everything removed', () => '', []],
    ['the region removed', () => 'Words.\n', []],
  ])('reads %s', (_, edit, expected) => {
    expect(readIntents(base, edit(base))).toEqual(expected);
  });

  test('reads nothing where there was no region, and nothing from a missing body', () => {
    expect(readIntents('- [ ] a', '- [x] a')).toEqual([]);
    expect(readIntents(null, base)).toEqual([]);
    expect(readIntents(base, null)).toEqual([]);
    expect(readRegion('- [ ] a')).toEqual({ items: [], found: false });
  });

  test('sees only the person\'s part: our own changes since then ask for nothing', () => {
    const ours = annotate(base, { ...model, statusBlock: '**2 of 3**', phases: model.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map((task) => ({ ...task, suffix: '— ✅' })) })) }).body;
    expect(readIntents(base, ours)).toEqual([]);
  });
});

interface Edit {
  readonly kind: 'tick' | 'rename' | 'remove' | 'add';
  readonly task: 'api' | 'docs' | 'tag';
}

/** A person's edit as a change of text. */
function apply(body: string, edit: Edit): string {
  const line = new RegExp(`^.*mg:task ${edit.task} .*\\n`, 'm');
  switch (edit.kind) {
    case 'tick':
      return body.replace(line, (found) => (found.includes('[ ]') ? found.replace('[ ]', '[x]') : found.replace('[x]', '[ ]')));
    case 'rename':
      return body.replace(line, (found) => found.replace(/\] (.*?) <!--/, `] ${edit.task} renamed <!--`));
    case 'remove':
      return body.replace(line, '');
    default:
      return body.replace(line, (found) => `${found}- [ ] beside ${edit.task}\n`);
  }
}

describe('three-way merge', () => {
  const edit = fc.record({ kind: fc.constantFrom('tick', 'rename', 'remove', 'add'), task: fc.constantFrom('api', 'docs', 'tag') }) as fc.Arbitrary<Edit>;
  const independent = fc.uniqueArray(edit, { maxLength: 3, selector: (one) => one.task });

  test('edits of different items are read alike in whatever order they were made', () => {
    fc.assert(
      fc.property(independent, (edits) => {
        const there = edits.reduce(apply, base);
        const back = edits.toReversed().reduce(apply, base);
        expect(back).toBe(there);
        const read = readIntents(base, there);
        expect(read.length).toBe(edits.length === 3 && edits.every((one) => one.kind === 'remove') ? 0 : edits.length);
      }),
    );
  });

  test('our state wins for boxes, their words stay, and what a person changed is not asked for twice', () => {
    fc.assert(
      fc.property(independent, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (edits, boxes) => {
        const theirs = edits.reduce(apply, base);
        let index = 0;
        const ours: ChecklistModel = { ...model, statusBlock: 'new', phases: model.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map((task) => ({ ...task, checked: boxes[index++] ?? false, suffix: '' })) })) };
        const merged = annotate(theirs, ours).body;
        const items = readRegion(merged).items;
        const wanted = new Map(ours.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, task.checked] as const)));
        expect(new Map(items.flatMap((item) => (item.id === null ? [] : [[item.id, item.checked] as const])))).toEqual(wanted);
        const said = items.map((item) => item.text);
        for (const one of edits) if (one.kind === 'rename' || one.kind === 'add') expect(said).toContain(one.kind === 'add' ? `beside ${one.task}` : `${one.task} renamed`);
        expect(merged.startsWith('Words.\n')).toBe(true);
        // Once rendered, the merged body is the next base.
        expect(readIntents(merged, merged)).toEqual([]);
        expect(annotate(merged, ours).body).toBe(merged);
      }),
    );
  });

  test('merging and editing commute where they touch different lines', () => {
    fc.assert(
      fc.property(edit, (one) => {
        const ours: ChecklistModel = { ...model, statusBlock: 'new' };
        const editedFirst = annotate(apply(base, one), ours).body;
        const mergedFirst = annotate(apply(annotate(base, ours).body, one), ours).body;
        expect(mergedFirst).toBe(editedFirst);
      }),
    );
  });
});
