import { describe, expect, test } from 'vitest';

import { givenInputs } from '../../src/config/inputs.ts';
import { readMissionFetching, readMissionFile } from '../../src/config/read-mission-file.ts';
import type { ReadOptions } from '../../src/config/read-options.ts';
import { makePlan } from '../../src/core/mission/plan.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';

const stepTypes = createStepRegistry(builtInSteps);

function read(text: string, options: Partial<ReadOptions> = {}) {
  return readMissionFile({ file: 'm.yml', text }, { stepTypes, ...options });
}

function definition(text: string, options: Partial<ReadOptions> = {}) {
  const result = read(text, options);
  if (!result.ok) throw new Error(result.error.map((problem) => `${problem.file}:${problem.line}:${problem.column} ${problem.message}`).join('\n'));
  return result.value;
}

function problems(text: string, options: Partial<ReadOptions> = {}): string[] {
  const result = read(text, options);
  return result.ok ? [] : result.error.map(({ file, line, column, code, message }) => `${file}:${line}:${column} ${code}: ${message}`);
}

const mission = (body: string, top = '') => `version: 1\nname: m\n${top}phases:\n  - id: a\n    tasks:\n${body}`;
const task = (lines: string) => mission(`      - id: t\n        uses: noop\n${lines.split('\n').map((line) => `        ${line}`).join('\n')}\n`);
const only = (text: string, options: Partial<ReadOptions> = {}) => definition(text, options).phases[0]?.tasks[0];

