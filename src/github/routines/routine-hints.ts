import { issueOfMissionBranch } from '../../core/mission/source.ts';
import { pushKey, routineFolder } from '../../core/schedule/routine.ts';
import type { RoutinePlace } from '../../engine/ports/routines.ts';
import type { RoutineHint } from '../../engine/routines/hints.ts';
import { actorAt, isOurBot, repositoryOf } from '../webhooks/mapping.ts';
import type { OurBot, WebhookEvent } from '../webhooks/mapping.ts';
import { pushedPaths, touchesDefaultBranch } from '../webhooks/push.ts';
import { activateButton, proposalIn } from './routine-marker.ts';
import { commitAt, field, idAt, nameAt } from '../webhooks/reading.ts';

const workflowFolder = '.github/workflows/';

/** What a webhook means for routines, mostly nothing. Pure and total, whatever the payload. */
export function routineHintsOf({ name, payload, id }: WebhookEvent, ourBot: OurBot): readonly RoutineHint[] {
  if (name !== 'push' && name !== 'repository_dispatch' && name !== 'workflow_run' && name !== 'check_run') return [];
  const repository = repositoryOf(payload);
  if (repository === null) return [];
  const { installationId, ...rest } = repository;
  const place = { installationId, repository: rest };
  if (name === 'push') {
    const files = touchesDefaultBranch(payload, repository, (path) => path.startsWith(`${routineFolder}/`));
    return [...(files ? [{ kind: 'files' as const, place }] : []), ...ofPush(place, payload, id, ourBot)];
  }
  if (name === 'check_run') return ofButton(place, payload, id, ourBot);
  if (name === 'workflow_run') return ofWorkflowRun(place, payload);
  const type = nameAt(payload, 'action');
  return type === null ? [] : [{ kind: 'event', place, event: { kind: 'repository-dispatch', type }, key: id }];
}

/** Our own button, pressed by a person. Whether they may is looked up where it is decided. */
function ofButton(place: RoutinePlace, payload: unknown, id: string, ourBot: OurBot): readonly RoutineHint[] {
  const proposal = proposalIn(nameAt(payload, 'check_run', 'external_id') ?? '');
  const sender = actorAt(payload, 'sender');
  const isPressed = nameAt(payload, 'action') === 'requested_action' && nameAt(payload, 'requested_action', 'identifier') === activateButton.identifier && idAt(payload, 'check_run', 'app', 'id') === ourBot.appId;
  return !isPressed || proposal === null || sender?.kind !== 'person' ? [] : [{ kind: 'activation', place, by: sender.login, proposal, key: id }];
}

/** A branch or tag that was made or moved, unless we did it or it is a mission's own: no mission starts the next. */
function ofPush(place: RoutinePlace, payload: unknown, id: string, ourBot: OurBot): readonly RoutineHint[] {
  const [, space, name] = /^refs\/(heads|tags)\/([^]+)$/.exec(nameAt(payload, 'ref') ?? '') ?? [];
  const commit = commitAt(payload, 'after');
  if (name === undefined || commit === null || /^0+$/.test(commit) || field(payload, 'deleted') === true) return [];
  const kind = space === 'heads' ? 'branch' : 'tag';
  const sender = actorAt(payload, 'sender');
  if ((sender !== null && isOurBot(sender, ourBot)) || (kind === 'branch' && issueOfMissionBranch(name) !== null)) return [];
  return [{ kind: 'event', place, event: { kind: 'push', ref: { kind, name }, paths: pushedPaths(payload) }, key: pushKey(commit, id) }];
}

/** A run that ended for a commit of the default branch; a branch of that name in a fork is another one. */
function ofWorkflowRun(place: RoutinePlace, payload: unknown): readonly RoutineHint[] {
  const run = field(payload, 'workflow_run');
  const number = idAt(run, 'id');
  const path = (nameAt(run, 'path') ?? '').replace(/@.*$/s, '');
  const conclusion = nameAt(run, 'conclusion');
  const isOurs = idAt(run, 'head_repository', 'id') === place.repository.id && nameAt(run, 'head_branch') === place.repository.defaultBranch;
  if (nameAt(payload, 'action') !== 'completed' || number === null || conclusion === null || !isOurs || !path.startsWith(workflowFolder)) return [];
  return [{ kind: 'event', place, event: { kind: 'workflow-run', workflow: path.slice(workflowFolder.length), conclusion }, key: `workflow-run:${number}:${idAt(run, 'run_attempt') ?? 1}` }];
}
