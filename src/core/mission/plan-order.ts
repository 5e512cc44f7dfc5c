/** Why nodes could not be ordered. */
export interface OrderProblem {
  readonly code: 'cycle' | 'unknown-need';
  readonly node: string;
  readonly members: readonly string[];
}

/** Kahn's algorithm; stable: of several nodes that are free, the one written first comes first. */
export function order<T extends { readonly id: string }>(
  nodes: readonly T[],
  needsOf: (node: T) => readonly string[],
): { readonly sorted: readonly T[]; readonly problems: readonly OrderProblem[] } {
  const position = new Map(nodes.map((node, index) => [node.id, index]));
  const open = new Int32Array(nodes.length);
  const dependents: number[][] = nodes.map(() => []);
  const problems: OrderProblem[] = [];
  nodes.forEach((node, index) => {
    const needs = needsOf(node);
    for (const need of needs.length > 1 ? new Set(needs) : needs) {
      const at = position.get(need);
      if (at === undefined) problems.push({ code: 'unknown-need', node: node.id, members: [need] });
      else {
        open[index] = (open[index] ?? 0) + 1;
        dependents[at]?.push(index);
      }
    }
  });
  // Levels keep the written order among equals; each node is appended once.
  let level = nodes.flatMap((_, index) => (open[index] === 0 ? [index] : []));
  const sorted: T[] = [];
  while (level.length > 0) {
    const next: number[] = [];
    for (const index of level) {
      const node = nodes[index];
      if (node) sorted.push(node);
      for (const dependent of dependents[index] ?? []) {
        open[dependent] = (open[dependent] ?? 0) - 1;
        if (open[dependent] === 0) next.push(dependent);
      }
    }
    level = next.sort((a, b) => a - b);
  }
  if (sorted.length < nodes.length) {
    const stuck = new Set(nodes.flatMap((node, index) => ((open[index] ?? 0) > 0 ? [node.id] : [])));
    problems.push(...cyclesAmong(nodes, needsOf, stuck));
  }
  return { sorted, problems };
}

/** One cycle per strongly stuck group: walk needs inside the stuck set until a node repeats. */
function cyclesAmong<T extends { readonly id: string }>(
  nodes: readonly T[],
  needsOf: (node: T) => readonly string[],
  stuck: ReadonlySet<string>,
): OrderProblem[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const problems: OrderProblem[] = [];
  for (const start of stuck) {
    const path: string[] = [];
    const onPath = new Map<string, number>();
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      onPath.set(at, path.length);
      path.push(at);
      const node = byId.get(at);
      at = node && needsOf(node).find((need) => stuck.has(need));
    }
    const loop = at === undefined ? undefined : onPath.get(at);
    if (loop === undefined) continue;
    // The walk goes from a node to its need; people read "a needs b needs a".
    const members = path.slice(loop);
    problems.push({ code: 'cycle', node: members[0] ?? start, members });
  }
  return problems;
}
