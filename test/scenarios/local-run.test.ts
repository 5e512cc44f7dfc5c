import { join } from 'node:path';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';

import { jsonLines, LocalWorld } from '../support/local-world.ts';

const greeting = `
version: 1
name: say-hello
inputs:
  who: { type: string, required: true }
phases:
  - id: build
    tasks:
      - id: greet
        uses: file.write
        with: { path: hello.txt, content: "hello \${{ inputs.who }}\\n" }
      - id: note
        uses: file.write
        with: { path: note.txt, content: "a note\\n" }
      - { id: look, needs: [greet, note], uses: command, with: { run: [grep, hello, hello.txt] } }
    guards:
      - { id: greeting, uses: command, with: { run: [grep, -q, hello, hello.txt] } }
    gate:
      rubric: { greeting_failed_max: 0 }
      approvals: { count: 1 }
  - id: ship
    tasks:
      - { id: log, uses: command, with: { run: [cp, note.txt, CHANGES.txt] } }
    gate: { approvals: { count: 0 } }
`;

const worlds: LocalWorld[] = [];
afterEach(() => {
  for (const made of worlds.splice(0)) made.remove();
});

function world(mission: string, name?: string): LocalWorld {
  const made = new LocalWorld(name);
  worlds.push(made);
  made.commit({ '.github/missions/m.yml': mission, 'README.md': '# shop\n' });
  return made;
}

const file = '.github/missions/m.yml';

