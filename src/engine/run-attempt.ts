import { reasonOf } from '../kit/reason-of.ts';
import type { AttemptResult } from '../core/mission/signal.ts';
import { isMission, phaseOfSubject } from '../core/mission/state.ts';
import type { Mission } from '../core/mission/state.ts';
import { StepError } from '../steps/step-type.ts';
import type { RunAttemptParts, SubjectResult } from './attempt-parts.ts';
import { inBrief } from './evidence.ts';
import type { Filled } from './free-slots.ts';
import { keepLease } from './keep-lease.ts';
import type { JobOutcome } from './ports/queue.ts';
import type { Lease, LeaseKey } from './ports/store.ts';
import { runGate, runTask } from './run-subject.ts';
import { untilStoreAnswers } from './store-outage.ts';

/** Pause before a lease that should have run out is looked at again. */
const lookAgainMs = 250;
/** Made once: an abort without a reason makes a new error, with its stack, every time. */
const over = new Error('the attempt is over');
/** An attempt that is over sooner is not announced as running: start and result are decided together. */
const announceAfterMs = 300;

/**
 * A slot goes on with attempts of the same mission, past the queue, for so long; then it is given back, so that other
 * missions' work waits no longer than this for tasks that came after it.
 */
const goesOnForMs = 1_000;

/**
 * Runs one attempt of a task, or the guards of a gate, under a lease, and then what it makes possible, as long as that is
 * quick. A duplicate of the job finds the lease taken and does nothing; a result whose lease was lost is refused by the
 * store. Everything that goes wrong becomes a recorded result.
 */
export async function runAttempt(parts: RunAttemptParts, key: LeaseKey, stop: AbortSignal): Promise<JobOutcome> {
  const { store, clock } = parts;
  const from = clock.now();
  const claim = await store.claim(key, parts.worker, parts.leaseMs, from);
  if (claim.outcome === 'over') return { outcome: 'done' };
  if (claim.outcome === 'held') return waitForLease(parts, key, claim.until);
  const mission = claim.mission ?? (await untilStoreAnswers(parts, stop, () => store.read(key.missionId)))?.state;
  if (!mission || !isMission(mission)) return { outcome: 'done' };
  const finished = new AbortController();
  const announced = announce(parts, key.missionId, finished.signal);
  const worked = async () => {
    finished.abort(over);
    await announced;
  };
  let next = await runAndDecide(parts, { lease: claim.lease, mission }, from, stop, worked);
  while (next !== null) next = await runAndDecide(parts, next, from, stop);
  return { outcome: 'done' };
}

/** Runs an attempt and has its result decided; returns the attempt that this slot is to run next, if any. */
async function runAndDecide(parts: RunAttemptParts, { lease, mission }: Filled, from: number, stop: AbortSignal, worked = async () => {}): Promise<Filled | null> {
  let next: Filled | null = null;
  let failure: { readonly error: unknown } | null = null;
  const goesOn = !stop.aborted && parts.clock.now() - from < goesOnForMs;
  await runUnderLease(parts, lease, mission, stop, worked, async () => {
    try {
      failure = null;
      // A slot that is filled already has its next attempt.
      if (goesOn && !stop.aborted && next === null) next = await advanceAndGoOn(parts, lease.missionId);
      else await parts.advance(lease.missionId);
    } catch (error) {
      failure = { error };
    }
  });
  return settled(next, failure);
}

function settled(next: Filled | null, failure: { readonly error: unknown } | null): Filled | null {
  // A lease that was taken is durable, whatever failed after that; what else failed is found by supervision.
  if (next === null && failure !== null) throw failure.error;
  return next;
}

/** Has a mission decided while this slot is free for it; returns what the slot was filled with. */
async function advanceAndGoOn(parts: RunAttemptParts, missionId: string): Promise<Filled | null> {
  const slot = parts.slots.offer(missionId, parts);
  try {
    await parts.advance(missionId);
    return slot.withdraw();
  } catch (error) {
    const filled = slot.withdraw();
    if (filled === null) throw error;
    parts.log.warn('an advance failed after it had started an attempt here', { missionId, reason: reasonOf(error) });
    return filled;
  }
}

/** Somebody else holds the lease: if it runs out, the attempt is lost and a new one follows; this job is then over. */
async function waitForLease(parts: RunAttemptParts, key: LeaseKey, until: number): Promise<JobOutcome> {
  const now = parts.clock.now();
  if (until > now || !parts.mayExpireLeases()) return { outcome: 'again', delayMs: Math.max(0, until - now) + lookAgainMs };
  for (const missionId of await parts.store.expireLeases(now)) await parts.advance(missionId);
  await parts.advance(key.missionId);
  return { outcome: 'done' };
}

/** Lets the mission show "running" when the attempt takes longer than a moment. */
async function announce(parts: RunAttemptParts, missionId: string, finished: AbortSignal): Promise<void> {
  try {
    await parts.clock.sleep(announceAfterMs, finished);
    await parts.advance(missionId);
  } catch (error) {
    if (!finished.aborted) parts.log.warn('the start of an attempt could not be announced', { missionId, reason: reasonOf(error) });
  }
}

/** `worked` is told when the work is done, before its result is recorded; `decide` has the result decided, and may be called more than once. */
async function runUnderLease(parts: RunAttemptParts, lease: Lease, mission: Mission, stop: AbortSignal, worked: () => Promise<void>, decide: () => Promise<void>): Promise<void> {
  const { store, clock, log } = parts;
  const about = { missionId: lease.missionId, subject: lease.subject, attempt: lease.attempt };
  const keeper = keepLease(parts, lease, stop);
  let outcome: SubjectResult;
  try {
    const phase = phaseOfSubject(lease.subject);
    outcome = phase === null ? await runTask(parts, mission, lease, keeper) : await runGate(parts, mission, phase, lease, keeper);
  } catch (error) {
    outcome = { result: failureResult(parts, error), contents: [] };
    if (!(error instanceof StepError)) log.error('an attempt failed unexpectedly', { ...about, reason: parts.redact(error instanceof Error ? (error.stack ?? error.message) : String(error)) });
  } finally {
    await keeper.stop();
    await worked();
  }
  const shuttingDown = stop.aborted && outcome.result.outcome === 'failed';
  const signal = shuttingDown
    ? ({ kind: 'attempt.lost', subject: lease.subject, attempt: lease.attempt, reason: `worker ${parts.worker} was shut down` } as const)
    : ({ kind: 'attempt.finished', subject: lease.subject, attempt: lease.attempt, result: outcome.result } as const);
  const meaning = `attempt:${lease.subject}:${lease.attempt}:finished`;
  // The work is done: what it took an agent hours to make is not thrown away because the database restarts just now.
  const record = () => store.finish(lease, { missionId: lease.missionId, source: meaning, meaning, signal, receivedAt: clock.now() }, outcome.contents, clock.now(), decide);
  const recorded = await untilStoreAnswers(parts, stop, record);
  if (recorded === 'lost') log.warn('a result was refused: its lease was lost', about);
}

function failureResult(parts: RunAttemptParts, error: unknown): AttemptResult {
  const failure = error instanceof StepError ? error.failure : 'environment';
  const message = reasonOf(error);
  const shown = error instanceof StepError ? message : `the worker met an unexpected error: ${message}`;
  return { outcome: 'failed', failure, reason: inBrief(shown, 2000, parts.redact), evidence: null };
}
