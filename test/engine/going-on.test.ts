import { afterEach, describe, expect, it } from 'vitest';

import { definition, phase, task } from '../support/definitions.ts';
import { handDrivenEngine } from '../support/hand-driven.ts';
import { missionId } from '../support/pure-world.ts';

type World = Awaited<ReturnType<typeof handDrivenEngine>>;
let open: World[] = [];
afterEach(async () => {
  await Promise.all(open.map((made) => made.close()));
  open = [];
});

/** A mission of a chain of tasks that do nothing, just begun, and the attempts that became jobs since; a look at the clock takes `lookMs`. */
async function chain(length: number, lookMs = 0): Promise<{ made: World; jobs: string[] }> {
  const tasks = Array.from({ length }, (_, index) => task(`t${index}`, { needs: index === 0 ? [] : [`t${index - 1}`] }));
  const made = await handDrivenEngine({ definition: definition([phase('p', tasks, { gate: null })]) });
  open.push(made);
  await made.begin();
  const { clock, queue } = made;
  clock.now = () => (clock.at += lookMs);
  const jobs: string[] = [];
  const add = queue.add.bind(queue);
  queue.add = async (requests) => {
    jobs.push(...requests.filter(({ kind }) => kind === 'run-attempt').map(({ key }) => key));
    await add(requests);
  };
  return { made, jobs };
}

async function recorded(made: World): Promise<readonly string[]> {
  return (await made.store.events(missionId, 0, 1000)).map(({ body }) => body.type).filter((type) => type.startsWith('task.'));
}

describe('a slot whose attempt is over', () => {
  it('goes on with what that made possible, without a job, and everything is recorded as ever', async () => {
    const { made, jobs } = await chain(5);
    await made.queue.run(['run-attempt']);
    expect((await made.mission()).status).toBe('completed');
    expect(jobs).toEqual([]);
    const each = ['task.queued', 'task.started', 'task.completed'];
    expect(await recorded(made)).toEqual(Array.from({ length: 5 }, () => each).flat());
  });

  it('is given back after a second, so that nobody waits long for tasks that came later', async () => {
    const { made, jobs } = await chain(20, 50);
    await made.queue.run(['run-attempt']);
    expect((await made.mission()).status).toBe('completed');
    expect(jobs.length).toBeGreaterThan(1);
    expect(jobs.length).toBeLessThan(19);
  });

  it('takes nothing when the worker is to stop', async () => {
    const { made, jobs } = await chain(3);
    made.queue.stop.abort();
    await made.queue.run(['run-attempt']);
    expect((await made.mission()).status).toBe('completed');
    expect(jobs).toEqual([`${missionId}.t1.1`, `${missionId}.t2.1`]);
  });
});
