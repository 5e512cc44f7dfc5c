/** One workload: missions of one shape, started in groups of `together`; every task does nothing. */
export interface Workload {
  readonly name: string;
  /** Tasks of one mission, each with what it needs. */
  readonly tasks: readonly { readonly id: string; readonly needs: readonly string[] }[];
  /** Missions under way at the same time. */
  readonly together: number;
  /** Groups, one after the other, all measured as one. */
  readonly groups: number;
  /** Goes on with further groups for so long, `pauseMs` apart (the soak). */
  readonly forSeconds?: number;
  readonly pauseMs?: number;
}

const chain = (length: number): Workload['tasks'] => Array.from({ length }, (_, index) => ({ id: `t${index}`, needs: index === 0 ? [] : [`t${index - 1}`] }));
const wide = (width: number): readonly string[] => Array.from({ length: width }, (_, index) => `w${index}`);

/** One task, `width` after it, one that joins them, one last: the shape of a BLAST run. */
function fan(width: number): Workload['tasks'] {
  return [{ id: 'split', needs: [] }, ...wide(width).map((id) => ({ id, needs: ['split'] })), { id: 'join', needs: wide(width) }, { id: 'end', needs: ['join'] }];
}

function fanIn(width: number): Workload['tasks'] {
  return [...wide(width).map((id) => ({ id, needs: [] })), { id: 'join', needs: wide(width) }];
}

/** What every contender is measured with. `scale` < 1 shortens everything for development; the shapes stay. */
export function workloads(scale = 1): readonly Workload[] {
  const groups = (count: number) => Math.max(1, Math.round(count * scale));
  return [
    { name: 'chain of 5, 20 missions at once', tasks: chain(5), together: 20, groups: groups(24) },
    { name: 'one chain of 200', tasks: chain(200), together: 1, groups: groups(6) },
    { name: 'fan of 303 tasks, 300 wide', tasks: fan(300), together: 1, groups: groups(12) },
    { name: 'fan-in of 1,000', tasks: fanIn(Math.max(100, Math.round(1000 * scale))), together: 1, groups: groups(4) },
  ];
}

/** Run before anything is measured, so that code is compiled and connections are open. */
export const warmUp: Workload = { name: 'warm-up', tasks: [...fan(50), ...chain(20)], together: 4, groups: 6 };

export function tasksOf({ tasks, together, groups }: Workload): number {
  return tasks.length * together * groups;
}
