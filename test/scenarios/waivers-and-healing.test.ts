import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';

const sum = {
  'package.json': '{"name":"sum","type":"module"}\n',
  'src/sum.js': 'export const sum = (a, b) => a - b;\n',
  'test/sum.test.js': "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { sum } from '../src/sum.js';\ntest('one and one are two', () => assert.equal(sum(1, 1), 2));\n",
};

/** A mission that writes a file and whose gate runs the tests of the repository, which fail. */
function mission(name: string, gate: string): string {
  return `\`\`\`yaml mission
version: 1
name: ${name}
phases:
  - id: build
    tasks:
      - { id: note, uses: file.write, with: { path: ${name}.md, content: "noted\\n" } }
    guards:
      - { id: tests, uses: command, with: { run: [node, --test] } }
    gate:
${gate}
\`\`\`
`;
}

describe('a gate whose tests fail', () => {
  let world: ProductWorld;
  let issue = 0;

  beforeAll(async () => {
    world = await ProductWorld.open({ files: sum });
    world.forge.setRole(world.repository.fullName, 'reviewer', 'maintain');
    await world.startApp();
  });
  afterAll(async () => {
    try {
      world.contract.assertKept();
    } finally {
      await world.close();
    }
  });

  const say = (login: string, text: string) => world.forge.as(login).comment(world.repository.fullName, issue, text);
  const heard = (words: RegExp) => world.until(`the bot says ${words}`, () => world.comments(issue).some((body) => body.includes('mg:o') && words.test(body)));
  const checkOf = (name: string) => world.repository.checkRuns().findLast((run) => run.name === name && run.externalId.includes(`-i${issue}:`));
  const untilGate = (conclusion: string) => world.until(`the gate of #${issue} is ${conclusion}`, () => checkOf('gate/build')?.conclusion === conclusion);

  it('says which line to paste, is waived by two people, follows it up with one issue, and is shut again when the waiver is withdrawn', async () => {
    issue = await world.mission('Waived', mission('waived', '      rubric: { tests_failed_max: 0 }'));
    await untilGate('failure');
    expect(checkOf('gate/build')?.summary).toContain('/waive build tests_failed_max until=7d reason="…" control="…"');
    await say('author', '/waive build tests_failed_max until=7d');
    await heard(/@author a waiver needs an end, a reason, and a control[\s\S]*\/waive build tests_failed_max until=7d reason="…" control="…"/);
    await say('author', '/waive build tests_failed_max until=7d reason="the test itself is wrong" control="summed by hand"\n/waive build guard/tests until=7d reason="the test itself is wrong" control="summed by hand"');
    await heard(/noted: `guard\/tests` at `gate\/build` is to be waived until/);
    await say('stranger', '/approve-waiver build tests_failed_max');
    await heard(/@stranger that needs \*\*maintain access\*\*/);
    await say('author', '/approve-waiver build tests_failed_max');
    await heard(/@author you asked for this waiver yourself/);
    await say('reviewer', '/approve-waiver build tests_failed_max\n/approve-waiver build guard/tests');
    await untilGate('action_required');
    const waiting = checkOf('gate/build')?.summary ?? '';
    expect(waiting).toContain('2 rules waived');
    expect(waiting).not.toContain('The rubric passed');
    const followUps = () => world.repository.issues().filter(({ labels }) => labels.some(({ name }) => name === 'waiver'));
    await world.until('both are followed up', () => followUps().length === 2);
    expect(followUps().every(({ body }) => body?.includes('summed by hand'))).toBe(true);
    await say('reviewer', '/approve-gate build');
    await untilGate('success');
    await say('author', '/withdraw-waiver build guard/tests');
    await untilGate('failure');
    expect(checkOf('gate/build')?.summary).toContain('withdrew the waiver of guard tests');
    await world.until('one follow-up is closed', () => followUps().filter(({ state }) => state === 'closed').length === 1);
    expect(world.doubles()).toEqual([]);
  });

  it('is repaired by an agent, which is told what failed, and waits for approval then', async () => {
    const heal = `      rubric: { tests_failed_max: 0 }
      heal:
        max-rounds: 2
        strategies:
          tests: { uses: agent, with: { script: [{ edit: { path: src/sum.js, find: "a - b", replace: "a + b" } }] } }`;
    issue = await world.mission('Healed', mission('healed', heal));
    await untilGate('action_required');
    expect((await world.repository.filesAt(`mission/${issue}/trunk`)).get('src/sum.js')).toBe('export const sum = (a, b) => a + b;\n');
    expect(world.repository.issue(issue).body).toContain('- [x] Repair failing tests (round 1 of 2)');
    await say('reviewer', '/approve-gate build');
    await untilGate('success');
    expect(world.doubles()).toEqual([]);
  });

  it('waits for a person after its rounds of repair', async () => {
    issue = await world.mission('Incurable', mission('incurable', '      rubric: { tests_failed_max: 0 }\n      heal: { max-rounds: 2 }'));
    await world.until('it says what was tried', () => (world.repository.issue(issue).body ?? '').includes('2 rounds of repair did not make it pass'));
    await untilGate('failure');
    expect(world.repository.issue(issue).body?.match(/Repair failing tests/g)).toHaveLength(2);
    // The agent of these tests has no model: it leaves a note of what it was told.
    const trunk = await world.repository.filesAt(`mission/${issue}/trunk`);
    const told = [...trunk].filter(([path]) => path.includes('heal-build-')).map(([, text]) => text);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('tests_failed_max exceeded: 1 > 0');
    expect(world.doubles()).toEqual([]);
  });
});