describe('the mission language', () => {
  test('reads every key of a task', () => {
    expect(
      only(
        mission(
          `      - id: t
        title: Test \${{ matrix.os }}
        uses: noop
        with: { message: "\${{ matrix.os }} \${{ result.ok }}" }
        if: always() && inputs.route != "x"
        env: { OS: "\${{ matrix.os }}", COUNT: 3 }
        outputs: { version: "\${{ result.version }}" }
        scope: ["src/**", "test/*.ts"]
        strategy:
          matrix: { os: [linux, mac], node: [20, 22], exclude: [{ os: mac, node: 20 }], include: [{ os: linux, node: 20, lint: true }, { os: win }] }
          mode: iterative
          collect: items.filter(x, x.ok)
          schema: { type: object }
        retry: { max-attempts: 3, backoff: { initial-seconds: 5, factor: 2, max-seconds: 60 }, on: [work, timeout] }
        until: { condition: result.ok == true, max-rounds: 4 }
        timeout-minutes: 10
        continue-on-error: true
        compensate: { uses: noop, with: { message: "undo \${{ result.version }}" } }
        budget: { tokens: 1000, usd: 0.5, minutes: 10 }
`,
          'inputs: { route: { type: string, required: true } }\n',
        ),
      ),
    ).toEqual({
      id: 't',
      title: 'Test ${{ matrix.os }}',
      uses: 'noop',
      with: { message: '${{ matrix.os }} ${{ result.ok }}' },
      needs: [],
      continueOnError: true,
      maxAttempts: 3,
      timeoutSeconds: 600,
      if: 'always() && inputs.route != "x"',
      env: { OS: '${{ matrix.os }}', COUNT: '3' },
      outputs: { version: '${{ result.version }}' },
      retry: { initialSeconds: 5, factor: 2, maxSeconds: 60, on: ['work', 'timeout'] },
      until: { condition: 'result.ok == true', maxRounds: 4 },
      strategy: {
        over: { matrix: [{ os: 'linux', node: 20, lint: true }, { os: 'linux', node: 22 }, { os: 'mac', node: 22 }, { os: 'win' }] },
        mode: 'iterative',
        maxParallel: 1,
        failFast: true,
        minSuccess: 1,
        collect: { expression: 'items.filter(x, x.ok)' },
        schema: { type: 'object' },
      },
      scope: ['src/**', 'test/*.ts'],
      compensate: { uses: 'noop', with: { message: 'undo ${{ result.version }}' } },
      budget: { tokens: 1000, usd: 0.5, minutes: 10 },
    });
  });

  test('reads every key of a phase and of the mission', () => {
    const text = `version: 1
name: Fix \${{ inputs.what }}
inputs: { what: { type: string, default: it } }
env: { A: "\${{ inputs.what }}" }
settings: { on-failure: rollback }
budget: { tokens: 200000, usd: 5 }
timeout-minutes: 60
phases:
  - id: a
    if: inputs.what == "it"
    env: { B: "\${{ env.A }}" }
    parallelism: iterative
    until: { condition: tasks.t.outputs.done == true, max-rounds: 3 }
    fail-fast: false
    timeout-minutes: 5
    budget: { minutes: 3 }
    tasks: [{ id: t, uses: noop, env: { C: "\${{ env.B }}" } }]
  - { id: b, parallelism: 3, tasks: [{ id: u, uses: noop }] }
  - { id: c, parallelism: sequential, tasks: [{ id: v, uses: noop, if: false }] }
  - { id: d, parallelism: partial, max-parallel: 2, tasks: [{ id: w, uses: noop }] }
outputs: { done: "\${{ tasks.t.outputs.done }}" }
`;
    expect(definition(text)).toMatchObject({
      name: 'Fix it',
      inputs: { what: 'it' },
      env: { A: '${{ inputs.what }}' },
      outputs: { done: '${{ tasks.t.outputs.done }}' },
      settings: { onFailure: 'rollback', timeoutSeconds: 3600, budget: { tokens: 200000, usd: 5 } },
      phases: [
        { if: 'inputs.what == "it"', mode: 'iterative', maxParallel: 1, until: { condition: 'tasks.t.outputs.done == true', maxRounds: 3 }, failFast: false, timeoutSeconds: 300, budget: { minutes: 3 }, env: { B: '${{ env.A }}' } },
        { maxParallel: 3 },
        { maxParallel: 1, tasks: [{ if: 'false' }] },
        { mode: 'partial', maxParallel: 2 },
      ],
    });
  });

  test('reports everything that is wrong with expressions at once, each at its own place in the file', () => {
    const text = `version: 1
name: m
inputs: { route: { required: true }, count: { type: number, default: 1 } }
phases:
  - id: a
    if: phases.b.result == "success"
    tasks:
      - id: one
        uses: noop
        if: inputs.rout == "x" && tasks.two.result == "success"
        with:
          message: |
            first line
            then \${{ inputs.route }} and \${{ inputs.nope }}
      - id: two
        needs: [one]
        uses: agent
        if: inputs.count
        with: { prompt: "\${{ tasks.one.outputs.x }} \${{ tasks.two.result }}", agent: "\${{ result }}" }
        env: { X: "\${{ env.Y }}", Y: "\${{ 1 + }}" }
        strategy: { for-each: inputs.count }
        until: contains(result.x)
  - id: b
    tasks: [{ id: last, uses: noop, with: { message: "\${{ tasks.one.reslt }} \${{ success() }}" } }]
`;
    expect(problems(text)).toEqual([
      'm.yml:6:16 expression: The phase "b" need not have ended here. Name a phase that comes before.',
      'm.yml:10:20 expression: There is no input "rout". Did you mean "route"?',
      'm.yml:10:41 expression: The task "two" need not have ended here. Put it under `needs`.',
      'm.yml:14:53 expression: There is no input "nope".',
      'm.yml:18:13 expression: This is a number; a condition must be true or false. Compare it with something, like `… == "yes"`.',
      'm.yml:19:63 expression: The task "two" need not have ended here. Put it under `needs`.',
      'm.yml:20:28 expression: There is no environment variable "Y". None is declared.',
      'm.yml:20:47 expression: Unexpected token: the end of the expression.',
      'm.yml:21:31 expression: This is a number; it must be a list or a map.',
      'm.yml:22:9 strategy: until and a strategy go together in mode iterative only: it stops before the last item.',
      'm.yml:22:16 expression: contains() takes 2 arguments, not 1.',
      'm.yml:24:69 expression: "one" has no "reslt"; it has result, outputs, attempts. Did you mean "result"?',
      'm.yml:24:81 expression: success() can be used in `if` only.',
    ]);
  });

  test.each([
    ['retry: { backoff: { factor: 2 } }', 'retry with backoff or on needs max-attempts'],
    ['retry: { max-attempts: 2, on: [wrok] }', 'An entry of on is "wrok"; it must be one of input, work, timeout, environment, network, permission, conflict, lost.'],
    ['retry: { max-attempts: 2, backoff: { factor: 11 } }', 'factor is 11; it must be from 1 to 10.'],
    ['until: { condition: "true", max-rounds: 21 }', 'max-rounds is 21; it must be from 1 to 20.'],
    ['scope: ["../x"]', 'it leaves its folder with ".."'],
    ['scope: ["/etc/*"]', 'paths are relative to the root of the repository'],
    ['scope: ["src/{a,b"]', '"{" and "}" do not match'],
    ['scope: ["!x"]', 'it begins with "!"'],
    ['scope: []', 'scope names at least one glob'],
    ['env: { A-B: x }', '"A-B" is no name of an environment variable'],
    ['env: { A: [x] }', 'env.A is a list; it must be text.'],
    ['outputs: { "a b": x }', '"a b" is no name of an output'],
    ['budget: {}', 'A budget bounds tokens, usd or minutes.'],
    ['budget: { usd: -1 }', 'usd is -1; it must be from 0.01'],
    ['strategy: {}', 'A strategy has either matrix or for-each'],
    ['strategy: { matrix: { a: [1] }, for-each: "[1]" }', 'A strategy has either matrix or for-each'],
    ['strategy: { matrix: { a: [] } }', '"a" has no value, so the matrix has no item.'],
    ['strategy: { matrix: {} }', 'The matrix has no item'],
    ['strategy: { matrix: { a: [1], exclude: [{ b: 1 }] } }', 'exclude names "b", which is no axis of the matrix.'],
    ['strategy: { matrix: { a: [1], exclude: [{ a: 1 }] } }', 'The matrix has no item'],
    [`strategy: { matrix: { a: [${Array.from({ length: 101 }, (_, i) => i).join(',')}], b: [${Array.from({ length: 100 }, (_, i) => i).join(',')}] } }`, 'The matrix has 10100 items; at most 10000 are allowed.'],
    ['strategy: { matrix: { a: [1] }, mode: paralel }', 'Did you mean "parallel"?'],
    ['strategy: { matrix: { a: [1] }, mode: sequential, max-parallel: 2 }', 'mode sequential runs one item after the other'],
    ['strategy: { matrix: { a: [1] }, min-success: 2 }', 'min-success belongs to mode partial'],
    ['strategy: { matrix: { a: [1] }, collect: mergee }', 'collect is "mergee"; it must be one of concat, merge, vote, or an expression over `items`. Did you mean "merge"?'],
    ['strategy: { matrix: { a: [1] }, collect: "size(itms)" }', 'There is no "itms". Did you mean "items"?'],
    ['strategy: { matrix: { a: [1] }, schema: { type: objekt } }', 'This is no JSON Schema'],
    ['strategy: { matrix: { a: ["${{ tasks.x.result }}"] } }', 'A matrix is worked out when the file is read: only `inputs` can be used.'],
    ['strategy: { matrix: { os: [a] } }\nwith: { message: "${{ matrix.oss }}" }', 'There is no value of the matrix "oss". Did you mean "os"?'],
    ['compensate: { uses: nop }', 'There is no step type "nop". Did you mean "noop"?'],
    ['if: ""', 'if is empty.'],
    ['if: "1 +"', 'the end of the expression'],
    ['title: "${{ tasks.x.result }}"', '`tasks` is not known here. Known: inputs.'],
  ])('refuses %s', (lines, message) => {
    expect(problems(task(lines)).join('\n')).toContain(message);
  });

  test.each([
    ['parallelism: paralel', 'it must be a number or one of sequential, partial, iterative'],
    ['parallelism: 2\n    max-parallel: 3', 'Give parallelism or max-parallel, not both numbers.'],
    ['parallelism: iterative', 'needs until: when to stop'],
    ['until: { condition: "true" }', 'until belongs to a phase with parallelism: iterative.'],
    ['parallelism: sequential\n    max-parallel: 2', 'runs one task after the other'],
    ['timeout-minutes: 50000', 'timeout-minutes is 50000; it must be from 1 to 43200.'],
    ['timeout-minutes: 5\n    timeout-seconds: 9', 'Give timeout-minutes or timeout-seconds, not both.'],
    ['guards: [{ uses: command, with: { run: [npm, "${{ inputs.x }}"] } }]', 'it takes no templates'],
  ])('refuses a phase with %s', (lines, message) => {
    expect(problems(`version: 1\nname: m\nphases:\n  - id: a\n    ${lines}\n    tasks: [{ id: t, uses: noop }]\n`).join('\n')).toContain(message);
  });

  test('ids of items are kept free', () => {
    expect(problems(mission('      - { id: t, uses: noop, strategy: { matrix: { a: [1] } } }\n      - { id: t-2, uses: noop }\n'))).toEqual([
      'm.yml:7:15 duplicate-id: The id "t-2" is taken: the items of "t" are named "t-1", "t-2" and so on. Give this task another id.',
    ]);
  });

  test('parameters with templates are checked as far as no value could repair them', () => {
    const command = (parameters: string) => problems(mission(`      - { id: t, uses: command, with: ${parameters} }\n`, 'inputs: { n: { type: number, default: 1 }, list: { type: list, default: [] } }\n')).map((line) => line.replace(/^\S+ /, ''));
    expect(command('{ run: [npm, test, "${{ inputs.n }}"], timeout-seconds: "${{ inputs.n }}", env: { A: "x${{ inputs.n }}" } }')).toEqual([]);
    expect(command('{ run: "${{ inputs.list }}" }')).toEqual([expect.stringContaining('cannot be a template as a whole')]);
    expect(command('{ run: [npm], timeout-seconds: "${{ inputs.n }}0" }')).toEqual([expect.stringContaining('with.timeout-seconds has the wrong type')]);
    expect(command('{ run: ["${{ inputs.n }}", x] }')).toEqual([expect.stringContaining('with.run.0 is the program, and cannot hold a template')]);
    expect(command('{ run: [npm, "${{ inputs.n }}"], cwdd: x }')).toEqual([expect.stringContaining('did you mean "cwd"?')]);
    expect(command('{ run: [bash, -c, "echo ${{ inputs.n }}"] }')).toEqual([expect.stringContaining('gives program text to bash')]);
    expect(command('{ run: [npm], timeout-seconds: soon, cwd: "${{ inputs.n }}" }')).toEqual([expect.stringContaining('with.timeout-seconds has the wrong type')]);
  });
});

