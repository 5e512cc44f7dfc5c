/** Where the numbers of each kind of object begin: far apart, so that an id used in the wrong place finds nothing. */
const FIRST = {
  account: 1_001,
  app: 20_001,
  hook: 30_001,
  installation: 40_001,
  team: 50_001,
  repository: 100_001,
  label: 200_001,
  delivery: 7_000_000_001,
  issue: 2_000_000_001,
  pull: 2_100_000_001,
  comment: 2_200_000_001,
  reaction: 230_000_001,
  review: 2_300_000_001,
  event: 2_400_000_001,
  checkRun: 31_000_000_001,
  checkSuite: 32_000_000_001,
  status: 33_000_001,
  activity: 34_000_000_001,
  workflowRun: 36_000_000_001,
  edit: 2_500_000_001,
} as const;

export type IdKind = keyof typeof FIRST;

/** Hands out the ids of one forge: per kind, ascending, the same in every run with the same history. */
export class IdSequence {
  readonly #next = new Map<IdKind, number>();

  next(kind: IdKind): number {
    const id = this.#next.get(kind) ?? FIRST[kind];
    this.#next.set(kind, id + 1);
    return id;
  }
}

/** GitHub's opaque GraphQL id of an object: a prefix by kind and the number, unreadable on purpose. */
export function nodeId(prefix: string, id: number): string {
  return `${prefix}_${Buffer.from(`forge:${prefix}:${id}`).toString('base64url')}`;
}
