import { closedGate } from '../state.ts';
import type { PhaseState, TaskState } from '../state.ts';

export function newTask(id: string, openNeeds: number, branching = false): TaskState {
  return {
    id,
    status: 'pending',
    attempt: 0,
    openNeeds,
    ...(branching ? { unsettled: openNeeds } : {}),
    failures: 0,
    losses: 0,
    reason: null,
    failure: null,
    base: null,
    commit: null,
    worker: null,
    evidence: null,
    doneBy: null,
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    retryAt: null,
    readyAt: null,
  };
}

export function newPhase(id: string, open: number): PhaseState {
  return { id, status: 'pending', open, failed: 0, startedAt: null, finishedAt: null, gate: closedGate };
}
