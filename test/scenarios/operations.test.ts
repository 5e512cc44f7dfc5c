import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PDFParse } from 'pdf-parse';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'missiongate-operations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command of the product to its end. */
function missiongate(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder, ...env }, timeout: 100_000 });
  return { status, stdout, stderr };
}

describe('the demo', () => {
  const out = join(folder, 'demo');

  it('carries its mission to the merge, leaves what verifies, and says where to look', () => {
    const { status, stdout, stderr } = missiongate(['demo', '--out', out]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/pull request merged[\s\S]*the mission is complete[\s\S]*Ledger verified/);
    expect(stdout).toMatch(/@stranger was refused/);
    expect(stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/demo\/slugs\/issues\/1/);
    expect(readdirSync(out).sort()).toEqual(['artifacts', 'dossier.dsse.json', 'dossier.html', 'dossier.json', 'dossier.pdf', 'evidence', 'heads.jsonl', 'keys.json', 'ledger.jsonl', 'repository.git', 'statements', 'timeline.txt']);
    expect(readFileSync(join(out, 'timeline.txt'), 'utf8')).not.toContain('\u001B[');
  });

  it('leaves a repository that holds the merged work', () => {
    const show = spawnSync('git', ['--git-dir', join(out, 'repository.git'), 'show', 'main:src/slug.js'], { encoding: 'utf8' });
    expect(show.stdout).toContain("normalize('NFD')");
  });

  it('is verified offline: 0 as it is, 1 after a change of any byte, 2 when called wrongly', () => {
    expect(missiongate(['verify', out])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^VALID/) as string });
    const ledger = join(out, 'ledger.jsonl');
    const text = readFileSync(ledger, 'utf8');
    writeFileSync(ledger, text.replace('"login":"reviewer"', '"login":"stranger"'));
    expect(missiongate(['verify', out])).toMatchObject({ status: 1, stdout: expect.stringMatching(/^INVALID: tampered at entry \d+\n {2}ledger\.jsonl:\d+: entry \d+ was changed/) as string });
    writeFileSync(ledger, text.split('\n').slice(0, 20).join('\n'));
    expect(missiongate(['verify', out, '--head', 'f'.repeat(16)]).status).toBe(1);
    writeFileSync(ledger, text);
    expect(missiongate(['verify', join(folder, 'nowhere')]).status).toBe(2);
    expect(missiongate(['verify']).status).toBe(2);
    expect(missiongate(['verify', out, '--key', join(folder, 'nowhere.pem')]).status).toBe(2);
    expect(missiongate(['verify', out, '--anchor', 'no anchor']).status).toBe(2);
    expect(missiongate(['verify', out, '--format', 'xml']).status).toBe(2);
  });

  it('leaves its ledger sealed and its head signed, anchored in a tag and in every gate check', () => {
    const tag = spawnSync('git', ['--git-dir', join(out, 'repository.git'), 'for-each-ref', '--format=%(refname:short)%0a%(contents)', 'refs/tags/missiongate/1/'], { encoding: 'utf8' }).stdout;
    expect(tag).toMatch(/^missiongate\/1\/[0-9a-f]{12}\nLedger of mission #1, completed\n/);
    const anchor = join(folder, 'anchor.txt');
    writeFileSync(anchor, tag);
    const keys = join(out, 'keys.json');
    const held = missiongate(['verify', out, '--key', keys, '--anchor', anchor]);
    expect(held).toMatchObject({ status: 0, stdout: expect.stringContaining('it is the ledger that was anchored') as string });
    // Nothing is left open but what carries no signature of its own.
    expect(held.stdout.match(/note: .*/g)).toEqual([expect.stringMatching(/^note: dossier\.html and dossier\.pdf: nobody signs these/)]);
    const ledger = join(out, 'ledger.jsonl');
    const text = readFileSync(ledger, 'utf8');
    writeFileSync(ledger, text.split('\n').slice(0, -3).join('\n'));
    expect(missiongate(['verify', out]).stdout).toMatch(/^INVALID: truncated/);
    expect(missiongate(['verify', ledger, '--anchor', anchor]).stdout).toMatch(/^INVALID: truncated/);
    writeFileSync(ledger, text);
    expect(missiongate(['verify', ledger])).toMatchObject({ status: 0 });
  });

  it('leaves statements and evidence packs that verify one by one', () => {
    const statements = readdirSync(join(out, 'statements'));
    expect(statements.filter((name) => /^\d{6}-gate\.(approved|opened)\.dsse\.json$/.test(name))).toHaveLength(4);
    for (const name of statements) expect(missiongate(['verify', join(out, 'statements', name)])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^VALID {2}statement https:\/\/missiongate\.dev\/attestation\//) as string });
    const [pack = ''] = readdirSync(join(out, 'evidence'));
    const file = join(out, 'evidence', pack);
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(missiongate(['verify', file, '--anchor', digest])).toMatchObject({ status: 0, stdout: expect.stringContaining(digest) as string });
    expect(missiongate(['verify', file, '--anchor', 'f'.repeat(64)])).toMatchObject({ status: 1 });
  });

  it('shows one entry without the rest', () => {
    const proof = join(folder, 'proof.json');
    writeFileSync(proof, missiongate(['audit', 'prove', out, '--entry', '17']).stdout);
    expect(missiongate(['verify', proof, '--key', join(out, 'keys.json')])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^VALID {2}proof of entry 17 of \d+, mission /) as string });
    writeFileSync(proof, readFileSync(proof, 'utf8').replace('"seq": 17', '"seq": 18'));
    expect(missiongate(['verify', proof, '--key', join(out, 'keys.json')])).toMatchObject({ status: 1, stdout: expect.stringMatching(/^INVALID: tampered/) as string });
    expect(missiongate(['audit', 'prove', out, '--entry', '0']).status).toBe(2);
  });

  it('is told to an auditor, as text, JSON and a page without scripts', () => {
    const told = missiongate(['audit', 'report', out]);
    expect(told).toMatchObject({ status: 0, stdout: expect.stringMatching(/VERIFICATION {2}valid[\s\S]*gate build approved — reviewer \(maintain\), by button[\s\S]*pull request merged/) as string });
    const json = JSON.parse(missiongate(['audit', 'report', out, '--format', 'json']).stdout) as { audit: { decisions: readonly { decision: string }[] }; verification: { valid: boolean } };
    expect(json).toMatchObject({ verification: { valid: true }, audit: { status: 'completed' } });
    const page = missiongate(['audit', 'report', out, '--format', 'html']).stdout;
    expect(page).toMatch(/^<!doctype html>[\s\S]*<svg class="timeline"/);
    expect(page).not.toMatch(/<script|javascript:|https?:\/\/(?!\S*missiongate)/);
    const decisions = missiongate(['audit', 'export', out, '--kind', 'decision', '--records']).stdout.trim().split('\n').map((line) => JSON.parse(line) as { schema: string; decision: string });
    expect(decisions.map(({ decision }) => decision)).toEqual(json.audit.decisions.map(({ decision }) => decision));
    expect(missiongate(['audit', 'export', out, '--kind', 'signature']).stdout.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    expect(missiongate(['audit', 'export', out, '--until', '2001-01-01'])).toMatchObject({ status: 0, stdout: '' });
    expect(missiongate(['audit', 'export', out, '--kind', 'decisions'])).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean "decision"?') as string });
    expect(missiongate(['audit', 'report', out, '--format', 'pdf']).status).toBe(2);
    expect(missiongate(['audit', 'report']).status).toBe(2);
  });

  it('does the same on any local repository with any mission text, and leaves the original alone', () => {
    const repo = join(folder, 'mine');
    mkdirSync(repo);
    const git = (...args: string[]) => spawnSync('git', ['-C', repo, '-c', 'user.name=me', '-c', 'user.email=me@example.test', ...args], { encoding: 'utf8' });
    git('init', '-q', '-b', 'trunk-of-mine');
    writeFileSync(join(repo, 'README.md'), '# mine\n');
    git('add', '.');
    git('commit', '-q', '-m', 'begin');
    const before = git('for-each-ref').stdout;
    const issue = join(folder, 'issue.md');
    writeFileSync(issue, '# Say hello\n\n## Build\n\n- [ ] Write a greeting\n  - uses: file.write\n  - path: hello.txt\n\n  ```\n  hello\n  ```\n- [ ] Think about it\n');
    const { status, stdout, stderr } = missiongate(['demo', '--repo', repo, '--issue', issue, '--out', join(folder, 'mine-out')]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('pull request merged');
    expect(git('for-each-ref').stdout).toBe(before);
    const merged = spawnSync('git', ['--git-dir', join(folder, 'mine-out', 'repository.git'), 'show', 'trunk-of-mine:hello.txt'], { encoding: 'utf8' });
    expect(merged.stdout).toBe('hello\n');
  });

  it('says what is wrong with its options before anything starts', () => {
    expect(missiongate(['demo', '--repo', folder])).toMatchObject({ status: 2, stderr: expect.stringContaining('--repo needs --issue') as string });
    expect(missiongate(['demo', '--issue', join(folder, 'none.md')])).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot read') as string });
    expect(missiongate(['demo', '--port', 'many'])).toMatchObject({ status: 2 });
    expect(missiongate(['demo', '--out', folder])).toMatchObject({ status: 2, stderr: expect.stringContaining('not empty') as string });
    expect(missiongate(['demo', '--repo', folder, '--issue', join(folder, 'issue.md')])).toMatchObject({ status: 2, stderr: expect.stringContaining('no git repository') as string });
  });
});

