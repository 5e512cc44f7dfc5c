import { describe, expect, it } from 'vitest';

import { gateVerdict } from '../../../src/core/gate/gate-verdict.ts';
import type { GateDefinition, TaskDefinition } from '../../../src/core/mission/definition.ts';
import { definition, oneApproval, phase, task } from '../../support/definitions.ts';
import { commitId, diligent, person, PureWorld, source } from '../../support/pure-world.ts';
import type { Worker } from '../../support/pure-world.ts';

const criteria = ['The changelog is written', 'All unit tests pass', 'The code compiles'];

function world(gate: Partial<GateDefinition>, tasks: readonly TaskDefinition[] = [task('a')], worker: Worker = diligent): PureWorld {
  const made = new PureWorld(definition([phase('build', tasks, { gate: { ...oneApproval, ...gate } })]), worker).start();
  while (made.todo.length > 0) made.work();
  return made;
}

function gateOf(made: PureWorld) {
  const found = made.mission.phases.get('build');
  if (!found) throw new Error('there is no such phase');
  return found.gate;
}

/** What the tree says of the criteria. */
function told(made: PureWorld): readonly string[] {
  return gateVerdict(made.mission, 'build')?.children.find(({ name }) => name === 'criteria')?.children.map(({ name, state, measured }) => `${name}: ${measured ?? state}`) ?? [];
}

describe('criteria of a gate', () => {
  it('are confirmed one by one, by words of which only one of them has, and keep the gate shut until then', () => {
    const made = world({ criteria });
    made.say('reviewer', 'approve-gate', 'build');
    expect(gateOf(made).status).toBe('awaiting');
    made.say('reviewer', 'meet-criterion', 'build', 'CHANGELOG');
    made.say('admin', 'meet-criterion', 'build', 'unit', 'tests');
    expect(told(made)).toEqual(['The changelog is written: confirmed by reviewer', 'All unit tests pass: confirmed by admin', 'The code compiles: waiting']);
    expect(gateOf(made).status).toBe('awaiting');
    made.say('reviewer', 'meet-criterion', 'build', 'compiles');
    expect(made.mission.status).toBe('completed');
  });

  it.each([
    ['none has', ['performance'], 'which-criterion'],
    ['several have', ['the'], 'which-criterion'],
    ['are missing', [], 'which-criterion'],
  ])('are not guessed from words that %s', (_, words, code) => {
    const made = world({ criteria });
    made.say('reviewer', 'meet-criterion', 'build', ...words);
    expect(made.lastAnswer()).toEqual({ accepted: false, code });
    expect(made.types()).not.toContain('criterion.met');
  });

  it('are confirmed by nobody who may not approve: a stranger, an author of the change', () => {
    const made = world({ criteria });
    made.say('stranger', 'meet-criterion', 'build', 'compiles');
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'permission-denied' });
    made.trunk = { head: made.trunk.head, authors: ['reviewer'] };
    made.force('push', { kind: 'trunk.pushed', source, head: commitId('pushed'), actor: person('reviewer') });
    while (made.todo.length > 0) made.work();
    made.say('reviewer', 'meet-criterion', 'build', 'compiles');
    expect(made.lastAnswer()).toEqual({ accepted: false, code: 'criterion-own' });
  });

  it('have to be confirmed again when the change is another one', () => {
    const made = world({ criteria });
    made.say('reviewer', 'meet-criterion', 'build', 'compiles');
    made.trunk = { head: commitId('pushed'), authors: ['author'] };
    made.force('push', { kind: 'trunk.pushed', source, head: commitId('pushed'), actor: person('author') });
    while (made.todo.length > 0) made.work();
    expect(told(made)).toEqual(criteria.map((text) => `${text}: waiting`));
  });

  it('are confirmed once, however often it is said', () => {
    const made = world({ criteria });
    made.say('reviewer', 'meet-criterion', 'build', 'compiles');
    made.say('reviewer', 'meet-criterion', 'build', 'code compiles');
    expect(made.lastAnswer()).toEqual({ accepted: true, code: 'criterion-met' });
    expect(made.types().filter((type) => type === 'criterion.met')).toHaveLength(1);
  });
});

describe('what a phase must consist of', () => {
  const structure = ['work', 'reviewer', 'integrator'] as const;
  const failing = (made: PureWorld) => gateOf(made).lines.flatMap(({ rule, passed }) => (passed ? [] : [rule]));

  it('is a reviewer, an integrator where there are several tasks, and something done', () => {
    expect(failing(world({ structure }, [task('a')]))).toEqual(['structure reviewer']);
    expect(failing(world({ structure }, [task('a'), task('b')]))).toEqual(['structure reviewer', 'structure integrator']);
    expect(failing(world({ structure }, [task('a'), task('b', { persona: 'integrator' }), task('c', { persona: 'reviewer' })]))).toEqual([]);
  });

  it('keeps a phase shut in which everything was skipped', () => {
    const made = world({ structure: ['work'] }, [task('a', { if: 'false' }), task('b', { if: 'false' })]);
    expect(failing(made)).toEqual(['structure work']);
    expect(gateOf(made)).toMatchObject({ status: 'failed', reason: 'nothing was done in build: all of its tasks were skipped' });
  });
});