describe('a mission in a local repository', () => {
  it('is carried out on branches of its own, leaves what verifies, and touches neither the branch nor the files of its person', () => {
    const local = world(greeting, 'a shop – größer');
    local.write('README.md', '# changed and not committed\n');
    local.write('new file.txt', 'not known to git\n');
    const before = local.standing();
    const out = join(local.folder, 'out');
    const { status, stdout, stderr } = local.run(['run', file, '--input', 'who=world', '--yes-to', 'build', '--out', out]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('2 uncommitted changes are not part of the mission');
    expect(stdout).toMatch(/gate build: approved by ada@example\.test[\s\S]*Mission 1 completed/);
    expect(stdout).not.toContain('\u001B');
    expect(local.git('show', 'mission/1/trunk:hello.txt')).toBe('hello world');
    expect(local.git('show', 'mission/1/trunk:CHANGES.txt')).toBe('a note');
    expect(local.git('branch', '--list', 'mission/*', '--format=%(refname:short)').split('\n')).toEqual(['mission/1/greet', 'mission/1/log', 'mission/1/note', 'mission/1/trunk']);
    expect(local.git('log', '--merges', '--format=%s', 'mission/1/trunk').split('\n').toSorted()).toEqual(['Merge mission/1/greet: greet', 'Merge mission/1/log: log', 'Merge mission/1/note: note']);
    expect(local.standing().replaceAll(/.*refs\/(heads\/mission|tags\/missiongate)\/.*\n/g, '')).toBe(before);
    const anchor = join(local.folder, 'anchor.txt');
    writeFileSync(anchor, local.git('for-each-ref', '--format=%(contents)', 'refs/tags/missiongate/1/'));
    expect(local.run(['verify', out, '--anchor', anchor])).toMatchObject({ status: 0, stdout: expect.stringContaining('it is the ledger that was anchored') });
    expect(local.run(['verify', out])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^VALID .*completed[\s\S]*gate build \(round 1\) opened by ada@example\.test/) as string });
    expect(readFileSync(join(out, 'ledger.jsonl'), 'utf8')).toContain('"via":"terminal"');
    expect(existsSync(join(local.repository, '.git/missiongate/1/database'))).toBe(false);
    expect(readdirSync(join(local.folder, 'data/missiongate/local')).length).toBe(1);
  });

  it('stops at a gate with 3 where nobody can be asked, and goes on when the gate is named', () => {
    const local = world(greeting);
    const stopped = local.run(['run', file, '--input', 'who=you']);
    expect(stopped).toMatchObject({ status: 3, stderr: '' });
    expect(stopped.stdout).toMatch(/Gate build waits for you[\s\S]*greeting_failed_max[\s\S]*hello\.txt[\s\S]*missiongate resume 1 --yes-to build/);
    expect(local.git('branch', '--list', 'mission/1/log')).toBe('');
    expect(local.run(['run', file, '--input', 'who=you'])).toMatchObject({ status: 2, stderr: expect.stringContaining('missiongate resume 1') as string });
    const resumed = local.run(['resume', '--yes-to', 'all']);
    expect(resumed).toMatchObject({ status: 0, stderr: '' });
    expect(resumed.stdout).not.toContain('greet: begins');
    expect(local.git('show', 'mission/1/trunk:CHANGES.txt')).toBe('a note');
    expect(local.run(['resume', '1'])).toMatchObject({ status: 0, stdout: expect.stringContaining('is completed already') as string });
    expect(local.run(['verify', '.git/missiongate/1/export']).status).toBe(0);
  });

  it('says as JSON, one event a line, what happens, with the ledger’s own hashes', () => {
    const local = world(greeting);
    const { status, stdout } = local.run(['run', file, '--input', 'who=you', '--yes-to', 'build', '--format', 'json'], { FORCE_COLOR: '1' });
    const lines = jsonLines(stdout);
    expect(status).toBe(0);
    expect(lines[0]).toMatchObject({ type: 'run.begun', mission: 1 });
    expect(lines.at(-1)).toMatchObject({ type: 'run.ended', status: 'completed', exitCode: 0 });
    expect(lines.filter(({ seq }) => seq !== undefined).map(({ seq }) => seq)).toEqual(lines.flatMap(({ seq }) => (seq === undefined ? [] : [seq])).map((_, index) => index + 1));
    expect(lines.at(-1)?.ledgerHead).toBe(lines.findLast(({ hash }) => hash !== undefined)?.hash);
  });

  it('ends with 1 when a command fails, says why, and tries what failed once more when it is resumed', () => {
    const local = world(`
version: 1
name: fails
phases:
  - id: build
    tasks:
      - { id: look, uses: command, with: { run: [test, -e, /nowhere/at/all] } }
      - { id: after, needs: [look], uses: noop }
`);
    const failed = local.run(['run', file]);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(/look: failed[\s\S]*Mission 1 failed[\s\S]*missiongate resume 1/);
    expect(local.run(['verify', '.git/missiongate/1/export'])).toMatchObject({ status: 0, stdout: expect.stringContaining('failed') as string });
    const again = local.run(['resume', '1', '--format', 'json']);
    expect(again.status).toBe(1);
    expect(jsonLines(again.stdout).filter(({ type }) => type === 'task.started')).toMatchObject([{ task: 'look', attempt: 2 }]);
  });

  it('is shut by a rubric with 1, and examined again after somebody put it right on the trunk', () => {
    const local = world(greeting.replace('[grep, -q, hello, hello.txt]', '[grep, -q, missing, hello.txt]'));
    const shut = local.run(['run', file, '--input', 'who=you']);
    expect(shut.status).toBe(1);
    expect(shut.stdout).toContain('greeting_failed_max exceeded');
    const tree = join(local.folder, 'tree');
    local.git('worktree', 'add', '-q', tree, 'mission/1/trunk');
    local.git('-C', tree, 'rm', '-q', 'note.txt');
    local.git('-C', tree, 'commit', '-q', '-m', 'by hand');
    local.git('worktree', 'remove', tree);
    const resumed = local.run(['resume']);
    expect(resumed.status).toBe(1);
    expect(resumed.stdout).toContain('the trunk was moved by hand');
  });

  it('merges into the branch its person is on only when asked to, and only when that is clean', () => {
    const local = world(greeting);
    local.write('README.md', '# changed\n');
    const dirty = local.run(['run', file, '--input', 'who=you', '--yes-to', 'all', '--merge']);
    expect(dirty.stdout).toMatch(/Not merged: there are uncommitted changes[\s\S]*git merge mission\/1\/trunk/);
    expect(local.git('status', '--porcelain')).toBe(' M README.md');
    local.git('checkout', '-q', '--', 'README.md');
    const clean = local.run(['run', file, '--input', 'who=you', '--yes-to', 'all', '--merge']);
    expect(clean.stdout).toContain('Merged into main');
    expect(readFileSync(join(local.repository, 'hello.txt'), 'utf8')).toBe('hello you\n');
    expect(local.git('rev-parse', 'main')).toBe(local.git('rev-parse', 'mission/2/trunk'));
  });

  it('shows everything it would do and does nothing of it in a dry run', () => {
    const local = world(greeting);
    const before = local.everyByte();
    const { status, stdout } = local.run(['run', file, '--input', 'who=you', '--dry-run']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/greet +file\.write[\s\S]*runs cp note\.txt CHANGES\.txt[\s\S]*mission\/<n>\/trunk/);
    expect(jsonLines(local.run(['run', file, '--input', 'who=you', '--dry-run', '--format', 'json']).stdout)).toMatchObject([{ type: 'run.dry', phases: [{ phase: 'build' }, { phase: 'ship' }] }]);
    expect(local.everyByte()).toEqual(before);
    expect(existsSync(join(local.folder, 'data'))).toBe(false);
  });

  it('is given up by its person with its branches left', () => {
    const local = world(greeting);
    expect(local.run(['run', file, '--input', 'who=you']).status).toBe(3);
    expect(local.run(['resume', '--cancel'])).toMatchObject({ status: 0, stdout: expect.stringContaining('Mission 1 cancelled') as string });
    expect(local.git('rev-parse', '--verify', 'mission/1/trunk')).toMatch(/^[0-9a-f]{40}$/);
    expect(local.run(['resume', '1'])).toMatchObject({ status: 1, stdout: expect.stringContaining('is cancelled already') as string });
  });
});

