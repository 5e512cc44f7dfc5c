import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAcknowledger } from '../../src/github/acknowledge.ts';
import type { SeenComment } from '../../src/github/acknowledge.ts';
import { finish } from '../support/forge-world.ts';
import { gitHubWorld } from './support/github-world.ts';
import type { GitHubWorld } from './support/github-world.ts';

let world: GitHubWorld;
beforeAll(async () => {
  world = await gitHubWorld();
});
afterAll(() => finish(world));

async function comments(count: number): Promise<readonly SeenComment[]> {
  const author = world.forge.as('author');
  const { number } = await author.openIssue('author/project', { title: 'A mission', labels: ['mission'] });
  const source = { installationId: world.installationId, repository: { id: world.repository.id, owner: 'author', name: 'project', defaultBranch: 'main' }, issue: { number, title: '', author: { kind: 'person' as const, login: 'author' } } };
  const made: SeenComment[] = [];
  for (let index = 0; index < count; index += 1) made.push({ source, commentId: (await author.comment('author/project', number, '/status')).id });
  return made;
}

const eyesOn = ([first]: readonly SeenComment[]) => world.repository.comments(first?.source.issue.number ?? 0).map(({ reactions }) => reactions.map(({ content }) => content));

describe('a command that has arrived', () => {
  it('is answered with eyes, once however often it is seen', async () => {
    const acknowledger = createAcknowledger({ credentials: world.credentials, clock: world.clock });
    const seen = await comments(2);
    for (const comment of [...seen, ...seen]) acknowledger.seen(comment);
    await acknowledger.idle();
    expect(eyesOn(seen)).toEqual([['eyes'], ['eyes']]);
    await acknowledger.close();
  });

  it('is passed over when many come at once, and when GitHub does not answer', async () => {
    const acknowledger = createAcknowledger({ credentials: world.credentials, clock: world.clock });
    const seen = await comments(30);
    world.flaky.writes = [];
    world.flaky.cut = { at: 2, moment: 'before' };
    for (const comment of seen) acknowledger.seen(comment);
    await acknowledger.idle();
    world.flaky.cut = null;
    const said = eyesOn(seen).filter((reactions) => reactions.length > 0).length;
    expect([said >= 19, said <= 21]).toEqual([true, true]);
    await acknowledger.close();
  });

  it('is not said any more when it comes too late or the process is about to end', async () => {
    const acknowledger = createAcknowledger({ credentials: world.credentials, clock: world.clock });
    const seen = await comments(2);
    acknowledger.seen(seen[0] as SeenComment);
    acknowledger.seen(seen[1] as SeenComment);
    world.clock.advance(60_000);
    await acknowledger.idle();
    await acknowledger.close();
    acknowledger.seen(seen[0] as SeenComment);
    await acknowledger.idle();
    expect(eyesOn(seen)[1]).toEqual([]);
  });
});
