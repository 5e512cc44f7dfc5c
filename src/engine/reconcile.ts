import type { Json } from '../kit/json.ts';
import { isJsonObject } from '../kit/json.ts';
import { sha256 } from '../kit/hash.ts';
import { reasonOf } from '../kit/reason-of.ts';
import type { Clock } from '../kit/time.ts';
import { issueOfTrunk } from '../core/mission/source.ts';
import { isMission } from '../core/mission/state.ts';
import type { Mission, MissionState } from '../core/mission/state.ts';
import type { Running } from './engine.ts';
import { missionOfBranch } from './missions-at.ts';
import type { Log } from './ports/log.ts';
import type { DeliveryLog, KnownMission, Observation, ObservedSignal, Observer, Watch, Watches } from './ports/observer.ts';
import { HostError } from './ports/repository-host.ts';
import type { IncomingSignal, Store } from './ports/store.ts';
import { redeliver } from './redeliver.ts';
import { routinesSubject } from './routines/hints.ts';
import type { LookOutcome } from './routines/look.ts';
import { runLoop } from './running.ts';

export interface ReconcileParts {
  readonly store: Pick<Store, 'read'>;
  readonly watches: Watches;
  readonly observer: Observer;
  readonly deliveries: DeliveryLog;
  /** Looks at a repository's routine files; absent where there are no routines. */
  readonly routines?: (memory: Json) => Promise<LookOutcome>;
  /** Decides about a press of the button that activates routines; absent where there are no routines. */
  readonly activations?: (memory: Json) => Promise<LookOutcome>;
  /** Stores signals and has them decided; resolves with the number of new ones. */
  readonly receive: (signals: readonly IncomingSignal[]) => Promise<number>;
  readonly clock: Clock;
  readonly log: Log;
  /** Name of this process and moment; two rounds never share one. */
  readonly newOwner: () => string;
  /** Pause between two looks at the same busy thing, milliseconds. Quiet things are looked at up to five times more rarely. */
  readonly everyMs: number;
  /** Pause between two looks at the agenda, milliseconds; 5,000 unless told otherwise. */
  readonly tickMs?: number;
}

/** What one round did. */
export interface ReconcileRound {
  readonly looks: number;
  /** Signals that no webhook had told of. */
  readonly found: number;
  readonly redelivered: number;
}

/** Looks in one round; with at most a handful of requests each this stays far below GitHub's 900 a minute. */
const looksPerRound = 10;
const usualTickMs = 5_000;
/** A look that takes longer than this may be taken over. */
const lookMs = 30_000;
/** A mission that has ended is looked at for a day more: people still ask it things. */
const afterlifeMs = 24 * 60 * 60_000;
const quietest = 5;
/** After this many quiet looks in a row (five hours, with a minute's interval) a thing sleeps: it is looked at much more rarely. */
const looksUntilSleep = 60;
const sleeping = 30;
/** Something that GitHub does not show us any more is asked for again after this time. */
const goneMs = 60 * 60_000;

/**
 * One round: looks at everything that is due and stores what no webhook told. A webhook is a hint; this is what makes the
 * product right without any. Any number of processes may do it: each look is taken by one of them.
 */
export async function reconcileOnce(parts: ReconcileParts, signal?: AbortSignal): Promise<ReconcileRound> {
  const { watches, clock } = parts;
  const owner = parts.newOwner();
  const now = clock.now();
  await watches.add(['deliveries', 'installations'].map((subject) => ({ subject, memory: null, lookAt: now })));
  await watches.addMissions(now - afterlifeMs, now);
  const round = { looks: 0, found: 0, redelivered: 0 };
  // One at a time: a process that dies keeps no more than that from being looked at.
  for (; round.looks < looksPerRound; round.looks += 1) {
    if (signal?.aborted === true) break;
    const [watch] = await watches.take(owner, lookMs, clock.now(), 1);
    if (!watch) break;
    const done = await look(parts, owner, watch);
    round.found += done.found;
    round.redelivered += done.redelivered;
  }
  return round;
}

/** Repeats rounds until the signal is aborted, the first at once. A failed round (database away) is logged and repeated. */
export async function reconcile(parts: ReconcileParts, signal: AbortSignal): Promise<void> {
  let hastened = false;
  while (!signal.aborted) {
    try {
      if (!hastened) await parts.watches.hasten(parts.clock.now());
      hastened = true;
      await reconcileOnce(parts, signal);
    } catch (error) {
      parts.log.warn('a round of re-reading failed and will be repeated', { reason: reasonOf(error) });
    }
    await parts.clock.sleep(Math.min(parts.tickMs ?? usualTickMs, parts.everyMs), signal).catch(() => undefined);
  }
}

/** Starts the rounds; closing lets the present look end, as far as there is time. */
export function startReconciliation(parts: ReconcileParts): Running {
  return runLoop((signal) => reconcile(parts, signal), parts.clock);
}

interface Done {
  readonly found: number;
  readonly redelivered: number;
}

async function look(parts: ReconcileParts, owner: string, watch: Watch): Promise<Done> {
  try {
    if (watch.subject === 'deliveries') return await lookAtDeliveries(parts, owner, watch);
    const { observation, found } = await observe(parts, watch);
    if (observation.over) await parts.watches.remove(owner, watch.subject);
    else {
      const quiet = observation.quiet && found === 0 ? watch.quiet + 1 : 0;
      await parts.watches.put(owner, { subject: watch.subject, memory: observation.memory, quiet }, nextLook(parts, watch.subject, quiet));
    }
    return { found, redelivered: 0 };
  } catch (error) {
    await putOff(parts, owner, watch, error);
    return { found: 0, redelivered: 0 };
  }
}

