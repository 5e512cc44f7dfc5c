import { afterEach, describe, expect, it } from 'vitest';

import type { Definition, FanOut } from '../../src/core/mission/definition.ts';
import type { Mission } from '../../src/core/mission/state.ts';
import { createStore } from '../../src/store/store.ts';
import { definition, phase, task } from '../support/definitions.ts';
import { handDrivenEngine } from '../support/hand-driven.ts';
import { missionId } from '../support/pure-world.ts';

type World = Awaited<ReturnType<typeof handDrivenEngine>>;
let open: World[] = [];
afterEach(async () => {
  await Promise.all(open.map((made) => made.close()));
  open = [];
});

async function begun(written: Definition): Promise<World> {
  const made = await handDrivenEngine({ definition: written });
  open.push(made);
  await made.begin();
  return made;
}

/** The mission as a process sees it that starts just now. */
async function reread(made: World): Promise<Mission> {
  const current = await createStore(made.database, made.clock).read(missionId);
  return current?.state as Mission;
}

function plain(mission: Mission): unknown {
  const { index, ready: _ready, tasks, phases, ...rest } = mission;
  return JSON.parse(JSON.stringify({ ...rest, tasks: tasks.toJS(), phases: phases.toJS(), siblings: [...index.tasksOfPhase] }));
}

const each = (over: FanOut['over'], more: Partial<FanOut> = {}): FanOut => ({ over, mode: 'parallel', maxParallel: 3, failFast: true, minSuccess: 1, collect: 'concat', schema: null, ...more });

describe('a mission in the whole language, over engine and store', () => {
  it('writes a file for each item of an input, with values filled in, and skips what its condition excludes', async () => {
    const made = await begun({
      ...definition(
        [
          phase('write', [task('docs', { title: 'Write ${{ item }}', uses: 'file.write', with: { path: 'docs/${{ item }}.md', content: '# ${{ item }}' }, scope: ['docs/**'], strategy: each({ forEach: 'inputs.pages' }) })], { gate: null }),
          phase('extra', [task('more')], { gate: null, needs: ['write'], if: 'size(inputs.pages) > 9' }),
          phase('end', [task('last', { if: 'size(tasks.docs.outputs.items) == 4' }), task('never', { needs: ['last'], if: 'tasks.last.result != "success"' })], { gate: null, needs: ['extra'] }),
        ],
        { maxParallel: 2 },
      ),
      inputs: { pages: ['a', 'b', 'c', 'd'] },
      outputs: { pages: '${{ tasks.docs.outputs.items }}' },
    });
    await made.pass();
    const mission = await made.mission();
    expect([...mission.tasks].map(([id, { status }]) => `${id} ${status}`).sort()).toEqual(['docs done', 'docs-1 done', 'docs-2 done', 'docs-3 done', 'docs-4 done', 'last done', 'more skipped', 'never skipped']);
    expect([...made.workspaces.pushed].sort()).toEqual([1, 2, 3, 4].map((n) => `mission/7/docs-${n}`));
    expect(mission.status).toBe('completed');
    expect(Array.isArray(mission.outputs?.['pages'])).toBe(true);
    expect(plain(await reread(made))).toEqual(plain(mission));
  });

  it('is put together from its rows in the middle of everything as it is in memory', async () => {
    const made = await begun(definition([phase('p', [task('g', { strategy: each({ matrix: [1, 2, 3, 4, 5].map((n) => ({ n })) }, { maxParallel: 2 }) }), task('after', { needs: ['g'], if: 'always()' })], { gate: null })]));
    for (let step = 0; made.queue.waiting.length > 0 && step < 40; step += 1) {
      const [job] = made.queue.waiting;
      if (job) await made.queue.run([job.kind]);
      expect(plain(await reread(made))).toEqual(plain(await made.mission()));
    }
    expect((await made.mission()).status).toBe('completed');
  });

  it('undoes what it did when it fails, under the same leases, and then has failed', async () => {
    const undo = { uses: 'file.write', with: { path: 'undone.txt', content: '${{ mission.issue }}' } };
    const made = await begun(
      definition([phase('p', [task('one', { compensate: undo }), task('two', { needs: ['one'] }), task('bad', { uses: 'command', with: { run: ['false', '1'] }, needs: ['two'] })], { gate: null })], { onFailure: 'rollback' }),
    );
    await made.pass();
    const mission = await made.mission();
    expect([mission.status, mission.rollback]).toEqual(['failed', { reason: 'failed: p', tasks: ['two', 'one'], finished: true }]);
    expect(made.workspaces.pushed).toEqual(['mission/7/one.undo']);
    const events = (await made.store.events(missionId, 0, 1000)).map(({ body }) => body.type);
    expect(events.filter((type) => type.startsWith('rollback') || type === 'mission.failed')).toEqual(['rollback.started', 'rollback.finished', 'mission.failed']);
    expect(plain(await reread(made))).toEqual(plain(mission));
  });

  it('ends at its time limit, by the timer that was set when it began', async () => {
    const made = await begun(definition([phase('p', [task('slow'), task('next', { needs: ['slow'] })], { gate: null, timeoutSeconds: 600 })]));
    made.queue.waiting.length = 0;
    made.clock.at += 600_000;
    await made.store.fireTimers(made.clock.now());
    await made.engine.advance(missionId);
    expect([(await made.mission()).status, (await made.mission()).tasks.get('slow')?.failure]).toEqual(['failed', 'timeout']);
  });
});
