import { reasonOf } from '../kit/reason-of.ts';
import { decide } from '../core/mission/decide/decide.ts';
import type { Decision } from '../core/mission/decide/decide.ts';
import type { MissionEvent } from '../core/mission/event.ts';
import type { Signal, SignalFacts } from '../core/mission/signal.ts';
import { isMission, phaseOfSubject } from '../core/mission/state.ts';
import type { MissionState } from '../core/mission/state.ts';
import { decideHostRetry } from '../core/schedule/retry.ts';
import type { HostFailure } from '../core/schedule/retry.ts';
import type { Clock } from '../kit/time.ts';
import { effectsOf, syncAfter, together } from './effects.ts';
import { syncJob } from './jobs.ts';
import { evolve } from '../core/mission/evolve.ts';
import { sealAfter } from './seal.ts';
import type { Signer } from './ports/signer.ts';
import type { Effects } from './effects.ts';
import { gatherFacts, needsFacts } from './facts.ts';
import type { FactSources } from './facts.ts';
import type { Log } from './ports/log.ts';
import { HostError } from './ports/repository-host.ts';
import type { Filled, FreeSlots } from './free-slots.ts';
import type { JobRequest } from './ports/queue.ts';
import type { HeldMission, Lease, Store, StoredSignal } from './ports/store.ts';

export interface AdvanceParts {
  readonly store: Store;
  readonly facts: FactSources;
  readonly clock: Clock;
  readonly log: Log;
  /** Where attempts can be started without the queue. */
  readonly slots: FreeSlots;
  /** Seals decisions; null where there is no key. */
  readonly signer?: Signer | null;
  /** Sends a mission's outbox rows to the queue; called after a commit that left some. */
  relay(missionId: string): Promise<void>;
}

/** Signals of a mission that does not exist yet wait this long for it: webhooks may arrive in any order. */
const earlySignalsWaitMs = 10 * 60_000;
/** What waits for something else of the same mission is looked at again this soon. */
const deferralMs = 2_000;

/** Facts of what was given up. */
const unknownPolicy: SignalFacts = { policy: { known: false, reason: '.github/missiongate.yml could not be looked up for an hour', problems: [] } };

interface Undecided {
  readonly signal: StoredSignal;
  readonly state: MissionState | null;
}

/** A look-up that failed, and may pass later. */
interface Refused {
  readonly failure: HostFailure;
  readonly retryAfterMs: number | null;
}

/** What was looked up for a signal (or why not), and what was known of the mission at that time. */
interface Found {
  readonly facts: SignalFacts | null;
  readonly refused: Refused | null;
  readonly basis: string;
}

/**
 * Decides every pending signal of a mission: the one writer of its ledger. Signals that need facts are first looked up
 * without holding the mission, then decided; all others are decided at once. Safe to call at any time, by any process, any
 * number of times.
 */
export async function advance(parts: AdvanceParts, missionId: string): Promise<void> {
  const facts = new Map<string, Found>();
  for (let reading: 'all' | 'own' = 'own'; ; reading = 'all') {
    const { undecided, jobs, more, started, unread } = await parts.store.hold(missionId, (held) => decidePending(parts, held, facts), reading);
    parts.slots.fill(missionId, started);
    if (jobs) {
      await parts.relay(missionId);
    }
    if (undecided.length === 0 && !more && !unread()) return;
    for (const { signal, state } of undecided) facts.set(signal.id, { ...(await lookUp(parts, missionId, state, signal)), basis: basisOf(state) });
  }
}

interface Decided {
  readonly undecided: readonly Undecided[];
  /** Some jobs are in the outbox. */
  readonly jobs: boolean;
  readonly more: boolean;
  /** The same, known once the hold is over. */
  readonly unread: () => boolean;
  readonly started: readonly Filled[];
}

