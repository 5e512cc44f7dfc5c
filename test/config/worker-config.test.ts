import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { readSettings } from '../../src/config/settings.ts';
import { readWorkerConfig, secretsOf } from '../../src/config/worker-config.ts';
import { allowEntryProblem } from '../../src/worker/network-policy.ts';

const env = { STATUS_TOKEN: 'status-token-1', SEARCH_KEY: 'search-key-1', REPORTING_URL: 'postgres://reader:pass%20word@db/x', OTHER: 'mysql://x' };
const read = (text: string) => readWorkerConfig('worker.yml', text, { env, allowEntryProblem });

const whole = `network:
  allow: [localhost, 10.0.0.0/8, "*.staging.example"]
secrets:
  STATUS: {from: STATUS_TOKEN, hosts: [status.example.com]}
tools:
  search: {command: [npx, search-server], env: {KEY: {from: SEARCH_KEY}, MODE: quiet}}
  docs: {url: "https://docs.example.com/mcp", headers: {Authorization: {from: SEARCH_KEY, prefix: "Bearer "}}}
databases:
  reporting: {from: REPORTING_URL}
`;

describe("the worker's configuration", () => {
  it('names what steps may reach; values come from the environment', () => {
    expect(read(whole)).toEqual({
      ok: true,
      config: {
        allow: ['localhost', '10.0.0.0/8', '*.staging.example'],
        secrets: { STATUS: { value: 'status-token-1', hosts: ['status.example.com'] } },
        tools: { search: { command: 'npx', args: ['search-server'], env: { KEY: 'search-key-1', MODE: 'quiet' } }, docs: { url: 'https://docs.example.com/mcp', headers: { Authorization: 'Bearer search-key-1' } } },
        databases: { reporting: { url: 'postgres://reader:pass%20word@db/x', write: false } },
      },
    });
  });

  it('tells the redactor every secret in it', () => {
    const result = read(whole);
    if (!result.ok) throw new Error(result.problems.join('\n'));
    expect(secretsOf(result.config)).toEqual(expect.arrayContaining(['status-token-1', 'search-key-1', 'Bearer search-key-1', 'pass word']));
  });

  it('tells every problem at once, with its place, and never a value', () => {
    const shape = read('netwrok: {}\nsecrets:\n  A: {from: STATUS_TOKEN}\ndatabases:\n  x: {url: "postgres://me:pw@db"}\n');
    expect(shape.ok ? [] : shape.problems).toEqual([
      expect.stringMatching(/^worker\.yml:1:\d+: .*"netwrok"; did you mean "network"/),
      expect.stringMatching(/^worker\.yml:3:\d+: .*hosts is missing/),
      expect.stringMatching(/^worker\.yml:5:\d+: .*from is missing/),
      expect.stringMatching(/^worker\.yml:5:\d+: .*no parameter "url"/),
    ]);
    const values = read('network: {allow: ["10.0.0.0/99", "a b"]}\nsecrets:\n  A: {from: NOT_SET, hosts: [a.example]}\ntools: {t: {}}\ndatabases: {d: {from: OTHER}}\n');
    expect(values.ok ? [] : values.problems).toEqual([
      expect.stringContaining('"10.0.0.0/99" is neither'), expect.stringContaining('"a b" is neither'), expect.stringContaining('NOT_SET is not set'), expect.stringContaining('either "command" or "url"'), expect.stringContaining('does not start with postgres://'),
    ]);
    expect(JSON.stringify(values)).not.toContain('mysql');
  });

  it('is a setting like the others', () => {
    const settings = (text: string | null) => readSettings({ ...env, MISSIONGATE_WORKER_CONFIG: '/etc/worker.yml' }, () => {
      if (text === null) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return text;
    }, allowEntryProblem);
    expect(settings(whole)).toMatchObject({ ok: true, settings: { workerConfig: { allow: expect.arrayContaining(['localhost']) } } });
    expect(settings('x')).toMatchObject({ ok: false, problems: [{ name: 'MISSIONGATE_WORKER_CONFIG', message: expect.stringContaining('/etc/worker.yml:1:1') }] });
    expect(settings(null)).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('ENOENT') }] });
  });

  it('in the documentation is valid', () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/reference/worker-configuration.md', import.meta.url)), 'utf8');
    const blocks = [...page.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1]!);
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      const variables = [...block.matchAll(/from: (\w+)/g)].map((match) => [match[1]!, match[1]!.endsWith('_URL') ? 'postgres://x' : 'a value']);
      expect(readWorkerConfig('example', block, { env: Object.fromEntries(variables) as Record<string, string>, allowEntryProblem })).toMatchObject({ ok: true });
    }
  });
});

describe('the model’s settings', () => {
  it('belong together', () => {
    const of = (more: Record<string, string>) => readSettings(more, () => '');
    expect(of({ MISSIONGATE_MODEL_URL: 'https://api.example.com/v1', MISSIONGATE_MODEL: 'small', MISSIONGATE_MODEL_KEY: 'k' })).toMatchObject({ ok: true, settings: { model: { url: 'https://api.example.com/v1', model: 'small', key: 'k' } } });
    expect(of({})).toMatchObject({ ok: true, settings: { model: null } });
    expect(of({ MISSIONGATE_MODEL_URL: 'https://api.example.com/v1' })).toMatchObject({ ok: false, problems: [{ name: 'MISSIONGATE_MODEL' }] });
    expect(of({ MISSIONGATE_MODEL: 'small' })).toMatchObject({ ok: false, problems: [{ name: 'MISSIONGATE_MODEL_URL' }] });
  });
});
