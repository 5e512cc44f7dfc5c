import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeExport } from '../support/export-folder.ts';
import { newSigner } from '../support/signers.ts';
import { exportOf, shippedMission } from '../support/shipped-mission.ts';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'dossier-'));
const exported = join(folder, 'mission-out');
const out = join(folder, 'out');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const keyFile = join(folder, 'installation.pem');

function run(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', cwd: folder, env: { ...process.env, ...env }, timeout: 100_000 });
  return { status, stdout, stderr };
}

beforeAll(() => {
  writeExport(exported, exportOf(shippedMission(), newSigner()).files());
  writeFileSync(keyFile, publicKey.export({ type: 'spki', format: 'pem' }).toString());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('missiongate dossier', () => {
  it('writes JSON, page and PDF beside an export, which verifies as before; unsigned, it is made again and compared', () => {
    const made = run(['dossier', exported]);
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toContain('not signed: there is no key');
    for (const name of ['dossier.json', 'dossier.html', 'dossier.pdf']) expect(existsSync(join(exported, name)), name).toBe(true);
    expect(existsSync(join(exported, 'dossier.dsse.json'))).toBe(false);
    expect(run(['verify', exported]).status).toBe(0);
    const verified = run(['verify', join(exported, 'dossier.json')]);
    expect([verified.status, verified.stdout]).toEqual([0, expect.stringContaining('the export beside it gives the same dossier, byte for byte')]);
  });

  it('signs it with the key that is set; verify tells valid, tampered, unsigned and wrong-key apart', () => {
    const made = run(['dossier', exported, '--format', 'json', '--out', out], { MISSIONGATE_SIGNING_KEY: privatePem });
    expect([made.status, made.stdout]).toEqual([0, expect.stringContaining('signed by key')]);
    const file = join(out, 'dossier.json');
    expect(run(['verify', file, '--key', keyFile])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^VALID {2}dossier of mission r10-i7: completed\n/) });
    expect(run(['verify', join(out, 'dossier.dsse.json'), '--key', keyFile]).status).toBe(0);
    expect(run(['verify', file, '--key', join(exported, 'keys.json')])).toMatchObject({ status: 1, stdout: expect.stringContaining('INVALID: wrong-key') });
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"reviewer"', '"stranger"'));
    expect(run(['verify', file, '--key', keyFile])).toMatchObject({ status: 1, stdout: expect.stringContaining('INVALID: tampered') });
    writeFileSync(file, text);
    rmSync(join(out, 'dossier.dsse.json'));
    expect(run(['verify', file, '--key', keyFile])).toMatchObject({ status: 1, stdout: expect.stringContaining('UNSIGNED') });
  });

  it('writes one of a record that does not verify, says so, and ends with 1', () => {
    const [first] = [...exportOf(shippedMission(), null).files().packs];
    const pack = join(exported, first?.file ?? '');
    const text = readFileSync(pack, 'utf8');
    writeFileSync(pack, text.replace('"tests"', '"guesses"'));
    const made = run(['dossier', exported, '--format', 'html', '--out', out]);
    writeFileSync(pack, text);
    expect([made.status, made.stderr]).toEqual([1, expect.stringContaining('does not verify (tampered)')]);
    expect(readFileSync(join(out, 'dossier.html'), 'utf8')).toContain('The record of this mission does not verify: tampered.');
  });

  it('says what is wrong with a call: 2, and what would be right', () => {
    expect(run(['dossier', exported, '--format', 'docx'])).toMatchObject({ status: 2, stderr: 'missiongate dossier: --format: found "docx", expected json, html, pdf or all\n' });
    expect(run(['dossier'])).toMatchObject({ status: 2, stderr: expect.stringContaining('either the folder of an export, or a mission') });
    expect(run(['dossier', folder])).toMatchObject({ status: 2, stderr: expect.stringContaining('no ledger.jsonl') });
    expect(run(['dossier', exported], { MISSIONGATE_SIGNING_KEY: 'nonsense' })).toMatchObject({ status: 2, stderr: expect.stringContaining('MISSIONGATE_SIGNING_KEY: holds no Ed25519 private key') });
  });
});