describe('what keeps a mission from beginning', () => {
  it('is every problem of the file at once, with its place, before anything is made', () => {
    const local = world(`version: 1\nname: bad\nphases:\n  - id: build\n    tasks:\n      - { id: one, uses: comand, with: {} }\n      - { id: one, uses: noop, needs: [tow] }\n`);
    const before = local.everyByte();
    const { status, stdout, stderr } = local.run(['run', file]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^\.github\/missions\/m\.yml:6:\d+: .*comand[\s\S]*^\.github\/missions\/m\.yml:7:\d+: [\s\S]*\d problems; nothing was begun\.\n$/m);
    expect(local.everyByte()).toEqual(before);
  });

  it('is a task for an agent that is not there', () => {
    const local = world('version: 1\nname: needs agent\nphases:\n  - id: build\n    tasks:\n      - { id: think, uses: agent, with: { prompt: "Think" } }\n');
    expect(local.run(['run', file])).toMatchObject({ status: 2, stderr: expect.stringMatching(/"think" is for an agent, and none is configured here.*script/) as string });
  });

  it('is a missing input, a wrong option, a missing file or an unknown gate', () => {
    const local = world(greeting);
    const problems = [
      { args: [file], said: /--input: The input "who" is missing/ },
      { args: [file, '--input', 'who'], said: /--input: found "who", expected name=value/ },
      { args: [file, '--input', 'who=1', '--yes-to', 'biuld'], said: /no gate "biuld"\. Gates are: build, ship/ },
      { args: [file, '--input', 'who=1', '--max-parallel', 'many'], said: /--max-parallel: found "many"/ },
      { args: [file, '--input', 'who=1', '--format', 'xml'], said: /--format: found "xml"/ },
      { args: [file, '--input', 'who=1', '--out', '.'], said: /--out: .* is not empty/ },
      { args: ['nowhere.yml'], said: /There is no file nowhere\.yml/ },
    ];
    for (const { args, said } of problems) expect(local.run(['run', ...args])).toMatchObject({ status: 2, stderr: expect.stringMatching(said) as string });
    expect(existsSync(join(local.repository, '.git/missiongate'))).toBe(false);
  });

  it('is a folder without a repository, or a repository without a commit', () => {
    const empty = new LocalWorld();
    worlds.push(empty);
    empty.write('m.yml', greeting);
    expect(empty.run(['run', 'm.yml', '--input', 'who=1'])).toMatchObject({ status: 2, stderr: expect.stringMatching(/has no commits yet.*git commit --allow-empty/) as string });
    expect(empty.run(['run', 'm.yml', '--repo', empty.folder])).toMatchObject({ status: 2, stderr: expect.stringMatching(/is no git repository/) as string });
    expect(empty.run(['resume'])).toMatchObject({ status: 2 });
  });
});