describe('an operator', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it('is told every setting that is wrong, and the app does not start with a default secret', () => {
    const { status, stderr } = missiongate(['start'], { APP_ID: 'x', PRIVATE_KEY: 'no key', WEBHOOK_SECRET: 'development' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/APP_ID[\s\S]*PRIVATE_KEY[\s\S]*WEBHOOK_SECRET/);
    expect(stderr).not.toContain('no key');
  });

  it('starts a worker only where it can share the state', () => {
    expect(missiongate(['worker'], {})).toMatchObject({ status: 2 });
  });

  it('stops the app by SIGTERM, which lets the running task finish and exits with 0', async () => {
    const world = await ProductWorld.open({ files: { 'wait.js': "import { existsSync, writeFileSync } from 'node:fs';\nwriteFileSync(process.argv[2], '');\nconst timer = setInterval(() => { if (existsSync(`${process.argv[2]}.go`)) clearInterval(timer); }, 20);\n", 'package.json': '{"type":"module"}' } });
    closing.push(() => world.close());
    const app = await world.startApp();
    const marker = join(world.folder, 'running');
    const issue = await world.mission('Drain', `## P\n- gate: none\n\n- [ ] Wait\n  - id: wait\n  - run: node wait.js ${marker}\n`);
    await world.until('the task runs', () => existsSync(marker));
    app.child.kill('SIGTERM');
    await world.until('it drains', () => app.output().includes('stopping'));
    writeFileSync(`${marker}.go`, '');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await world.startApp();
    await world.until('the mission is complete', () => world.repository.issue(issue).state === 'closed');
    expect(world.doubles()).toEqual([]);
  });

  it('is told that a second process cannot have the embedded database', async () => {
    const world = await ProductWorld.open();
    closing.push(() => world.close());
    await world.startApp();
    const second = await world.startApp({ PORT: '0' });
    expect((await second.exited).code).toBe(1);
    expect(second.output()).toMatch(/pid|process/);
    expect(second.output()).not.toMatch(/\n\s+at /);
  });

  it('exports a mission from the database, makes its dossier, and verifies both', async () => {
    const world = await ProductWorld.open();
    closing.push(() => world.close());
    const app = await world.startApp();
    const issue = await world.mission('Ship 出荷 한국 🚀', '## P\n- gate: 0 approvals\n\n- [ ] One\n  - uses: noop\n');
    await world.until('it is complete', () => world.repository.issue(issue).state === 'closed');
    app.child.kill('SIGTERM');
    await app.exited;
    const env = { MISSIONGATE_DATA_DIR: join(world.folder, 'data') };
    const target = join(folder, 'exported');
    const id = `r${world.repository.id}-i${issue}`;
    expect(missiongate(['export', 'r0-i0', target], env)).toMatchObject({ status: 1, stderr: expect.stringContaining(id) as string });
    expect(missiongate(['export', id, target], env)).toMatchObject({ status: 0 });
    expect(missiongate(['verify', target])).toMatchObject({ status: 0 });
    const handedOver = join(folder, 'handed-over');
    expect(missiongate(['dossier', '--mission', 'r0-i0', '--out', handedOver], env)).toMatchObject({ status: 1, stderr: expect.stringContaining(id) as string });
    expect(existsSync(handedOver)).toBe(false);
    expect(missiongate(['dossier', '--mission', id, '--out', handedOver], env)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(new RegExp(`dossier [0-9a-f]{64} of mission ${id}, signed by key`)) as string });
    expect(missiongate(['verify', join(handedOver, 'dossier.json'), '--key', join(target, 'keys.json')])).toMatchObject({ status: 0, stdout: expect.stringContaining(`dossier of mission ${id}: completed`) as string });
    expect(JSON.parse(readFileSync(join(handedOver, 'dossier.json'), 'utf8'))).toMatchObject({ mission: { id, name: 'Ship 出荷 한국 🚀' }, signatures: { verification: { verdict: 'valid' } } });
    const pdf = new PDFParse({ data: new Uint8Array(readFileSync(join(handedOver, 'dossier.pdf'))) });
    expect((await pdf.getText()).text).toContain('Ship 出荷 한국 🚀');
    await pdf.destroy();
  });

  it('may keep the App’s settings in `.env` of the data folder', async () => {
    const world = await ProductWorld.open();
    closing.push(() => world.close());
    const data = join(world.folder, 'kept');
    mkdirSync(data);
    writeFileSync(join(data, '.env'), `APP_ID=${world.app.appId}\nPRIVATE_KEY="${world.app.privateKey}"\nWEBHOOK_SECRET=${world.webhookSecret}\n`);
    const process = world.spawnBare(['start'], { PORT: String(world.port), GITHUB_API_URL: world.forge.apiUrl, MISSIONGATE_DATA_DIR: data });
    await world.until('the app is ready', async () => (await fetch(`http://127.0.0.1:${world.port}/readyz`).then((answer) => answer.status, () => 0)) === 200);
    process.child.kill('SIGTERM');
    expect((await process.exited).code).toBe(0);
  });

  it('is offered to make an App on the first start, on loopback only', async () => {
    const world = await ProductWorld.open();
    closing.push(() => world.close());
    const process = world.spawnBare(['start'], { PORT: String(world.port), GITHUB_API_URL: world.forge.apiUrl, MISSIONGATE_URL: 'https://bot.example.test/', MISSIONGATE_DATA_DIR: join(world.folder, 'fresh') });
    await world.until('the set-up page is there', async () => (await fetch(`http://127.0.0.1:${world.port}/probot`).then((answer) => answer.status, () => 0)) === 200);
    const page = (await (await fetch(`http://127.0.0.1:${world.port}/probot`)).text()).replaceAll('&quot;', '"');
    expect(page).toContain('"checks":"write"');
    expect(page).toContain('"pull_request_review"');
    expect(page).toContain('https://bot.example.test/api/github/webhooks');
    process.child.kill('SIGTERM');
    expect((await process.exited).code).toBe(0);
  });
});
