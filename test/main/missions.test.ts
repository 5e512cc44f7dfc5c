import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Log } from 'sarif';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'missions-'));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', cwd: folder, timeout: 100_000 });
  return { status, stdout, stderr };
}

const good = `version: 1
name: "Add \${{ inputs.route }}"
inputs: { route: { required: true }, count: { type: number, default: 2 } }
settings: { max-parallel: 2, on-failure: rollback }
budget: { tokens: 200000, usd: 5 }
timeout-minutes: 90
phases:
  - id: build
    title: Build it
    tasks:
      - { id: tests, uses: agent, with: { prompt: Write tests }, scope: ["test/**"] }
      - { id: code, needs: [tests], uses: agent, with: { prompt: Write code }, retry: { max-attempts: 2 } }
      - { id: lint, uses: noop, strategy: { matrix: { n: [1, 2, 3] } } }
    guards: [{ uses: diff }]
    gate: { rubric: { files_changed_max: 10 }, approvals: { count: 2, from: [role:maintain], allow-requester: false } }
  - { id: ship, gate: none, tasks: [{ id: note, uses: noop, if: inputs.count > 1 }] }
`;
const asks = `version: 1
name: asks
settings: { on-failure: rollback }
phases:
  - id: p
    tasks:
      - { id: ask, uses: approval, with: { question: Now?, count: 2, from: [role:write, "@ada"] } }
      - { id: call, uses: http, with: { url: "https://example.com", secret-headers: { Authorization: { secret: CRM } } }, timeout-minutes: 60, retry: { max-attempts: 2 }, until: { condition: "result.status == 200", max-rounds: 3 } }
      - { id: sql, uses: sql.query, with: { connection: shop, query: select 1 } }
      - { id: find, needs: sql, uses: tool, with: { server: search, tool: find } }
      - { id: ask-model, uses: llm, with: { prompt: hi } }
      - { id: write, uses: file.write, with: { path: a, content: b } }
      - { id: run, uses: command, with: { run: [make] }, compensate: { uses: command, with: { run: [make, clean] } } }
    gate:
      approvals: { count: 1, from: [role:maintain, "team:security"], all: [{ count: 1, from: [codeowners] }], any: [{ count: 2, from: [role:admin] }, { from: ["user:ada"] }], allow-requester: false }
      criteria: [It is announced]
      structure: [work]
      heal: { max-rounds: 2 }
`;
const bad = 'version: 1\nname: m\nphases:\n  - id: a\n    tasks:\n      - { id: t, uses: nop, if: inputs.x }\n';

