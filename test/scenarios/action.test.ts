import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { ActionWorld } from '../support/action-world.ts';
import { startSigstore } from '../support/sigstore-servers.ts';

/** Prints what the runner would obey, and fails. */
const hostile = "console.log('::error::taken over\\n##[error]taken over\\n::add-mask::hello'); process.exit(1);\n";

const greeting = `
version: 1
name: say-hello
inputs:
  who: { type: string, required: true }
phases:
  - id: build
    title: Build ::error::it
    tasks:
      - id: greet
        uses: file.write
        with: { path: hello.txt, content: "hello \${{ inputs.who }}\\n" }
      - { id: look, needs: [greet], uses: command, with: { run: [grep, hello, hello.txt] } }
    guards:
      - { id: greeting, uses: command, with: { run: [grep, -q, hello, hello.txt] } }
    gate:
      rubric: { greeting_failed_max: 0 }
      approvals: { count: 1 }
outputs: { said: "\${{ inputs.who }}" }
`;

const failing = `
version: 1
name: fails
phases:
  - id: build
    tasks:
      - { id: look, uses: command, with: { run: [node, hostile.mjs] } }
`;

const judged = `
version: 1
name: judged
phases:
  - id: build
    tasks: [{ id: build, uses: noop }]
    guards:
      - { id: tests, uses: junit, with: { path: reports/*.xml } }
      - secrets
    gate: { rubric: { tests_failed_max: 0, secrets_max: 0 } }
`.replace('- secrets', '- { uses: secrets }');

const broken = 'version: 1\nname: broken\nphases:\n  - id: build\n    tasks:\n      - { id: a, uses: comand, with: { run: [ls] } }\n      - { id: b, uses: noop, needs: [c] }\n';

const junit = (failures: number) => `<testsuite name="shop" tests="2" failures="${failures}"><testcase classname="shop" name="opens"/><testcase classname="shop" name="closes">${failures > 0 ? '<failure message="expected closed">at shop.test.ts:3</failure>' : ''}</testcase></testsuite>`;

const world = new ActionWorld({ '.github/missions/hello.yml': greeting, '.github/missions/fails.yml': failing, '.github/missions/judged.yml': judged, 'broken/one.yml': broken, 'hostile.mjs': hostile, 'README.md': '# shop\n' });
const sigstore = await startSigstore();
afterAll(async () => {
  world.remove();
  await sigstore.close();
});

const hello = { mission: '.github/missions/hello.yml', inputs: 'who: 1.10   # a version\n' };

