import { describe, expect, it } from 'vitest';

import { chainEntry, genesisHash } from '../../../src/core/ledger/chain.ts';
import { GateCheck } from '../../../src/core/ledger/check-gates.ts';
import type { EventBody, MissionEvent } from '../../../src/core/mission/event.ts';
import { evolve } from '../../../src/core/mission/evolve.ts';
import type { MissionState } from '../../../src/core/mission/state.ts';
import { definition, oneApproval, phase, task } from '../../support/definitions.ts';
import { diligent, person, PureWorld } from '../../support/pure-world.ts';

/** The events of a mission whose gate opened over a rule that was waived. */
function openedOverWaiver(): readonly MissionEvent[] {
  const made = new PureWorld(definition([phase('build', [task('a')], { gate: { ...oneApproval, rubric: { tests_failed_max: 0 } } })]), (subject, attempt, mission) => {
    const result = diligent(subject, attempt, mission);
    return result.outcome === 'examined' ? { ...result, metrics: { tests_failed: 2 } } : result;
  }).start();
  made.roles.set('maintainer', 'maintain');
  while (made.todo.length > 0) made.work();
  made.say('author', 'waive', 'build', 'tests_failed_max', '7d', 'r', 'c');
  made.say('maintainer', 'approve-waiver', 'build', 'tests_failed_max');
  made.say('reviewer', 'approve-gate', 'build');
  expect(made.mission.status).toBe('completed');
  return made.events;
}

function faultsOf(events: readonly MissionEvent[]): readonly string[] {
  const check = new GateCheck();
  const faults: string[] = [];
  let state: MissionState | null = null;
  for (const event of events) {
    state = evolve(state, event);
    check.see(chainEntry(event, genesisHash), state, ({ message }) => faults.push(message));
  }
  return faults;
}

function changed(events: readonly MissionEvent[], change: (body: EventBody, at: number) => { readonly body?: EventBody | null; readonly at?: number }): readonly MissionEvent[] {
  return events.flatMap((event) => {
    const { body = event.body, at = event.at } = change(event.body, event.at);
    return body === null ? [] : [{ ...event, body, at }];
  });
}

describe('a gate that opened over a waived rule', () => {
  const events = openedOverWaiver();

  it('is as it should be with the waiver in the ledger', () => {
    expect(faultsOf(events)).toEqual([]);
  });

  it.each<readonly [string, (body: EventBody, at: number) => { readonly body?: EventBody | null; readonly at?: number }]>([
    ['nobody confirmed the waiver', (body) => (body.type === 'waiver.approved' ? { body: null } : {})],
    ['who asked for it confirmed it', (body) => (body.type === 'waiver.approved' ? { body: { ...body, by: person('Author') } } : {})],
    ['a bot confirmed it', (body) => (body.type === 'waiver.approved' ? { body: { ...body, by: { kind: 'bot', login: 'maintainer' } } } : {})],
    ['it was for another rule', (body) => (body.type === 'waiver.requested' || body.type === 'waiver.approved' ? { body: { ...body, rule: 'coverage_min' } } : {})],
    ['it was for less than was measured', (body) => (body.type === 'waiver.requested' ? { body: { ...body, seen: { ...body.seen, value: 1 } } } : {})],
    ['it had expired', (body) => (body.type === 'waiver.requested' ? { body: { ...body, until: 1_000_000 } } : {})],
    ['it was withdrawn before', (body) => (body.type === 'gate.approved' ? { body: { type: 'waiver.withdrawn', phase: 'build', waiver: 1, rule: 'tests_failed_max', by: person('author') } } : {})],
  ])('is a fault when %s', (_, change) => {
    expect(faultsOf(changed(events, change)).join('\n')).toContain('gate build opened although tests_failed_max was neither met nor validly waived');
  });
});
