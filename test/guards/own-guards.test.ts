import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

import { guards } from '../../src/guards/registry.ts';
import { examineWith } from './support/guard-world.ts';
import type { GuardWorld } from './support/guard-world.ts';

type Changed = NonNullable<GuardWorld['changed']>[number];
const changed = (path: string, more: Partial<Changed> = {}): Changed => ({ path, status: 'modified', additions: 1, deletions: 0, ...more });
const messages = (outcome: Awaited<ReturnType<typeof examineWith>>) => outcome.findings?.kept().map(({ message }) => message);

describe('secrets', () => {
  const token = `ghp_${'Z9y8'.repeat(9)}`;
  const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEA7bq98'.repeat(40)}\n-----END RSA PRIVATE KEY-----`;

  it('are found in changed files, by kind and line, and never shown', async () => {
    const files = { 'a.ts': `const x = 1;\nconst token = '${token}';\n`, 'deploy.pem': key, 'untouched.ts': token, 'clean.ts': 'export {};\n' };
    const outcome = await examineWith('secrets', {}, { files, changed: [changed('a.ts'), changed('deploy.pem', { status: 'added' }), changed('clean.ts'), changed('gone.ts', { status: 'deleted' })] });
    expect(outcome).toMatchObject({ passed: true, metrics: { secrets: 2 }, summary: '2 secrets in 3 changed files' });
    expect(outcome.findings?.kept().map(({ rule, path, line }) => `${rule} ${path}:${line}`)).toEqual(['github a.ts:2', 'privatekey deploy.pem:1']);
    expect(JSON.stringify([outcome, outcome.findings?.kept()])).not.toMatch(/Z9y8|MIIE/);
  });

  it.each([
    ['gitlab', `glpat-${'a1B2'.repeat(5)}`],
    ['grafana', `glsa_${'a1B2'.repeat(8)}_0123abcd`],
    ['groq', `gsk_${'a1B2'.repeat(13)}`],
    ['huggingface', `hf_${'aBcD'.repeat(8)}eF`],
    ['hashicorp-vault', `hvs.${'a1B2'.repeat(24)}`],
    ['databricks', `dapi${'a1b2'.repeat(8)}`],
    ['docker', `dckr_pat_${'a1B2'.repeat(6)}xyz`],
    ['figma', `figd_${'a1B2'.repeat(10)}`],
    ['notion', `ntn_${'1'.repeat(11)}${'aB1cd'.repeat(7)}`],
  ])('of %s are known', async (kind, secret) => {
    const outcome = await examineWith('secrets', {}, { files: { 'settings.ini': `token = ${secret}\n` }, changed: [changed('settings.ini')] });
    expect(outcome.findings?.kept().map(({ rule, line }) => `${rule}:${line}`)).toEqual([`${kind}:1`]);
  });

  it('are not looked for in ignored files, and in large ones that are no text, which is said', async () => {
    const files = { 'test/fixtures/key.txt': token, 'video.mp4': Buffer.concat([Buffer.alloc(3_000_000), Buffer.from(token)]) };
    expect(await examineWith('secrets', { ignore: ['test/fixtures/**'] }, { files, changed: Object.keys(files).map((path) => changed(path)) })).toMatchObject({ passed: true, metrics: { secrets: 0 }, summary: 'no secret in 0 changed files, 1 large binary ones not searched' });
  });

  it.each([
    ['among NUL bytes', Buffer.concat([Buffer.from([0, 1, 2, 0]), Buffer.from(token), Buffer.from([0])])],
    ['in UTF-16', Buffer.from(`\uFEFFx = ${token}\n`, 'utf16le')],
    ['in UTF-16 the other way round', Buffer.from(`\uFEFFx = ${token}\n`, 'utf16le').swap16()],
    ['with Windows line ends', Buffer.from(`a\r\nx = ${token}\r\n`)],
  ])('are found %s', async (_where, content) => {
    expect(await examineWith('secrets', {}, { files: { 'a.bin': content }, changed: [changed('a.bin')] })).toMatchObject({ metrics: { secrets: 1 } });
  });

  it('that may hide in a file too long to be searched keep the gate shut', async () => {
    const outcome = await examineWith('secrets', {}, { files: { 'bundle.js': 'x'.repeat(3 * 1024 * 1024) }, changed: [changed('bundle.js')] });
    expect(outcome).toMatchObject({ passed: false, summary: expect.stringContaining('Not searched: bundle.js (3,145,728 bytes; up to 2,097,152 are searched)') });
  });

  it('are not excused by a comment of whoever wrote them', async () => {
    const files = { 'a.ts': `/* secretlint-disable */\nconst token = '${token}'; // secretlint-disable-line\n` };
    expect(await examineWith('secrets', {}, { files, changed: [changed('a.ts')] })).toMatchObject({ metrics: { secrets: 1 } });
  });
});

