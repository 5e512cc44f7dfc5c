import { nearestWord } from '../../../kit/nearest-word.ts';
import { isJsonObject } from '../../../kit/json.ts';
import type { JsonObject } from '../../../kit/json.ts';
import { err, ok } from '../../../kit/result.ts';
import type { Result } from '../../../kit/result.ts';
import { waitEnd } from '../../schedule/wait-end.ts';
import { resolveTemplates } from '../../expression/template.ts';
import type { Actor } from '../actor.ts';
import { isNamed, lowestRole, readQuestion } from '../approval-question.ts';
import { contextOfTask } from '../context.ts';
import type { ApprovalVia } from '../event.ts';
import type { PlannedTask } from '../plan.ts';
import type { Signal, TimerPurpose } from '../signal.ts';
import { phaseOf, taskOf } from '../state.ts';
import type { Mission, TaskState, WaitState } from '../state.ts';
import { failForGood, keepResult } from './attempts.ts';
import { reaches } from './authority.ts';
import { accept, refuse } from './draft.ts';
import type { Draft, Entry } from './draft.ts';
import { isSame } from '../contributors.ts';
import { refuseWhenOver, writtenAt } from './gates.ts';

type CommandEntry = Entry<Extract<Signal, { kind: 'command.given' }>>;
type Asked = Extract<WaitState, { for: 'people' }>;

/** The turn of a task that no worker runs: people are asked, or a timer is set. */
export function beginWaiting(draft: Draft, mission: Mission, planned: PlannedTask): void {
  const task = taskOf(mission, planned.id);
  if (!task) return;
  const parameters = filledIn(mission, planned);
  if (!parameters.ok) return failForGood(draft, mission, task.id, 'input', parameters.error, null);
  const attempt = task.attempt + 1;
  const limitMs = planned.timeoutSeconds * 1000;
  if (planned.waits === 'people') {
    const asked = readQuestion(parameters.value);
    if (!asked.ok) return failForGood(draft, mission, task.id, 'input', asked.error, null);
    return draft.emit({ type: 'approval.requested', task: task.id, attempt, ...asked.value, deadline: draft.now + limitMs });
  }
  const end = waitEnd(parameters.value, draft.now);
  if (!end.ok) return failForGood(draft, mission, task.id, 'input', end.error, null);
  const ms = Math.max(0, end.value - draft.now);
  if (ms > limitMs) return failForGood(draft, mission, task.id, 'input', `the wait of ${Math.round(ms / 1000)} s is longer than the task's time limit of ${Math.round(limitMs / 1000)} s. Raise "timeout-minutes".`, null);
  draft.emit({ type: 'wait.started', task: task.id, attempt, until: draft.now + ms });
}

function filledIn(mission: Mission, planned: PlannedTask): Result<JsonObject, string> {
  const resolved = resolveTemplates(planned.with, contextOfTask(mission, planned.id));
  if (resolved.ok) return ok(isJsonObject(resolved.value) ? resolved.value : {});
  return err(resolved.error.slice(0, 5).map(({ path, message }) => `with.${path.join('.')}: ${message}`).join(' '));
}

/** `/approve <task>`: one of the answers that a waiting task needs. The same person twice is one person. */
export function approveTask(draft: Draft, entry: CommandEntry): void {
  const found = askedTask(draft, entry, 'approve');
  if (!found) return;
  const { mission, task, wait } = found;
  const { actor } = entry.signal;
  if (!wait.allowRequester && isSame(actor.login, mission.requestedBy.login)) return refuse(draft, entry, actor, 'approval-own-mission', { task: task.id });
  if (wait.approvals.some(({ by }) => isSame(by.login, actor.login))) return accept(draft, entry, actor, 'approval-given-already', { task: task.id });
  draft.emit({ type: 'approval.given', task: task.id, attempt: task.attempt, by: actor, role: roleIn(entry), via: viaOf(entry) });
  completeWhenAgreed(draft, task.id);
  accept(draft, entry, actor, 'approval-given', { task: task.id });
}

/** `/reject <task> <reason>`: one no is enough, and it is final. */
export function rejectTask(draft: Draft, entry: CommandEntry): void {
  const found = askedTask(draft, entry, 'reject');
  if (!found) return;
  const { mission, task } = found;
  const { actor, command } = entry.signal;
  const reason = command.text.trim();
  if (reason === '') return refuse(draft, entry, actor, 'approval-reason-missing', { task: task.id });
  draft.emit({ type: 'approval.refused', task: task.id, attempt: task.attempt, by: actor, role: roleIn(entry), via: viaOf(entry), reason });
  failForGood(draft, draft.mission ?? mission, task.id, 'work', `rejected by @${actor.login}: ${reason}`, evidenceOf(draft, task, `Rejected by @${actor.login}.`, 'approval'));
  accept(draft, entry, actor, 'approval-refused', { task: task.id });
}

/** The time of a wait is over. A pause does not stop time; it only keeps what follows from starting. */
export function endWait(draft: Draft, { task: id, attempt }: Extract<TimerPurpose, { kind: 'end-wait' }>): void {
  const found = stillWaiting(draft, id, attempt, 'time');
  if (!found) return;
  const ms = Math.max(0, draft.now - (found.task.startedAt ?? draft.now));
  finish(draft, found.mission, found.task, { 'waited-ms': ms, at: new Date(draft.now).toISOString() }, `Waited ${Math.round(ms / 1000)} s.`, 'wait');
}

