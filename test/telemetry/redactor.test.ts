import { describe, expect, test } from 'vitest';

import { createRedactor } from '../../src/telemetry/redactor.ts';
import { array, assert, constantFrom, oneof, property, string } from '../support/fast-check.ts';

const TOKEN = 'tok_9fK2LmQ7xVb3RtY8wZ1cD5hN';
const PHRASE = 'correct "horse" & <battery> staple/ü';
const redactor = createRedactor({ secrets: () => [TOKEN, PHRASE] });
const patternsOnly = createRedactor({ secrets: () => [] });

const alphanumeric = 'Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0FeDcBa';
/** Made at run time, so that no file of this repository holds anything that looks like a credential. */
const fake = (prefix: string, length: number): string => prefix + alphanumeric.repeat(Math.ceil(length / alphanumeric.length)).slice(0, length);

const wrap76 = (text: string): string => text.replace(/(.{76})/g, '$1\n');

describe('a known secret does not leave', () => {
  for (const [secretName, secret] of [['token', TOKEN], ['phrase', PHRASE]] as const) {
    const bytes = Buffer.from(secret);
    const forms: Record<string, string> = {
      'as it is': secret,
      'in base64': bytes.toString('base64'),
      'in base64 after one byte': Buffer.from(`x${secret}yz`).toString('base64'),
      'in base64 after two bytes': Buffer.from(`xx${secret}yz`).toString('base64'),
      'in base64 with a user name': Buffer.from(`x-access-token:${secret}`).toString('base64'),
      'in base64url': Buffer.from(`?>${secret}`).toString('base64url'),
      'in base64 wrapped at 76 columns': wrap76(Buffer.from(`${'a'.repeat(50)}${secret}${'b'.repeat(50)}`).toString('base64')),
      'in hex': bytes.toString('hex'),
      'in upper-case hex': bytes.toString('hex').toUpperCase(),
      'percent-encoded': encodeURIComponent(secret),
      'percent-encoded byte by byte': [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
      'in JSON': JSON.stringify({ value: secret }),
      'in JSON in JSON': JSON.stringify(JSON.stringify({ value: secret })),
      'reversed': Array.from(secret).toReversed().join(''),
      'in HTML': secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
      'with zero-width characters in it': Array.from(secret).join('\u200b'),
      'spaced out': Array.from(secret).join(' '),
      'broken over two lines': `${secret.slice(0, 9)}\r\n    ${secret.slice(9)}`,
    };
    for (const [name, form] of Object.entries(forms)) {
      test(`${secretName} ${name}`, () => {
        const { text, count } = redactor.redact(`before ${form} after`);
        expect(count).toBeGreaterThan(0);
        expect(text).toContain('[redacted]');
        expect(text.startsWith('before ')).toBe(true);
        expect(text.endsWith(' after')).toBe(true);
        // Nothing longer than a few border characters of the form may be left.
        expect(text.replaceAll('[redacted]', '').length).toBeLessThanOrEqual('before  after'.length + Math.max(8, form.length - bytes.length));
        expect(text).not.toContain(form.slice(4, -4));
      });
    }
  }

  test('a token cut at its beginning or end is still found', () => {
    expect(redactor.redact(`key: ${TOKEN.slice(5)}`).text).toBe('key: [redacted]');
    expect(redactor.redact(`key: ${TOKEN.slice(0, -4)} x`).text).toBe('key: [redacted] x');
  });

  test('a secret that is no longer in use is no longer looked for', () => {
    let secrets = [TOKEN];
    const changing = createRedactor({ secrets: () => secrets });
    expect(changing.redact(TOKEN).count).toBe(1);
    secrets = [];
    expect(changing.redact(TOKEN)).toEqual({ text: TOKEN, count: 0 });
  });

  test('secrets too short to be any are left alone', () => {
    expect(createRedactor({ secrets: () => ['', 'a', 'main'] }).redact('a main branch').count).toBe(0);
  });
});

describe('a credential that nobody told us of is known by its form', () => {
  const examples: Record<string, string> = {
    'GitHub classic token': fake('ghp_', 36),
    'GitHub installation token': fake('ghs_', 36),
    'GitHub OAuth token': fake('gho_', 36),
    'GitHub user token': fake('ghu_', 36),
    'GitHub refresh token': fake('ghr_', 36),
    'GitHub fine-grained token': fake('github_pat_', 82),
    'GitLab token': fake('glpat-', 20),
    'JSON Web Token': `${fake('eyJ', 30)}.${fake('eyJ', 60)}.${fake('', 43)}`,
    'AWS key id': ['AKIA', 'IOSFODNN7QWERTYU'].join(''),
    'Slack bot token': `${fake('xoxb-', 12)}-${fake('', 24)}`,
    'Slack app token': fake('xapp-1-', 30),
    'npm token': fake('npm_', 36),
    'OpenAI key': fake('sk-proj-', 48),
    'Anthropic key': fake('sk-ant-api03-', 90),
    'Google key': fake('AIza', 35),
    'Google OAuth token': fake('ya29.', 60),
    'Stripe key': fake('sk_live_', 24),
    'SendGrid key': `${fake('SG.', 22)}.${fake('', 43)}`,
    'PyPI token': fake('pypi-AgEIcHlwaS5vcmc', 80),
    'Docker token': fake('dckr_pat_', 27),
    'Hugging Face token': fake('hf_', 34),
    'Vault token': fake('hvs.', 90),
    'DigitalOcean token': `dop_v1_${'0123456789abcdef'.repeat(4)}`,
    'Telegram bot token': `123456789:AA${fake('', 33)}`,
  };
  for (const [name, credential] of Object.entries(examples)) {
    test(`a ${name} in a message`, () => {
      expect(patternsOnly.redact(`error near ${credential}, see log`).text).toBe('error near [redacted], see log');
    });
  }

  const contexts: Record<string, readonly [string, string]> = {
    'Basic authorization header': ['Authorization: Basic eDpodW50ZXIyeHg=\nHost: x', 'Authorization: Basic [redacted]\nHost: x'],
    'Bearer in JSON': ['{"authorization":"Bearer abcdef0123456789"}', '{"authorization":"Bearer [redacted]"}'],
    'header of a key': ['x-api-key: 0123456789abcdef0123', 'x-api-key: [redacted]'],
    'URL with a password': ['https://bot:hunter2!x@example.com/a.git', 'https://bot:[redacted]@example.com/a.git'],
    'URL with a token as user': ['https://0123456789abcdefghij@example.com', 'https://[redacted]@example.com'],
    'database URL': ['postgres://mg:s3cr3t@db:5432/mg', 'postgres://mg:[redacted]@db:5432/mg'],
    'ADO connection string': ['Server=db;User Id=sa;Password=hunter2x;Encrypt=true', 'Server=db;User Id=sa;Password=[redacted];Encrypt=true'],
    'environment variable': ['MY_API_KEY=abcdef123456\n', 'MY_API_KEY=[redacted]\n'],
    'AWS secret key': [`aws_secret_access_key = ${fake('', 36)}abcd`, 'aws_secret_access_key = [redacted]'],
    'Azure account key': [`AccountKey=${fake('', 36)}${fake('', 36)}==;x`, 'AccountKey=[redacted];x'],
  };
  for (const [name, [text, expected]] of Object.entries(contexts)) {
    test(`a secret in: ${name}`, () => {
      expect(patternsOnly.redact(text).text).toBe(expected);
    });
  }

  const body = `${fake('MII', 61)}\n`.repeat(20);
  for (const kind of ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ', 'PGP ']) {
    test(`${kind || 'PKCS #8 '}private key`, () => {
      const block = kind === 'PGP ' ? ' BLOCK' : '';
      const pem = `-----BEGIN ${kind}PRIVATE KEY${block}-----\n${body}-----END ${kind}PRIVATE KEY${block}-----`;
      expect(patternsOnly.redact(`key:\n${pem}\ndone`).text).toBe('key:\n[redacted]\ndone');
      expect(patternsOnly.redact(JSON.stringify({ pem, next: 1 })).text).toBe('{"pem":"[redacted]","next":1}');
      expect(patternsOnly.redact(`x ${pem.slice(0, 700)}`).text).toBe('x [redacted]');
    });
  }
});

test('ordinary text is left as it is', () => {
  const texts = [
    'commit 3f786850e387550fdab836ed7e6dc881de23001b', 'sha512-9mZ2iRj8yHqk0a1b2c3d4e5f6g7h8i9j0kAbCdEfGh==', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
    'const token: string = await credentials();', 'GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN }}', 'https://example.com:8443/a@b?c=d', 'git@github.com:o/r.git',
    'user_password_hash = sha256(password)', 'the bearer of this letter', 'Authorization: see RFC 9110', 'tests/__snapshots__/a.snap', 'v1.2.3-beta.4+build.5',
  ];
  for (const text of texts) expect(patternsOnly.redact(text)).toEqual({ text, count: 0 });
});

test('redacting twice changes nothing more', () => {
  const pieces = constantFrom(TOKEN, PHRASE, TOKEN.slice(6), fake('ghp_', 36), fake('sk-', 30), 'Authorization: Bearer ', 'https://a:', '@x', '-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----', '[redacted]', 'A_TOKEN=', '\n', ' ', '.', 'eyJ', ':', ';pwd=', 'abcdef0123456789', '\u200b');
  assert(
    property(array(oneof(pieces, string({ maxLength: 12 })), { maxLength: 30 }), (parts) => {
      const once = redactor.redact(parts.join(''));
      expect(redactor.redact(once.text)).toEqual({ text: once.text, count: 0 });
      expect(once.text).not.toContain(TOKEN);
    }),
    { numRuns: 3000 },
  );
});

// The test's own time limit is what a search that is not linear runs into.
describe('a megabyte made to be slow is redacted all the same', () => {
  const size = 1_000_000;
  const fill = (unit: string): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
  const hostile: Record<string, string> = Object.fromEntries(
    ['a', 'eyJ', 'eyJaaaaaaaa.', 'eyJaaaaaaaa.bb ', '://', '://a:', ':::::', 'http://a:b', 'ghp_', 'sk-', 'sk-a ', '-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\nAAAA', '-----END ', '-----BEGIN ', 'A_', 'TOKEN', 'TOKEN=', 'authorization', 'authorization: ', 'Authorization: Bearer ', 'bearer ', ';pwd', 'secret_key=', 'AKIA', '\u200b', ' ', '\n', 'x-api-key:', '0123456789:AA', 'ü', '[redacted]', TOKEN.slice(0, 12), TOKEN.slice(0, -1), TOKEN]
      .map((unit) => [JSON.stringify(unit), fill(unit)]),
  );
  for (const [name, text] of Object.entries(hostile)) {
    test(`${name} again and again`, () => {
      expect(redactor.redact(text).text.length).toBeGreaterThan(0);
    }, 10_000);
  }
});