describe('scope', () => {
  const judge = (parameters: Parameters<typeof examineWith>[1], ...files: Changed[]) => examineWith('scope', parameters, { changed: files });

  it('counts files that may not change, and the place a file was renamed from', async () => {
    const outcome = await judge({ allow: ['src/**'], forbid: ['src/generated/**'] }, changed('src/a.ts'), changed('docs/a.md'), changed('src/generated/x.ts'), changed('src/b.ts', { status: 'renamed', from: 'lib/b.ts' }));
    expect(outcome).toMatchObject({ passed: true, metrics: { files_out_of_scope: 3, protected_files_changed: 0 } });
    expect(outcome.findings?.kept().map(({ rule, path }) => `${rule} ${path}`)).toEqual(['scope/not-allowed docs/a.md', 'scope/forbidden src/generated/x.ts', 'scope/not-allowed src/b.ts']);
  });

  it.each([
    '.github/workflows/ci.yml', '.github/WORKFLOWS/ci.yml', 'AGENTS.md', 'packages/web/agents.md', 'CLAUDE.md', '.github/copilot-instructions.md', '.cursor/rules/a.mdc', 'a/.claude/settings.json',
    'package-lock.json', 'web/pnpm-lock.yaml', 'Cargo.lock', '.github/CODEOWNERS', '.github/missions/fix.yml', '.github/missiongate.yml', '.gitmodules', 'x/.npmrc',
  ])('protects %s', async (path) => {
    expect(await judge({}, changed(path))).toMatchObject({ metrics: { protected_files_changed: 1 } });
    expect(await judge({}, changed('plain.txt', { status: 'renamed', from: path }))).toMatchObject({ metrics: { protected_files_changed: 1 } });
    expect(await judge({ protect: [] }, changed(path))).toMatchObject({ metrics: { protected_files_changed: 0 } });
  });

  it('protects the kinds that are named', async () => {
    expect(await judge({ protect: ['workflows'] }, changed('yarn.lock'), changed('.github/workflows/a.yml'))).toMatchObject({ metrics: { protected_files_changed: 1 } });
  });

  it('fails a change that is too large, whatever the rubric says', async () => {
    expect(await judge({ 'max-files': 1, 'max-lines': 10 }, changed('a', { additions: 6 }), changed('b', { additions: 2, deletions: 3 }))).toMatchObject({ passed: false, summary: '2 files changed, more than 1; 11 lines changed, more than 10. Make the change smaller, or split it. 2 files changed, none out of scope, none protected.' });
    expect(await judge({ 'max-files': 0 })).toMatchObject({ passed: true });
  });
});

describe('required files', () => {
  const files = { 'README.md': '# Shop\n## Usage\n', 'docs/a.md': '', 'docs/b.md': 'text', 'src/x.ts': 'x' };

  it('are there, not empty, and hold what they must, letters small or large', async () => {
    const outcome = await examineWith('required-files', { files: ['README.md', 'docs/*.md', { path: 'README.md', contains: ['## usage'] }] }, { files });
    expect(outcome).toMatchObject({ passed: true, metrics: { required_files_missing: 0 }, summary: '3 required files, all there' });
  });

  it('that are missing are named with what they lack', async () => {
    const outcome = await examineWith('required-files', { files: ['docs/a.md', 'CHANGELOG.md', { path: '*.md', contains: ['## Usage', '## Licence'] }] }, { files });
    expect(outcome.metrics).toEqual({ required_files_missing: 3 });
    expect(messages(outcome)).toEqual(['docs/a.md is empty.', 'CHANGELOG.md is not there.', '*.md does not hold "## Licence".']);
  });
});

