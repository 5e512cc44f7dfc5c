import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { TrunkHistory } from '../../src/guards/guard-type.ts';
import { gitBlobId } from '../../src/kit/hash.ts';
import { examineWith } from './support/guard-world.ts';

type Text = string | Buffer;
/** What one commit makes of the files; null takes one away. */
type Commit = Readonly<Record<string, Text | null>>;

const idOf = (content: Text) => gitBlobId(Buffer.from(content), 'a'.repeat(40));
const commitOf = (number: number) => createHash('sha1').update(`${number}`).digest('hex');
const short = (number: number) => commitOf(number).slice(0, 12);

/** A commit as git keeps it. */
const kept = (message: string, { author = 'Ada <ada@example.com>', committer = 'Ada <ada@example.com>', header = '' } = {}) => `tree ${'0'.repeat(40)}\nauthor ${author} 1700000000 +0000\ncommitter ${committer} 1700000000 +0000\n${header}\n${message}\n`;

/** A history in memory: `base`, and commits over it, one after the other. */
function world(base: Commit, ...commits: readonly Commit[]) {
  return worldOf(base, commits, []);
}

/** The same, where git keeps these texts of the commits. */
function worldOf(base: Commit, commits: readonly Commit[], texts: readonly Text[]) {
  const contents = new Map<string, Buffer>();
  const keep = (content: Text) => {
    contents.set(idOf(content), Buffer.from(content));
    return { id: idOf(content), bytes: Buffer.byteLength(content) };
  };
  const files: Record<string, Text> = {};
  const versions: Awaited<ReturnType<TrunkHistory['versions']>>['versions'][number][] = [];
  const apply = (commit: Commit, number: number | null) => {
    for (const [path, content] of Object.entries(commit)) {
      const before = files[path];
      if (content === null) delete files[path];
      else {
        files[path] = content;
        const held = keep(content);
        if (number !== null) versions.push({ commit: commitOf(number), path, ...held, before: before === undefined ? [] : [keep(before)] });
      }
    }
  };
  apply(base, null);
  for (const [number, commit] of commits.entries()) apply(commit, number);
  const reads: string[][] = [];
  const listed = commits.map((_, number) => {
    const text = texts[number] ?? kept('change a file');
    contents.set(commitOf(number), Buffer.from(text));
    return { commit: commitOf(number), bytes: Buffer.byteLength(text) };
  });
  const history: TrunkHistory = {
    versions: async () => ({ commits: listed, versions, isWhole: true }),
    read: async (ids) => {
      reads.push([...ids]);
      return new Map(ids.flatMap((id) => (contents.has(id) ? [[id, contents.get(id) ?? Buffer.alloc(0)] as const] : [])));
    },
  };
  const changed = Object.keys(files).filter((path) => files[path] !== base[path]).map((path) => ({ path, status: 'modified' as const, additions: 1, deletions: 0 }));
  return { files, history, changed, reads };
}

const token = (letters: string) => `ghp_${letters.repeat(9)}`;
const line = (letters: string) => `a = 1\nkey = "${token(letters)}"\n`;
const places = (outcome: Awaited<ReturnType<typeof examineWith>>) => outcome.findings?.kept().map(({ rule, path, line: at, message }) => `${rule} ${path}:${at} ${/Commit ([0-9a-f]+)/.exec(message)?.[1] ?? ''}${message.includes('rewrite the branch') ? ' gone' : ''}`);

