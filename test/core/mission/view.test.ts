import { describe, expect, it } from 'vitest';

import { maximumNotes, viewMission } from '../../../src/core/mission/view.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import { diligent, evidence, PureWorld } from '../../support/pure-world.ts';
import type { Worker } from '../../support/pure-world.ts';

/** Fails the named tasks, is diligent otherwise. */
const failing = (...tasks: readonly string[]): Worker => (subject, attempt, mission) =>
  tasks.includes(subject) ? { outcome: 'failed', failure: 'input', reason: 'it broke', evidence } : diligent(subject, attempt, mission);

describe('the checks of tasks', () => {
  it('never stand on the default branch\'s commit: a failure there is a note', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])]), failing('a')).start();
    world.settle();
    const view = viewMission(world.mission);
    expect(view.checks.filter(({ head }) => head === world.mission.trunk.base)).toEqual([]);
    expect(view.notes.map(({ key, task: of }) => [key, of.id, of.reason])).toEqual([['comment:task/a', 'a', 'it broke']]);
  });

  it('stand on the trunk once it has moved, a failure too', () => {
    const world = new PureWorld(definition([phase('build', [task('a'), task('b', { needs: ['a'] })])]), failing('b')).start();
    world.settle();
    const view = viewMission(world.mission);
    expect(view.checks.flatMap(({ name, conclusion }) => (name.startsWith('task/') ? [[name, conclusion]] : []))).toEqual([['task/a', 'success'], ['task/b', 'failure']]);
    expect(view.notes).toEqual([]);
  });

  it('are not made of a success that left no commit there', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])]), (subject, attempt, mission) =>
      subject === 'a' ? { outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} } : diligent(subject, attempt, mission),
    ).start();
    world.settle();
    const view = viewMission(world.mission);
    expect([view.checks.filter(({ name }) => name.startsWith('task/')), view.notes]).toEqual([[], []]);
  });

  it('are told as few notes, however many tasks failed', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `t${index}`);
    const world = new PureWorld(definition([phase('wide', ids.map((id) => task(id)))], { failFast: false }), failing(...ids)).start();
    world.settle();
    expect(viewMission(world.mission).notes).toHaveLength(maximumNotes);
  });
});