describe('inputs', () => {
  const text = mission('      - { id: t, uses: noop, title: "Do ${{ inputs.route }}", strategy: { matrix: { v: "${{ inputs.versions }}" } } }\n', `inputs:
  route: { type: string, required: true, description: Path of the endpoint. }
  count: { type: number, default: 2 }
  dry-run: { type: boolean, default: false }
  versions: { type: list, default: [1] }
  more: { type: map }
  size: { type: choice, options: [small, large], default: small }
`);

  test('are given as text or as they are, and completed', () => {
    const values = { route: '/health', count: '3', 'dry-run': 'yes', versions: 'a, b', more: '{a: 1}', size: 'large' };
    const found = definition(text, { inputs: givenInputs('command line', values) });
    expect(found.inputs).toEqual({ route: '/health', count: 3, 'dry-run': true, versions: ['a', 'b'], more: { a: 1 }, size: 'large' });
    expect(found.phases[0]?.tasks[0]?.strategy?.over).toEqual({ matrix: [{ v: 'a' }, { v: 'b' }] });
    expect(definition(text, { inputs: givenInputs('x', { route: '/h', versions: [1, 2] }) }).inputs).toEqual({ route: '/h', count: 2, 'dry-run': false, versions: [1, 2], more: null, size: 'small' });
  });

  test('are all told when wrong, with what they should be', () => {
    expect(problems(text, { inputs: givenInputs('command line', { count: 'many', rout: 'x', size: 'lage', 'dry-run': 'perhaps', more: '[1]' }) })).toEqual([
      'command line:0:0 unknown-input: The mission has no input "rout". Did you mean "route"?',
      'command line:0:0 missing-input: The input "route" is missing (text). Path of the endpoint.',
      'command line:0:0 wrong-input: The input "count" is "many"; it must be a number.',
      'command line:0:0 wrong-input: The input "dry-run" is "perhaps"; it must be true or false.',
      'command line:0:0 wrong-input: The input "more" is "[1]"; it must be a map, like "{a: 1}".',
      'command line:0:0 wrong-input: The input "size" is "lage"; it must be one of small, large. Did you mean "large"?',
    ]);
  });

  test('need no values for the file to be checked', () => {
    expect(definition(text)).not.toHaveProperty('inputs');
    expect(problems(text.replace('inputs.route', 'inputs.rote'))).toEqual([expect.stringContaining('Did you mean "route"?')]);
  });

  test.each([
    ['{ type: strin }', 'Did you mean "string"?'],
    ['{ type: number, default: "2" }', 'The default is "2"; it must be a number.'],
    ['{ type: choice }', 'is a choice and needs options'],
    ['{ type: choice, options: [a], default: b }', 'it must be one of a.'],
    ['{ type: string, options: [a] }', 'options belong to an input of type choice.'],
    ['{ requird: true }', 'Did you mean "required"?'],
  ])('are declared with care: %s', (declared, message) => {
    expect(problems(`version: 1\nname: m\ninputs: { x: ${declared} }\nphases: [{ id: a, tasks: [{ id: t, uses: noop }] }]\n`).join()).toContain(message);
  });
});