describe('a secret that a commit brought', () => {
  it('and a later one took out again is found, with file, line, commit and what to do', async () => {
    const outcome = await examineWith('secrets', {}, world({ 'a.ts': 'a = 1\n' }, { 'a.ts': line('Z9y8') }, { 'a.ts': 'a = 1\nkey = env.KEY\n' }));
    expect(outcome).toMatchObject({ passed: true, metrics: { secrets: 1, secrets_in_history: 1 }, summary: '1 secret in 1 changed file and 2 versions that 2 commits brought in, their messages included: 1 of them only in the history' });
    expect(outcome.findings?.kept()).toEqual([{
      rule: 'github', level: 'error', path: 'a.ts', line: 2,
      message: `This looked like a secret (github). Commit ${short(0)} brought it; the files at the head do not hold it any more, but the history that is merged does. Make a new one in its place, for whoever may read the branch has seen it, and rewrite the branch without it: another commit does not take it out.`,
    }]);
    expect(JSON.stringify([outcome, outcome.findings?.kept()])).not.toContain('Z9y8');
  });

  it('is found in a file that is gone', async () => {
    expect(places(await examineWith('secrets', {}, world({}, { '.env': line('Z9y8') }, { '.env': null })))).toEqual([`github .env:2 ${short(0)} gone`]);
  });

  it('and that still stands at the head is told once, with the commit that brought it', async () => {
    const outcome = await examineWith('secrets', {}, world({}, { 'a.ts': line('Z9y8') }, { 'a.ts': `b = 2\n${line('Z9y8')}` }, { 'b.ts': line('A1b2') }, { 'b.ts': null }));
    expect(places(outcome)).toEqual([`github a.ts:3 ${short(0)}`, `github b.ts:2 ${short(2)} gone`]);
    expect(outcome.metrics).toEqual({ secrets: 2, secrets_in_history: 1 });
  });

  it('counts once, however often it went and came again, and for each of two secrets on one line', async () => {
    expect(places(await examineWith('secrets', {}, world({}, { 'a.ts': line('Z9y8') }, { 'a.ts': '' }, { 'a.ts': line('Z9y8') }, { 'a.ts': line('Q7w6') }, { 'a.ts': '' })))).toEqual([`github a.ts:2 ${short(0)} gone`, `github a.ts:2 ${short(3)} gone`]);
  });

  it('is not blamed on a commit that found it there', async () => {
    const old = world({ 'a.ts': line('Z9y8') }, { 'a.ts': `b = 2\n${line('Z9y8')}` }, { 'a.ts': 'b = 2\n' });
    expect(await examineWith('secrets', {}, old)).toMatchObject({ passed: true, metrics: { secrets: 0, secrets_in_history: 0 }, summary: 'no secret in 1 changed file and 2 versions that 2 commits brought in, their messages included' });
  });

  it('is left to be where the mission says so, and in ignored files until it leaves them', async () => {
    const trunk = world({}, { 'test/fixtures/a.ts': line('Z9y8') }, { 'src/a.ts': line('Z9y8') }, { 'src/a.ts': '', 'test/fixtures/a.ts': null });
    expect(await examineWith('secrets', { history: false }, trunk)).toMatchObject({ metrics: { secrets: 0, secrets_in_history: 0 }, summary: 'no secret in 1 changed file' });
    expect(places(await examineWith('secrets', { ignore: ['test/fixtures/**'] }, trunk))).toEqual([`github src/a.ts:2 ${short(1)} gone`]);
    expect(await examineWith('secrets', { ignore: ['**'] }, trunk)).toMatchObject({ metrics: { secrets: 0 } });
  });
});

