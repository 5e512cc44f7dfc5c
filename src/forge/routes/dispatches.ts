import { gitHubTime } from '../model/github-time.ts';
import { notFound, Problem, validationFailed } from '../rest/problem.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { Route } from '../rest/router.ts';

const BASE = '/repos/{owner}/{repo}';
/** GitHub's caps. */
const EVENT_TYPE_MAX = 100;
const CLIENT_PAYLOAD_PROPERTIES_MAX = 10;
const WORKFLOW_INPUTS_MAX = 25;

/** Dispatches are recorded (and `repository_dispatch` announced); the forge runs no workflows. */
export const dispatchRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: `${BASE}/dispatches`,
    access: { by: 'member', permission: [['contents', 'write']], role: 'write' },
    handle(context) {
      const { body, repository, world } = context;
      const name = body.requiredText('event_type');
      const payload = body.object('client_payload')?.value ?? {};
      if (name.length > EVENT_TYPE_MAX) throw validationFailed({ resource: 'RepositoryDispatch', field: 'event_type', code: 'invalid' });
      if (Object.keys(payload).length > CLIENT_PAYLOAD_PROPERTIES_MAX) {
        throw new Problem(422, `Invalid request.\n\nNo more than ${CLIENT_PAYLOAD_PROPERTIES_MAX} properties are allowed; ${Object.keys(payload).length} were supplied.`);
      }
      repository.dispatches.push({ kind: 'repository_dispatch', name, ref: repository.defaultBranch, payload, sender: context.account.login, at: context.now });
      world.emit({ event: 'repository_dispatch', action: name, repository, sender: context.account, payload: { branch: repository.defaultBranch, client_payload: payload } });
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    template: `${BASE}/actions/workflows/{workflow_id}/dispatches`,
    access: { by: 'member', permission: [['actions', 'write']], role: 'write' },
    async handle(context) {
      const { body, repository, world } = context;
      const workflow = context.param('workflow_id');
      const ref = body.requiredText('ref');
      const inputs = body.object('inputs')?.value ?? {};
      const commit = await repository.git.resolveCommit(ref.replace(/^refs\/(heads|tags)\//, ''));
      if (commit === null) throw new Problem(422, `No ref found for: ${ref}`);
      const path = `.github/workflows/${workflow}`;
      const entry = await repository.git.entryAt(commit, path);
      if (entry?.type !== 'blob') throw notFound();
      if (!(await repository.git.blob(entry.sha)).toString('utf8').includes('workflow_dispatch')) throw new Problem(422, "Workflow does not have 'workflow_dispatch' trigger");
      if (!isJsonObject(inputs) || Object.keys(inputs).length > WORKFLOW_INPUTS_MAX) throw new Problem(422, `Workflow inputs: at most ${WORKFLOW_INPUTS_MAX} are allowed`);
      repository.dispatches.push({ kind: 'workflow_dispatch', name: workflow, ref, payload: inputs, sender: context.account.login, at: context.now });
      world.log(`${gitHubTime(context.now)} workflow ${workflow} dispatched on ${ref}; the forge records it and runs nothing`);
      world.emit({ event: 'workflow_dispatch', action: null, repository, sender: context.account, payload: { inputs, ref: ref.startsWith('refs/') ? ref : `refs/heads/${ref}`, workflow: path } });
      return { status: 204 };
    },
  },
];
