import { noFault } from '../../engine/fault-point.ts';
import type { Running } from '../../engine/engine.ts';
import { hasFailed, isMission } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import { trunkBranch } from '../../core/mission/source.ts';
import { systemClock } from '../../kit/system-clock.ts';
import type { StepRegistry } from '../../steps/registry.ts';
import { FolderInUse } from '../../store/folder-lock.ts';
import { faultPointFrom } from '../fault.ts';
import { carryOut } from './carry-out.ts';
import type { Stopped } from './carry-out.ts';
import { CannotRun } from './exit-codes.ts';
import { exportTo } from './export-local.ts';
import type { Asking } from './gate-question.ts';
import { goOn } from './go-on.ts';
import type { GoOn } from './go-on.ts';
import type { Interruption } from './interruption.ts';
import { tagLedger } from './ledger-tag.ts';
import type { LocalRepository } from './local-repository.ts';
import { beginning } from './local-signals.ts';
import { mergeIntoBranch } from './merge-result.ts';
import { removeDatabase, writeRecord } from './mission-folder.ts';
import type { MissionRecord } from './mission-folder.ts';
import type { FailedOutput, Reporter, RunEnd } from './reporter.ts';
import { tellEvents } from './tell-events.ts';
import { wireLocal } from './wire-local.ts';
import type { LocalParts } from './wire-local.ts';
import { wordsAtEnd } from './words-at-end.ts';

export interface LocalRun {
  readonly repository: LocalRepository;
  readonly record: MissionRecord;
  readonly reporter: Reporter;
  readonly steps: StepRegistry;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly yesTo: (phase: string) => boolean;
  readonly asking: Asking | null;
  readonly interruption: Interruption;
  /** Bring the trunk into the branch the person was on, once the mission is completed. */
  readonly merge: boolean;
  readonly notes: readonly string[];
  /** Null for a mission that is just begun. */
  readonly resuming: Pick<GoOn, 'budget' | 'cancel'> | null;
  /** Where the tasks' programs are looked for; the system's folders when absent. */
  readonly programPath?: string;
}

/** Running work gets this long to give itself back. */
const graceMs = 0;

/** Carries a mission out, or on, in this process; everything that is left says how to go on. */
export async function runLocal(run: LocalRun): Promise<RunEnd> {
  const startedAt = systemClock.now();
  const { record, repository } = run;
  const faultPoint = run.env.MISSIONGATE_FAULT === undefined && run.env.MISSIONGATE_FAULT_TRACE === undefined ? noFault : faultPointFrom(run.env);
  const parts = await open(run, () => wireLocal({ repository, record, steps: run.steps, env: run.env, version: run.version, programPath: run.programPath, faultPoint, onFailure: (error) => run.interruption.fail(error) }));
  run.reporter.begun(record, run.resuming === null ? 'begun' : 'resumed', run.notes);
  const { stopped, exported, failures } = await carriedOut(run, parts);
  const { mission } = stopped;
  const over = stopped.why === 'over';
  writeRecord(repository, { ...record, status: mission.status });
  if (over && !hasFailed(mission)) removeDatabase(repository, record.number);
  const merged = mission.status === 'completed' ? await mergeIntoBranch({ repository, record, head: mission.trunk.head, env: run.env, wanted: run.merge }) : [];
  const anchored = mission.status === 'completed' ? await tagLedger({ repository, record, commit: mission.trunk.head, status: mission.status }) : [];
  const { exitCode, words } = wordsAtEnd(stopped, record, { cancelled: run.resuming?.cancel === true, logFile: parts.logFile });
  const end: RunEnd = {
    number: record.number,
    status: mission.status,
    exitCode,
    words: [...merged, ...words, ...anchored],
    trunk: trunkBranch(record.number),
    head: mission.trunk.head === mission.trunk.base ? null : mission.trunk.head,
    base: mission.trunk.base,
    export: record.out,
    ledgerHead: exported,
    elapsedMs: systemClock.now() - startedAt,
    outputs: mission.outputs ?? null,
  };
  run.reporter.ended(end, mission, failures);
  return end;
}

async function open(run: LocalRun, wiring: () => Promise<LocalParts>): Promise<LocalParts> {
  try {
    return await wiring();
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new CannotRun(`Mission ${run.record.number} (${run.record.name}) is being carried out by process ${error.pid}. Look there, or end that process first.`);
  }
}

/** Starts the engine, follows the mission, stops the engine, and writes what remains. */
async function carriedOut(run: LocalRun, parts: LocalParts): Promise<{ readonly stopped: Stopped; readonly exported: string | null; readonly failures: readonly FailedOutput[] }> {
  const { record, repository, reporter } = run;
  const running: Running[] = [];
  try {
    const worker = await parts.worker();
    const tellNews = tellEvents(parts.store, record, reporter, (await parts.store.read(record.missionId))?.state.seq ?? 0);
    await parts.engine.receive(beginning(record, systemClock.now()));
    await parts.engine.advance(record.missionId);
    await parts.engine.superviseOnce();
    if (run.resuming !== null) await goOn({ parts, record, repository, ...run.resuming });
    running.push(parts.engine.startSupervision(), parts.engine.startApp(), parts.engine.startWorker(worker));
    const stopped = await carryOut({ parts, record, repository, reporter, yesTo: run.yesTo, asking: run.asking, stop: run.interruption.signal, tellNews });
    if (stopped.why === 'interrupted') reporter.note('Stopping: running work is given back. Ctrl-C again ends at once.');
    for (const part of running.splice(0).toReversed()) await part.close(graceMs);
    await tellNews();
    const state = (await parts.store.read(record.missionId))?.state ?? null;
    const exported = await exportTo(record.out, parts.store, record.missionId, parts.signing);
    const mission = isMission(state) ? state : stopped.mission;
    return { stopped: { ...stopped, mission }, exported, failures: await failedOutputs(parts.store, mission) };
  } finally {
    for (const part of running.toReversed()) await part.close(graceMs).catch(() => undefined);
    await parts.close();
  }
}

/** What the programs of failed tasks said, as far as it was kept: a gate's evidence does not hold it. */
async function failedOutputs(store: LocalParts['store'], mission: Mission): Promise<readonly FailedOutput[]> {
  const outputs: FailedOutput[] = [];
  for (const { id, status, evidence } of mission.tasks.values()) {
    for (const { name, digest } of status === 'failed' ? (evidence?.artifacts ?? []) : []) {
      const artifact = await store.artifact(mission.missionId, digest);
      if (artifact !== null) outputs.push({ task: id, name, text: artifact.text });
    }
  }
  return outputs;
}