describe('a secret that a commit itself holds', () => {
  const nothing: readonly Commit[] = [{ 'a.ts': 'a' }, { 'b.ts': 'b' }];

  it('in its message is found, with the commit, the line and what to do, and is never shown', async () => {
    const outcome = await examineWith('secrets', {}, worldOf({}, nothing, [kept('one'), kept(`two\n\nI tried it with ${token('Z9y8')}, sorry.`)]));
    expect(outcome).toMatchObject({ passed: true, metrics: { secrets: 1, secrets_in_history: 1 }, summary: '1 secret in 2 changed files and 2 versions that 2 commits brought in, their messages included: 1 of them only in the history' });
    expect(outcome.findings?.kept()).toEqual([{
      rule: 'github', level: 'error', path: null, line: null,
      message: `Line 3 of the message of commit ${short(1)} looks like a secret (github). Make a new one in its place, for whoever may read the branch has seen it, and rewrite the branch with another message there: a further commit does not take it out, and a squash may copy it.`,
    }]);
    expect(JSON.stringify([outcome, outcome.findings?.kept()])).not.toContain('Z9y8');
  });

  it('in a name, an address or a merged tag is found there', async () => {
    const texts = [kept('one', { author: `${token('Z9y8')} <a@example.com>`, committer: 'Ada <ada@example.com>' }), kept('two', { author: 'Ada <ada@example.com>', committer: `Ada <${token('Z9y8')}>`, header: `mergetag object ${'1'.repeat(40)}\n type commit\n tag ${token('Q7w6')}\n` })];
    const outcome = await examineWith('secrets', {}, worldOf({}, nothing, texts));
    expect(outcome.findings?.kept().map(({ message }) => message.split(' looks', 1)[0])).toEqual([`The name or address of the author of commit ${short(0)}`, `The name or address of the committer of commit ${short(1)}`, `The header of commit ${short(1)}`]);
  });

  it('is told of every commit that holds it: each is to be rewritten', async () => {
    const outcome = await examineWith('secrets', {}, worldOf({}, nothing, [kept(token('Z9y8')), kept(`Revert "${token('Z9y8')}"`)]));
    expect(outcome.findings?.kept().map(({ message }) => /commit ([0-9a-f]+)/.exec(message)?.[1])).toEqual([short(0), short(1)]);
  });

  it('is left to be where the mission says so', async () => {
    const trunk = worldOf({}, nothing, [kept(token('Z9y8'))]);
    expect(await examineWith('secrets', { messages: false }, trunk)).toMatchObject({ metrics: { secrets: 0 }, summary: 'no secret in 2 changed files and 2 versions that 2 commits brought in' });
    expect(await examineWith('secrets', { history: false }, trunk)).toMatchObject({ metrics: { secrets: 0 } });
  });

  it('keeps the gate shut where the message is too long to be searched, or git does not give it', async () => {
    expect(await examineWith('secrets', {}, worldOf({}, nothing, [kept('x'.repeat(3 * 1024 * 1024))]))).toMatchObject({ passed: false, summary: expect.stringContaining(`Not searched: commit ${short(0)} (3,14`) });
    const trunk = world({}, { 'a.ts': 'a' });
    const read = async (ids: readonly string[]) => new Map([...(await trunk.history.read(ids))].filter(([id]) => id !== commitOf(0)));
    await expect(examineWith('secrets', {}, { ...trunk, history: { ...trunk.history, read } })).rejects.toMatchObject({ failure: 'environment' });
  });
});

describe('a long history', () => {
  it('is read in portions, each content once', async () => {
    const large = (letter: string) => letter.repeat(1024 * 1024);
    const trunk = world({}, ...Array.from({ length: 20 }, (_, index) => ({ [`${index}.txt`]: large(String.fromCharCode(97 + index)) })), { 'copy.txt': large('a') });
    expect(await examineWith('secrets', { ignore: ['none'] }, { ...trunk, changed: [] })).toMatchObject({ passed: true, summary: 'no secret in 0 changed files and 20 versions that 21 commits brought in, their messages included' });
    expect(trunk.reads.map((ids) => ids.length)).toEqual([8, 8, 4, 21]);
  });

  it('that holds text too long to be searched keeps the gate shut; what is no text does not', async () => {
    const trunk = world({}, { 'bundle.js': 'x'.repeat(3 * 1024 * 1024), 'video.mp4': Buffer.alloc(3 * 1024 * 1024) }, { 'bundle.js': null, 'video.mp4': null });
    expect(await examineWith('secrets', {}, trunk)).toMatchObject({ passed: false, summary: expect.stringContaining(`Not searched: bundle.js at ${short(0)} (3,145,728 bytes; up to 2,097,152 are searched)`) });
  });

  it('that is too long altogether keeps the gate shut, before anything of it is read', async () => {
    const read = () => Promise.reject(new Error('nothing should be read'));
    const huge = { commit: commitOf(0), path: 'disk.img', id: idOf('x'), bytes: 3_000_000_000, before: [] };
    const outcome = await examineWith('secrets', {}, { history: { versions: async () => ({ commits: [], versions: [huge], isWhole: false }), read } });
    expect(outcome).toMatchObject({ passed: false, summary: expect.stringContaining(`Not searched: the history of the trunk, which is too long to be read ("history: false" leaves it out); disk.img at ${short(0)} (3,000,000,000 bytes)`) });
  });

  it('of which git gives less than it listed is looked at again, not passed', async () => {
    const trunk = world({}, { 'a.ts': 'a' });
    await expect(examineWith('secrets', {}, { ...trunk, history: { ...trunk.history, read: async () => new Map() } })).rejects.toMatchObject({ failure: 'environment' });
  });
});
