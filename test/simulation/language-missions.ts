import type { WrittenMission } from './missions.ts';

/** What must come of a mission where nobody interferes; written down by hand, from what the documents promise. */
export interface Promised {
  readonly status: 'completed' | 'failed' | 'partially-failed';
  /** Status of every task, item and undoing. */
  readonly tasks: Readonly<Record<string, string>>;
  readonly outputs?: unknown;
}

/** A task of its own line: `flaky` programs for those that take a while, `noop` for the others. */
const works = (id: string, succeedsIn = 1, more = '') => `      - { id: ${id}, uses: command, with: { run: [flaky, "${succeedsIn}"] }${more} }`;
const noop = (id: string, more = '') => `      - { id: ${id}, uses: noop${more} }`;
const spends = (id: string, tokens: number, more = '') => `      - { id: ${id}, uses: spend, with: { tokens: ${tokens} }${more} }`;
const flakyItem = 'uses: command, with: { run: [flaky, "${{ item }}"] }';

function inYaml(name: string, top: string, phases: readonly string[], promised: Promised, more: Partial<WrittenMission> = {}): WrittenMission {
  const yaml = [`version: 1`, `name: ${name}`, ...(top === '' ? [] : [top]), `phases:`, ...phases].join('\n');
  return { name, body: `Please.\n\n\`\`\`yaml mission\n${yaml}\n\`\`\`\n`, promised, ...more };
}

const phase = (id: string, tasks: readonly string[], more = '    gate: none') => `  - id: ${id}\n    tasks:\n${tasks.join('\n')}\n${more}`;

/** Statuses in a line: `a done, b skipped`. */
function each(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(', ').map((pair) => pair.split(' ') as [string, string]));
}

