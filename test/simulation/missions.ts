import type { Promised } from './language-missions.ts';

/** A mission as a person writes it into an issue, small enough to be run ten thousand times. */
export interface WrittenMission {
  readonly name: string;
  readonly body: string;
  /** Files of the repository that it names. */
  readonly files?: Readonly<Record<string, string>>;
  /** What must come of it where nobody interferes; otherwise only that it is the same as on a calm day. */
  readonly promised?: Promised;
  /** What comes of it depends on the number of attempts, those that trouble took included: it ends as the rules allow, not always alike. */
  readonly countsAttempts?: boolean;
  /** Where its gate says how to have a rule waived, people do. */
  readonly waives?: boolean;
  /** What people retry who interfere. */
  readonly retries?: readonly string[];
}

function inYaml(name: string, phases: string, settings = '{}'): WrittenMission {
  return { name, body: `Please.\n\n\`\`\`yaml mission\nversion: 1\nname: ${name}\nsettings: ${settings}\nphases:\n${phases}\n\`\`\`\n` };
}

const write = (id: string, more = '') => `      - { id: ${id}, uses: file.write, with: { path: ${id}.txt, content: ${id} }${more} }`;
const noop = (id: string, more = '') => `      - { id: ${id}, uses: noop${more} }`;
/** A program that fails in the attempts before the given one. */
const flaky = (id: string, succeedsIn: number, more = '') => `      - { id: ${id}, uses: command, with: { run: [flaky, "${succeedsIn}"] }${more} }`;

/** A linter that finds so much, read by the guard `tests`. More than fifty findings are shown in several calls. */
const lints = (id: string, findings: number, level: string) => `      - { id: ${id}, uses: lint, with: { findings: ${findings}, level: ${level} } }`;
const readsLint = '    guards: [{ id: tests, uses: sarif, with: { path: lint.sarif } }]';

/** What the simulated people ask for; every kind of task, gate and end that the product has. */
export const writtenMissions: readonly WrittenMission[] = [
  inYaml('one-task', `  - id: only\n    tasks:\n${noop('a')}`),
  inYaml('one-file', `  - id: only\n    tasks:\n${write('a')}`, '{ merge: squash }'),
  inYaml('chain', `  - id: only\n    tasks:\n${write('a')}\n${write('b', ', needs: [a]')}`),
  inYaml('pair', `  - id: only\n    tasks:\n${write('a')}\n${write('b')}\n    gate: { approvals: { count: 2 } }`, '{ merge: merge }'),
  inYaml('two-phases', `  - id: build\n    tasks:\n${write('a')}\n  - id: ship\n    tasks:\n${noop('b')}`, '{ merge: squash }'),
  inYaml('by-rubric', `  - id: build\n    tasks:\n${write('a')}\n    guards: [{ id: diff, uses: diff }]\n    gate: { rubric: { files_changed_max: 9 }, approvals: { count: 0 } }`, '{ merge: merge }'),
  inYaml('found-out', `  - id: build\n    tasks:\n${write('a')}\n    guards: [{ id: diff, uses: diff }]\n    gate: { rubric: { files_changed_max: 9, lines_added_min: 1 } }`),
  inYaml('no-gate', `  - id: build\n    tasks:\n${noop('a')}\n    gate: none\n  - id: ship\n    tasks:\n${noop('b')}`),
  inYaml('flaky', `  - id: only\n    tasks:\n${flaky('a', 2, ', retry: { max-attempts: 3 }')}\n${noop('b', ', needs: [a]')}`),
  inYaml('hopeless', `  - id: only\n    tasks:\n${flaky('a', 9, ', retry: { max-attempts: 2 }')}\n${noop('b', ', needs: [a]')}`),
  inYaml('excused', `  - id: only\n    tasks:\n${flaky('a', 9, ', continue-on-error: true')}\n${write('b', ', needs: [a]')}`),
  inYaml('collision', `  - id: only\n    tasks:\n${write('a').replace('a.txt', 'same.txt')}\n${write('b').replace('b.txt', 'same.txt')}`),
  inYaml('wide', `  - id: only\n    tasks:\n${['a', 'b', 'c', 'd'].map((id) => noop(id)).join('\n')}\n${noop('e', ', needs: [a, b, c, d]')}`, '{ max-parallel: 2 }'),
  inYaml('strict', `  - id: only\n    tasks:\n${write('a')}\n    gate: { approvals: { count: 1, from: [role:maintain], allow-requester: false } }`, '{ merge: squash }'),
  { ...inYaml('healed', `  - id: only\n    tasks:\n${write('a')}\n    guards: [{ id: tests, uses: command, with: { run: [flaky, "3"] } }]\n    gate: { heal: { max-rounds: 3, strategies: { tests: { uses: noop } } } }`, '{ merge: squash }'), countsAttempts: true },
  { ...inYaml('waived', `  - id: only\n    tasks:\n${write('a')}\n    guards: [{ id: tests, uses: command, with: { run: [flaky, "99"] } }]\n    gate: { approvals: { count: 1 } }\n  - id: ship\n    tasks:\n${noop('b')}`, '{ merge: merge }'), countsAttempts: true, waives: true },
  { ...inYaml('incurable', `  - id: only\n    tasks:\n${noop('a')}\n    guards: [{ id: tests, uses: command, with: { run: [flaky, "99"] } }]\n    gate: { heal: { max-rounds: 2, strategies: { tests: { uses: noop } } } }`), countsAttempts: true, waives: true },
  inYaml('warned', `  - id: only\n    tasks:\n${write('a')}\n${lints('b', 70, 'warning')}\n${readsLint}`, '{ merge: squash }'),
  { ...inYaml('found-wanting', `  - id: only\n    tasks:\n${write('a')}\n${lints('b', 55, 'error')}\n${readsLint}\n    gate: { approvals: { count: 1 } }`, '{ merge: merge }'), countsAttempts: true, waives: true },
  { ...inYaml('mended', `  - id: only\n    tasks:\n${lints('a', 3, 'error')}\n${readsLint}\n    gate: { heal: { max-rounds: 2, strategies: { lint: { uses: lint, with: { findings: 1 } } } } }`), countsAttempts: true },
  { name: 'checklist', body: '## Build\n\n- [ ] Nothing one\n  - uses: noop\n- [ ] Nothing two\n  - uses: noop\n  - needs: nothing-one\n' },
];