describe('commits', () => {
  const look = (parameters: Parameters<typeof examineWith>[1], ...texts: string[]) => examineWith('commits', parameters, { commits: texts.map((message, index) => ({ commit: `${index}`.repeat(40), message, parents: message.startsWith('Merge') ? 2 : 1 })) });

  it.each([
    'feat: add arrays', 'fix(parser)!: stop at the end', 'docs: say more\n\nA body.\n\nMissiongate-Task: a', 'chore(deps-dev): bump', 'revert: feat: add arrays',
  ])('that follow the convention: %j', async (message) => {
    expect(await look({}, message)).toMatchObject({ metrics: { commits: 1, commits_unconventional: 0 } });
  });

  it.each([
    ['Add arrays', 'it does not read "type: subject" or "type(scope): subject"'],
    ['feat:add arrays', 'it does not read "type: subject" or "type(scope): subject"'],
    ['feature: add arrays', 'its type is "feature", not one of build, chore'],
    ['feat: x\nno empty line', 'an empty line is missing after its first line'],
    [`feat: ${'x'.repeat(200)}`, 'its first line has more than 100 characters'],
    ['', 'it is empty'],
    ['\n\n\n', 'it is empty'],
    ['# a comment', 'it does not read'],
    ['a('.repeat(50), 'it does not read'],
  ])('that do not: %j', async (message, problem) => {
    const outcome = await look({}, message);
    expect(outcome.metrics).toEqual({ commits: 1, commits_unconventional: 1 });
    expect(messages(outcome)?.[0]).toContain(problem);
  });

  it('that merge are left out; scopes and types may be named', async () => {
    expect(await look({}, 'Merge mission/7/a: a')).toMatchObject({ metrics: { commits: 0, commits_unconventional: 0 } });
    expect(await look({ scopes: ['api'], 'require-scope': true, types: ['feat'] }, 'feat: x', 'feat(ui): x', 'feat(api): x', 'fix(api): x')).toMatchObject({ metrics: { commits: 4, commits_unconventional: 3 } });
  });
});

describe('licences', () => {
  const bom = (...licenses: (string | null)[]) => JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: licenses.map((license, index) => ({ type: 'library', name: `p${index}`, version: '1', ...(license === null ? {} : { licenses: [/ |\(/.test(license) ? { expression: license } : { license: { id: license } }] }) })) });
  const denied = async (allow: readonly string[], ...licenses: (string | null)[]) => (await examineWith('licenses', { path: 'bom.json', allow }, { files: { 'bom.json': bom(...licenses) } })).metrics.licenses_denied;

  it.each([
    [['MIT'], 'MIT', 0],
    [['MIT'], '(MIT OR GPL-3.0-only)', 0],
    [['MIT'], '(MIT AND GPL-3.0-only)', 1],
    [['MIT', 'GPL-3.0-only'], 'MIT AND GPL-3.0-only', 0],
    [['GPL-2.0-only'], 'GPL-2.0-only WITH Classpath-exception-2.0', 1],
    [['GPL-2.0-only WITH Classpath-exception-2.0'], 'GPL-2.0-only WITH Classpath-exception-2.0', 0],
    [['GPL-3.0-only'], 'GPL-2.0-or-later', 0],
    [['MIT'], 'SEE LICENSE IN licence.txt', 1],
    [['see license in licence.txt'], 'SEE LICENSE IN licence.txt', 0],
    [['Not an id'], 'MIT', 1],
    [['MIT'], `${'('.repeat(900)}MIT${')'.repeat(900)}`, 0],
    [['MIT'], `${'('.repeat(5_000)}MIT`, 1],
    [['Zlib'], Array.from({ length: 60 }, (_, index) => `(MIT OR ${index % 2 ? 'ISC' : 'Apache-2.0'})`).join(' AND '), 1],
  ])('%j allows %s: %s denied', async (allow, license, expected) => {
    expect(await denied(allow, license)).toBe(expected);
  });

  it('that nobody told are denied unless that is allowed, and components may be ignored', async () => {
    expect(await denied(['MIT'], null, 'MIT')).toBe(1);
    const files = { 'bom.json': bom(null, 'GPL-3.0-only') };
    expect(await examineWith('licenses', { path: 'bom.json', allow: ['MIT'], 'allow-unknown': true, ignore: ['p1'] }, { files })).toMatchObject({ metrics: { licenses_denied: 0, components_unlicensed: 1, sbom_components: 2 } });
  });
});

