import { afterEach, describe, expect, it } from 'vitest';

import { HostError } from '../../src/engine/ports/repository-host.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { fakeHost, rememberingProjector } from '../support/fake-host.ts';
import { handDrivenEngine } from '../support/hand-driven.ts';

type World = Awaited<ReturnType<typeof handDrivenEngine>>;
let open: World[] = [];
afterEach(async () => {
  await Promise.all(open.map((made) => made.close()));
  open = [];
});

const hour = 3_600_000;

/** A mission whose merges and whose view on GitHub fail as the test says, counted. */
async function troubledWorld(): Promise<World & { trouble: HostError | null; readonly tries: { merge: number; sync: number } }> {
  const tries = { merge: 0, sync: 0 };
  const projector = rememberingProjector();
  const quiet = rememberingProjector();
  projector.project = async (projection) => {
    tries.sync += 1;
    if (made.trouble) throw made.trouble;
    return quiet.project(projection);
  };
  const made: World & { trouble: HostError | null; readonly tries: { merge: number; sync: number } } = Object.assign(
    await handDrivenEngine({ definition: definition([phase('build', [task('a', { uses: 'file.write', with: { path: 'a.txt', content: 'a' } })])]), projector }),
    { trouble: null, tries },
  );
  open.push(made);
  const quietHost = fakeHost();
  made.host.mergeInto = async (where, request) => {
    tries.merge += 1;
    if (made.trouble) throw made.trouble;
    return quietHost.mergeInto(where, request);
  };
  return made;
}

const waiting = (made: World, kind: string) => made.queue.waiting.filter((job) => job.kind === kind).length;

describe('while GitHub is in trouble', () => {
  it.each([
    ['network', 12, 25],
    ['permission', 4, 8],
    ['gone', 6, 12],
  ] as const)('%s for an hour leaves one job for each piece of work, tried less and less often, and all is done when it is over', async (failure, least, most) => {
    const made = await troubledWorld();
    await made.begin();
    made.trouble = new HostError(failure, 'no');
    await made.pass(hour / 20_000, 20_000);
    expect([waiting(made, 'integrate'), waiting(made, 'sync-github')]).toEqual([1, failure === 'gone' ? 0 : 1]);
    expect(made.tries.merge).toBeGreaterThanOrEqual(least);
    expect(made.tries.merge).toBeLessThanOrEqual(most);
    expect(made.tries.sync).toBeLessThanOrEqual(most + 4);
    made.trouble = null;
    await made.pass(6, hour / 4);
    expect((await made.mission()).tasks.get('a')).toMatchObject({ status: 'done' });
    expect([waiting(made, 'integrate'), waiting(made, 'sync-github')]).toEqual([0, 0]);
  });
});