/** One hold: decides what can be decided with the facts at hand. May be called again for the same hold, with a newer state. */
async function decidePending(parts: AdvanceParts, held: HeldMission, facts: ReadonlyMap<string, Found>): Promise<Decided> {
  const now = parts.clock.now();
  const events: MissionEvent[] = [];
  const settled: { id: string; note: string }[] = [];
  const deferred: { id: string; until: number }[] = [];
  const undecided: Undecided[] = [];
  const effects: Effects[] = [];
  const unread = held.unread ?? (() => false);
  let { state } = held;
  // What people did to our part of the issue is put back, also when it means nothing.
  let edited: string | null = null;
  const defer = ({ id }: StoredSignal) => deferred.push({ id, until: now + deferralMs });
  const postpone = ({ id, meaning, receivedAt, tries }: StoredSignal, why: string, { failure, retryAfterMs }: Refused) => {
    const again = decideHostRetry('look-up', failure, { failures: tries + 1, sinceMs: now - receivedAt, retryAfterMs }, `${held.missionId} ${meaning}`);
    if (again.retry) deferred.push({ id, until: now + again.delayMs });
    else settled.push({ id, note: `given up: ${why}` });
  };
  for (const pending of inOrder(held.pending)) {
    const found = facts.get(pending.id);
    const looked = found?.facts ?? null;
    // What came too early for a mission is looked at as soon as there is one.
    const isTimely = isMission(state) && (looked !== null || !isMission(held.state));
    if (pending.lookAt > now && !isTimely) continue;
    if (found?.refused && !isGivenUpFor(pending, found.refused, held.missionId, now)) {
      postpone(pending, 'its facts could not be looked up', found.refused);
      continue;
    }
    if (isOvertaking(state, pending.signal)) {
      defer(pending);
      continue;
    }
    const without = (found?.refused ?? null) !== null;
    if (!without && needsFacts(pending.signal) && found?.basis !== basisOf(state)) {
      undecided.push({ signal: pending, state });
      continue;
    }
    if (isEarly(state, pending, looked, now)) {
      defer(pending);
      continue;
    }
    const decision = tryToDecide(parts, held.missionId, state, pending, looked ?? (without ? unknownPolicy : {}), now);
    if (decision === null) {
      postpone(pending, 'it could not be decided', { failure: 'unexpected', retryAfterMs: null });
      continue;
    }
    effects.push(effectsOf(decision.state, decision.events, now, decision.packs));
    events.push(...decision.events);
    state = decision.state;
    if (pending.signal.kind === 'issue.edited') edited = pending.id;
    settled.push({ id: pending.id, note: decision.events.length === 0 ? 'nothing to do' : `${decision.events.length} event(s)` });
  }
  if (settled.length === 0 && deferred.length === 0) return { undecided, jobs: false, more: false, unread, started: [] };
  const all = together(effects);
  const begun = startHere(parts, held.missionId, state, all.jobs, now);
  events.push(...begun.events);
  ({ state } = begun);
  const seal = sealAfter(parts.signer ?? null, held.headHash, events, now);
  if (seal !== null) {
    events.push(seal);
    state = evolve(state, seal);
  }
  const sync = (events.length > 0 || edited !== null) && showsOnGitHub(state);
  const jobs = [...begun.jobs, ...(sync && !held.syncWanted ? (edited === null || events.length > 0 ? syncAfter(events) : [syncJob(held.missionId, `edited-${edited}`)]) : [])];
  await held.commit({ ...all, events, state: events.length === 0 ? null : state, settled, deferred, jobs, leases: begun.leases, sync, now });
  const started = isMission(state) ? begun.leases.map((lease) => ({ lease, mission: state })) : [];
  return { undecided, jobs: jobs.length > 0, more: held.pendingFull && settled.length > 0, unread, started };
}

/** Gives attempts that were just queued to free slots of this process: lease taken and start recorded in this commit, no job. */
function startHere(parts: AdvanceParts, missionId: string, before: MissionState | null, jobs: readonly JobRequest[], now: number) {
  const free = [...parts.slots.of(missionId)];
  const events: MissionEvent[] = [];
  const leases: Lease[] = [];
  let state = before;
  const left = jobs.filter((job) => {
    const owner = free[0];
    if (owner === undefined || !isAttemptOfTask(job)) return true;
    const { subject, attempt } = job.payload;
    const decision = decide(state, missionId, { signal: { kind: 'attempt.started', subject, attempt, worker: owner.worker }, facts: {}, key: `attempt:${subject}:${attempt}:started`, receivedAt: now }, now);
    // The mission was cancelled by a later signal of the same hold.
    if (decision.events.length === 0) return true;
    free.shift();
    events.push(...decision.events);
    state = decision.state;
    leases.push({ missionId, subject, attempt, owner: owner.worker, expiresAt: now + owner.leaseMs });
    return false;
  });
  return { state, events, leases, jobs: left };
}

