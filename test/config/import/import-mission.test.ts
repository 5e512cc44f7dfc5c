import { describe, expect, test } from 'vitest';

import { importMission } from '../../../src/config/import/import-mission.ts';
import { evaluateTemplate, resolveTemplates } from '../../../src/core/expression/template.ts';
import { readMissionFile } from '../../../src/config/read-mission-file.ts';
import { builtInSteps, createStepRegistry } from '../../../src/steps/registry.ts';

const options = { stepTypes: createStepRegistry(builtInSteps), now: new Date('2026-01-02T03:04:05Z') };

function imported(text: string, file = 'tasks.md', from: Parameters<typeof importMission>[1] = 'auto') {
  const result = importMission({ file, text }, from, options);
  if (!result.ok) throw new Error(result.error.map((problem) => `${problem.line}:${problem.column} ${problem.message}`).join('\n'));
  return result.value;
}
function problems(text: string, file = 'tasks.md'): readonly string[] {
  const result = importMission({ file, text }, 'auto', options);
  return result.ok ? [] : result.error.map((problem) => `${problem.line}:${problem.column} ${problem.message}`);
}
const needs = (text: string) => Object.fromEntries(imported(text).document.phases.flatMap((phase) => phase.tasks).map((task) => [task.id, task.needs ?? []]));

const specKit = `# Tasks: Photo albums

**Input**: Design documents from \`/specs/001-photo-albums/\`
**Prerequisites**: plan.md (required), spec.md (required for user stories)

## Format: \`[ID] [P?] [Story] Description\`

- **[P]**: Can run in parallel (different files, no dependencies)

## Phase 1: Setup (Shared Infrastructure)

**Purpose**: Project initialization and basic structure

- [x] T001 Create project structure per implementation plan
- [ ] T002 Initialize TypeScript project with Vite dependencies
- [ ] T003 [P] Configure linting and formatting tools

---

## Phase 2: Foundational (Blocking Prerequisites)

**Purpose**: Core infrastructure that MUST be complete before ANY user story can be implemented

- [ ] T004 Setup database schema in src/db/schema.sql
- [ ] T005 [P] Implement storage adapter in src/storage/index.ts
- [ ] T006 [P] Setup routing in src/router.ts
- [ ] T007 Create base models in src/models/base.ts

**Checkpoint**: Foundation ready - user story implementation can now begin in parallel

## Phase 3: User Story 1 - Group photos by date (Priority: P1) 🎯 MVP

**Goal**: Albums group photos by date

### Tests for User Story 1 ⚠️

- [ ] T010 [P] [US1] Contract test for albums in tests/contract/test_albums.ts
- [ ] T011 [P] [US1] Integration test in tests/integration/test_group.ts

### Implementation for User Story 1

- [ ] T012 [P] [US1] Create Album model in src/models/album.ts
- [ ] T013 [US1] Implement AlbumService in src/services/album.ts (depends on T012, T007)

## Dependencies & Execution Order

- **Setup (Phase 1)**: No dependencies - can start immediately
- T010-T011 before T012
- T005 blocked by T004

## Parallel Example: User Story 1

\`\`\`bash
Task: "Contract test"
- [ ] T999 An example
\`\`\`
`;

describe('a task list of spec-kit', () => {
  test('becomes phases and tasks for an agent; what is ticked is done', () => {
    const { format, document } = imported(specKit);
    expect(format).toBe('speckit');
    expect(document).toMatchObject({ name: 'Photo albums', phases: [{ title: 'Phase 1: Setup (Shared Infrastructure)', gate: 'none' }, { gate: { approvals: { count: 1 } } }, { title: 'Phase 3: User Story 1 - Group photos by date (Priority: P1) MVP' }] });
    expect(document.phases.map((phase) => phase.tasks.map((task) => task.id))).toEqual([['t002', 't003'], ['t004', 't005', 't006', 't007'], ['t010', 't011', 't012', 't013']]);
    expect(document.phases[2]!.tasks[0]).toMatchObject({ title: 'T010 Contract test for albums in tests/contract/test_albums.ts', uses: 'agent', with: { prompt: expect.stringMatching(/^Contract test for albums.*User story: US1\..*Goal: Albums group photos by date/s) } });
  });

  test('tasks marked [P] run beside each other, the others wait; dependencies that are written hold', () => {
    expect(needs(specKit)).toEqual({
      t002: [], t003: ['t002'],
      t004: [], t005: ['t004'], t006: ['t004'], t007: ['t005', 't006'],
      t010: [], t011: [], t012: ['t010', 't011'], t013: ['t007', 't012'],
    });
  });

  test.each([
    ['T001 before T002-T004', { t002: ['t001'], t003: ['t001'], t004: ['t001'] }],
    ['T004 requires T001, T002', { t002: [], t003: [], t004: ['t001', 't002'] }],
    ['**T001** blocks T003', { t002: [], t003: ['t001'], t004: [] }],
  ])('understands "%s"', (sentence, expected) => {
    const tasks = [1, 2, 3, 4].map((n) => `- [ ] T00${n} [P] Do ${n}`).join('\n');
    expect(needs(`## Phase 1: One\n${tasks}\n## Dependencies\n- ${sentence}\n`)).toMatchObject(expected);
  });

  test('numbers that are given twice or lead nowhere, and circles, are told with their lines', () => {
    expect(problems('- [ ] T001 One\n- [ ] T001 Two (depends on T009)\n')).toEqual(['2:1 There are two tasks T001; number one of them anew.', '2:1 Task T001 depends on T009, which does not exist.']);
    expect(problems('- [ ] T001 [P] One (depends on T002)\n- [ ] T002 [P] Two (depends on T001)\n')).toEqual([expect.stringContaining('Remove one of these needs')]);
    expect(problems('- [x] T001 One\n')).toEqual(['1:1 All 1 tasks are ticked; there is nothing left to do.']);
  });
});

