import { decide } from '../core/mission/decide/decide.ts';
import type { MissionEvent } from '../core/mission/event.ts';
import type { SignalFacts } from '../core/mission/signal.ts';
import type { MissionState } from '../core/mission/state.ts';
import type { Clock } from '../kit/time.ts';
import { effectsOf, syncAfter } from './effects.ts';
import { gatherFacts, needsFacts } from './facts.ts';
import type { FactSources } from './facts.ts';
import type { FaultPoint } from './fault-point.ts';
import type { Log } from './ports/log.ts';
import { HostError } from './ports/repository-host.ts';
import type { HeldMission, Store, StoredSignal } from './ports/store.ts';

export interface AdvanceParts {
  readonly store: Store;
  readonly facts: FactSources;
  readonly clock: Clock;
  readonly log: Log;
  readonly faultPoint: FaultPoint;
  /** Sends a mission's outbox rows to the queue; called after a commit that left some. */
  relay(missionId: string): Promise<void>;
}

/** Signals of a mission that does not exist yet wait this long for it: webhooks may arrive in any order. */
const earlySignalsWaitMs = 10 * 60_000;
/** Pause before a signal whose facts could not be gathered is looked at again; doubled up to the maximum. */
const firstDeferralMs = 2_000;
const longestDeferralMs = 5 * 60_000;
/** After this many failed look-ups a signal is given up, with a note; its command can be given again. */
const maximumTries = 20;

interface Undecided {
  readonly signal: StoredSignal;
  readonly state: MissionState | null;
}

/**
 * Decides every pending signal of a mission: the one writer of its ledger. Signals that need facts are first looked up
 * without holding the mission, then decided; all others are decided at once. Safe to call at any time, by any process, any
 * number of times.
 */
export async function advance(parts: AdvanceParts, missionId: string): Promise<void> {
  const facts = new Map<string, SignalFacts | 'later'>();
  for (;;) {
    const { undecided, jobs, more } = await parts.store.hold(missionId, (held) => decidePending(parts, held, facts));
    if (jobs) {
      await parts.faultPoint('between commit and outbox');
      await parts.relay(missionId);
    }
    const missing = undecided.filter(({ signal }) => !facts.has(signal.id));
    if (missing.length === 0 && !more) return;
    for (const { signal, state } of missing) facts.set(signal.id, await lookUp(parts, missionId, state, signal));
  }
}

/** One transaction: decides what can be decided with the facts at hand. */
async function decidePending(parts: AdvanceParts, held: HeldMission, facts: ReadonlyMap<string, SignalFacts | 'later'>): Promise<{ undecided: Undecided[]; jobs: boolean; more: boolean }> {
  const now = parts.clock.now();
  const events: MissionEvent[] = [];
  const settled: { id: string; note: string }[] = [];
  const deferred: { id: string; until: number }[] = [];
  const undecided: Undecided[] = [];
  let { state } = held;
  for (const pending of inOrder(held.pending)) {
    const found = facts.get(pending.id);
    if (found === undefined && needsFacts(pending.signal)) {
      undecided.push({ signal: pending, state });
      continue;
    }
    if (found === 'later') {
      if (pending.tries + 1 >= maximumTries) settled.push({ id: pending.id, note: 'given up: its facts could not be looked up' });
      else deferred.push({ id: pending.id, until: now + Math.min(firstDeferralMs * 2 ** pending.tries, longestDeferralMs) });
      continue;
    }
    if (isEarly(state, pending, found, now)) {
      deferred.push({ id: pending.id, until: now + firstDeferralMs });
      continue;
    }
    const decision = decide(state, held.missionId, { signal: pending.signal, facts: found ?? {}, key: pending.meaning }, now);
    events.push(...decision.events);
    state = decision.state;
    settled.push({ id: pending.id, note: decision.events.length === 0 ? 'nothing to do' : `${decision.events.length} event(s)` });
  }
  if (settled.length === 0 && deferred.length === 0) return { undecided, jobs: false, more: false };
  const effects = effectsOf(state, events, now);
  const sync = events.length > 0 && showsOnGitHub(state);
  const jobs = [...effects.jobs, ...(sync && !held.syncWanted ? syncAfter(events) : [])];
  await parts.faultPoint('before commit');
  await held.commit({ ...effects, events, state: events.length === 0 ? null : state, settled, deferred, jobs, sync, now });
  return { undecided, jobs: jobs.length > 0, more: held.pendingFull && settled.length > 0 };
}

/** Requests first: what else arrived for a new mission makes sense only after it. Otherwise as received. */
function inOrder(pending: readonly StoredSignal[]): readonly StoredSignal[] {
  const requests = pending.filter(({ signal }) => signal.kind === 'mission.requested');
  return requests.length === 0 ? pending : [...requests, ...pending.filter(({ signal }) => signal.kind !== 'mission.requested')];
}

/** A label or command may overtake the label that makes the issue a mission; the labels on the issue tell. */
function isEarly(state: MissionState | null, { signal, receivedAt }: StoredSignal, facts: SignalFacts | undefined, now: number): boolean {
  if (state !== null && state.status !== 'none') return false;
  if (signal.kind !== 'mission.queue-requested' && signal.kind !== 'mission.pause-requested' && signal.kind !== 'command.given') return false;
  return (facts?.labels?.includes('mission') ?? false) && now - receivedAt < earlySignalsWaitMs;
}

async function lookUp(parts: AdvanceParts, missionId: string, state: MissionState | null, { signal, id }: StoredSignal): Promise<SignalFacts | 'later'> {
  try {
    return await gatherFacts(parts.facts, missionId, state, signal);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    parts.log.warn('a signal waits: its facts could not be looked up', { missionId, signal: id, kind: signal.kind, failure: error.failure, reason: error.message });
    return 'later';
  }
}

/** Missions that live in an issue are shown there; others (benchmarks, local runs) have no installation. */
function showsOnGitHub(state: MissionState | null): boolean {
  return state !== null && state.source.installationId > 0;
}

