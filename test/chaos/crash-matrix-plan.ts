import { faultPlaces } from '../../src/engine/fault-point.ts';
import type { FaultPlace } from '../../src/engine/fault-point.ts';
import { rolesOf } from './crash-matrix-run.ts';
import type { Backend, Kill, Role, Run } from './crash-matrix-run.ts';

/** A kill that is still to be made. */
export interface PlannedKill extends Kill {
  /** Once people have seen more steps than this, the visit may be over. */
  readonly latest: number;
  /** A death without which the place is never reached; it comes first. */
  readonly primer: Kill | null;
  /** Runs in which it was planned and not reached. */
  misses: number;
}

/** Visited at least this often, a place is a place to die twice: at its first visit, and in the middle. */
const often = 6;
/** A write that is one of several to the same object: each of them is a place to die. */
const inParts: ReadonlySet<FaultPlace> = new Set(['before github.annotations', 'during github.annotations', 'after github.annotations']);
/** A kill that was not reached in this many runs does not happen. */
const maximumMisses = 3;

/** Every kill that the calm run's visits ask for, and the places that no process of it came to. */
export function planKills(backend: Backend, calm: Run): { readonly kills: readonly PlannedKill[]; readonly unreached: readonly FaultPlace[] } {
  const kills = [...rolesOf(backend).flatMap((role) => faultPlaces.flatMap((place) => killsAt(calm, role, place))), ...killsAfterADeath(backend)];
  return { kills, unreached: faultPlaces.filter((place) => !kills.some((kill) => kill.place === place)) };
}

function killsAt(calm: Run, role: Role, place: FaultPlace): readonly PlannedKill[] {
  const visits = (calm.visits.get(role) ?? []).flatMap((visited, index) => (visited === place ? [index] : []));
  const numbers = visits.length >= often ? [1, Math.ceil(visits.length / 2)] : inParts.has(place) ? visits.map((_visited, index) => index + 1) : visits.slice(0, 1).map(() => 1);
  const steps = calm.steps.get(role) ?? [];
  return numbers.map((visit) => {
    const lastChance = visits[visits.length - visit] ?? 0;
    return { role, place, visit, latest: steps.filter((before) => before <= lastChance).length, primer: null, misses: 0 };
  });
}

/** Places that a calm run never visits, with the death after which they are: a lease that ran out, a delivery that nobody took, a pull request of an older version. */
function killsAfterADeath(backend: Backend): readonly PlannedKill[] {
  const claimed: Kill = { role: backend === 'embedded' ? 'app' : 'worker', place: 'after store.claim', visit: 1 };
  const shown: Kill = { role: 'app', place: 'before github.pull-draft', visit: 1 };
  const kill = (place: FaultPlace, primer: Kill): PlannedKill => ({ role: 'app', place, visit: 1, latest: 0, primer, misses: 0 });
  const receiving: Kill = { role: 'app', place: 'before store.receive', visit: 3 };
  const rereading = (['watches.noteRedelivery', 'deliveries.redeliver', 'watches.remove'] as const).flatMap((call) => [kill(`before ${call}`, receiving), kill(`after ${call}`, receiving)]);
  return [...rereading, kill('after store.expireLeases', claimed), kill('before github.pull-edit', shown), kill('during github.pull-edit', shown), kill('after github.pull-edit', shown)];
}

/** Hands out kills: at each start of a process the one whose chance would pass first. */
export class KillSchedule {
  readonly #pending: Set<PlannedKill>;

  constructor(kills: readonly PlannedKill[]) {
    this.#pending = new Set(kills);
  }

  get left(): number {
    return this.#pending.size;
  }

  /** A kill that was in vain before, or that needs another death before it, is made in the first life only. */
  take(role: Role, stepsSeen: number, isFirstLife: boolean): PlannedKill | null {
    const ahead = [...this.#pending].filter((kill) => kill.role === role && (isFirstLife || (kill.latest >= stepsSeen && kill.primer === null && kill.misses === 0)));
    const next = ahead.toSorted((a, b) => b.misses - a.misses || a.latest - b.latest)[0] ?? null;
    if (next !== null) this.#pending.delete(next);
    return next;
  }

  /** Plans a kill again that was given out and not made; false when that was in vain often enough. */
  giveBack(kill: PlannedKill): boolean {
    kill.misses += 1;
    if (kill.misses < maximumMisses) this.#pending.add(kill);
    return kill.misses < maximumMisses;
  }
}

/** The kills of one run: at most `most` lives of each process are ended. */
export class RunSchedule {
  readonly planned: PlannedKill[] = [];
  readonly #schedule: KillSchedule;
  readonly #most: number;
  readonly #forced: Kill[] = [];
  readonly #lives = new Map<Role, number>();

  constructor(schedule: KillSchedule, most: number) {
    this.#schedule = schedule;
    this.#most = most;
  }

  readonly next = (role: Role, stepsSeen: number): Kill | null => {
    const lives = this.#lives.get(role) ?? 0;
    this.#lives.set(role, lives + 1);
    const forced = this.#forced.findIndex((kill) => kill.role === role);
    if (forced >= 0) return this.#forced.splice(forced, 1)[0] ?? null;
    const kill = lives < this.#most ? this.#schedule.take(role, stepsSeen, lives === 0) : null;
    if (kill === null) return null;
    this.planned.push(kill);
    const { primer } = kill;
    if (primer === null) return kill;
    // Another process dies while this one waits for its place already; one process dies twice.
    this.#forced.push(primer.role === role ? kill : { ...primer, deadUntil: kill });
    return primer.role === role ? primer : kill;
  };
}
