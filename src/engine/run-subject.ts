import { taskBranch } from '../core/mission/source.ts';
import type { PlannedTask } from '../core/mission/plan.ts';
import type { Mission } from '../core/mission/state.ts';
import type { Clock } from '../kit/time.ts';
import { StepError } from '../steps/step-type.ts';
import type { StepOutcome } from '../steps/step-type.ts';
import { collectEvidence, storableOutputs } from './evidence.ts';
import { guards } from '../guards/registry.ts';
import { examine } from './guards.ts';
import { keptArtifacts } from './kept-artifacts.ts';
import { withFindings } from './heal-task.ts';
import { environmentOfGuards, fillIn, limitOf, workOf } from './prepare-task.ts';
import type { TimeLimit, Work } from './prepare-task.ts';
import { refuseOutsideScope } from './scope.ts';
import type { LeaseKeeper } from './keep-lease.ts';
import type { Lease } from './ports/store.ts';
import type { AttemptWorkspace } from './ports/workspaces.ts';
import type { RunAttemptParts, SubjectResult } from './attempt-parts.ts';

/** Made once: an abort without a reason makes a new error, with its stack, every time. */
const over = new Error('the work is over');
/** Time limit of one guard run, in milliseconds. */
const guardTimeoutMs = 30 * 60_000;

/** Runs a task's step in a worktree of its own (when it needs one), commits what changed and pushes it to the task's branch. */
export async function runTask(parts: RunAttemptParts, mission: Mission, lease: Lease, keeper: LeaseKeeper): Promise<SubjectResult> {
  const work = workOf(parts.steps, mission, lease.subject);
  if (work === null) return nothingToUndo(mission, lease);
  const startedAt = parts.clock.now();
  const limit = limitOf(mission, work.planned, startedAt);
  const workspace = work.type.needsWorkspace ? await openWorkspace(parts, mission, lease, keeper, work.base) : null;
  try {
    const { parameters: filled, env, title } = await fillIn(parts.steps, mission, work, workspace);
    const parameters = await withFindings(parts.store, mission.missionId, work.planned, filled);
    const outcome = await withTimeLimit(parts.clock, keeper.signal, limit, (signal) =>
      work.type.run({
        missionId: mission.missionId,
        taskId: work.planned.id,
        attempt: lease.attempt,
        title,
        parameters,
        workspace,
        signal,
        timeoutMs: limit.ms,
        agent: parts.agent,
        ...(parts.outside ? { outside: parts.outside } : {}),
        about: work.planned,
        hasIssue: mission.source.installationId > 0,
        env,
        round: mission.tasks.get(work.planned.id)?.round ?? 1,
        progress: (fraction, message) => parts.log.debug('progress', { missionId: mission.missionId, task: work.planned.id, fraction, message }),
      }),
    );
    return await keepWork(parts, mission, work, lease, keeper, workspace, outcome, startedAt);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return failed(parts, work.type.name, error, parts.clock.now() - startedAt);
  } finally {
    await workspace?.dispose();
  }
}

function nothingToUndo(mission: Mission, lease: Lease): SubjectResult {
  const planned = mission.index.tasks.get(lease.subject);
  const evidence = { summary: `Nothing to undo: ${planned?.uses ?? 'the step'} names no way back.`, artifacts: [], diff: null, durationMs: 0, producer: planned?.uses ?? 'missiongate' };
  return { result: { outcome: 'succeeded', commit: null, branch: null, evidence, outputs: {} }, contents: [] };
}

async function keepWork(
  parts: RunAttemptParts,
  mission: Mission,
  { planned, type }: Work,
  lease: Lease,
  keeper: LeaseKeeper,
  workspace: AttemptWorkspace | null,
  outcome: StepOutcome,
  startedAt: number,
): Promise<SubjectResult> {
  const now = parts.clock.now();
  const committed = await workspace?.commitAll(commitMessage(mission, planned, lease), parts.identity, new Date(now));
  const branch = taskBranch(mission.source.issue.number, planned.id);
  if (workspace && committed) {
    refuseOutsideScope(planned.scope, committed.diff);
    const pushed = await workspace.push(branch, keeper.confirm);
    if (pushed === 'refused') throw new StepError('cancelled', 'the lease was lost before the push; nothing was pushed');
  }
  const { evidence, contents } = collectEvidence(
    { summary: outcome.summary, artifacts: outcome.artifacts, diff: committed?.diff ?? null, durationMs: now - startedAt, producer: type.name, ...(outcome.agent === undefined ? {} : { agent: outcome.agent }), ...(outcome.usage === undefined ? {} : { usage: outcome.usage }) },
    parts.redact,
  );
  return {
    result: { outcome: 'succeeded', commit: committed?.commit ?? null, branch: committed ? branch : null, evidence, outputs: storableOutputs(outcome.outputs, parts.redact), ...noticesOf(outcome, parts.redact) },
    contents,
  };
}