async function observe(parts: ReconcileParts, watch: Watch): Promise<{ readonly observation: Observation; readonly found: number }> {
  const observation = await observationOf(parts, watch);
  const now = parts.clock.now();
  const signals = [...observation.signals, ...(await withoutAnswer(parts.store, observation.offered ?? []))];
  const found = await parts.receive(signals.map((signal): IncomingSignal => ({ ...signal, source: `re-read:${signal.meaning}`, receivedAt: now })));
  if (found > 0) parts.log.warn('webhooks were missed; the re-read found what they would have told', { subject: watch.subject, found, kinds: [...new Set(signals.map(({ signal }) => signal.kind))] });
  await parts.watches.add([...observation.found, ...routinesBeside(parts, watch)].map((one) => ({ ...one, lookAt: now })));
  return { observation, found };
}

/** Of the pull requests that stand open those of which nobody told; a mission's own has its answer from the mission. */
async function withoutAnswer(store: ReconcileParts['store'], offered: readonly ObservedSignal[]): Promise<readonly ObservedSignal[]> {
  const lacking: ObservedSignal[] = [];
  for (const one of offered) {
    const { signal } = one;
    if (signal.kind !== 'outside-pull.offered') continue;
    const { pull, source, commit } = signal;
    const state = (await store.read(one.missionId))?.state;
    if (state?.status === 'none' && state.outside?.pulls.some(({ number }) => number === pull.number) === true) continue;
    const issue = pull.isOurs ? issueOfTrunk(pull.branch) : null;
    const speaks = issue !== null && (await missionOfBranch({ mission: async (id) => (await store.read(id))?.state ?? null }, source, issue, pull.branch, commit)).isTrunk;
    if (!speaks) lacking.push(one);
  }
  return lacking;
}

/** Every repository that is looked at for missions is looked at for routines. */
function routinesBeside({ routines }: ReconcileParts, { subject, memory }: Watch): readonly Observation['found'][number][] {
  return routines === undefined || !subject.startsWith('repository:') ? [] : [{ subject: routinesSubject(Number(subject.slice('repository:'.length))), memory }];
}

async function observationOf({ observer, store, clock, routines, activations }: ReconcileParts, { subject, memory }: Watch): Promise<Observation> {
  if (subject === 'installations') return observer.installations(memory);
  if (subject.startsWith('routines:')) return { signals: [], found: [], ...((await routines?.(memory)) ?? { memory, quiet: true, over: true }) };
  if (subject.startsWith('activation:')) return { signals: [], found: [], ...((await activations?.(memory)) ?? { memory, quiet: true, over: true }) };
  if (subject.startsWith('repository:')) return observer.repository(memory);
  const state = (await store.read(subject.slice('mission:'.length)))?.state ?? null;
  if (isMission(state) && hasLongEnded(state, clock.now())) return { signals: [], memory, quiet: true, found: [], over: true };
  return observer.mission(knownMission(state), memory);
}

function knownMission(state: MissionState | null): KnownMission | null {
  if (state === null || state.status === 'none') return null;
  if (!isMission(state) || state.pull === null) return { source: state.source, pull: null };
  const { number, base = state.source.repository.defaultBranch } = state.pull;
  const approvals = [...state.phases.values()].flatMap(({ gate }) => [...gate.approvals, ...(gate.held?.approvals ?? [])]);
  return { source: state.source, pull: number, base, reviews: approvals.flatMap(({ review }) => review ?? []) };
}

/** A mission that failed may be retried at any time; these may not. */
function hasLongEnded({ status, finishedAt }: Mission, now: number): boolean {
  return (status === 'completed' || status === 'cancelled') && finishedAt !== null && finishedAt < now - afterlifeMs;
}

/** Deliveries are asked for again in small portions: what is left waits for seconds, not for the interval. */
async function lookAtDeliveries(parts: ReconcileParts, owner: string, watch: Watch): Promise<Done> {
  const { watches, clock } = parts;
  const outcome = await redeliver(parts, sinceIn(watch.memory));
  const lookAt = outcome.more ? clock.now() + usualTickMs : nextLook(parts, watch.subject, 0);
  await watches.put(owner, { subject: watch.subject, memory: { since: outcome.since }, quiet: 0 }, lookAt);
  return { found: 0, redelivered: outcome.redelivered };
}

function sinceIn(memory: Json): number | null {
  return isJsonObject(memory) && typeof memory['since'] === 'number' ? memory['since'] : null;
}

/** The look failed: what was known stays known. */
async function putOff(parts: ReconcileParts, owner: string, watch: Watch, error: unknown): Promise<void> {
  const { watches, clock, log, everyMs } = parts;
  const failure = error instanceof HostError ? error.failure : 'unexpected';
  // The installations say when a repository is back.
  if (failure === 'gone' && /^(?:repository|routines|activation):/.test(watch.subject)) return watches.remove(owner, watch.subject);
  const pause = failure === 'gone' || failure === 'permission' ? goneMs : everyMs;
  const waits = error instanceof HostError && error.retryAfterMs !== null ? Math.max(error.retryAfterMs, everyMs) : pause;
  log.warn('a re-read failed and will be repeated', { subject: watch.subject, failure, reason: reasonOf(error), seconds: Math.round(waits / 1000) });
  await watches.put(owner, watch, clock.now() + waits);
}

function paceOf(quiet: number): number {
  return quiet >= looksUntilSleep ? sleeping : Math.min(2 ** quiet, quietest);
}

/** Twice as long after each quiet look, up to five times the interval; spread, so that not everything is due at once. */
function nextLook({ clock, everyMs }: ReconcileParts, subject: string, quiet: number): number {
  const spread = 0.9 + (Number.parseInt(sha256(subject).slice(0, 4), 16) / 0xffff) * 0.2;
  return clock.now() + Math.round(everyMs * paceOf(quiet) * spread);
}
