import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';
import { seeded, shuffled } from '../support/random.ts';

const seeds = [1, 2, 3, 4, 5, 6];

/** A mission whose files do not get in the way of another one's. */
const missionText = (name: string) => `## Build
- gate: 1 approval

- [ ] Write a file
  - id: write
  - uses: file.write
  - path: ${name}.md

  \`\`\`
  ${name}
  \`\`\`
- [ ] Look at it
  - id: look
  - needs: write
  - run: cat ${name}.md

## Ship
- merge: squash

- [ ] Nothing more
  - id: nothing
  - uses: noop
`;

describe('webhooks over HTTP, each sent twice and in shuffled order', () => {
  let world: ProductWorld;
  let calm: unknown;

  beforeAll(async () => {
    world = await ProductWorld.open();
    await world.startApp();
    calm = await carry(await world.mission('calm', missionText('calm')));
  });
  afterAll(() => world.close());

  /** Carries a mission through and tells what people see in the end. */
  async function carry(issue: number): Promise<unknown> {
    const { forge, repository } = world;
    const gateOf = (phase: string, conclusion: string) => world.repository.checkRuns().find((run) => run.name === `gate/${phase}` && run.externalId.includes(`-i${issue}:`) && run.conclusion === conclusion);
    for (const phase of ['build', 'ship']) {
      await world.until(`gate ${phase} of #${issue} waits`, () => gateOf(phase, 'action_required') !== undefined);
      await forge.as('reviewer').comment(repository.fullName, issue, `/approve-gate ${phase}`);
      await world.until(`gate ${phase} of #${issue} is open`, () => gateOf(phase, 'success') !== undefined);
    }
    await world.until(`issue #${issue} is closed with its summary`, () => repository.issue(issue).state === 'closed' && seen(issue).summary);
    return seen(issue);
  }

  /** What people see of a mission, without ids, times and commits. */
  function seen(issue: number) {
    const own = world.repository.checkRuns().filter((run) => run.externalId.includes(`-i${issue}:`));
    const pulls = world.repository.pulls().filter(({ pull }) => pull.headRef === `mission/${issue}/trunk`);
    return {
      summary: world.comments(issue).some((body) => body.includes('mg:o') && body.includes('complete')),
      comments: world.repository.comments(issue).length,
      checks: own.map((run) => `${run.name} ${run.status} ${run.conclusion ?? ''}`).sort(),
      ticked: (world.repository.issue(issue).body ?? '').match(/- \[x\]/g)?.length ?? 0,
      labels: world.repository.issue(issue).labels.map((label) => label.name),
      pulls: pulls.map(({ pull, issue: its }) => ({ merged: pull.mergedAt !== null, state: its.state })),
    };
  }

  it(`leads to the same visible end as in calm order (${seeds.length} seeds at once)`, async () => {
    const over = new AbortController();
    const random = seeded(42);
    const storm = (async () => {
      while (!over.signal.aborted) {
        world.forge.hold();
        await new Promise((resolve) => setTimeout(resolve, 60));
        await world.forge.release({ duplicate: 1, order: (deliveries) => shuffled(deliveries, random) });
      }
    })();
    const issues: number[] = [];
    for (const seed of seeds) issues.push(await world.mission(`seed ${seed}`, missionText(`seed-${seed}`)));
    const ends = await Promise.all(issues.map((issue) => carry(issue)));
    over.abort();
    await storm;
    for (const end of ends) expect(end).toEqual(calm);
    expect(world.doubles()).toEqual([]);
    expect(world.contract.violations()).toEqual([]);
  });
});