describe('a mission inside another one', () => {
  const files: Readonly<Record<string, string>> = {
    '.github/missions/release.yml': `version: 1
name: release
inputs: { version: { required: true }, tags: { type: list, default: [a] }, dry: { type: boolean, default: true } }
env: { LEVEL: inner, V: "\${{ inputs.version }}" }
phases:
  - id: build
    tasks:
      - { id: compile, uses: noop, with: { message: "\${{ inputs.version }} \${{ env.V }}" }, strategy: { matrix: { tag: "\${{ inputs.tags }}" } } }
      - { id: pack, uses: noop, needs: [compile], outputs: { file: "\${{ inputs.version }}.tgz" } }
  - id: publish
    gate: none
    tasks:
      - { id: upload, uses: noop, if: 'tasks.pack.outputs.file != "" && has(inputs.version) && tasks["compile"].result == "success"', with: { message: "\${{ tasks.pack.outputs.file }}" } }
outputs: { file: "\${{ tasks.pack.outputs.file }}", url: "at \${{ tasks.upload.result }}" }
`,
  };
  const outer = (uses: string) => `version: 1
name: outer
inputs: { base: { default: "1" } }
phases:
  - id: all
    tasks:
      - { id: prepare, uses: noop, outputs: { v: "2" } }
      - ${uses}
      - { id: after, uses: noop, needs: [rel], with: { message: "\${{ tasks.rel.outputs.file }}" } }
`;
  const readFile = (path: string) => files[path] ?? null;
  const source = (text: string) => ({ file: '.github/missions/outer.yml', text });
  const including = (uses: string, from: (path: string) => string | null = readFile) => readMissionFile(source(outer(uses)), { stepTypes, readFile: from });
  const told = (uses: string, from: (path: string) => string | null = readFile) => {
    const result = including(uses, from);
    return result.ok ? [] : result.error.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  };

  test('becomes part of the plan: its phases as edges, its inputs and outputs as those of tasks', () => {
    const result = including('{ id: rel, title: Release, uses: "mission:./release.yml", needs: [prepare], if: inputs.base == "1", env: { LEVEL: outer, W: w }, with: { version: "v${{ tasks.prepare.outputs.v }}", tags: [x, y] } }');
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    expect(result.value.phases[0]?.tasks.slice(1)).toMatchObject([
      { id: 'rel-start', uses: 'noop', needs: ['prepare'], if: 'inputs.base == "1"', outputs: { version: '${{ join(["v", (tasks.prepare.outputs.v)], "") }}', tags: '${{ ["x", "y"] }}', dry: '${{ true }}' } },
      {
        id: 'rel-compile',
        needs: ['rel-start'],
        with: { message: '${{ tasks.rel-start.outputs.version }} ${{ env.V }}' },
        env: { LEVEL: 'inner', W: 'w', V: '${{ tasks.rel-start.outputs.version }}' },
        strategy: { over: { matrix: [{ tag: 'x' }, { tag: 'y' }] } },
      },
      { id: 'rel-pack', needs: ['rel-compile'], outputs: { file: '${{ tasks.rel-start.outputs.version }}.tgz' } },
      { id: 'rel-upload', needs: ['rel-pack'], if: 'tasks.rel-pack.outputs.file != "" && has(tasks.rel-start.outputs.version) && tasks["rel-compile"].result == "success"' },
      { id: 'rel', title: 'Release', uses: 'noop', needs: ['rel-upload'], outputs: { file: '${{ tasks.rel-pack.outputs.file }}', url: 'at ${{ tasks.rel-upload.result }}' } },
      { id: 'after', needs: ['rel'] },
    ]);
    expect(makePlan(result.value)).toMatchObject({ ok: true });
  });

  test('has its inputs checked where they are given', () => {
    expect(told('{ id: rel, uses: "mission:./release.yml", with: { versoin: "1", dry: maybe } }')).toEqual([
      '.github/missions/outer.yml:8:9 The input "version" is missing (text).',
      '.github/missions/outer.yml:8:59 The mission has no input "versoin". Did you mean "version"?',
      '.github/missions/outer.yml:8:73 The input "dry" is "maybe"; it must be true or false.',
    ]);
  });

  test('tells its own problems in its own file, once', () => {
    const broken = (path: string) => (path.endsWith('release.yml') ? 'version: 1\nname: r\nphases: [{ id: p, gate: { approvals: { count: 1 } }, guards: [{ uses: diff }], tasks: [{ id: t, uses: nop }] }]\n' : null);
    const found = told('{ id: rel, uses: "mission:./release.yml" }\n      - { id: rel2, uses: "mission:./release.yml" }', broken);
    expect(found.map((line) => line.slice(0, 90))).toEqual([
      '.github/missions/release.yml:3:19 A mission that is included in another one has no gates: ',
      '.github/missions/release.yml:3:54 A phase of an included mission has no guards: its tasks ',
      '.github/missions/release.yml:3:103 There is no step type "nop". Did you mean "noop"? Known',
    ].map((line) => line.slice(0, 90)));
  });

  test.each([
    ['{ id: rel, uses: "mission:./nowhere.yml" }', 'There is no file .github/missions/nowhere.yml.'],
    ['{ id: rel, uses: "mission:release" }', 'names no mission file'],
    ['{ id: rel, uses: "mission:../../../etc/passwd.yml" }', 'names no mission file'],
    ['{ id: rel, uses: "mission:./outer.yml" }', 'in a circle: .github/missions/outer.yml → .github/missions/outer.yml.'],
    ['{ id: rel, uses: "mission:./release.yml", with: { version: "1" }, retry: { max-attempts: 2 } }', 'has no retry: write it at the tasks of that mission.'],
    ['{ id: rel, uses: "mission:./release.yml", with: { version: "1" } }\n      - { id: rel-pack, uses: noop }', 'that is called "rel-pack" here, and there is one of that name.'],
    ['{ id: rel, uses: "mission:./release.yml", with: { version: "${{ tasks.prepare.outputs.v }}" } }', 'The task "prepare" need not have ended here.'],
  ])('is refused: %s', (uses, message) => {
    const withSelf = (path: string) => (path.endsWith('outer.yml') ? outer('{ id: rel, uses: "mission:./outer.yml" }') : readFile(path));
    expect(told(uses, withSelf).join('\n')).toContain(message);
  });

  test('outputs that it does not have cannot be named', () => {
    const text = outer('{ id: rel, uses: "mission:./release.yml", with: { version: "1" } }').replace('outputs.file', 'outputs.fil');
    const result = readMissionFile(source(text), { stepTypes, readFile });
    expect(result).toMatchObject({ ok: false, error: [{ message: 'The task "rel" has no output "fil". Did you mean "file"? It has: file, url.' }] });
  });

  test('circles over several files name their members; ten levels are enough', () => {
    const chain = (length: number) => (path: string) => {
      const number = Number(/(\d+)\.yml$/.exec(path)?.[1]);
      return `version: 1\nname: n\nphases: [{ id: p, tasks: [{ id: t, uses: "mission:./n${(number + 1) % length}.yml" }] }]\n`;
    };
    const start = { file: '.github/missions/n0.yml', text: chain(3)('n0.yml') };
    expect(readMissionFile(start, { stepTypes, readFile: chain(3) })).toMatchObject({ ok: false, error: [{ code: 'cycle', file: '.github/missions/n2.yml', message: expect.stringContaining('n0.yml → .github/missions/n1.yml → .github/missions/n2.yml → .github/missions/n0.yml') }] });
    expect(readMissionFile(start, { stepTypes, readFile: chain(100) })).toMatchObject({ ok: false, error: [{ code: 'too-deep' }] });
  });

  test('many inclusions in inclusions are stopped before they fill the memory', () => {
    const wide = (path: string) => {
      const level = Number(/(\d)\.yml$/.exec(path)?.[1]);
      const uses = level === 8 ? 'noop' : `"mission:./w${level + 1}.yml"`;
      return `version: 1\nname: w\nphases: [{ id: p, tasks: [${Array.from({ length: 30 }, (_, index) => `{ id: t${index}, uses: ${uses} }`).join(', ')}] }]\n`;
    };
    const result = readMissionFile({ file: '.github/missions/w0.yml', text: wide('w0.yml') }, { stepTypes, readFile: wide });
    expect(result).toMatchObject({ ok: false });
  });

  test('is fetched where files come from afar', async () => {
    const asked: string[] = [];
    const result = await readMissionFetching(source(outer('{ id: rel, uses: "mission:./release.yml", with: { version: "1" } }')), { stepTypes }, async (path) => {
      asked.push(path);
      return readFile(path);
    });
    expect(result.ok).toBe(true);
    expect(asked).toEqual(['.github/missions/release.yml']);
  });
});
