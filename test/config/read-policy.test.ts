import { describe, expect, it } from 'vitest';

import { readPolicy } from '../../src/config/read-policy.ts';

const problems = (text: string) => {
  const read = readPolicy(text);
  return read.ok ? [] : read.error.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
};

describe('the policy file of a repository', () => {
  it('sets a floor under every gate, with what it does not say filled in', () => {
    const read = readPolicy('gates:\n  approvals:\n    minimum: 2\n    allow-requester: false\n  waivers: { max-days: 7, from: [role:admin, "team:Acme/Security"] }\n');
    expect(read).toEqual({
      ok: true,
      value: {
        approvals: { minimum: 2, from: ['role:write'], exclude: ['author', 'committer', 'co-author', 'requester'] },
        waivers: { maxDays: 7, from: ['role:admin', 'team:acme/security'] },
      },
    });
  });

  it('says nothing when it is empty or holds comments only', () => {
    for (const text of ['', '\n', '# nothing yet\n', '{}', 'gates: {}', 'version: 1\n']) expect(readPolicy(text), text).toEqual({ ok: true, value: { approvals: null, waivers: null } });
  });

  it('tells every problem at once, each with its place and the nearest word', () => {
    expect(problems('gates:\n  aprovals: {}\n  waivers:\n    max-days: 90\n    from: [role:wrtie, someone, "team:a/b/c", "user:-x"]\n')).toEqual([
      '.github/missiongate.yml:2:3 gates has no key "aprovals". Did you mean "approvals"?',
      '.github/missiongate.yml:4:15 max-days is 90; it must be from 0 to 30.',
      expect.stringMatching(/^\.github\/missiongate\.yml:5:12 "role:wrtie" .*Did you mean "role:write"\?$/),
      expect.stringMatching(/:5:24 "someone" .*expected role:read/),
      expect.stringMatching(/:5:33 "team:a\/b\/c" names no team/),
      expect.stringMatching(/:5:47 "user:-x" names no person/),
    ]);
  });

  it('refuses what would let nobody approve, and what says two things', () => {
    expect(problems('gates: { approvals: { from: [] } }')).toEqual([expect.stringContaining('from names nobody')]);
    expect(problems('gates: { approvals: { exclude: [requester], allow-requester: true } }')).toEqual([expect.stringContaining('Leave one of the two out')]);
    expect(problems('gates: [1]')).toEqual([expect.stringContaining('must be a mapping')]);
    expect(problems('- a\n- b\n')).toHaveLength(1);
    expect(problems('a: &x [*x]')).not.toEqual([]);
  });
});