function isAttemptOfTask(job: JobRequest): job is JobRequest<'run-attempt'> {
  return job.kind === 'run-attempt' && phaseOfSubject((job as JobRequest<'run-attempt'>).payload.subject) === null;
}

/** Null when the deciding itself fails: a mistake of ours, which must not stop everything else that happens to the mission. */
function tryToDecide(parts: AdvanceParts, missionId: string, state: MissionState | null, { signal, meaning, receivedAt, id }: StoredSignal, facts: SignalFacts, now: number): Decision | null {
  try {
    return decide(state, missionId, { signal, facts, key: meaning, receivedAt }, now);
  } catch (error) {
    parts.log.error('a signal could not be decided', { missionId, signal: id, kind: signal.kind, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    return null;
  }
}

/**
 * What an examination found must not be lost with the policy that could not be looked up: after the usual time it is decided without,
 * which keeps the gate shut and says why.
 */
function isGivenUpFor({ signal, meaning, receivedAt, tries }: StoredSignal, { failure, retryAfterMs }: Refused, missionId: string, now: number): boolean {
  if (signal.kind !== 'attempt.finished') return false;
  return !decideHostRetry('look-up', failure, { failures: tries + 1, sinceMs: now - receivedAt, retryAfterMs }, `${missionId} ${meaning}`).retry;
}

/** What facts depend on: looked up for a mission that has changed in this respect they are no longer true. */
function basisOf(state: MissionState | null): string {
  return isMission(state) ? `mission ${state.trunk.head}` : (state?.status ?? 'unknown');
}

/** A push to the trunk while a merge of ours is being recorded cannot be told from that merge: it waits for it. */
function isOvertaking(state: MissionState | null, signal: Signal): boolean {
  return signal.kind === 'trunk.pushed' && isMission(state) && state.status !== 'cancelled' && state.counts.integrating > 0;
}

/** Requests first: what else arrived for a new mission makes sense only after it. Otherwise as received. */
function inOrder(pending: readonly StoredSignal[]): readonly StoredSignal[] {
  const requests = pending.filter(({ signal }) => signal.kind === 'mission.requested');
  return requests.length === 0 ? pending : [...requests, ...pending.filter(({ signal }) => signal.kind !== 'mission.requested')];
}

/**
 * A label or command may overtake the label that makes the issue a mission; the labels on the issue tell. `mission:queue`
 * may also be put on first: it waits for its mission as long as it stays on.
 */
function isEarly(state: MissionState | null, { signal, receivedAt }: StoredSignal, facts: SignalFacts | null, now: number): boolean {
  if (state !== null && state.status !== 'none') return false;
  if (signal.kind !== 'mission.queue-requested' && signal.kind !== 'mission.pause-requested' && signal.kind !== 'command.given') return false;
  const awaited = signal.kind === 'mission.queue-requested' ? ['mission', 'mission:queue'] : ['mission'];
  return (facts?.labels?.some((label) => awaited.includes(label)) ?? false) && now - receivedAt < earlySignalsWaitMs;
}

async function lookUp(parts: AdvanceParts, missionId: string, state: MissionState | null, { signal, id }: StoredSignal): Promise<Omit<Found, 'basis'>> {
  try {
    return { facts: await gatherFacts(parts.facts, missionId, state, signal), refused: null };
  } catch (error) {
    const failure: HostFailure = error instanceof HostError ? error.failure : 'unexpected';
    parts.log.warn('a signal waits: its facts could not be looked up', { missionId, signal: id, kind: signal.kind, failure, reason: reasonOf(error) });
    return { facts: null, refused: { failure, retryAfterMs: error instanceof HostError ? error.retryAfterMs : null } };
  }
}

/** Missions that live in an issue are shown there; others (benchmarks, local runs) have no installation. */
function showsOnGitHub(state: MissionState | null): boolean {
  return state !== null && state.source.installationId > 0;
}