beforeAll(() => {
  mkdirSync(join(folder, '.github', 'missions'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, '.github', 'missions', 'good.yml'), good);
  writeFileSync(join(folder, '.github', 'missions', 'outer.yml'), 'version: 1\nname: outer\nphases: [{ id: a, tasks: [{ id: inner, uses: "mission:./part.yaml" }] }]\n');
  writeFileSync(join(folder, '.github', 'missions', 'part.yaml'), 'version: 1\nname: part\nphases: [{ id: p, tasks: [{ id: t, uses: noop }] }]\n');
  writeFileSync(join(folder, 'bad, one.yml'), bad);
  writeFileSync(join(folder, 'asks.yml'), asks);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('missiongate validate', () => {
  test('checks the folder of missions when none is named', () => {
    expect(run('validate')).toEqual({ status: 0, stdout: '3 files checked, no problems.\n', stderr: '' });
  });

  test('tells every problem with its place, and fails', () => {
    const { status, stdout } = run('validate', 'bad, one.yml', '.github/missions', 'template:fix-bug');
    expect(status).toBe(1);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^bad, one\.yml:6:24 {2}There is no step type "nop"\. Did you mean "noop"\?.* {2}\[unknown-step-type\]$/),
      'bad, one.yml:6:40  There is no input "x". None is declared.  [expression]',
      '',
      '2 problems in 1 of 5 files.',
      '',
    ]);
  });

  test('writes annotations for a workflow', () => {
    const { status, stdout } = run('validate', 'bad, one.yml', '--format', 'github');
    expect(status).toBe(1);
    expect(stdout).toContain('::error file=bad%2C one.yml,line=6,col=40,title=Missiongate expression::There is no input "x". None is declared.');
  });

  test('writes JSON', () => {
    expect(JSON.parse(run('validate', '--format', 'json').stdout)).toEqual({ valid: true, files: ['.github/missions/good.yml', '.github/missions/outer.yml', '.github/missions/part.yaml'], problems: [] });
    expect(JSON.parse(run('validate', 'bad, one.yml', '--format', 'json').stdout)).toMatchObject({ valid: false, problems: [{ code: 'unknown-step-type', line: 6, column: 24 }, {}] });
  });

  test('writes SARIF that code scanning takes', () => {
    const log = JSON.parse(run('validate', 'bad, one.yml', '--format', 'sarif').stdout) as Log;
    expect(log).toMatchObject({ version: '2.1.0', runs: [{ tool: { driver: { name: 'Missiongate' } } }] });
    expect(log.runs[0]?.results?.[1]).toEqual({
      ruleId: 'expression',
      ruleIndex: 0,
      level: 'error',
      message: { text: 'There is no input "x". None is declared.' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'bad%2C%20one.yml', uriBaseId: '%SRCROOT%' }, region: { startLine: 6, startColumn: 40 } } }],
    });
    expect(log.runs[0]?.tool.driver.rules?.map(({ id }) => id)).toEqual(['expression', 'unknown-step-type']);
    expect((JSON.parse(run('validate', '--format', 'sarif').stdout) as Log).runs[0]?.results).toEqual([]);
  });

  test.each([
    [['nowhere.yml'], 'there is no file or folder "nowhere.yml"'],
    [['empty'], 'holds no mission file'],
    [['template:fix-bugs'], 'there is no template "fix-bugs". Did you mean "fix-bug"?'],
    [['--format', 'xml'], '--format: found "xml", expected text, json, github, sarif'],
  ])('is called wrongly with %j', (args, message) => {
    const { status, stderr } = run('validate', ...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('missiongate plan', () => {
  const plan = (...args: string[]) => run('plan', '.github/missions/good.yml', '--input', 'route=/health', ...args);

  test('shows what the mission would do', () => {
    const { status, stdout } = plan();
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.replace(/plan [0-9a-f]{12}/, 'plan #'))).toEqual([
      'Add /health',
      '2 phases, 4 tasks, 1 gate · plan #',
      '',
      'Inputs',
      '  route = "/health"',
      '  count = 2',
      '',
      'Build it  (build)',
      '  tests  agent       touches test/**',
      '  lint   noop        × 3',
      '  code   agent       after tests · up to 2 attempts',
      '  guards: diff',
      '  gate: 2 approvals from role maintain or higher, not by who started it; files_changed_max 10',
      '',
      'ship  after build',
      '  note   noop        if inputs.count > 1',
      '',
      'Critical path  3 tasks, at most 2 h of work: tests → code → note',
      'Width          up to 4 at once; the settings let 2 run',
      'Budget         200,000 tokens, $5, ends after 1 h 30 min',
      'Needs          write permission to start it, 2 × maintain at build',
      '               a worker with an agent',
      'Effects        steps: agent × 2, noop × 2',
      '               a branch and a check for every task, a trunk, and a draft pull request from it',
      '               after the last gate the pull request is ready for review; people merge it',
      '               when the mission fails, what succeeded is undone in reverse order; no way back without "compensate": tests, code',
      '',
    ]);
  });

  test('shows who is asked, what the worker must have, and what cannot be undone', () => {
    const { status, stdout } = run('plan', 'asks.yml');
    expect(status).toBe(0);
    expect(stdout).toContain('  gate: 1 approval from role maintain or higher or team security and 1 from code owners and one of (2 from role admin or higher; 1 from @ada), not by who started it; 1 sentence to confirm; asks for work; repairs itself, at most 2 rounds\n');
    expect(stdout).toContain('Needs          write permission to start it, 1 × maintain or team:security at p, 1 × codeowners at p, 2 × admin or 1 × user:ada at p, 2 × write or @ada to answer ask\n');
    expect(stdout).toContain('               a worker with a model, the MCP server search, the database shop, the secret CRM\n');
    expect(stdout).toContain('undone in reverse order; no way back without "compensate": call, sql, find, ask-model\n');
    expect(stdout).toContain('Critical path  1 task, at most 6 h of work: call\n');
  });

  test('shows it as JSON and as a diagram', () => {
    expect(JSON.parse(plan('--format', 'json').stdout)).toMatchObject({ name: 'Add /health', inputs: { route: '/health', count: 2 }, counts: { tasks: 4 }, criticalPath: { tasks: ['tests', 'code', 'note'], atMostSeconds: 7200 }, width: { possible: 4, allowed: 2 } });
    expect(plan('--format', 'mermaid').stdout).toMatch(/^flowchart LR\n {2}subgraph p0\["Build it"\]\n/);
  });

  test('plans templates and included missions', () => {
    expect(run('plan', 'template:fix-bug', '--input', 'bug=Crash').stdout).toContain('Fix: Crash');
    expect(run('plan', '.github/missions/outer.yml').stdout).toContain('inner-t');
  });

  test('asks for inputs, and refuses what it cannot read', () => {
    expect(run('plan', '.github/missions/good.yml')).toMatchObject({ status: 1, stderr: expect.stringContaining('The input "route" is missing (text).') });
    expect(plan('--input', 'count=many')).toMatchObject({ status: 1, stderr: expect.stringContaining('The input "count" is "many"; it must be a number.') });
    expect(plan('--input', 'count')).toMatchObject({ status: 2, stderr: expect.stringContaining('expected name=value') });
    expect(plan('--input', 'route=/x')).toMatchObject({ status: 2, stderr: expect.stringContaining('"route" is given twice') });
    expect(run('plan', '.github/missions')).toMatchObject({ status: 2, stderr: expect.stringContaining('name one of them') });
  });
});

describe('missiongate list and suggest', () => {
  test('shows the missions of the repository and the templates, with what they ask for', () => {
    const { status, stdout } = run('list');
    expect(status).toBe(0);
    expect(stdout).toContain('.github/missions/good.yml  (2 phases, 4 tasks)');
    expect(stdout).toMatch(/template:fix-bug .*\n.*\n  --input bug=…  What goes wrong, in one line\./);
    const listed = JSON.parse(run('list', '--format', 'json').stdout) as { mission: string; valid: boolean }[];
    expect(listed.filter(({ mission }) => mission.startsWith('template:')).every(({ valid }) => valid)).toBe(true);
  });

  test.each([
    ['raise the test coverage', 'template:raise-coverage'],
    ['upgrade our dependencies', 'template:upgrade-dependencies'],
    ['there is a bug to be fixed', 'template:fix-bug'],
    ['securty review', 'template:security-review'],
  ])('for "%s" suggests %s first', (goal, expected) => {
    const { status, stdout } = run('suggest', ...goal.split(' '), '--format', 'json');
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { mission: string }[])[0]?.mission).toBe(expected);
  });

  test('says so when nothing fits, and what to do', () => {
    const { status, stderr } = run('suggest', 'zxqv');
    expect(status).toBe(1);
    expect(stderr).toContain('missiongate list');
  });
});