describe('contradictions', () => {
  const compare = (...files: unknown[]) => examineWith('contradictions', { path: 'claims/*.json' }, { files: Object.fromEntries(files.map((file, index) => [`claims/${index}.json`, typeof file === 'string' ? file : JSON.stringify(file)])) });
  const claim = (subject: string, value: unknown, more: object = {}) => ({ subject, value, ...more });

  it('are subjects of which two claims differ, over all files', async () => {
    const outcome = await compare([claim('API rate limit', 100, { by: 'architect', statement: '100 a minute' }), claim('storage', { kind: 'sql', size: 1 })], { findings: [claim('api  Rate limit', 60, { by: 'tester' }), claim('storage', { size: 1, kind: 'sql' })] });
    expect(outcome).toMatchObject({ passed: true, metrics: { claims: 4, contradictions: 1 } });
    expect(messages(outcome)).toEqual(['architect: 100 a minute (100) — but tester: 60']);
  });

  it('are looked for in what the JSON Schema and the page describe', async () => {
    const schema = JSON.parse(readFileSync(new URL('../../config/schemas/claims.v1.schema.json', import.meta.url), 'utf8')) as object;
    const follows = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);
    const page = readFileSync(new URL('../../docs/reference/guards.md', import.meta.url), 'utf8');
    const example = JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? '') as readonly object[];
    expect([follows(example), follows({ claims: example }), follows([{ value: 1 }]), follows([{ subject: 'x', more: 1 }]), follows([])]).toEqual([true, true, false, false, false]);
    expect(await compare(example)).toMatchObject({ passed: true, metrics: { claims: 3, contradictions: 0 } });
    expect(await compare(example.slice(0, 2))).toMatchObject({ metrics: { claims: 2, contradictions: 1 } });
  });

  it('are no more when a claim is superseded, and none without values', async () => {
    expect(await compare([claim('x', 1, { id: 'c1' }), claim('x', 2, { supersedes: ['c1'] }), { subject: 'x', statement: 'perhaps' }])).toMatchObject({ metrics: { claims: 3, contradictions: 0 } });
  });

  it.each([['[]', 'holds no claim'], ['{"a": 1}', 'holds no claims'], ['[{"value": 1}]', 'claim 1 has no "subject"'], ['[', '0.json:1:2: it is not JSON']])('cannot be looked for in %s', async (text, reason) => {
    expect(await compare(text)).toMatchObject({ passed: false, metrics: {}, summary: expect.stringContaining(reason) });
  });
});

