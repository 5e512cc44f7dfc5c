import { isDeepStrictEqual } from 'node:util';

import type { MissionState } from '../../src/core/mission/state.ts';
import { isMission } from '../../src/core/mission/state.ts';
import type { Promised } from './language-missions.ts';

/** What of a mission is not as it was promised, or null. */
export function brokenPromise(promised: Promised, state: MissionState | null): string | null {
  if (!isMission(state)) return `there is no mission, although one was to be ${promised.status}`;
  const found = { status: state.status, tasks: Object.fromEntries([...state.tasks.values()].map(({ id, status }) => [id, status])), outputs: state.outputs };
  if (found.status !== promised.status) return `the mission is ${found.status} instead of ${promised.status} (${state.reason ?? 'no reason'})`;
  for (const id of new Set([...Object.keys(promised.tasks), ...Object.keys(found.tasks)])) {
    if (found.tasks[id] !== promised.tasks[id]) return `task ${id} is ${found.tasks[id] ?? 'not there'} instead of ${promised.tasks[id] ?? 'not there'} (${state.tasks.get(id)?.reason ?? 'no reason'})`;
  }
  if (promised.outputs !== undefined && !isDeepStrictEqual(plain(found.outputs), promised.outputs)) return `the mission gives ${JSON.stringify(found.outputs)} instead of ${JSON.stringify(promised.outputs)}`;
  return null;
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
