import { expect } from 'vitest';

import type { ProductWorld } from '../support/product-world.ts';

/** A mission as people write it: phases as headings, tasks as items, details as bullets under them. */
export const slugMission = `Titles should become readable addresses.

## Build
- gate: 1 approval

- [ ] Write the slug module
  - id: slug
  - uses: file.write
  - path: src/slug.js

  \`\`\`js
  export const slug = (title) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  \`\`\`
- [ ] Test it
  - id: tests
  - run: node --test
  - needs: slug

## Ship
- merge: squash
- guard: run node --test

- [ ] Note the change
  - id: note
  - uses: file.write
  - path: CHANGES.md

  \`\`\`
  - readable addresses
  \`\`\`

Thank you!
`;

export const slugFiles = {
  'package.json': '{"name":"slugs","type":"module"}\n',
  'test/slug.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slug } from '../src/slug.js';
test('titles become addresses', () => assert.equal(slug('Hello, world'), 'hello-world'));
`,
};

/** Carries the slug mission from its label to the merge, as two people would, and looks at everything GitHub shows. */
export async function carryThrough(world: ProductWorld): Promise<number> {
  const { forge, repository } = world;
  const issue = await world.mission('Readable addresses', slugMission);
  const gate = await world.untilCheck('gate/build', 'action_required');
  expect(gate.summary).toContain('/approve-gate build');
  await forge.as('reviewer').comment(repository.fullName, issue, 'Good.\n\n/approve-gate build');
  await world.untilCheck('gate/build', 'success');
  const ship = await world.untilCheck('gate/ship', 'action_required');
  await forge.as('reviewer').pressButton(repository.fullName, ship.id, 'approve');
  await world.until('the issue is closed', () => repository.issue(issue).state === 'closed');
  await world.until('the summary stands there', () => world.comments(issue).some((body) => body.includes('complete')));
  return issue;
}

/** What must be true of the forge after `carryThrough`, however many processes died or webhooks were doubled on the way. */
export async function expectCarriedThrough(world: ProductWorld, issue: number): Promise<void> {
  const { repository } = world;
  expect(world.doubles()).toEqual([]);
  const merged = repository.pulls().map(({ pull, issue: its }) => ({ head: pull.headRef, merged: pull.mergedAt !== null, state: its.state }));
  expect(merged).toEqual([{ head: `mission/${issue}/trunk`, merged: true, state: 'closed' }]);
  const files = await repository.filesAt('main');
  expect(files.get('CHANGES.md')).toBe('- readable addresses\n');
  expect(files.get('src/slug.js')).toContain('export const slug');
  const body = repository.issue(issue).body ?? '';
  expect(body.match(/- \[x\]/g)).toHaveLength(3);
  expect(body).toContain('Titles should become readable addresses.');
  expect(body).toContain('Thank you!');
  expect(repository.issue(issue).labels.map((label) => label.name)).toEqual(['mission']);
  for (const name of ['task/slug', 'task/tests', 'task/note', 'gate/build', 'gate/ship', 'missiongate']) {
    expect(world.check(name), name).toMatchObject({ status: 'completed', conclusion: 'success' });
  }
}
