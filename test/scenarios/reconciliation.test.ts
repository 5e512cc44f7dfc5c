import { afterEach, describe, expect, it } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';
import { expectCarriedThrough, slugFiles, slugMission } from './conversation.ts';

/** The shortest interval there is: what a minute does in production happens here each second. */
const env = { MISSIONGATE_RECONCILE_SECONDS: '1' };

/** Webhooks that were sent at all since the App was installed. */
function attemptsOf(world: ProductWorld): number {
  return world.forge.deliveries().filter(({ event }) => event !== 'installation').flatMap(({ attempts }) => attempts).length;
}

describe('a mission whose webhooks are lost', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function open(): Promise<ProductWorld> {
    const world = await ProductWorld.open({ files: slugFiles, env });
    closing.push(() => world.close());
    return world;
  }

  /** From the label to the merge by comments alone: a button's webhook cannot be read again. */
  async function carryByComments(world: ProductWorld): Promise<number> {
    const { forge, repository } = world;
    const issue = await world.mission('Readable addresses', slugMission);
    await world.untilCheck('gate/build', 'action_required');
    await forge.as('reviewer').comment(repository.fullName, issue, 'Good.\n\n/approve-gate build');
    await world.untilCheck('gate/build', 'success');
    await world.untilCheck('gate/ship', 'action_required');
    await forge.as('reviewer').comment(repository.fullName, world.pull()?.issue.number ?? 0, '/approve-gate ship');
    await world.until('the issue is closed', () => repository.issue(issue).state === 'closed');
    await world.until('the summary stands there', () => world.comments(issue).some((body) => body.includes('complete')));
    return issue;
  }

  it('comes to the same end when every single one is lost', async () => {
    const world = await open();
    world.forge.addWebhookFault({ effect: { kind: 'drop' } });
    const app = await world.startApp();
    const issue = await carryByComments(world);
    await expectCarriedThrough(world, issue);
    console.log(app.output());
    expect(app.output()).toContain('webhooks were missed');
    expect(attemptsOf(world)).toBe(0);
    world.contract.assertKept();
  });
});
