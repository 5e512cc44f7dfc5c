import type { DecidedPack } from '../core/evidence/pack.ts';
import type { MissionEvent } from '../core/mission/event.ts';
import type { TimerPurpose } from '../core/mission/signal.ts';
import { gateSubject, isMission } from '../core/mission/state.ts';
import type { MissionState } from '../core/mission/state.ts';
import { sha256 } from '../kit/hash.ts';
import { attemptJob, integrateJob, syncJob, timerJob } from './jobs.ts';
import type { JobRequest } from './ports/queue.ts';

export interface Timer {
  readonly id: string;
  readonly fireAt: number;
  readonly purpose: TimerPurpose;
}

export interface Effects {
  readonly jobs: readonly JobRequest[];
  readonly timers: readonly Timer[];
  readonly packs: readonly DecidedPack[];
  readonly cancelAttempts: boolean;
}

/** What must now be done outside because of these events. `state` is the state after them, `decided` the evidence packs that were made with them. */
export function effectsOf(state: MissionState | null, events: readonly MissionEvent[], now: number, decided: readonly DecidedPack[] = []): Effects {
  const jobs: JobRequest[] = [];
  const timers: Timer[] = [];
  const packs: DecidedPack[] = [];
  let cancelAttempts = false;
  for (const { missionId, body } of events) {
    switch (body.type) {
      case 'task.queued':
        jobs.push(attemptJob(missionId, body.task, body.attempt));
        break;
      case 'task.produced':
        jobs.push(integrateJob(missionId, body.task, body.attempt));
        break;
      case 'gate.evaluation-started':
      case 'gate.retry-due':
        jobs.push(attemptJob(missionId, gateSubject(body.phase), body.attempt));
        // Examining again brings back a mission that had ended.
        timers.push(...deadlines(missionId, state));
        break;
      case 'gate.evaluated':
        packs.push(...decided.filter(({ phase, round }) => phase === body.phase && round === body.round));
        break;
      case 'task.failed':
        if (body.retryAt !== null) timers.push(timer(missionId, body.retryAt, { kind: 'retry-task', task: body.task, attempt: body.attempt }));
        break;
      case 'wait.started':
        timers.push(timer(missionId, body.until, { kind: 'end-wait', task: body.task, attempt: body.attempt }));
        break;
      case 'approval.requested':
        timers.push(timer(missionId, body.deadline, { kind: 'limit-approval', task: body.task, attempt: body.attempt }));
        break;
      case 'gate.evaluation-failed':
        if (body.retryAt !== null) timers.push(timer(missionId, body.retryAt, { kind: 'retry-gate', phase: body.phase, attempt: body.attempt }));
        break;
      case 'waiver.requested':
        timers.push(timer(missionId, body.until, { kind: 'end-waiver', phase: body.phase, waiver: body.waiver }));
        break;
      case 'waiver.approved':
      case 'waiver.counted-down':
        timers.push(...nextDay(missionId, state, body));
        break;
      case 'gate.shut':
      case 'healing.started':
      case 'phase.started':
      case 'phase.repeated':
      case 'phase.retried':
      case 'task.retried':
      case 'task.completed-by-hand':
      case 'task.skipped':
        timers.push(...deadlines(missionId, state));
        break;
      case 'mission.cancelled':
        cancelAttempts = true;
        break;
      default:
        break;
    }
  }
  return { jobs: [...jobs, ...timers.map(({ id, fireAt }) => timerJob(id, fireAt - now))], timers, packs, cancelAttempts };
}

/** The limits of what runs now: a timer that is set already is the same one. */
function deadlines(missionId: string, state: MissionState | null): readonly Timer[] {
  if (!isMission(state)) return [];
  const phases = [...state.phases.values()].flatMap(({ id, status, deadline }) => (deadline === undefined || status !== 'running' ? [] : [timer(missionId, deadline, { kind: 'limit-phase', phase: id, at: deadline })]));
  return state.deadline === undefined ? phases : [...phases, timer(missionId, state.deadline, { kind: 'limit-mission', at: state.deadline })];
}

/** A waiver counts down day by day. */
function nextDay(missionId: string, state: MissionState | null, { phase, waiver, daysLeft }: { readonly phase: string; readonly waiver: number; readonly daysLeft: number }): readonly Timer[] {
  const until = isMission(state) ? state.phases.get(phase)?.waivers?.find(({ number }) => number === waiver)?.until : undefined;
  if (until === undefined || daysLeft <= 1) return [];
  return [timer(missionId, until - (daysLeft - 1) * 86_400_000, { kind: 'count-waiver', phase, waiver, daysLeft: daysLeft - 1 })];
}

/** Effects of several decisions, in their order. */
export function together(effects: readonly Effects[]): Effects {
  return {
    jobs: effects.flatMap(({ jobs }) => jobs),
    timers: effects.flatMap(({ timers }) => timers),
    packs: effects.flatMap(({ packs }) => packs),
    cancelAttempts: effects.some(({ cancelAttempts }) => cancelAttempts),
  };
}

/** The job that brings GitHub up to date, named after the event that asked for it. */
export function syncAfter(events: readonly MissionEvent[]): readonly JobRequest[] {
  const last = events.at(-1);
  return last ? [syncJob(last.missionId, last.seq)] : [];
}

function timer(missionId: string, fireAt: number, purpose: TimerPurpose): Timer {
  // The id is the timer's meaning: the same timer set twice is one timer.
  const id = `timer-${sha256(JSON.stringify([missionId, purpose])).slice(0, 32)}`;
  return { id, fireAt, purpose };
}