describe('routine files', () => {
  const routines = join(folder, '.github', 'routines');
  beforeAll(() => {
    mkdirSync(routines, { recursive: true });
    writeFileSync(join(folder, 'nightly.yml'), 'on: { schedule: { cron: "0 3 * * *", timezone: Europe/Zurich } }\nmission: good\nwith: { route: /health }\n');
    writeFileSync(join(routines, 'away.yml'), 'on: { schedule: { every: 6h } }\nmission: nowhere\n');
    writeFileSync(join(routines, 'wrong.yml'), 'on: { schedule: { every: 6h } }\nmission: good\nwith: { rout: /health }\n');
  });
  afterAll(() => rmSync(routines, { recursive: true, force: true }));

  test('are validated with the missions they name', () => {
    expect(run('validate', 'nightly.yml')).toEqual({ status: 0, stdout: '1 file checked, no problems.\n', stderr: '' });
    const { status, stdout } = run('validate', '.github/routines');
    expect(status).toBe(1);
    expect(stdout).toContain('.github/routines/away.yml  The routine starts nowhere, but there is no file or folder ".github/missions/nowhere.yml".');
    expect(stdout).toContain('.github/routines/wrong.yml  The mission has no input "rout". Did you mean "route"?');
    expect(stdout).toContain('The input "route" is missing');
  });

  test('show when they are due next', () => {
    const { status, stdout } = run('routine', 'next', 'nightly.yml', '--count', '3');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^\d{4}-\d\d-\d\d 03:00 Europe\/Zurich {3}\(\d{4}-\d\d-\d\dT0[12]:00Z\)$/)));
    expect(JSON.parse(run('routine', 'next', '.github/routines/away.yml', '--count', '1', '--json').stdout)).toMatchObject({ timezone: 'UTC', due: [{ at: expect.stringMatching(/T(00|06|12|18):00:00\.000Z$/) }] });
  });

  test('that are wrong are told, and so is a command called wrongly', () => {
    writeFileSync(join(folder, 'never.yml'), 'on: { schedule: { cron: "0 0 30 2 *" } }\nmission: good\n');
    const never = run('routine', 'next', 'never.yml');
    expect(never.status).toBe(1);
    expect(never.stderr).toContain('never.yml:1:25  "0 0 30 2 *" is no schedule: it is never due: there is no such day.');
    expect(run('routine', 'next', 'never.yml', '--count', '0')).toMatchObject({ status: 2, stderr: expect.stringContaining('--count: found "0"') as string });
  });
});
