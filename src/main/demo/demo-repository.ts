/**
 * The demo's repository: a small real project whose URLs break on accents and punctuation, with real tests that do not
 * notice, and a mission definition that shows the bug, mends it and proves it. Everything runs with Node alone.
 */
export const demoRepository: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'slugs', version: '1.0.0', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'README.md': `# slugs

Makes the readable part of an article's address from its title.

    import { slug } from './src/slug.js';
    slug('Hello world'); // hello-world

Run the tests with \`npm test\`.
`,
  'src/slug.js': `/** Makes the readable part of an article's address from its title. */
export function slug(title) {
  return title.toLowerCase().replaceAll(' ', '-');
}
`,
  'test/slug.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';

import { slug } from '../src/slug.js';

test('a title becomes lower case with hyphens', () => {
  assert.equal(slug('Hello world'), 'hello-world');
});
`,
  'scripts/expect-failure.js': `// Succeeds when the given test file fails: proof that a new test really shows the bug.
import { spawnSync } from 'node:child_process';

const file = process.argv[2];
const { status, stdout } = spawnSync(process.execPath, ['--test', file], { encoding: 'utf8' });
console.log(stdout);
if (status === 0) {
  console.error(\`\${file} passes, so it does not show the bug\`);
  process.exit(1);
}
console.log(\`\${file} fails, as it should before the bug is mended\`);
`,
  '.github/missions/readable-urls.yml': `version: 1
name: Readable URLs
description: Titles with accents and punctuation get clean addresses.
settings:
  max-parallel: 2
  merge: squash
phases:
  - id: reproduce
    title: Reproduce
    tasks:
      - id: failing-test
        title: Write a test that shows the bug
        uses: agent
        with:
          prompt: Write a test in test/accents.test.js that fails for titles with accents and punctuation.
          script:
            - say: I am a scripted agent. I write the test that my script holds.
            - write:
                path: test/accents.test.js
                content: |
                  import assert from 'node:assert/strict';
                  import { test } from 'node:test';

                  import { slug } from '../src/slug.js';

                  test('accents and punctuation do not reach the address', () => {
                    assert.equal(slug('Crème brûlée & co.'), 'creme-brulee-co');
                  });

                  test('no hyphens are left at the ends', () => {
                    assert.equal(slug('  What? Really! '), 'what-really');
                  });
      - id: see-it-fail
        title: See the new test fail
        needs: [failing-test]
        uses: command
        with:
          run: [node, scripts/expect-failure.js, test/accents.test.js]
    gate:
      rubric:
        files_changed_max: 1
      approvals:
        count: 1
        from: [role:write]
  - id: build
    title: Build
    tasks:
      - id: clean-slugs
        title: Strip accents and punctuation
        uses: agent
        with:
          prompt: Change src/slug.js so that test/accents.test.js passes.
          script:
            - edit:
                path: src/slug.js
                find: "return title.toLowerCase().replaceAll(' ', '-');"
                replace: |-
                  return title
                      .normalize('NFD')
                      .replaceAll(/\\p{Diacritic}/gu, '')
                      .toLowerCase()
                      .replaceAll(/[^a-z0-9]+/g, '-')
                      .replaceAll(/^-+|-+$/g, '');
            - run: [node, --test]
      - id: document
        title: Document the rules
        uses: file.write
        with:
          path: docs/slugs.md
          content: |
            # How addresses are made

            1. Accents are removed: \`Crème\` becomes \`creme\`.
            2. Everything that is no letter or digit becomes one hyphen.
            3. Hyphens at the ends are removed.
      - id: run-tests
        title: Run all tests
        needs: [clean-slugs]
        uses: command
        with:
          run: [node, --test]
    guards:
      - id: tests
        uses: command
        with:
          run: [node, --test]
    gate:
      rubric:
        tests_failed_max: 0
        lines_added_max: 100
      approvals:
        count: 1
        from: [role:write]
`,
};

export const demoIssue = {
  title: 'Titles with accents give broken addresses',
  body: `Readers cannot share our article “Crème brûlée & co.”: its address is \`crème-brûlée-&-co.\`.

We want readable addresses, and a test that keeps them so.

Mission: readable-urls
`,
} as const;