describe('the Action', () => {
  it('stops where people must decide, and goes on in a job on another machine', async () => {
    const first = world.job();
    const folder = join(first.home, 'evidence');
    const waiting = await first.step({ ...hello, folder });
    expect(waiting.outputs).toMatchObject({ status: 'waiting', 'waiting-for': 'build', folder, mission: '1', branch: 'mission/1/trunk' });
    expect(waiting.status).toBe(3);
    expect(waiting.summary).toMatch(/```mermaid\nflowchart LR[\s\S]*⏳ `gate\/build`[\s\S]*`greeting_failed_max`/);
    expect(waiting.commands.filter(({ name }) => name === 'warning').map(({ value }) => value)).toEqual([expect.stringContaining('command: resume and yes-to: build')]);
    expect(waiting.commands.filter(({ name }) => name === 'error')).toEqual([]);
    expect(JSON.parse(waiting.outputs.gates ?? '')).toMatchObject([{ phase: 'build', status: 'awaiting', metrics: { greeting_failed: 0 } }]);

    const second = world.job();
    const brought = join(second.home, 'downloaded');
    cpSync(folder, brought, { recursive: true });
    const resumed = await second.step({ command: 'resume', folder: brought, 'yes-to': 'build', keyless: 'true' }, sigstore.env);
    expect(resumed.outputs).toMatchObject({ status: 'completed', 'mission-id': waiting.outputs['mission-id'], results: '{"said":"1.10"}' });
    expect(resumed.status).toBe(0);
    expect(resumed.log).not.toContain('greet: begins');
    expect(world.origin.git('-C', second.workspace, 'show', 'mission/1/trunk:hello.txt')).toBe('hello 1.10');
    expect(JSON.parse(resumed.outputs.gates ?? '')).toMatchObject([{ status: 'open', approvedBy: ['ada'] }]);
    const approved = readFileSync(join(brought, 'ledger.jsonl'), 'utf8').split('\n').filter((line) => line.includes('"gate.approved"')).map((line) => (JSON.parse(line) as { readonly body: { readonly via: string; readonly by: { readonly login: string } } }).body);
    expect(approved.map(({ via, by }) => `${by.login} ${via}`)).toEqual(['ada workflow']);
    expect(existsSync(join(brought, 'resume'))).toBe(false);
    expect(readdirSync(join(brought, 'statements')).filter((name) => /gate\.approved\.(dsse|sigstore)\.json$/.test(name))).toHaveLength(2);

    const verified = await second.step({ command: 'verify', folder: brought, anchor: resumed.outputs['ledger-head'] ?? '' });
    expect(verified.outputs).toMatchObject({ status: 'valid', 'ledger-head': resumed.outputs['ledger-head'] });
    expect(verified.summary).toContain('it is the ledger that was anchored');
    const ledger = join(brought, 'ledger.jsonl');
    writeFileSync(ledger, readFileSync(ledger, 'utf8').replace('"say-hello"', '"say-adieu"'));
    const forged = await second.step({ command: 'verify', folder: brought });
    expect(forged).toMatchObject({ status: 1, outputs: { status: 'tampered' } });
  });

  it('shows why a mission failed, and nothing that a program printed steers the runner', async () => {
    const job = world.job();
    const key = 'a key that only the model server knows';
    const failed = await job.step({ mission: '.github/missions/fails.yml' }, { MISSIONGATE_MODEL_URL: 'https://models.example.test/v1', MISSIONGATE_MODEL: 'm', MISSIONGATE_MODEL_KEY: key });
    expect(failed).toMatchObject({ status: 1, outputs: { status: 'failed' } });
    expect(failed.log).toContain('taken over');
    expect(failed.commands.filter(({ name }) => name === 'add-mask').map(({ value }) => value)).toEqual([key]);
    const errors = failed.commands.filter(({ name }) => name === 'error');
    expect(errors.map(({ properties }) => properties.title)).toEqual(['Task look']);
    expect(failed.commands.filter(({ name }) => name === 'group').map(({ value }) => value)).toEqual(['Plan', 'Phase build', expect.stringMatching(/^look: /)]);
    expect(Buffer.byteLength(failed.summary)).toBeLessThan(1024 * 1024);
  });

  it('checks mission files at their lines', async () => {
    const job = world.job();
    const invalid = await job.step({ command: 'validate', files: '.github/missions/hello.yml\nbroken/**/*.yml' });
    expect(invalid).toMatchObject({ status: 1, outputs: { status: 'invalid' } });
    expect(invalid.commands.map(({ name, properties: { file, line } }) => [name, file, line])).toEqual([['error', 'broken/one.yml', '6'], ['error', 'broken/one.yml', '7']]);
    expect(await job.step({ command: 'validate' })).toMatchObject({ status: 0, outputs: { status: 'valid', problems: '[]' } });
    const planned = await job.step({ command: 'plan', ...hello });
    expect(planned.summary).toContain('```mermaid');
    expect(planned.outputs.status).toBe('planned');
  });

  it('judges a gate over the checkout, with the reports that earlier steps left there', async () => {
    world.origin.git('checkout', '-q', '-b', 'change');
    world.origin.commit({ 'src/key.ts': `export const token = 'ghp_${'x7Kq2mZp9Lw4Rt6Yb3Nc8Vd1Fg5Hj0Sa4De2'.slice(0, 36)}';\n` });
    const change = world.job({ depth: 2, ref: 'change' });
    mkdirSync(join(change.workspace, 'reports'));
    writeFileSync(join(change.workspace, 'reports/junit.xml'), junit(1));
    const event = join(change.home, 'event.json');
    writeFileSync(event, JSON.stringify({ pull_request: { base: { sha: world.origin.git('rev-parse', 'main') } } }));
    const gate = { command: 'gate', mission: '.github/missions/judged.yml', phase: 'build' };
    const shut = await change.step(gate, { GITHUB_EVENT_PATH: event, GITHUB_EVENT_NAME: 'pull_request' });
    expect(shut).toMatchObject({ status: 1, outputs: { status: 'failed', base: world.origin.git('rev-parse', 'main') } });
    expect(JSON.parse(shut.outputs.gates ?? '')).toMatchObject([{ phase: 'build', metrics: { tests_failed: 1, secrets: 1 } }]);
    expect(shut.commands.filter(({ name }) => name === 'error').map(({ properties }) => properties.file)).toContain('src/key.ts');
    expect(shut.summary).toMatch(/❌ `gate\/build`[\s\S]*`secrets_max`/);
    expect(shut.summary + shut.log).not.toContain('x7Kq2mZp9Lw4');

    writeFileSync(join(change.workspace, 'reports/junit.xml'), junit(0));
    const own = { command: 'gate', guards: '- { id: tests, uses: junit, with: { path: reports/*.xml } }\n', rubric: 'tests_failed_max: 0\ntests_min: 2\n', base: 'HEAD^' };
    expect(await change.step(own)).toMatchObject({ status: 0, outputs: { status: 'passed' } });
    const wrong = await change.step({ ...own, guards: '- uses: junit\n  with: { path: reports/*.xml }\n- uses: secret\n', rubric: 'tests_failed_max: none\n' });
    expect(wrong.status).toBe(2);
    expect((JSON.parse(wrong.outputs.problems ?? '') as { file: string; line: number }[]).map(({ file, line }) => `${file}:${line}`)).toEqual(['with.rubric:1', 'with.guards:3']);

    const shallow = world.job({ ref: 'change' });
    const blind = await shallow.step(gate, { GITHUB_EVENT_PATH: event });
    expect(blind.status).toBe(2);
    expect(blind.commands.map(({ value }) => value)).toEqual([expect.stringContaining('fetch-depth: 0')]);
  });

  it('tells everything that is wrong with its inputs at once, and begins nothing', async () => {
    const job = world.job();
    const refused = await job.step({ command: 'run', missoin: 'x.yml', phase: 'build', 'when-waiting': 'maybe' });
    expect(refused).toMatchObject({ status: 2, outputs: { status: 'refused' } });
    const files = (JSON.parse(refused.outputs.problems ?? '') as { file: string; message: string }[]).map(({ file }) => file);
    expect(files.toSorted()).toEqual(['with.missoin', 'with.mission', 'with.phase', 'with.when-waiting'].toSorted());
    expect(refused.log).toContain('Did you mean "mission"?');
    const values = await job.step({ mission: hello.mission, inputs: 'who\n' });
    expect(values.commands.map(({ value }) => value)).toEqual([expect.stringContaining('with.inputs:1:1: Found no lines of the form')]);
    const names = await job.step({ ...hello, 'yes-to': 'biuld' });
    expect(names.commands.map(({ value }) => value)).toEqual([expect.stringContaining('Gates are: build')]);
    const keyless = await job.step({ ...hello, keyless: 'true' });
    expect(keyless.commands.map(({ value }) => value)).toEqual([expect.stringContaining('id-token: write')]);
    expect(existsSync(join(job.workspace, '.git/missiongate'))).toBe(false);
  });
});
