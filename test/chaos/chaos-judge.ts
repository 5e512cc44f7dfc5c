import type { LedgerEntry } from '../../src/core/ledger/chain.ts';
import { verifyMission } from '../../src/core/ledger/verify.ts';
import type { ChaosRecord, LeaseRow } from './chaos-record.ts';

export interface Verdict {
  readonly tasks: number;
  readonly finished: number;
  /** Tasks and missions that did not end, in words. */
  readonly lost: readonly string[];
  /** What happened twice although it may happen once. */
  readonly doubled: readonly string[];
  /** Everything else that must not be. */
  readonly faults: readonly string[];
}

/** Attempts of one task may not overlap; clocks of one machine may differ by less than this between processes, in milliseconds. */
const clockToleranceMs = 5;

/**
 * Judges what a run left: every mission completed, every task completed exactly once by exactly one recorded result, no two
 * attempts with a right to the same task at the same time, every ledger verifies, nothing left undecided or unsent.
 */
export function judge(record: ChaosRecord, expectedTasks: number): Verdict {
  const lost: string[] = [];
  const doubled: string[] = [];
  const faults: string[] = [];
  for (const mission of record.missions) {
    if (mission.status !== 'completed') lost.push(`mission ${mission.id} is ${mission.status}`);
    judgeLedger(mission, record, lost, doubled, faults);
  }
  judgeLeases(record, doubled, faults);
  if (record.tasks.length !== expectedTasks) lost.push(`${record.tasks.length} tasks are known, ${expectedTasks} were planted`);
  if (record.undecided > 0) lost.push(`${record.undecided} signals were never decided`);
  if (record.unsent > 0) lost.push(`${record.unsent} jobs were never handed to the queue`);
  return { tasks: expectedTasks, finished: record.tasks.filter(({ status }) => status === 'done').length, lost, doubled, faults };
}

function judgeLedger(mission: ChaosRecord['missions'][number], record: ChaosRecord, lost: string[], doubled: string[], faults: string[]): void {
  const report = verifyMission({ ledger: mission.ledger, packs: [], artifacts: [], expectedHead: null });
  // Packs are not read here: only the chain and what follows from it is judged.
  for (const fault of report.faults) if (fault.startsWith('ledger.jsonl')) faults.push(`mission ${mission.id}: ${fault}`);
  if (report.status !== null && report.status !== mission.status) faults.push(`mission ${mission.id} is ${mission.status}, but its ledger says ${report.status}`);
  const completed = new Map<string, number>();
  const queued = new Map<string, number>();
  for (const line of mission.ledger) {
    const { body } = JSON.parse(line) as LedgerEntry;
    if (body.type === 'task.completed') count(completed, body.task);
    if (body.type === 'task.queued') count(queued, `${body.task} attempt ${body.attempt}`);
    if (body.type === 'mission.completed') count(completed, 'the mission');
  }
  for (const { mission: of, task, status } of record.tasks) {
    if (of !== mission.id) continue;
    if (!completed.has(task)) lost.push(`${of} ${task} is ${status} and was never completed`);
    else if (status !== 'done') faults.push(`${of} ${task} was completed, but its row says ${status}`);
  }
  for (const [what, times] of [...completed, ...queued]) if (times > 1) doubled.push(`${mission.id} ${what} ×${times} in the ledger`);
}

function judgeLeases(record: ChaosRecord, doubled: string[], faults: string[]): void {
  const succeeded = new Map<string, number>();
  const statuses = new Map(record.leases.map((lease) => [nameOf(lease), lease.status]));
  for (const result of record.results) {
    if (result.outcome === 'succeeded') count(succeeded, `${result.mission} ${result.subject}`);
    const status = statuses.get(nameOf(result)) ?? 'not there';
    if (status !== 'settled') faults.push(`${nameOf(result)}: a result was taken although its lease is ${status}`);
  }
  for (const [what, times] of succeeded) if (times > 1) doubled.push(`${what} succeeded ×${times}`);
  let previous: LeaseRow | null = null;
  for (const lease of record.leases) {
    if (lease.status === 'held') faults.push(`${nameOf(lease)} still has its lease`);
    if (previous && previous.mission === lease.mission && previous.subject === lease.subject && lease.claimedAt < previous.endedAt - clockToleranceMs) {
      doubled.push(`${nameOf(lease)} began ${previous.endedAt - lease.claimedAt} ms before the right of attempt ${previous.attempt} ended`);
    }
    previous = lease;
  }
}

function nameOf({ mission, subject, attempt }: Pick<LeaseRow, 'mission' | 'subject' | 'attempt'>): string {
  return `${mission} ${subject} attempt ${attempt}`;
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