/** Nobody, or too few, answered in time. */
export function endApproval(draft: Draft, { task: id, attempt }: Extract<TimerPurpose, { kind: 'limit-approval' }>): void {
  const found = stillWaiting(draft, id, attempt, 'people');
  if (found?.task.wait?.for !== 'people') return;
  const { approvals, count } = found.task.wait;
  failForGood(draft, found.mission, id, 'timeout', `${approvals.length} of ${count} approvals came before its time was over`, evidenceOf(draft, found.task, 'Nobody decided in time.', 'approval'));
}

function stillWaiting(draft: Draft, id: string, attempt: number, waits: WaitState['for']): { readonly mission: Mission; readonly task: TaskState } | null {
  const { mission } = draft;
  const task = mission && taskOf(mission, id);
  return mission && task?.status === 'waiting' && task.attempt === attempt && task.wait?.for === waits ? { mission, task } : null;
}

function completeWhenAgreed(draft: Draft, id: string): void {
  const { mission } = draft;
  const task = mission && taskOf(mission, id);
  if (!mission || task?.wait?.for !== 'people' || task.wait.approvals.length < task.wait.count) return;
  const people = task.wait.approvals.map(({ by }) => by.login);
  finish(draft, mission, task, { 'approved-by': people }, `Approved by ${people.map((login) => `@${login}`).join(', ')}.`, 'approval');
}

function finish(draft: Draft, mission: Mission, task: TaskState, outputs: JsonObject, summary: string, producer: string): void {
  keepResult(draft, mission, task, { outcome: 'succeeded', commit: null, branch: null, evidence: evidenceOf(draft, task, summary, producer), outputs: outputs as { readonly [name: string]: NonNullable<JsonObject[string]> } });
}

/** What remains of a wait at its gate. It used nobody's time, so that no budget counts it. */
function evidenceOf(draft: Draft, task: TaskState, summary: string, producer: string) {
  return { summary, artifacts: [], diff: null, durationMs: Math.max(0, draft.now - (task.startedAt ?? draft.now)), producer };
}

/** The task that a person answers, if it asks, and if it asks them; null after saying why not. */
function askedTask(draft: Draft, entry: CommandEntry, verb: 'approve' | 'reject'): { readonly mission: Mission; readonly task: TaskState; readonly wait: Asked } | null {
  const { actor, command } = entry.signal;
  const { mission } = draft;
  if (!mission || actor.kind !== 'person' || refuseWhenOver(draft, entry, actor)) return null;
  const no = (code: string, facts: Parameters<typeof refuse>[4] = {}): null => {
    refuse(draft, entry, actor, code, { verb, ...facts });
    return null;
  };
  const asking = mission.counts.waiting === 0 ? [] : [...mission.index.tasks.keys()].filter((id) => isAsking(taskOf(mission, id)));
  const id = command.arguments[0] ?? (asking.length === 1 ? asking[0] : undefined);
  if (id === undefined && asking.length > 1) return no('which-approval', { waiting: asking.slice(0, 20) });
  if (id === undefined) return isMeant(mission) ? no('no-approval-waiting', { gates: waitingGates(mission) }) : null;
  const task = taskOf(mission, id);
  if (!task) return no('unknown-approval', { task: id, gate: waitingGates(mission).includes(id), nearest: nearestWord(id, asking), waiting: asking.slice(0, 20) });
  const { wait } = task;
  if (task.status !== 'waiting' || wait?.for !== 'people') return no('approval-not-asked', { task: id, status: task.status, people: mission.index.tasks.get(id)?.waits === 'people' });
  const phase = mission.index.tasks.get(id)?.phase ?? '';
  if (phaseOf(mission, phase)?.status !== 'running') return no('approval-phase-over', { task: id, phase });
  // Words mean the question that stood there when they were written, not one that was asked later.
  if (writtenAt(entry) < (task.startedAt ?? 0)) return no('approval-asked-later', { task: id });
  if (!mayAnswer(draft, entry, actor, wait)) return null;
  return { mission, task, wait };
}

/** Other bots know the bare word `/approve` too: where nothing of ours asks people, it is theirs. */
function isMeant(mission: Mission): boolean {
  return waitingGates(mission).length > 0 || mission.plan.tasks.some(({ waits }) => waits === 'people');
}

function isAsking(task: TaskState | null): boolean {
  return task?.status === 'waiting' && task.wait?.for === 'people';
}

function waitingGates(mission: Mission): readonly string[] {
  return mission.plan.phases.flatMap(({ id }) => (phaseOf(mission, id)?.gate.status === 'awaiting' ? [id] : []));
}

/** A person who is named may answer whatever their role; for all others the role is looked up, and not knowing it means no. */
function mayAnswer(draft: Draft, entry: CommandEntry, actor: Actor, { from }: Asked): boolean {
  const { authority } = entry.facts;
  const minimum = lowestRole(from);
  if (isNamed(from, actor.login) || (minimum !== null && reaches(authority, minimum))) return true;
  if (authority?.known !== true && minimum !== null) refuse(draft, entry, actor, 'permission-unknown', { reason: authority?.reason ?? 'not looked up' });
  else refuse(draft, entry, actor, 'approval-not-yours', { from, role: roleIn(entry) });
  return false;
}

function roleIn({ facts: { authority } }: CommandEntry): string {
  return authority?.known === true ? authority.role : 'none';
}

function viaOf({ signal }: CommandEntry): ApprovalVia {
  return signal.via ?? (signal.source.installationId > 0 ? 'comment' : 'terminal');
}
