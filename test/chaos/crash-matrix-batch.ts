import { judge } from './crash-matrix-judge.ts';
import type { Verdict } from './crash-matrix-judge.ts';
import { KillSchedule, RunSchedule, planKills } from './crash-matrix-plan.ts';
import type { PlannedKill } from './crash-matrix-plan.ts';
import { runOnce } from './crash-matrix-run.ts';
import type { Backend, Kill, Run } from './crash-matrix-run.ts';

/** What became of one planned kill. */
export interface KillResult {
  readonly kill: PlannedKill;
  readonly happened: boolean;
  /** Kills of the run that failed when made together and not one by one are blamed together. */
  readonly verdict: Verdict;
  /** The run could not be judged: the missions did not come to an end, or a process ended by itself. */
  readonly failure: string | null;
}

export interface BatchOptions {
  readonly backend: Backend;
  /** Deaths of each process in one run. Five losses of one attempt would make the product ask a person. */
  readonly deathsPerRun: number;
  readonly parallel: number;
  readonly wanted: (kill: Kill) => boolean;
  readonly tell: (line: string) => void;
  /** Told of each result as it comes. */
  readonly onResult: (result: KillResult) => void;
}

const clean: Verdict = { lost: [], doubled: [] };

/** Plays the missions calmly, and then with every kill that this asks for. Resolves with the places that nothing led to. */
export async function crashMatrix(options: BatchOptions): Promise<readonly string[]> {
  const { backend, tell } = options;
  const calm = await runOnce({ backend, next: () => null, calm: null });
  const again = await runOnce({ backend, next: () => null, calm });
  const difference = judge(calm.snapshot, again.snapshot);
  if (difference.lost.length + difference.doubled.length > 0) throw new Error(`two calm runs differ, so that nothing can be judged: ${JSON.stringify(difference)}`);
  const { kills, unreached } = planKills(backend, calm);
  const schedule = new KillSchedule(kills.filter(options.wanted));
  tell(`${backend}: a calm run leaves ${calm.snapshot.length} facts and visits ${[...calm.visits.values()].flat().length} places; ${schedule.left} kills to make`);
  await Promise.all(Array.from({ length: options.parallel }, () => worker(options, calm, schedule)));
  return unreached;
}

async function worker(options: BatchOptions, calm: Run, schedule: KillSchedule): Promise<void> {
  while (schedule.left > 0) {
    const planned = new RunSchedule(schedule, options.deathsPerRun);
    const outcome = await attempt(options.backend, planned, calm);
    if (outcome.failure === null && isClean(outcome.verdict)) {
      for (const kill of planned.planned) {
        const happened = outcome.kills.includes(kill);
        if (happened || !schedule.giveBack(kill)) options.onResult({ kill, happened, verdict: clean, failure: null });
      }
    } else {
      await blame(options, calm, planned.planned, outcome);
    }
  }
}

interface Attempted {
  readonly kills: readonly Kill[];
  readonly verdict: Verdict;
  readonly failure: string | null;
}

async function attempt(backend: Backend, planned: RunSchedule, calm: Run): Promise<Attempted> {
  try {
    const run = await runOnce({ backend, next: planned.next, calm });
    return { kills: run.kills, verdict: judge(calm.snapshot, run.snapshot), failure: null };
  } catch (error) {
    return { kills: [], verdict: clean, failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Which of several deaths did it: each is made again alone. When none does it alone, all are blamed with what they did together. */
async function blame(options: BatchOptions, calm: Run, kills: readonly PlannedKill[], together: Attempted): Promise<void> {
  options.tell(`  ✖ ${kills.map(nameOf).join(', ')}: ${describe(together)}`);
  const results: KillResult[] = [];
  for (const kill of kills) {
    const outcome = kills.length === 1 ? together : await attempt(options.backend, new RunSchedule(new KillSchedule([kill]), 1), calm);
    results.push({ kill, happened: outcome.failure !== null || outcome.kills.includes(kill), verdict: outcome.verdict, failure: outcome.failure });
  }
  const isAnyGuilty = results.some(({ verdict, failure }) => failure !== null || !isClean(verdict));
  for (const result of results) options.onResult(isAnyGuilty ? result : { ...result, verdict: together.verdict, failure: together.failure });
}

function isClean({ lost, doubled }: Verdict): boolean {
  return lost.length + doubled.length === 0;
}

function describe({ verdict, failure }: Attempted): string {
  if (failure !== null) return failure.slice(0, 2000);
  return [...verdict.lost.map((line) => `lost: ${line}`), ...verdict.doubled.map((line) => `doubled: ${line}`)].join('; ');
}

/** `worker: before store.claim#2`. */
export function nameOf({ role, place, visit }: Kill): string {
  return `${role}: ${place}${visit === 1 ? '' : `#${visit}`}`;
}
