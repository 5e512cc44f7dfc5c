import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { readSettings } from '../../src/config/settings.ts';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } }).privateKey;
const secret = '0123456789abcdef0123456789abcdef';
const app = { APP_ID: '7', PRIVATE_KEY: pem, WEBHOOK_SECRET: secret, HOME: '/home/x' };
const noFile = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};
const problems = (env: Readonly<Record<string, string | undefined>>, read: (path: string) => string = noFile) => {
  const result = readSettings(env, read);
  return result.ok ? [] : result.problems;
};

describe('settings', () => {
  it('are embedded and on loopback when nothing is set', () => {
    const result = readSettings({}, noFile);
    expect(result).toMatchObject({ ok: true, settings: { app: null, databaseUrl: null, redisUrl: null, host: '127.0.0.1', port: 3000, githubApiUrl: 'https://api.github.com', githubUrl: 'https://github.com' } });
  });

  it.each([
    ['as it is', pem],
    ['with \\n for line breaks', pem.replaceAll('\n', '\\n')],
    ['in base64', Buffer.from(pem).toString('base64')],
  ])('take a private key %s', (_how, key) => {
    const result = readSettings({ ...app, PRIVATE_KEY: key }, noFile);
    expect(result.ok && result.settings.app?.privateKey.trim()).toBe(pem.trim());
  });

  it('read the private key from a file', () => {
    const result = readSettings({ APP_ID: '7', WEBHOOK_SECRET: secret, PRIVATE_KEY_PATH: '/keys/app.pem' }, (path) => (path === '/keys/app.pem' ? pem : ''));
    expect(result.ok).toBe(true);
  });

  it.each([
    [{ ...app, WEBHOOK_SECRET: '' }, 'WEBHOOK_SECRET', 'is missing'],
    [{ ...app, WEBHOOK_SECRET: 'development' }, 'WEBHOOK_SECRET', 'well-known placeholder'],
    [{ ...app, WEBHOOK_SECRET: 'short' }, 'WEBHOOK_SECRET', 'only 5 characters'],
    [{ ...app, APP_ID: 'seven' }, 'APP_ID', '"seven"'],
    [{ ...app, PRIVATE_KEY: 'not a key' }, 'PRIVATE_KEY', 'holds no private key'],
    [{ APP_ID: '7', WEBHOOK_SECRET: secret, PRIVATE_KEY_PATH: '/gone' }, 'PRIVATE_KEY_PATH', 'ENOENT'],
    [{ PORT: '70000' }, 'PORT', 'from 0 to 65535'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL', 'postgres://'],
    [{ MISSIONGATE_REDIS_URL: 'redis://x' }, 'DATABASE_URL', 'state would live in this process alone'],
    [{ MISSIONGATE_QUEUE_PREFIX: 'a b' }, 'MISSIONGATE_QUEUE_PREFIX', 'letters, digits'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL', 'one of debug, info, warn, error'],
  ])('refuse %j', (env, name, message) => {
    const found = problems(env);
    expect(found).toEqual([{ name, message: expect.stringContaining(message) as string }]);
  });

  it('report all problems at once and never the secrets themselves', () => {
    const found = problems({ APP_ID: 'x', PRIVATE_KEY: 'private-words', WEBHOOK_SECRET: 'tiny-secret', PORT: '-1' });
    expect(found.map((problem) => problem.name)).toEqual(['PORT', 'APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET'].toSorted((a, b) => found.findIndex((one) => one.name === a) - found.findIndex((one) => one.name === b)));
    expect(found).toHaveLength(4);
    expect(JSON.stringify(found)).not.toMatch(/private-words|tiny-secret/);
  });

  it('find the pages of a GitHub Enterprise Server from its API address', () => {
    const result = readSettings({ GITHUB_API_URL: 'https://ghes.example/api/v3/' }, noFile);
    expect(result).toMatchObject({ ok: true, settings: { githubApiUrl: 'https://ghes.example/api/v3', githubUrl: 'https://ghes.example' } });
  });
});
