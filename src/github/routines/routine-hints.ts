import { routineFolder } from '../../core/schedule/routine.ts';
import type { RoutinePlace } from '../../engine/ports/routines.ts';
import type { RoutineHint } from '../../engine/routines/hints.ts';
import { repositoryOf } from '../webhooks/mapping.ts';
import type { WebhookEvent } from '../webhooks/mapping.ts';
import { touchesDefaultBranch } from '../webhooks/push.ts';
import { field, idAt, nameAt } from '../webhooks/reading.ts';

const workflowFolder = '.github/workflows/';

/** What a webhook means for routines; null when it means nothing. Pure and total, whatever the payload. */
export function routineHintOf({ name, payload, id }: WebhookEvent): RoutineHint | null {
  if (name !== 'push' && name !== 'repository_dispatch' && name !== 'workflow_run') return null;
  const repository = repositoryOf(payload);
  if (repository === null) return null;
  const { installationId, ...rest } = repository;
  const place = { installationId, repository: rest };
  if (name === 'push') return touchesDefaultBranch(payload, repository, (path) => path.startsWith(`${routineFolder}/`)) ? { kind: 'files', place } : null;
  if (name === 'workflow_run') return ofWorkflowRun(place, payload);
  const type = nameAt(payload, 'action');
  return type === null ? null : { kind: 'event', place, event: { kind: 'repository-dispatch', type }, key: id };
}

/** A run that ended for a commit of the default branch; a branch of that name in a fork is another one. */
function ofWorkflowRun(place: RoutinePlace, payload: unknown): RoutineHint | null {
  const run = field(payload, 'workflow_run');
  const number = idAt(run, 'id');
  const path = (nameAt(run, 'path') ?? '').replace(/@.*$/s, '');
  const conclusion = nameAt(run, 'conclusion');
  const isOurs = idAt(run, 'head_repository', 'id') === place.repository.id && nameAt(run, 'head_branch') === place.repository.defaultBranch;
  if (nameAt(payload, 'action') !== 'completed' || number === null || conclusion === null || !isOurs || !path.startsWith(workflowFolder)) return null;
  return { kind: 'event', place, event: { kind: 'workflow-run', workflow: path.slice(workflowFolder.length), conclusion }, key: `workflow-run:${number}:${idAt(run, 'run_attempt') ?? 1}` };
}
