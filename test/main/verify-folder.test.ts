import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeExport } from '../support/export-folder.ts';
import { exportOf, shippedMission } from '../support/shipped-mission.ts';
import { newSigner } from '../support/signers.ts';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.js');
const base = mkdtempSync(join(tmpdir(), 'verify-folder-'));
const whole = join(base, 'whole');
const signer = newSigner();

function verify(path: string, ...more: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [cli, 'verify', path, ...more], { encoding: 'utf8', timeout: 60_000 });
  return { status, signal, said: stdout + stderr };
}

/** A copy of the export in which `change` was done. */
function changed(change: (folder: string) => void): string {
  const folder = mkdtempSync(join(base, 'copy-'));
  cpSync(whole, folder, { recursive: true });
  change(folder);
  return folder;
}

function edit(folder: string, path: string, change: (text: string) => string): void {
  const before = readFileSync(join(folder, path), 'utf8');
  const after = change(before);
  expect(after, path).not.toBe(before);
  writeFileSync(join(folder, path), after);
}

beforeAll(() => {
  writeExport(whole, exportOf(shippedMission(), signer).files());
  execFileSync(process.execPath, [cli, 'dossier', whole, '--format', 'json']);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('missiongate verify, of a folder that somebody handed over', () => {
  it('is valid as it was exported, with the key given and with the one in the folder, whose word alone that is', () => {
    expect(verify(whole, '--key', join(whole, 'keys.json'))).toMatchObject({ status: 0, said: expect.stringMatching(/^VALID/) });
    expect(verify(whole).said).toContain('came with the files: compare it with your installation');
  });

  const tamperings: { readonly [name: string]: readonly [change: (folder: string) => void, says: string] } = {
    'a field of a pack there twice': [(folder) => edit(folder, 'evidence/build-1.json', (text) => text.replace('{', '{"metrics":{"tests_failed":9},')), 'evidence/build-1.json: its content does not give the digest'],
    'a number of a pack written otherwise': [(folder) => edit(folder, 'evidence/build-1.json', (text) => text.replace('"round":1,', '"round":1.0,')), 'evidence/build-1.json: its content does not give the digest'],
    'a pack under another name': [(folder) => renameSync(join(folder, 'evidence/build-1.json'), join(folder, 'evidence/build-2.json')), 'evidence/build-2.json: it is the pack of gate build, round 1'],
    'an artifact that is no text': [(folder) => appendFileSync(join(folder, firstBelow(folder, 'artifacts')), Buffer.from([0xff])), 'its bytes are no UTF-8'],
    'one statement gone': [(folder) => rmSync(join(folder, 'statements/evidence-build-1.dsse.json')), 'statements/evidence-build-1.dsse.json: the signed statement of entry'],
    'lines that end as in Windows': [(folder) => edit(folder, 'ledger.jsonl', (text) => text.replaceAll('\n', '\r\n')), 'ledger.jsonl:1: entry 1 is not in canonical form'],
    'an empty line': [(folder) => edit(folder, 'ledger.jsonl', (text) => text.replace('\n', '\n\n')), 'ledger.jsonl:3: there is an empty line before it'],
    'a dossier that says something else': [(folder) => edit(folder, 'dossier.json', (text) => text.replace('"reviewer"', '"stranger"')), 'dossier.json: the export beside it gives another dossier'],
    'a pipe among the packs': [(folder) => execFileSync('mkfifo', [join(folder, 'evidence/x.json')]), 'evidence/x.json: it is no regular file'],
    'a folder among the packs': [(folder) => mkdirSync(join(folder, 'evidence/x.json')), 'evidence/x.json: it is no regular file'],
    'a file without end among the artifacts': [(folder) => symlinkSync('/dev/zero', join(folder, `artifacts/${'0'.repeat(64)}.txt`)), 'it is no regular file'],
    'a link in a circle': [(folder) => symlinkSync('x.json', join(folder, 'evidence/x.json')), 'evidence/x.json: it cannot be opened'],
    'a pack of three gigabytes': [(folder) => (writeFileSync(join(folder, 'evidence/x.json'), ''), truncateSync(join(folder, 'evidence/x.json'), 3 * 1024 ** 3)), 'evidence/x.json: it is larger than anything a record holds'],
    'a ledger that ends in a gigabyte of nothing': [(folder) => truncateSync(join(folder, 'ledger.jsonl'), 1024 ** 3), 'the line is no JSON'],
  };

  it.each(Object.keys(tamperings))('finds %s', (name) => {
    const [change, says] = tamperings[name] ?? [() => undefined, ''];
    const { status, signal, said } = verify(changed(change));
    expect([status, signal, said]).toEqual([1, null, expect.stringMatching(/^INVALID: (?:tampered|truncated)/)]);
    expect(said).toContain(says);
  });

  it('names what nobody vouches for', () => {
    const { status, said } = verify(changed((folder) => {
      writeFileSync(join(folder, 'evidence/APPROVED.md'), 'All fine.');
      writeFileSync(join(folder, 'dossier.html'), '<h1>All fine</h1>');
    }));
    expect(status).toBe(0);
    expect(said).toContain('note: evidence/APPROVED.md: no part of the record, and not looked at');
    expect(said).toContain('note: dossier.html: nobody signs these');
  });

  it.each([
    ['keys.json', 'is nothing that can be verified by itself'],
    ['heads.jsonl', 'holds signed heads'],
  ])('asks for another file than %s instead of calling it tampered with', (file, says) => {
    expect(verify(join(whole, file))).toMatchObject({ status: 2, said: expect.stringContaining(says) });
  });

  it('does not wait for a pipe in the place of a ledger', () => {
    const folder = changed((copy) => {
      rmSync(join(copy, 'ledger.jsonl'));
      execFileSync('mkfifo', [join(copy, 'ledger.jsonl')]);
    });
    expect(verify(folder)).toMatchObject({ status: 2, said: expect.stringContaining('it is no regular file') });
    expect(verify(join(folder, 'ledger.jsonl'))).toMatchObject({ status: 2, said: expect.stringContaining('it is no regular file') });
  });
});

function firstBelow(folder: string, name: string): string {
  const [first] = execFileSync('ls', [join(folder, name)], { encoding: 'utf8' }).split('\n');
  return `${name}/${first ?? ''}`;
}
