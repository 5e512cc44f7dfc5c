import type { Mission } from '../../core/mission/state.ts';
import type { CheckView } from '../../core/mission/view.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import type { ObjectRecord } from '../../engine/ports/projector.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Json } from '../../kit/json.ts';
import { annotationsOf, annotationsPerCall } from '../messages/annotations.ts';
import { checkState } from './check-runs.ts';
import type { Desk } from './desk.ts';
import { findingsOf } from './findings.ts';

/** How many of a check run's annotations are there already. */
interface Progress {
  readonly total: number;
  readonly posted: number;
  /** GitHub would not have these; they are not there and are not tried again. */
  readonly refused: number;
}

/**
 * Shows a judged gate's findings at their lines, fifty in a call. GitHub only ever appends, so each call is made exactly once:
 * its intent is recorded before it, and after an unknown outcome GitHub is asked how many annotations there are. They come
 * after the gate's own state, in calls of their own: no finding can keep a decision from being shown.
 */
export async function putAnnotations(desk: Desk, mission: Mission, check: CheckView): Promise<void> {
  if (check.subject.kind !== 'gate' || check.status !== 'completed') return;
  const { gate } = check.subject.phase;
  const runId = desk.present(check.key)?.remoteId ?? null;
  if (runId === null || gate.reports.every((report) => (report.findings?.digest ?? null) === null)) return;
  const key = `annotations:${check.key}`;
  const known = desk.record(key);
  const before = progressOf(known);
  if (known?.state === 'present' && before !== null && isComplete(before)) return;
  const annotations = annotationsOf(desk.ink, await findingsOf(desk, gate));
  const at = { ...(before ?? { posted: 0, refused: 0 }), total: annotations.length };
  let progress = known?.state === 'intended' ? await settled(desk, known, at, runId) : at;
  const note = (state: ObjectRecord['state']): Promise<ObjectRecord> => desk.remember({ key, state, remoteId: runId, rendered: null, memory: JSON.stringify(progress), ...(state === 'intended' ? { intendedAt: desk.now() } : {}) });
  let refusal: HostError | null = null;
  // What the check itself says goes along with every batch; without a batch nobody needs it.
  const state = isComplete(progress) ? null : await checkState(desk, mission, check);
  while (!isComplete(progress)) {
    if (state === null) break;
    const from = progress.posted + progress.refused;
    const batch = annotations.slice(from, from + annotationsPerCall);
    await note('intended');
    try {
      await desk.write({ write: 'annotations', what: `showing what the guards of ${check.name} found`, priority: 'status', content: false }, (octokit) =>
        octokit.rest.checks.update({ ...desk.at, check_run_id: runId, ...state, output: { ...state.output, annotations: [...batch] } }),
      );
      progress = { ...progress, posted: progress.posted + batch.length };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Somebody deleted the run: there is nothing left to write to, and nothing to report.
      const isGone = error.failure === 'gone';
      progress = { ...progress, refused: progress.refused + (isGone ? progress.total - from : batch.length) };
      if (!isGone) refusal = error;
    }
  }
  await note('present');
  if (refusal !== null) throw refusal;
}

/** What an earlier run meant to post may be there or not: GitHub knows. A call that was still on its way has landed by then. */
async function settled(desk: Desk, { intendedAt }: ObjectRecord, progress: Progress, runId: number): Promise<Progress> {
  await desk.settle(intendedAt);
  const there = await desk.read('counting the annotations of a check', async (octokit) => {
    let found = 0;
    for await (const { data } of octokit.paginate.iterator(octokit.rest.checks.listAnnotations, { ...desk.at, check_run_id: runId, per_page: 100 })) found += data.length;
    return found;
  });
  return { ...progress, posted: Math.min(progress.total - progress.refused, Math.max(progress.posted, there)) };
}

/** GitHub answered, and the answer was no: the same call would be refused again. */
function isRefusal(error: unknown): error is HostError {
  return error instanceof HostError && (error.failure === 'gone' || error.failure === 'unexpected') && error.status !== null;
}

function isComplete({ total, posted, refused }: Progress): boolean {
  return posted + refused >= total;
}

function progressOf(record: ObjectRecord | null): Pick<Progress, 'total' | 'posted' | 'refused'> | null {
  if (record === null || record.memory === null) return null;
  const value = JSON.parse(record.memory) as Json;
  if (!isJsonObject(value)) return null;
  const { total, posted, refused } = value;
  return typeof total === 'number' && typeof posted === 'number' && typeof refused === 'number' ? { total, posted, refused } : null;
}
