import type { EventBody } from '../mission/event.ts';

/** What an entry of the ledger is about. */
export type LedgerKind = 'task' | 'gate' | 'decision' | 'artifact' | 'cost' | 'signature';

export const ledgerKinds: readonly LedgerKind[] = ['task', 'gate', 'decision', 'artifact', 'cost', 'signature'];

/**
 * The kind of every type of entry. `decision`: somebody (or a rule in somebody's name) decided something; `gate`: what a gate is
 * judged by and how it stands; `artifact`: something was made or moved; `cost`: what was used up; `signature`: what makes the
 * ledger itself trustworthy; `task`: how the work goes on.
 */
export const kindOfType: { readonly [type in EventBody['type']]: LedgerKind } = {
  'conversation.opened': 'task',
  'merge-group.judged': 'decision',
  'merge-group.ended': 'decision',
  'outside-pull.judged': 'decision',
  'outside-pull.left': 'task',
  'mission.planned': 'decision',
  'mission.refused': 'decision',
  'mission.queued': 'decision',
  'mission.paused': 'decision',
  'mission.resumed': 'decision',
  'mission.cancelled': 'decision',
  'mission.failed': 'task',
  'mission.timed-out': 'task',
  'mission.completed': 'task',
  'phase.started': 'task',
  'phase.completed': 'task',
  'phase.failed': 'task',
  'phase.skipped': 'task',
  'phase.repeated': 'task',
  'phase.retried': 'decision',
  'phase.timed-out': 'task',
  'task.queued': 'task',
  'task.started': 'task',
  'task.produced': 'artifact',
  'task.completed': 'task',
  'task.repeated': 'task',
  'approval.requested': 'gate',
  'approval.given': 'decision',
  'approval.refused': 'decision',
  'wait.started': 'task',
  'notice.given': 'task',
  'task.expanded': 'task',
  'task.completed-by-hand': 'decision',
  'task.failed': 'task',
  'task.retry-due': 'task',
  'task.retried': 'decision',
  'tasks.blocked': 'task',
  'tasks.released': 'task',
  'task.skipped': 'decision',
  'tasks.skipped': 'task',
  'task.added': 'decision',
  'task.renamed': 'decision',
  'trunk.moved': 'artifact',
  'gate.evaluation-started': 'gate',
  'gate.evaluated': 'gate',
  'gate.evaluation-failed': 'gate',
  'gate.retry-due': 'gate',
  'gate.approved': 'decision',
  'gate.approvals-voided': 'gate',
  'gate.approvals-held': 'gate',
  'gate.approval-kept': 'decision',
  'gate.approval-withdrawn': 'decision',
  'gate.rejected': 'decision',
  'gate.opened': 'decision',
  'criterion.met': 'decision',
  'gate.shut': 'decision',
  'healing.started': 'gate',
  'healing.stopped': 'gate',
  'healing.reset': 'decision',
  'waiver.requested': 'decision',
  'waiver.approved': 'decision',
  'waiver.withdrawn': 'decision',
  'waiver.counted-down': 'gate',
  'waiver.expired': 'decision',
  'budget.warned': 'cost',
  'budget.exceeded': 'cost',
  'budget.raised': 'cost',
  'rollback.started': 'task',
  'rollback.finished': 'task',
  'pull.opened': 'artifact',
  'pull.retargeted': 'decision',
  'pull.merged': 'artifact',
  'pull.closed': 'decision',
  'merge.refused': 'artifact',
  'people.assigned': 'decision',
  'people.unassigned': 'decision',
  'answer.given': 'task',
  'label.consumed': 'task',
  'ledger.sealed': 'signature',
};

/** The kind of an entry; one that a later version wrote and this one does not know counts as `task`. */
export function kindOf(type: string): LedgerKind {
  return Object.hasOwn(kindOfType, type) ? kindOfType[type as EventBody['type']] : 'task';
}
