import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createStepWorld, zipOf, type StepWorld } from './support/step-world.ts';

let steps: StepWorld;
beforeAll(async () => {
  steps = await createStepWorld();
});
afterAll(() => steps.close());

async function tarOf(entries: readonly (Partial<Header> & { name: string; content?: string | Buffer })[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of entries) tar.entry(header, content ?? '');
  tar.finalize();
  return gzipSync(await buffer(tar));
}

/** A zip whose only entry has a name that writers refuse. */
async function zipNamed(name: string): Promise<Buffer> {
  const harmless = 'a'.repeat(name.length);
  const zip = await zipOf([{ path: harmless }]);
  return Buffer.from(zip.toString('latin1').replaceAll(harmless, name), 'latin1');
}

async function extracting(archive: Buffer, name = 'in.zip', more: Record<string, unknown> = {}) {
  const workspace = await steps.world.open();
  await workspace.tree!.writeBytes(name, archive);
  const before = readdirSync(workspace.root, { recursive: true, encoding: 'utf8' }).toSorted((a, b) => (a < b ? -1 : 1));
  const error = await steps.failing('archive.extract', { archive: name, to: 'out', ...more }, { workspace });
  expect(readdirSync(workspace.root, { recursive: true, encoding: 'utf8' }).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(before);
  expect(existsSync(join(workspace.root, '..', 'evil'))).toBe(false);
  return error;
}

describe('archive.extract refuses, before anything is written,', () => {
  test.each(['../evil', 'a/../../evil', '/etc/evil', 'C:/evil', 'a\\..\\evil', '.git/hooks/pre-commit', 'a/.GIT/config', 'x/\u0001'])('a zip with the entry %j', async (name) => {
    expect(await extracting(await zipNamed(name))).toMatchObject({ failure: 'input' });
  });

  test.each(['../evil', '/etc/evil', 'a/../../evil', '.git/config'])('a tar with the entry %j', async (name) => {
    expect(await extracting(await tarOf([{ name: 'fine.txt', content: 'x' }, { name, content: 'x' }]), 'in.tar.gz')).toMatchObject({ failure: 'input' });
  });

  test('symbolic and hard links, devices and pipes', async () => {
    expect((await extracting(await zipOf([{ path: 'link', content: '/etc', mode: 0o120777 }]))).message).toContain('symbolic link');
    expect((await extracting(await zipOf([{ path: 'pipe', mode: 0o010644 }]))).message).toContain('neither a file nor a folder');
    expect((await extracting(await tarOf([{ name: 'l', type: 'symlink', linkname: '/etc' }, { name: 'l/passwd', content: 'x' }]), 'in.tgz')).message).toContain('is a link');
    expect((await extracting(await tarOf([{ name: 'h', type: 'link', linkname: 'README.md' }]), 'in.tgz')).message).toContain('is a link');
    expect((await extracting(await tarOf([{ name: 'dev', type: 'character-device', devmajor: 1, devminor: 1 }]), 'in.tgz')).message).toContain('neither a file nor a folder');
  });

  test('what unpacks to far more than it is', async () => {
    expect((await extracting(await zipOf([{ path: 'zeros', content: Buffer.alloc(20_000_000) }]))).message).toContain('200 times its size');
    expect((await extracting(await tarOf([{ name: 'zeros', content: Buffer.alloc(20_000_000) }]), 'in.tar.gz')).message).toContain('200 times its size');
  });

  test('a zip that lies about the size of an entry', async () => {
    const content = Buffer.alloc(5000, 'x');
    const packed = deflateRawSync(content);
    const zip = await zipOf([{ path: 'a', content }]);
    const lying = Buffer.from(zip);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(content.length);
    for (let at = lying.indexOf(size); at !== -1; at = lying.indexOf(size, at + 1)) lying.writeUInt32LE(10, at);
    expect(packed.length).toBeLessThan(content.length);
    expect((await extracting(lying)).message).toMatch(/damaged/);
  });

  test('too many entries', async () => {
    expect((await extracting(await zipOf(Array.from({ length: 10_001 }, (_, index) => ({ path: `f${index}`, content: '' }))))).message).toContain('more than 10000 entries');
  });

  test('two entries of one name, and a file where a folder is needed', async () => {
    expect((await extracting(await zipOf([{ path: 'a' }, { path: 'a' }]))).message).toContain('twice');
    expect((await extracting(await zipOf([{ path: 'a' }, { path: 'a/b' }]))).message).toContain('a file and a folder');
  });

  test('what is no archive, or damaged', async () => {
    expect((await extracting(Buffer.from('hello'))).message).toContain('no zip');
    expect((await extracting(Buffer.from('hello'), 'in.tar.gz')).message).toContain('damaged');
    const whole = await tarOf([{ name: 'a', content: Buffer.alloc(50_000, 'abc') }]);
    expect((await extracting(whole.subarray(0, whole.length - 20), 'in.tar.gz')).message).toContain('damaged');
    expect((await extracting(Buffer.from('x'), 'in.rar')).message).toContain('ends neither with');
  });

  test('files that are there, unless told to replace them', async () => {
    const workspace = await steps.world.open();
    await workspace.tree!.writeBytes('in.zip', await zipOf([{ path: 'new.md' }, { path: 'README.md', content: 'new' }]));
    expect((await steps.failing('archive.extract', { archive: 'in.zip' }, { workspace })).message).toContain('"README.md" would be replaced. Nothing was written');
    expect(existsSync(join(workspace.root, 'new.md'))).toBe(false);
    const { outcome } = await steps.run('archive.extract', { archive: 'in.zip', overwrite: true }, { workspace });
    expect(await workspace.readFile('README.md')).toBe('new');
    const undo = steps.registry.find('archive.extract')!.inverse!({}, outcome.outputs)!;
    await steps.run(undo.uses, undo.with, { workspace });
    expect(await workspace.readFile('README.md')).toBe('# Test\n');
    expect(existsSync(join(workspace.root, 'new.md'))).toBe(false);
  });

  test('a folder that is a link', async () => {
    const workspace = await steps.world.open();
    await workspace.tree!.writeBytes('in.zip', await zipOf([{ path: 'first.txt' }, { path: 'out/x.txt' }]));
    symlinkSync('/tmp', join(workspace.root, 'out'));
    expect(await steps.failing('archive.extract', { archive: 'in.zip' }, { workspace })).toMatchObject({ failure: 'input' });
    expect(existsSync(join(workspace.root, 'first.txt'))).toBe(false);
  });
});

describe('archives made here', () => {
  test.each(['a.zip', 'a.tar.gz', 'a.tar'])('%s holds what was packed, and comes out the same', async (name) => {
    const workspace = await steps.world.open();
    const bytes = Buffer.from([0, 1, 255, 10]);
    await workspace.tree!.writeBytes('bin/run', bytes, { executable: true });
    await steps.run('archive.create', { files: ['**', '!README.md'], to: name }, { workspace });
    await steps.run('archive.extract', { archive: name, to: 'copy' }, { workspace });
    expect(await workspace.tree!.readBytes('copy/bin/run')).toEqual(bytes);
    expect(await workspace.tree!.facts('copy/bin/run')).toMatchObject({ executable: true });
    expect(await workspace.tree!.facts('copy/README.md')).toBeNull();
    expect(await workspace.tree!.facts('copy/src/add.js')).toMatchObject({ kind: 'file', executable: false });
  });

  test('are the same bytes for the same files, and what other programs read', async () => {
    const packed = async (to: string) => {
      const { workspace } = await steps.run('archive.create', { files: ['**'], to });
      return { bytes: await workspace.tree!.readBytes(to), path: join(workspace.root, to) };
    };
    for (const name of ['a.zip', 'a.tar.gz']) expect((await packed(name)).bytes).toEqual((await packed(name)).bytes);
    expect(execFileSync('tar', ['-tzf', (await packed('b.tar.gz')).path], { encoding: 'utf8' })).toBe('.gitignore\nREADME.md\nsrc/add.js\n');
  });

  test('an archive that is there is replaced only when told to', async () => {
    expect(await steps.failing('archive.create', { files: ['**'], to: 'README.md', format: 'zip' })).toMatchObject({ failure: 'input' });
    expect(await steps.failing('archive.create', { files: ['nothing/**'], to: 'x.zip' })).toMatchObject({ failure: 'input', message: 'No file matches. Correct "files".' });
  });
});
