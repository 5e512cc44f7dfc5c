import { describe, expect, it } from 'vitest';

import { evolve } from '../../../src/core/mission/evolve.ts';
import type { Signal } from '../../../src/core/mission/signal.ts';
import type { Mission, MissionState } from '../../../src/core/mission/state.ts';
import { viewMission } from '../../../src/core/mission/view.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import * as fc from '../../support/fast-check.ts';
import { missionId, person, PureWorld, source } from '../../support/pure-world.ts';

const plan = definition(
  [phase('build', [task('a'), task('b', { needs: ['a'] }), task('c')]), phase('ship', [task('d'), task('e', { needs: ['d'] })], { needs: ['build'] })],
  { maxParallel: 2 },
);

interface Delivery {
  readonly meaning: string;
  readonly signal: Signal;
}

/** The webhooks of a mission that two people carry through, as GitHub would send them. */
function webhooks(): readonly Delivery[] {
  const command = (id: number, name: string, ...words: string[]): Delivery => ({
    meaning: `comment:${id}`,
    signal: { kind: 'command.given', source, conversation: 7, commentId: id, actor: person('reviewer'), command: { name, arguments: words, text: '', problem: null } },
  });
  return [
    { meaning: 'label:mission', signal: { kind: 'mission.requested', source, title: 'Add slugs', body: '', actor: person('author') } },
    { meaning: 'opened', signal: { kind: 'mission.requested', source, title: 'Add slugs', body: '', actor: person('author') } },
    { meaning: 'label:queue', signal: { kind: 'mission.queue-requested', source, actor: person('author') } },
    { meaning: 'label:pause', signal: { kind: 'mission.pause-requested', source, actor: person('author') } },
    { meaning: 'unlabel:pause', signal: { kind: 'mission.resume-requested', source, actor: person('author') } },
    command(1, 'status'),
    command(2, 'approve-gate', 'build'),
    command(3, 'approve-gate', 'ship'),
  ];
}

/**
 * Delivers every webhook twice, in an order drawn from the seed. What is early (no mission yet, gate not reached) stays in
 * the inbox, as it does in the product; work goes on in between.
 */
function run(order: readonly number[]): PureWorld {
  const world = new PureWorld(plan);
  world.labels.add('mission');
  const all = webhooks();
  let inbox: Delivery[] = order.map((index) => all[index % all.length]).flatMap((delivery) => delivery ?? []);
  for (let round = 0; round < 50; round += 1) {
    const later: Delivery[] = [];
    for (const delivery of inbox) {
      if (isEarly(world, delivery.signal)) later.push(delivery);
      else world.deliver(delivery.meaning, delivery.signal);
      world.work();
    }
    world.settle();
    if (later.length === 0) break;
    inbox = later;
  }
  return world;
}

/** People approve what they see: a gate that waits. Labels and commands wait for the mission. */
function isEarly(world: PureWorld, signal: Signal): boolean {
  if (signal.kind === 'mission.requested') return false;
  if (world.state === null) return true;
  if (signal.kind !== 'command.given' || signal.command.name !== 'approve-gate') return false;
  const gate = world.mission.phases.get(signal.command.arguments[0] ?? '')?.gate;
  return gate?.status !== 'awaiting' && gate?.status !== 'open';
}

/** What people can see in the end: times and sequence numbers aside, it must not depend on the order of deliveries. */
function visible(world: PureWorld): unknown {
  const view = viewMission(world.mission);
  const checks = view.checks.map(({ name, status, conclusion }) => ({ name, status, conclusion }));
  return { status: world.mission.status, issue: view.issue, pull: view.pull, checklist: view.checklist, checks: checks.sort((a, b) => a.name.localeCompare(b.name)) };
}

describe('deliveries', () => {
  const calm = run(webhooks().map((_, index) => index));

  it('lead to a completed mission in their natural order', () => {
    expect(calm.mission.status).toBe('completed');
    expect(viewMission(calm.mission).checks.map((check) => check.name).sort()).toEqual(['gate/build', 'gate/ship', 'missiongate', 'task/a', 'task/b', 'task/c', 'task/d', 'task/e']);
  });

  it('lead to the same visible end twice and in any order (500 orders)', () => {
    const expected = visible(calm);
    fc.assert(
      fc.property(fc.shuffledSubarray([...webhooks().keys(), ...webhooks().keys()], { minLength: webhooks().length * 2 }), (order) => {
        const world = run(order);
        expect(visible(world)).toEqual(expected);
        const opened = world.events.filter((event) => event.body.type === 'gate.opened');
        expect(opened).toHaveLength(2);
        const completed = world.events.flatMap(({ body }) => (body.type === 'task.completed' ? [body.task] : []));
        expect(completed.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
      }),
      { numRuns: 500 },
    );
  });

  it('change nothing when a meaning is decided again without the inbox', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (pick) => {
        const world = run(webhooks().map((_, index) => index));
        const delivery = webhooks()[pick % webhooks().length];
        if (!delivery) return;
        const before = visible(world);
        world.force(delivery.meaning, delivery.signal);
        world.settle();
        expect(visible(world)).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });
});

describe('evolve', () => {
  it('gives from the events alone the state that deciding gave (A14)', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...webhooks().keys(), ...webhooks().keys()], { minLength: 4 }), (order) => {
        const world = run(order);
        const replayed = world.events.reduce<MissionState | null>((state, event) => evolve(state, event), null);
        expect(plain(replayed)).toEqual(plain(world.state));
        expect(world.events.map((event) => event.seq)).toEqual(world.events.map((_, index) => index + 1));
        expect(world.events.every((event) => event.missionId === missionId)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps totals in step with the tasks', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...webhooks().keys(), ...webhooks().keys()], { minLength: 4 }), (order) => {
        const { state } = run(order);
        if (state === null || !('tasks' in state)) return;
        expectTotals(state);
      }),
      { numRuns: 100 },
    );
  });
});

function expectTotals(mission: Mission): void {
  for (const [status, count] of Object.entries(mission.counts)) {
    expect(mission.tasks.filter((one) => one.status === status).size, status).toBe(count);
  }
  for (const one of mission.phases.values()) {
    const ids = mission.index.tasksOfPhase.get(one.id) ?? [];
    expect(ids.filter((id) => !['done', 'skipped'].includes(mission.tasks.get(id)?.status ?? '')).length).toBe(one.open);
  }
}

function plain(state: MissionState | null): unknown {
  if (state === null || !('tasks' in state)) return state;
  const { index: _index, ...rest } = state;
  return { ...rest, tasks: state.tasks.toJS(), phases: state.phases.toJS(), ready: state.ready.toJS() };
}