/** A step says little, and a comment has room for it. */
const mostNotices = 5;
const longestNotice = 10_000;

function noticesOf({ notices = [] }: StepOutcome, redact: (text: string) => string): { readonly notices?: readonly string[] } {
  return notices.length === 0 ? {} : { notices: notices.slice(0, mostNotices).map((text) => redact(text).slice(0, longestNotice).toWellFormed()) };
}

/** Runs a phase's guards on the trunk as the gate saw it. */
export async function runGate(parts: RunAttemptParts, mission: Mission, phaseId: string, lease: Lease, keeper: LeaseKeeper): Promise<SubjectResult> {
  const planned = mission.index.phases.get(phaseId);
  const head = mission.phases.get(phaseId)?.gate.head ?? null;
  if (!planned || head === null) throw new StepError('input', `phase ${phaseId} has no gate to examine`);
  const startedAt = parts.clock.now();
  const needsFiles = head !== mission.trunk.base || planned.guards.some((guard) => guards.find(guard.uses)?.needsFiles);
  const workspace = needsFiles ? await openWorkspace(parts, mission, lease, keeper, head) : null;
  try {
    const change = (await workspace?.identifyChange?.(mission.pull?.base ?? mission.source.repository.defaultBranch)) ?? null;
    const { reports, metrics, contents } = await examine({
      missionId: mission.missionId,
      phase: phaseId,
      attempt: lease.attempt,
      guards: planned.guards,
      rubric: planned.gate?.rubric ?? {},
      workspace,
      // Where main was merged into the trunk, what came from there is no part of the change.
      base: change?.mergeBase ?? mission.trunk.base,
      kept: keptArtifacts(parts.store, mission, phaseId),
      env: environmentOfGuards(mission, phaseId),
      steps: parts.steps,
      signal: keeper.signal,
      timeoutMs: guardTimeoutMs,
      redact: parts.redact,
    });
    return { result: { outcome: 'examined', head, reports, metrics, durationMs: Math.round(parts.clock.now() - startedAt), patchId: change?.patchId ?? null }, contents };
  } finally {
    await workspace?.dispose();
  }
}

function openWorkspace(parts: RunAttemptParts, mission: Mission, lease: Lease, keeper: LeaseKeeper, baseCommit: string): Promise<AttemptWorkspace> {
  return parts.workspaces.open({
    repository: parts.host.addressOf(mission.source),
    credentials: parts.host.credentialsFor(mission.source),
    baseCommit,
    name: `${mission.missionId}-${lease.subject.replace('/', '.')}-${lease.attempt}`,
    signal: keeper.signal,
  });
}

function failed(parts: RunAttemptParts, producer: string, error: StepError, durationMs: number): SubjectResult {
  const { evidence, contents } = collectEvidence({ summary: error.message, artifacts: error.artifacts, diff: null, durationMs, producer }, parts.redact);
  return { result: { outcome: 'failed', failure: error.failure, reason: evidence.summary, evidence }, contents };
}

async function withTimeLimit<T>(clock: Clock, outer: AbortSignal, { ms, words }: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const either = new AbortController();
  const ended = new AbortController();
  let isOver = false;
  const onOuter = () => either.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener('abort', onOuter, { once: true });
  const watching = (async () => {
    await clock.sleep(ms, ended.signal);
    isOver = true;
    either.abort(new Error('the time limit was reached'));
  })();
  watching.catch(() => undefined);
  try {
    return await work(either.signal);
  } catch (error) {
    if (isOver && !outer.aborted) {
      const artifacts = error instanceof StepError ? error.artifacts : [];
      throw new StepError('timeout', words, artifacts);
    }
    throw error;
  } finally {
    outer.removeEventListener('abort', onOuter);
    ended.abort(over);
  }
}

function commitMessage(mission: Mission, planned: PlannedTask, lease: Lease): string {
  const { repository, issue } = mission.source;
  const subject = planned.title.replaceAll(/\s+/g, ' ').trim().slice(0, 72) || planned.id;
  return [
    subject,
    '',
    `Missiongate-Mission: ${repository.owner}/${repository.name}#${issue.number}`,
    `Missiongate-Task: ${planned.id}`,
    `Missiongate-Attempt: ${lease.attempt}`,
    '',
  ].join('\n');
}
