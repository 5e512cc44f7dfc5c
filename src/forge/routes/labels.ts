import { isJsonObject } from '../../kit/json.ts';
import type { Issue } from '../model/records.ts';
import { addLabels, createLabel, deleteLabel, editLabel, findLabel, removeLabel, setLabels } from '../operations/labels.ts';
import { pageReply } from '../rest/paginate.ts';
import { invalidRequest, Problem } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeLabel } from '../serialize/issues.ts';
import { ISSUES_READ, ISSUES_WRITE, issueIn } from './finders.ts';

const REPOSITORY = '/repos/{owner}/{repo}/labels';
const ISSUE = '/repos/{owner}/{repo}/issues/{issue_number}/labels';

export const labelRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: REPOSITORY,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle: (context) => pageReply(context, [...context.repository.labels.values()], (label) => serializeLabel(context.world, context.repository, label)),
  },
  {
    method: 'POST',
    template: REPOSITORY,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'write' },
    handle(context) {
      const { body, world, repository } = context;
      const label = createLabel(world, repository, context.account, { name: body.text('name'), color: body.text('color')?.replace(/^#/, ''), description: body.text('description') });
      const shown = serializeLabel(world, repository, label);
      return { status: 201, body: shown, headers: { location: String(shown['url']) } };
    },
  },
  {
    method: 'GET',
    template: `${REPOSITORY}/{name}`,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle: (context) => ({ status: 200, body: serializeLabel(context.world, context.repository, findLabel(context.repository, context.param('name'))) }),
  },
  {
    method: 'PATCH',
    template: `${REPOSITORY}/{name}`,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'write' },
    handle(context) {
      const { body, world, repository } = context;
      const label = findLabel(repository, context.param('name'));
      editLabel(world, repository, context.account, label, { newName: body.text('new_name'), color: body.text('color')?.replace(/^#/, ''), description: body.text('description') });
      return { status: 200, body: serializeLabel(world, repository, label) };
    },
  },
  {
    method: 'DELETE',
    template: `${REPOSITORY}/{name}`,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'write' },
    handle(context) {
      deleteLabel(context.world, context.repository, context.account, findLabel(context.repository, context.param('name')));
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    template: ISSUE,
    access: { by: 'anyone', permission: ISSUES_READ },
    handle: (context) => pageReply(context, issueIn(context, 'read').labels, (label) => serializeLabel(context.world, context.repository, label)),
  },
  {
    method: 'POST',
    template: ISSUE,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'triage' },
    async handle(context) {
      const issue = issueIn(context, 'write');
      await addLabels(context.world, context.repository, issue, context.account, names(context.rawBody));
      return labelsReply(context, issue);
    },
  },
  {
    method: 'PUT',
    template: ISSUE,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'triage' },
    async handle(context) {
      const issue = issueIn(context, 'write');
      await setLabels(context.world, context.repository, issue, context.account, names(context.rawBody));
      return labelsReply(context, issue);
    },
  },
  {
    method: 'DELETE',
    template: ISSUE,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'triage' },
    async handle(context) {
      await setLabels(context.world, context.repository, issueIn(context, 'write'), context.account, []);
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    template: `${ISSUE}/{name}`,
    access: { by: 'member', permission: ISSUES_WRITE, role: 'triage' },
    async handle(context) {
      const issue = issueIn(context, 'write');
      const label = issue.labels.find((one) => one.name.toLowerCase() === context.param('name').toLowerCase());
      if (label === undefined) throw new Problem(404, 'Label does not exist');
      await removeLabel(context.world, context.repository, issue, context.account, label);
      return labelsReply(context, issue);
    },
  },
];

function labelsReply(context: RequestContext, issue: Issue): Reply {
  return { status: 200, body: issue.labels.map((label) => serializeLabel(context.world, context.repository, label)) };
}

/** The body is `{labels: […]}`, a bare array, or one name; members are names or objects with a name. */
function names(body: unknown): string[] {
  const list: unknown = isJsonObject(body) ? body['labels'] : body;
  if (typeof list === 'string') return [list];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalidRequest("For 'properties/labels', the value is not an array.");
  return list.map((item: unknown) => {
    const name = isJsonObject(item) ? item['name'] : item;
    if (typeof name !== 'string') throw invalidRequest(`For 'items', ${JSON.stringify(item)} is not a string.`);
    return name;
  });
}
