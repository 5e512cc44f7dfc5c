import type { CheckRun } from '../model/records.ts';
import { createCheckRun, rerequestRun, updateCheckRun } from '../operations/checks.ts';
import { countedReply, pageReply } from '../rest/paginate.ts';
import { notAccessible, notFound, Problem } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { latestRuns, serializeAnnotation, serializeCheckRun } from '../serialize/checks.ts';
import { readCheckFields } from './check-fields.ts';
import { checkRunIn, commitIn } from './finders.ts';

const BASE = '/repos/{owner}/{repo}';
const ONE = `${BASE}/check-runs/{check_run_id}`;
const READ = [['checks', 'read']] as const;
const WRITE = [['checks', 'write']] as const;

export const checkRunRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: `${BASE}/check-runs`,
    // Only Apps write checks: a person's token is refused whatever their role.
    access: { by: 'installation', permission: WRITE },
    async handle(context) {
      const { actor, body, world, repository } = context;
      if (actor.kind !== 'installation') throw notAccessible();
      const run = await createCheckRun(world, repository, actor.app, body.requiredText('head_sha'), body.requiredText('name'), readCheckFields(body));
      const shown = serializeCheckRun(world, repository, run);
      return { status: 201, body: shown, headers: { location: String(shown['url']) } };
    },
  },
  {
    method: 'GET',
    template: ONE,
    access: { by: 'anyone', permission: READ },
    handle: (context) => ({ status: 200, body: serializeCheckRun(context.world, context.repository, checkRunIn(context)) }),
  },
  {
    method: 'PATCH',
    template: ONE,
    access: { by: 'installation', permission: WRITE },
    async handle(context) {
      const { actor, body, world, repository } = context;
      const run = checkRunIn(context);
      if (actor.kind !== 'installation' || run.app.id !== actor.app.id) {
        throw new Problem(403, `Invalid app_id \`${actor.kind === 'installation' ? actor.app.id : ''}\` - check run can only be modified by the GitHub App that created it.`);
      }
      await updateCheckRun(world, repository, run, { ...readCheckFields(body), name: body.text('name') });
      return { status: 200, body: serializeCheckRun(world, repository, run) };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/annotations`,
    access: { by: 'anyone', permission: READ },
    handle(context) {
      const run = checkRunIn(context);
      return pageReply(context, run.annotations, (annotation) => serializeAnnotation(context.world, context.repository, run, annotation));
    },
  },
  {
    method: 'POST',
    template: `${ONE}/rerequest`,
    access: { by: 'member', permission: WRITE, role: 'write' },
    handle(context) {
      rerequestRun(context.world, context.repository, checkRunIn(context), context.account);
      return { status: 201, body: {} };
    },
  },
  {
    method: 'GET',
    template: `${BASE}/commits/{ref}/check-runs`,
    access: { by: 'anyone', permission: READ },
    async handle(context) {
      const sha = await commitIn(context, context.param('ref'));
      return listRuns(context, [...context.repository.checkRuns.values()].filter((run) => run.headSha === sha));
    },
  },
  {
    method: 'GET',
    template: `${BASE}/check-suites/{check_suite_id}/check-runs`,
    access: { by: 'anyone', permission: READ },
    handle(context) {
      const suite = context.repository.checkSuites.get(context.numberParam('check_suite_id'));
      if (suite === undefined) throw notFound();
      return listRuns(context, suite.runs);
    },
  },
];

/** Runs with the list's filters, newest first. `filter` is `latest` unless the caller says `all`. */
async function listRuns(context: RequestContext, all: readonly CheckRun[]): Promise<Reply> {
  const { query } = context;
  const name = query.get('check_name');
  const status = query.get('status');
  const appId = query.get('app_id');
  const chosen = query.get('filter') === 'all' ? all : latestRuns(all);
  const found = chosen.filter((run) => (name === null || run.name === name) && (status === null || run.status === status) && (appId === null || String(run.app.id) === appId));
  return countedReply(context, 'check_runs', found.toReversed(), (run) => serializeCheckRun(context.world, context.repository, run));
}