/** Missions in the words of the mission language: conditions, fan-out, rounds, limits, budgets, undoing, other missions. */
export const languageMissions: readonly WrittenMission[] = [
  inYaml(
    'conditions',
    'inputs: { deep: { type: boolean, default: false } }\noutputs: { seen: "${{ tasks.a.outputs.n }}", no: "${{ tasks.no.result }}" }',
    [
      phase('only', [works('a', 1, ', outputs: { n: "${{ 3 }}" }'), works('yes', 1, ', needs: [a], if: tasks.a.outputs.n == 3'), noop('no', ', needs: [a], if: inputs.deep'), noop('behind', ', needs: ["no", "yes"]'), noop('further', ', needs: [behind]'), noop('joined', ', needs: [behind, "yes"], if: always()'), works('beside'), noop('late', ', needs: [a, beside], if: always()')]),
      phase('never', [noop('x')], '    if: inputs.deep\n    gate: none'),
      phase('last', [noop('y', ', if: phases.never.result == "skipped"'), noop('z', ', needs: [x]')], '    needs: [never]\n    gate: none'),
    ],
    { status: 'completed', tasks: each('a done, yes done, no skipped, behind skipped, further skipped, joined done, beside done, late done, x skipped, y done, z skipped'), outputs: { seen: 3, no: 'skipped' } },
    { retries: ['no', 'a', 'x', 'never'] },
  ),
  inYaml(
    'clean-up',
    '',
    [
      phase('work', [works('a', 9, ', retry: { max-attempts: 2 }'), noop('b', ', needs: [a]'), noop('tell', ', needs: [a], if: failure()'), noop('always', ', needs: [b], if: always()'), noop('fine', ', needs: [b], if: success()')]),
      phase('rest', [noop('c')]),
      phase('sweep', [noop('d'), noop('e', ', needs: [c], if: "!success()"')], '    if: failure()\n    gate: none'),
    ],
    { status: 'failed', tasks: each('a failed, b blocked, tell done, always done, fine blocked, c pending, d done, e pending') },
    { retries: ['a', 'tell', 'b'] },
  ),
  inYaml(
    'broken-condition',
    'settings: { fail-fast: false }',
    [phase('only', [noop('a', ', outputs: { text: "${{ \'{}\' }}" }'), noop('b', ', needs: [a], if: fromJSON(tasks.a.outputs.text).missing > 3'), noop('c', ', needs: [b]'), noop('d', ', needs: [a]')])],
    { status: 'partially-failed', tasks: each('a done, b failed, c blocked, d done') },
    { retries: ['b', 'a'] },
  ),
  inYaml(
    'excused-need',
    '',
    [phase('only', [works('a', 9, ', continue-on-error: true'), noop('b', ', needs: [a], if: tasks.a.result == "failure"'), noop('c', ', needs: [a], if: failure()'), noop('d', ', needs: [a]')])],
    { status: 'completed', tasks: each('a failed, b done, c skipped, d done') },
    { retries: ['a'] },
  ),
  inYaml(
    'rounds',
    'outputs: { last: "${{ tasks.a.outputs.round }}" }',
    [phase('only', [works('a', 1, ', outputs: { round: "${{ round }}" }, until: { condition: round >= 3, max-rounds: 4 }'), works('b', 1, ', until: { condition: "false", max-rounds: 2 }, continue-on-error: true'), noop('c', ', needs: [a, b]')])],
    { status: 'completed', tasks: each('a done, b failed, c done'), outputs: { last: 3 } },
    { retries: ['b', 'a'] },
  ),
  inYaml(
    'matrix',
    'outputs: { all: "${{ tasks.build.outputs }}" }',
    [
      phase('only', [
        '      - { id: build, title: "On ${{ matrix.os }}", uses: command, with: { run: [flaky, "1"] }, outputs: { os: "${{ matrix.os }}", n: "${{ matrix.n }}" }, strategy: { matrix: { os: [l, m], n: [1, 2], exclude: [{ os: m, n: 1 }], include: [{ os: w, n: 3 }] }, max-parallel: 2 } }',
        noop('after', ', needs: [build], if: size(tasks.build.outputs.items) == 4'),
      ], '    gate: { approvals: { count: 1 } }'),
    ],
    { status: 'completed', tasks: each('build done, build-1 done, build-2 done, build-3 done, build-4 done, after done'), outputs: { all: { items: [{ os: 'l', n: 1 }, { os: 'l', n: 2 }, { os: 'm', n: 2 }, { os: 'w', n: 3 }] } } },
    { retries: ['build', 'build-2'] },
  ),
  inYaml(
    'one-by-one',
    'inputs: { list: { type: list, default: [1, 1, 2] } }\noutputs: { sum: "${{ tasks.each.outputs }}" }',
    [phase('only', [`      - { id: each, ${flakyItem}, retry: { max-attempts: 3, backoff: { initial-seconds: 2, factor: 3, max-seconds: 9 } }, outputs: { seen: "\${{ [item] }}", last: "\${{ item }}" }, strategy: { for-each: inputs.list, mode: sequential, collect: merge } }`, works('beside')])],
    { status: 'completed', tasks: each('each done, each-1 done, each-2 done, each-3 done, beside done'), outputs: { sum: { last: 2, seen: [1, 1, 2] } } },
    { retries: ['each-1', 'each'] },
  ),
  inYaml(
    'second-try',
    'inputs: { list: { type: list, default: [1, 2, 1] } }',
    [phase('only', [`      - { id: each, ${flakyItem}, outputs: { n: "\${{ item }}" }, strategy: { for-each: inputs.list, mode: sequential } }`, noop('after', ', needs: [each]')])],
    { status: 'failed', tasks: each('each failed, each-1 done, each-2 failed, each-3 skipped, after blocked') },
    { retries: ['each-2', 'each', 'each-2'], countsAttempts: true },
  ),
  inYaml(
    'enough',
    'outputs: { elected: "${{ tasks.each.outputs.vote }}", sum: "${{ tasks.sum.outputs.value }}" }',
    [
      phase('only', [
        noop('list', ', outputs: { list: "${{ [1, 9, 1] }}" }'),
        `      - { id: each, needs: [list], ${flakyItem}, outputs: { vote: "\${{ item }}" }, strategy: { for-each: tasks.list.outputs.list, mode: partial, min-success: 2, collect: vote } }`,
        '      - { id: sum, needs: [list], uses: noop, outputs: { n: "${{ item.value }}", k: "${{ item.key }}" }, strategy: { for-each: "{\'b\': 2, \'a\': 1}", collect: "items.map(x, x.k)", schema: { type: array, items: { type: string } } } }',
      ]),
    ],
    { status: 'completed', tasks: each('list done, each done, each-1 done, each-2 failed, each-3 done, sum done, sum-1 done, sum-2 done'), outputs: { elected: 1, sum: ['a', 'b'] } },
    { retries: ['each-2', 'each'] },
  ),
  inYaml(
    'too-few',
    'settings: { fail-fast: false }',
    [
      phase('only', [works('beside'), `      - { id: each, ${flakyItem}, strategy: { for-each: "[9, 1, 9]", mode: partial, min-success: 2, max-parallel: 2 } }`, noop('after', ', needs: [each]'), noop('tell', ', needs: [each], if: failure()')]),
      phase('next', [noop('x')]),
    ],
    { status: 'partially-failed', tasks: each('beside done, each failed, each-1 failed, each-2 done, each-3 failed, after blocked, tell done, x pending') },
    { retries: ['each', 'each-1'] },
  ),
  inYaml(
    'first-failure',
    'settings: { fail-fast: false }',
    [phase('only', [`      - { id: each, ${flakyItem}, strategy: { for-each: "[1, 9, 1, 1]", max-parallel: 1 } }`, noop('after', ', needs: [each], if: always() && tasks.each.result == "failure"')])],
    { status: 'partially-failed', tasks: each('each failed, each-1 done, each-2 failed, each-3 skipped, each-4 skipped, after done') },
    { retries: ['each', 'each-2'] },
  ),
  inYaml(
    'nothing-to-do',
    'outputs: { none: "${{ tasks.each.outputs.items }}" }',
    [phase('only', [`      - { id: each, ${flakyItem}, strategy: { for-each: "[]" } }`, noop('after', ', needs: [each]')])],
    { status: 'completed', tasks: each('each done, after done'), outputs: { none: [] } },
    { retries: ['each'] },
  ),
  inYaml(
    'step-by-step',
    'outputs: { steps: "${{ tasks.each.outputs.items }}" }',
    [phase('only', ['      - { id: each, uses: command, with: { run: [flaky, "1", "${{ has(result.n) ? result.n : 0 }}"] }, outputs: { n: "${{ item }}" }, until: { condition: result.n >= 20 }, strategy: { for-each: "[10, 20, 30]", mode: iterative } }', noop('after', ', needs: [each]')])],
    { status: 'completed', tasks: each('each done, each-1 done, each-2 done, each-3 skipped, after done'), outputs: { steps: [{ n: 10 }, { n: 20 }] } },
    { retries: ['each', 'each-3'] },
  ),
  inYaml(
    'narrow-phases',
    'settings: { max-parallel: 3 }',
    [
      phase('one', [works('a'), works('b'), works('c')], '    parallelism: sequential\n    gate: none'),
      phase('two', [works('d'), works('e'), works('f'), `      - { id: each, uses: noop, strategy: { for-each: "[1, 2, 3]", max-parallel: 2 } }`], '    parallelism: 2\n    gate: { approvals: { count: 1 } }'),
    ],
    { status: 'completed', tasks: each('a done, b done, c done, d done, e done, f done, each done, each-1 done, each-2 done, each-3 done') },
    { retries: ['a', 'each-2'] },
  ),
  inYaml(
    'partial-phase',
    '',
    [phase('some', [works('a', 9), works('b'), noop('c', ', needs: [a]'), noop('d', ', needs: [c, b]')], '    parallelism: partial\n    gate: none'), phase('next', [noop('x')])],
    { status: 'completed', tasks: each('a failed, b done, c skipped, d skipped, x done') },
    { retries: ['a', 'b'] },
  ),
  inYaml(
    'again',
    'outputs: { n: "${{ tasks.a.outputs.n }}" }',
    [phase('loop', [works('a', 1, ', outputs: { n: "${{ has(result.n) ? 5 : 1 }}" }'), `      - { id: each, uses: noop, needs: [a], strategy: { for-each: "[1, 2]" } }`, noop('c', ', needs: [each]')], '    parallelism: iterative\n    until: { condition: round == 2, max-rounds: 3 }\n    gate: none')],
    { status: 'completed', tasks: each('a done, each done, each-1 done, each-2 done, c done') },
    { retries: ['a', 'loop'] },
  ),
  inYaml(
    'never-enough',
    '',
    [phase('loop', [works('a')], '    parallelism: iterative\n    until: { condition: "false", max-rounds: 2 }\n    gate: none'), phase('sweep', [noop('x')], '    if: always()\n    gate: none')],
    { status: 'failed', tasks: each('a done, x done') },
    { retries: ['loop', 'a'] },
  ),
  inYaml(
    'phase-limit',
    '',
    [phase('work', ['      - { id: a, uses: command, with: { run: [slow, "900"] }, retry: { max-attempts: 3 } }', noop('b', ', needs: [a]'), works('c', 9, ', retry: { max-attempts: 2, backoff: { initial-seconds: 3600 } }')], '    timeout-minutes: 2\n    gate: none'), phase('sweep', [noop('x')], '    if: failure()\n    gate: none')],
    { status: 'failed', tasks: each('a failed, b blocked, c failed, x done') },
    { retries: ['a', 'work'] },
  ),
  inYaml(
    'mission-limit',
    'timeout-minutes: 7\nsettings: { on-failure: rollback }',
    [phase('work', [works('a', 1, ', compensate: { uses: command, with: { run: [flaky, "1"] } }'), '      - { id: b, uses: command, needs: [a], with: { run: [slow, "1800"] }, retry: { max-attempts: 2 } }', noop('c', ', needs: [b]'), works('d', 9, ', retry: { max-attempts: 2, backoff: { initial-seconds: 3600 } }')])],
    { status: 'failed', tasks: each('a done, b failed, c blocked, d failed, undo/a done') },
    { retries: ['b'] },
  ),
  inYaml(
    'undo',
    'settings: { on-failure: rollback, max-parallel: 3 }',
    [
      phase('make', [works('a', 1, ', compensate: { uses: command, with: { run: [flaky, "1"] } }'), '      - { id: b, uses: file.write, needs: [a], with: { path: b.txt, content: b }, compensate: { uses: file.write, with: { path: b.txt, content: gone } } }', `      - { id: each, needs: [b], uses: command, with: { run: [flaky, "1"] }, strategy: { for-each: "[1, 2]", mode: sequential } }`]),
      phase('break', [noop('c', ', compensate: { uses: command, with: { run: [flaky, "9"] } }'), works('d', 9, ', needs: [c]'), noop('e', ', needs: [d]')]),
    ],
    { status: 'failed', tasks: each('a done, b done, each done, each-1 done, each-2 done, c done, d failed, e blocked, undo/a done, undo/b done, undo/each-1 done, undo/each-2 done, undo/c failed') },
    { retries: ['d', 'a'] },
  ),
  inYaml(
    'tokens',
    'budget: { tokens: 25 }',
    [phase('only', [spends('a', 10), spends('b', 10, ', needs: [a]'), spends('c', 10, ', needs: [b]'), spends('d', 10, ', needs: [c]')])],
    { status: 'completed', tasks: each('a done, b done, c done, d done') },
    { retries: ['a', 'd'] },
  ),
  inYaml(
    'minutes',
    'budget: { minutes: 1 }',
    [phase('only', ['      - { id: a, uses: command, with: { run: [slow, "61"] } }', works('b', 1, ', needs: [a]'), works('c', 1, ', needs: [b]')], '    gate: { approvals: { count: 1 } }')],
    { status: 'completed', tasks: each('a done, b done, c done') },
    { retries: ['a'] },
  ),
  inYaml(
    'own-budgets',
    '',
    [
      phase('one', [`      - { id: each, uses: spend, with: { tokens: 10 }, budget: { tokens: 15 }, strategy: { for-each: "[1, 2, 3]", mode: sequential } }`, spends('b', 10)]),
      phase('two', [spends('c', 10), spends('d', 10, ', needs: [c]'), noop('e', ', needs: [d]')], '    budget: { tokens: 20 }\n    gate: none'),
    ],
    { status: 'completed', tasks: each('each done, each-1 done, each-2 done, each-3 done, b done, c done, d done, e done') },
    { retries: ['each-1', 'd'] },
  ),
  inYaml(
    'retry-on',
    'settings: { fail-fast: false }',
    [
      phase('only', [
        '      - { id: a, uses: spend, with: { succeeds-in: 9, fails-as: work }, retry: { max-attempts: 5, on: [network] } }',
        '      - { id: b, uses: spend, with: { succeeds-in: 2, fails-as: network }, retry: { max-attempts: 5, on: [network], backoff: { initial-seconds: 1, factor: 2 } } }',
        '      - { id: c, uses: spend, with: { succeeds-in: 3, fails-as: work }, retry: { max-attempts: 4, on: [work, timeout, network] } }',
      ]),
    ],
    { status: 'partially-failed', tasks: each('a failed, b done, c done') },
    { retries: ['a', 'b'] },
  ),
  {
    name: 'other-file',
    body: 'Mission: outer\n\n## Inputs\n\n- count: 2\n',
    files: {
      '.github/missions/outer.yml': ['version: 1', 'name: outer', 'inputs: { count: { type: number, required: true } }', 'outputs: { made: "${{ tasks.inner.outputs.made }}" }', 'phases:', '  - id: only', '    tasks:', '      - { id: first, uses: noop, outputs: { list: "${{ [inputs.count, 1] }}" } }', '      - { id: inner, needs: [first], uses: "mission:./inner.yml", with: { list: "${{ tasks.first.outputs.list }}" } }', '      - { id: after, needs: [inner], uses: noop }', '    gate: { approvals: { count: 1 } }', ''].join('\n'),
      '.github/missions/inner.yml': ['version: 1', 'name: inner', 'inputs: { list: { type: list, required: true } }', 'outputs: { made: "${{ tasks.each.outputs.items }}" }', 'phases:', '  - id: p', '    tasks:', '      - { id: each, uses: command, with: { run: [flaky, "1"] }, outputs: { n: "${{ item }}" }, strategy: { for-each: inputs.list } }', '    gate: none', '  - id: q', '    tasks:', '      - { id: end, uses: noop }', '    gate: none', ''].join('\n'),
    },
    promised: { status: 'completed', tasks: each('first done, inner-start done, inner-each done, inner-each-1 done, inner-each-2 done, inner-end done, inner done, after done'), outputs: { made: [{ n: 2 }, { n: 1 }] } },
    retries: ['inner', 'inner-each-2'],
  },
  inYaml(
    'whole-language',
    'settings: { max-parallel: 3, merge: squash }\nenv: { LEVEL: mission }\noutputs: { pages: "${{ tasks.write.outputs.items }}" }',
    [
      phase('prepare', [noop('list', ', outputs: { list: "${{ [\'x\', \'y\', \'z\'] }}" }')], '    gate: none\n    timeout-minutes: 60'),
      phase('write', [
        '      - { id: write, uses: file.write, with: { path: "docs/${{ item }}.md", content: "${{ item }}" }, outputs: { page: "${{ item }}" }, scope: ["docs/**"], strategy: { for-each: tasks.list.outputs.list, max-parallel: 2 } }',
        works('check', 1, ', needs: [write], until: round == 2, env: { LEVEL: task }'),
        noop('extra', ', needs: [write], if: size(tasks.write.outputs.items) > 3'),
      ], '    gate: { approvals: { count: 1 } }'),
      phase('end', [noop('bye', ', needs: [extra, check], if: always()')]),
    ],
    { status: 'completed', tasks: each('list done, write done, write-1 done, write-2 done, write-3 done, check done, extra skipped, bye done'), outputs: { pages: [{ page: 'x' }, { page: 'y' }, { page: 'z' }] } },
    { retries: ['write-2', 'write', 'check'] },
  ),
];
