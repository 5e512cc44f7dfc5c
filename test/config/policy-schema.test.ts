import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { readPolicy } from '../../src/config/read-policy.ts';
import { isJsonObject } from '../../src/kit/json.ts';
import type { Json } from '../../src/kit/json.ts';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const follows = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true }).compile(JSON.parse(file('config/schemas/policy.v1.schema.json')) as object);
const page = file('docs/reference/policy-file.md');

const rich: Json = {
  $schema: 'https://missiongate.dev/schemas/policy.v1.schema.json',
  version: 1,
  gates: {
    approvals: { minimum: 2, from: ['role:write', 'team:acme/core', 'team:core', 'user:octocat', 'codeowners'], exclude: ['author', 'requester'], 'allow-requester': false },
    waivers: { 'max-days': 7, from: ['role:admin'] },
  },
};

/** The whole with one part replaced. */
function variants(value: Json, wrap: (part: Json) => Json): readonly Json[] {
  const others: readonly Json[] = [null, [], {}, 'word', '', -1, 1.5, 99, true, ['role:owner'], [1]];
  const inner = isJsonObject(value) ? Object.entries(value).flatMap(([key, part]) => variants(part ?? null, (one) => wrap({ ...value, [key]: one }))) : Array.isArray(value) ? (value as readonly Json[]).flatMap((part, index) => variants(part, (one) => wrap((value as readonly Json[]).with(index, one)))) : [];
  return [...others.map(wrap), ...(isJsonObject(value) ? [wrap({ ...value, another: 1 })] : []), ...inner];
}

describe('the JSON Schema of policy files', () => {
  it('accepts what the reader accepts, and refuses what it refuses', () => {
    expect(readPolicy(JSON.stringify(rich)).ok).toBe(true);
    expect(follows(rich)).toBe(true);
    const differ = variants(rich, (one) => one).filter((one) => {
      const read = readPolicy(JSON.stringify(one));
      // What two parts mean together a schema does not say.
      return (read.ok || read.error.every(({ code }) => code === 'contradiction')) !== follows(one);
    });
    expect(differ).toEqual([]);
  });

  it('is what the page shows and lists', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(readPolicy(example).ok).toBe(true);
    expect(follows(parse(example))).toBe(true);
    const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = '']) => key).toSorted();
    expect(listed).toEqual(['$schema', 'gates.approvals.allow-requester', 'gates.approvals.exclude', 'gates.approvals.from', 'gates.approvals.minimum', 'gates.waivers.from', 'gates.waivers.max-days', 'pull-requests.outside-missions', 'version']);
  });
});