describe('vulnerabilities', () => {
  const read = (uses: string, content: unknown, files: Readonly<Record<string, string>> = {}) => examineWith(uses, { path: 'r.json' }, { files: { ...files, 'r.json': JSON.stringify(content) } });
  const via = (name: string, severity: string, id: string) => ({ source: 1, name, dependency: name, title: 'Bad', url: `https://github.com/advisories/${id}`, severity, range: '<2' });

  it('of npm audit count once each, however many packages they reach', async () => {
    const outcome = await read('npm-audit', {
      auditReportVersion: 2,
      vulnerabilities: {
        minimist: { name: 'minimist', severity: 'critical', via: [via('minimist', 'critical', 'GHSA-xvch-5gv4-984h'), via('minimist', 'moderate', 'GHSA-vh95-rmgr-6w4m')], effects: ['mkdirp'], range: '<2' },
        mkdirp: { name: 'mkdirp', severity: 'critical', via: ['minimist'], effects: [], range: '<2' },
      },
      metadata: { vulnerabilities: { critical: 2, total: 2 } },
    });
    expect(outcome).toMatchObject({ passed: true, metrics: { critical_cves: 1, high_cves: 0, medium_cves: 1 }, summary: 'vulnerabilities: 1 critical, 1 medium (r.json)' });
    expect(outcome.findings?.kept()[0]).toMatchObject({ rule: 'GHSA-xvch-5gv4-984h', level: 'error', message: 'minimist <2: Bad' });
  });

  it('of pnpm audit, in the older form', async () => {
    expect(await read('npm-audit', { advisories: { 118: { id: 118, title: 'ReDoS', module_name: 'minimatch', severity: 'high', vulnerable_versions: '<3.0.2', cves: ['CVE-2016-10540'] } }, metadata: { vulnerabilities: { high: 1 } } })).toMatchObject({ metrics: { high_cves: 1 } });
  });

  it.each([
    [{ error: { code: 'ENOLOCK', summary: 'This command requires an existing lockfile.' } }, 'npm could not audit: This command requires an existing lockfile.'],
    [{ message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk', method: 'POST', statusCode: 405 }, 'npm could not audit: 405 Method Not Allowed'],
    [{ auditReportVersion: 2, vulnerabilities: { a: { via: ['b'] } }, metadata: { vulnerabilities: { total: 3 } } }, 'tells of 3 vulnerable packages and lists no advisory'],
    [{ lodash: [] }, 'is no audit of npm, pnpm, Yarn or Bun'],
    [{ lodash: [{ title: 'x' }] }, 'is no audit of npm, pnpm, Yarn or Bun'],
    [{ advisories: {}, metadata: { vulnerabilities: { low: 1, high: 2 } } }, 'tells of 3 vulnerable packages and lists no advisory'],
    [{ type: 'error', data: 'Error: https://registry.example/-/npm/v1/security/audits: Request returned a 405\n    at x' }, 'Yarn could not audit: Error: https://registry.example/-/npm/v1/security/audits: Request returned a 405.'],
    [{ type: 'info', data: 'Visit the documentation' }, 'ends without the summary that Yarn writes last'],
    [{ value: 'lodash', children: { Issue: 'x' } }, 'r.json:1: this is no advisory of Yarn'],
  ])('that npm could not look for are no clean report: %j', async (content, reason) => {
    expect(await read('npm-audit', content)).toMatchObject({ passed: false, metrics: {}, summary: expect.stringContaining(reason) });
  });

  it('of bun audit are none in an empty object, and of Yarn none where its summary counts none', async () => {
    expect(await read('npm-audit', {})).toMatchObject({ passed: true, summary: 'no known vulnerability (r.json)' });
    expect(await read('npm-audit', { type: 'auditSummary', data: { vulnerabilities: { info: 0, low: 0, moderate: 0, high: 0, critical: 0 } } })).toMatchObject({ passed: true, metrics: { critical_cves: 0 } });
  });

  it('of osv-scanner count by group, with the file that brings them', async () => {
    const outcome = await read(
      'osv',
      {
        results: [
          {
            source: { path: '/home/runner/work/app/app/package-lock.json', type: 'lockfile' },
            packages: [
              {
                package: { name: 'lodash', version: '4.17.15', ecosystem: 'npm' },
                vulnerabilities: [{ id: 'GHSA-p6mc-m468-83gw', aliases: ['CVE-2020-8203'], summary: 'Prototype pollution', database_specific: { severity: 'HIGH' } }, { id: 'OSV-2' }, { id: 'GHSA-35jh-r3h4-6jhm', database_specific: { severity: 'MODERATE' } }],
                groups: [{ ids: ['GHSA-p6mc-m468-83gw'], max_severity: '7.4' }, { ids: ['OSV-2'], max_severity: '' }],
              },
            ],
          },
        ],
      },
      { 'package-lock.json': '{}' },
    );
    expect(outcome.metrics).toEqual({ critical_cves: 0, high_cves: 1, medium_cves: 1, low_cves: 0, unrated_cves: 1 });
    expect(outcome.findings?.kept()[0]).toEqual({ rule: 'CVE-2020-8203', level: 'error', message: 'lodash 4.17.15: Prototype pollution', path: 'package-lock.json', line: null });
    expect(await read('osv', { results: [] })).toMatchObject({ passed: true, summary: 'no known vulnerability (r.json)' });
    expect(await read('osv', [])).toMatchObject({ passed: false });
  });
});

it('every guard that reads reports takes one path or several, and refuses globs that leave the repository', () => {
  const readers = guards.types.filter(({ parameters }) => JSON.stringify(parameters).includes('allow-missing'));
  expect(readers.length).toBeGreaterThanOrEqual(12);
  for (const { name, examples } of readers) {
    expect(guards.check(name, { ...examples[0], path: ['a/*.json', 'b.json'] })).toEqual([]);
    for (const path of ['../x', '/etc/passwd', '', '**/**/**/**/**']) expect(guards.check(name, { ...examples[0], path })).toMatchObject([{ path: ['path'] }]);
  }
});