describe('a plain checklist', () => {
  test('becomes the mission an issue with it would be', () => {
    const { format, document } = imported('# Ship it\n\n- max parallel: 2\n\n## Build\n- gate: none\n- [ ] Write the docs\n- [ ] Run the tests\n  - run: npm test\n  - needs: write-the-docs\n\n## Release\n- gate: 2 approvals from maintain\n- [ ] Note the change\n', 'todo.md');
    expect(format).toBe('checklist');
    expect(document).toMatchObject({
      name: 'Ship it', settings: { 'max-parallel': 2 },
      phases: [{ id: 'build', gate: 'none', tasks: [{ uses: 'agent' }, { uses: 'command', with: { run: ['npm', 'test'] }, needs: ['write-the-docs'] }] }, { gate: { approvals: { count: 2, from: ['role:maintain'] } } }],
    });
  });

  test('keeps what looks like a template as the text it is', () => {
    const written = 'Replace ${{ github.ref }} by ${{ x';
    const [task] = imported(`# Mend \${{ y }}\n\n- [ ] ${written}\n`, 'todo.md').document.phases.flatMap(({ tasks }) => tasks);
    expect(resolveTemplates([task?.title ?? null, task?.with?.prompt ?? null], {})).toEqual({ ok: true, value: [written, written] });
  });

  test('a text without one is told so', () => {
    expect(problems('Just words.\n', 'notes.md')).toEqual([expect.stringContaining('There is no mission here')]);
    expect(problems('Mission: other\n', 'notes.md')).toEqual([expect.stringContaining('nothing to import')]);
  });
});

describe('what is written', () => {
  test('is a mission file that says the same', () => {
    for (const [text, file] of [[specKit, 'tasks.md'], ['- [ ] One: "quoted" # and {more}\n  - retry: 2\n', 'a.md'], ['version: "1.0"\nname: "yes"\nsteps: [{id: a, step_type: create_file, parameters: {path: x, content: "a: b\\n  - c\\n"}}]\n', 'a.yml']] as const) {
      const { yaml, document } = imported(text, file);
      const read = readMissionFile({ file: 'mission.yml', text: yaml }, options);
      if (!read.ok) throw new Error(read.error[0]!.message);
      expect(read.value.phases.map((phase) => phase.tasks.map(({ id, uses, with: given, needs: needed }) => ({ id, uses, with: given, needs: needed })))).toEqual(document.phases.map((phase) => phase.tasks.map((task) => ({ id: task.id, uses: task.uses, with: task.with ?? {}, needs: task.needs ?? [] }))));
    }
  });

  test('a mission file of ours needs no import', () => {
    expect(problems('version: 1\nname: x\nphases: []\n', 'mission.yml')).toEqual([expect.stringContaining('needs no import')]);
  });
});

describe('what people write in the template of spec-kit', () => {
  const text = `# Tasks: Show \`\${{ x }}\`

## Phase 1: Setup \${{ y }}

**Purpose**: Print $\${{ z }}

- [ ] T001 Escape \${{ secrets.TOKEN }} in src/a.ts
  - Keep \${{ github.sha }} as it is
    and say so
- [ ] TXXX [P] Documentation updates in docs/
- [ ] Tidy up
- [X] TXXX Done already
  - [ ] T002 A task below another one

**Checkpoint**: It works

## Notes

- [ ] This is no task
`;

  test('stays the text it is, and nothing with a box is lost', () => {
    const { document, yaml } = imported(text);
    expect(document.phases[0]?.tasks.map(({ id, needs: own }) => [id, own ?? []])).toEqual([['t001', []], ['line-10', ['t001']], ['line-11', ['line-10']], ['t002', ['line-11']]]);
    const read = readMissionFile({ file: 'm.yml', text: yaml }, { stepTypes: options.stepTypes });
    expect(read.ok).toBe(true);
    const [first, second] = document.phases[0]?.tasks ?? [];
    const said = evaluateTemplate(first?.with?.['prompt'] as string, {});
    expect(said).toMatchObject({ ok: true, value: expect.stringContaining('Escape ${{ secrets.TOKEN }} in src/a.ts\n  - Keep ${{ github.sha }} as it is\n    and say so\n\nPurpose: Print $${{ z }}\nThis is T001 of "Phase 1: Setup ${{ y }}".') });
    expect(evaluateTemplate(document.name, {})).toMatchObject({ ok: true, value: 'Show ${{ x }}' });
    expect(second?.title).toBe('Documentation updates in docs/');
  });

  test('tests under a heading of their own come before what they test, ticked tasks or not', () => {
    expect(needs('## Phase 1: A\n\n### Tests\n\n- [ ] T001 [P] a\n- [ ] T002 [P] b\n- [x] T003 c\n\n### Implementation\n\n- [ ] T004 [P] d\n- [ ] T005 [P] e\n- [ ] T006 f\n')).toEqual({ t001: [], t002: [], t004: ['t001', 't002'], t005: ['t001', 't002'], t006: ['t004', 't005'] });
  });

  test('is cut before a template that does not fit', () => {
    const titleOf = (length: number) => imported(`## Phase 1: A\n\n- [ ] T001 ${'x'.repeat(length)}\${{ a }} and much more, so that it is too long\n`).document.phases[0]?.tasks[0]?.title;
    for (const length of [248, 249, 250, 251]) expect(titleOf(length)).toBe(`T001 ${'x'.repeat(length)}`.slice(0, 256));
    expect(titleOf(247)).toBe(`T001 ${'x'.repeat(247)}$\${{`);
  });
});
