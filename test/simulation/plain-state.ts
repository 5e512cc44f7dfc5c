import type { MissionState } from '../../src/core/mission/state.ts';
import { isMission } from '../../src/core/mission/state.ts';

/** The state as text, without what is derived from the plan. Equal ways to equal states give equal texts. */
export function plain(state: MissionState | null): string {
  if (!isMission(state)) return JSON.stringify(state);
  const { index: _index, tasks, phases, ready, ...rest } = state;
  const inOrder = <T extends { readonly id: string }>(entries: Iterable<T>): readonly T[] => [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
  return JSON.stringify({ ...rest, tasks: inOrder(tasks.values()), phases: inOrder(phases.values()), ready: [...ready] });
}
