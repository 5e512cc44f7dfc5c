import type { EvidencePack, Provenance } from './pack.ts';

/** Where a piece of evidence comes from, and what that was made from, back to the beginning. */
export interface Lineage {
  readonly task: string;
  readonly phase: string;
  readonly attempt: number;
  readonly uses: string;
  /** `claude 1.2`, or who did it by hand; null where a step did it by itself. */
  readonly by: string | null;
  /** What it began from, and what it made of it. */
  readonly base: string | null;
  readonly commit: string | null;
  readonly cost: Provenance['cost'] | null;
  readonly artifacts: readonly { readonly name: string; readonly digest: string }[];
  /** Of each task it needed; what was told already in the same answer comes without its inputs (`again`). */
  readonly inputs: readonly Lineage[];
  readonly again: boolean;
}

/** What was asked for: a task, an artifact that tasks left, or one that a guard left. */
export type LineageAnswer =
  | { readonly of: 'task'; readonly lineage: Lineage }
  | { readonly of: 'artifact'; readonly name: string; readonly digest: string; readonly madeBy: readonly Lineage[] }
  | { readonly of: 'guard'; readonly name: string; readonly digest: string; readonly guard: string; readonly uses: string; readonly phase: string; readonly round: number; readonly head: string; /** What it looked at: the phase's tasks. */ readonly madeFrom: readonly Lineage[] }
  | { readonly of: 'nothing'; /** Digests that begin like what was asked for, when there are several. */ readonly candidates: readonly string[] };

type PackedTask = EvidencePack['tasks'][number];

interface Known {
  readonly pack: EvidencePack;
  readonly task: PackedTask;
}

/** Shortest beginning of a digest that is looked for. */
const shortestDigest = 6;

/**
 * Where a task's or an artifact's content comes from, by the evidence packs of a mission, in any order. A digest may be cut to its
 * first six digits or more. Packs of earlier versions, which hold no provenance, give a task without inputs.
 */
export function lineageOf(packs: readonly EvidencePack[], asked: string): LineageAnswer {
  const known = latestTasks(packs);
  const told = new Set<string>();
  const follow = (id: string): Lineage[] => {
    const one = known.get(id);
    return one === undefined ? [] : [lineageOfTask(one, follow, told)];
  };
  const direct = known.get(asked);
  if (direct) return { of: 'task', lineage: lineageOfTask(direct, follow, told) };
  const digests = digestsLike(packs, asked);
  const [digest] = digests;
  if (digest === undefined || digests.length > 1) return { of: 'nothing', candidates: digests.slice(0, 10) };
  const makers = [...known.values()].filter(({ task }) => task.artifacts.some((artifact) => artifact.digest === digest));
  const [first] = makers;
  if (first) return { of: 'artifact', name: first.task.artifacts.find((artifact) => artifact.digest === digest)?.name ?? '', digest, madeBy: makers.map((one) => lineageOfTask(one, follow, told)) };
  return guardAnswer(packs, digest, follow);
}

function lineageOfTask({ pack, task }: Known, follow: (id: string) => Lineage[], told: Set<string>): Lineage {
  const again = told.has(task.id);
  told.add(task.id);
  const { provenance } = task;
  return {
    task: task.id,
    phase: pack.phase,
    attempt: task.attempt,
    uses: provenance?.uses ?? task.producer ?? 'unknown',
    by: task.doneBy ?? (provenance?.agent ? `${provenance.agent.name} ${provenance.agent.version}`.trim() : null),
    base: provenance?.inputs.commit ?? null,
    commit: task.commit,
    cost: provenance?.cost ?? null,
    artifacts: task.artifacts.map(({ name, digest }) => ({ name, digest })),
    inputs: again ? [] : (provenance?.inputs.needs ?? []).flatMap(({ task: id }) => follow(id)),
    again,
  };
}

/** Of several rounds of a phase the last one counts. */
function latestTasks(packs: readonly EvidencePack[]): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const pack of packs.toSorted((a, b) => a.round - b.round)) for (const task of pack.tasks) known.set(task.id, { pack, task });
  return known;
}

function digestsLike(packs: readonly EvidencePack[], asked: string): readonly string[] {
  if (!/^[0-9a-f]+$/.test(asked) || asked.length < shortestDigest) return [];
  const all = packs.flatMap((pack) => [...pack.tasks.flatMap(({ artifacts }) => artifacts), ...pack.guardReports.flatMap(({ artifacts }) => artifacts)]);
  return [...new Set(all.map(({ digest }) => digest))].filter((digest) => digest.startsWith(asked)).toSorted();
}

function guardAnswer(packs: readonly EvidencePack[], digest: string, follow: (id: string) => Lineage[]): LineageAnswer {
  for (const pack of packs.toSorted((a, b) => b.round - a.round)) {
    for (const report of pack.guardReports) {
      const artifact = report.artifacts.find((one) => one.digest === digest);
      if (artifact) return { of: 'guard', name: artifact.name, digest, guard: report.guard, uses: report.uses, phase: pack.phase, round: pack.round, head: pack.head, madeFrom: pack.tasks.flatMap(({ id }) => follow(id)) };
    }
  }
  return { of: 'nothing', candidates: [] };
}
