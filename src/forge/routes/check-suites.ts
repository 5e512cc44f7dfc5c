import { readCommit } from '../git/commits.ts';
import type { CheckSuite } from '../model/records.ts';
import { rerequestSuite, suiteFor } from '../operations/checks.ts';
import { countedReply } from '../rest/paginate.ts';
import { notAccessible, notFound, Problem } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Route } from '../rest/router.ts';
import { serializeCheckSuite } from '../serialize/checks.ts';
import { commitIn } from './finders.ts';

const BASE = '/repos/{owner}/{repo}';
const ONE = `${BASE}/check-suites/{check_suite_id}`;
const READ = [['checks', 'read']] as const;
const WRITE = [['checks', 'write']] as const;

function suiteIn(context: RequestContext): CheckSuite {
  const suite = context.repository.checkSuites.get(context.numberParam('check_suite_id'));
  if (suite === undefined) throw notFound();
  return suite;
}

async function show(context: RequestContext, suite: CheckSuite): Promise<Record<string, unknown>> {
  return serializeCheckSuite(context.world, context.repository, suite, await readCommit(context.repository.git, suite.headSha));
}

export const checkSuiteRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: `${BASE}/check-suites`,
    access: { by: 'installation', permission: WRITE },
    async handle(context) {
      const { actor, repository, world } = context;
      if (actor.kind !== 'installation') throw notAccessible();
      const sha = context.body.requiredText('head_sha');
      if ((await repository.git.objectType(sha)) !== 'commit') throw new Problem(422, `No commit found for SHA: ${sha}`);
      const { suite, created } = await suiteFor(world, repository, actor.app, sha);
      return { status: created ? 201 : 200, body: await show(context, suite) };
    },
  },
  { method: 'GET', template: ONE, access: { by: 'anyone', permission: READ }, handle: async (context) => ({ status: 200, body: await show(context, suiteIn(context)) }) },
  {
    method: 'POST',
    template: `${ONE}/rerequest`,
    access: { by: 'member', permission: WRITE, role: 'write' },
    async handle(context) {
      await rerequestSuite(context.world, context.repository, suiteIn(context), context.account);
      return { status: 201, body: {} };
    },
  },
  {
    method: 'GET',
    template: `${BASE}/commits/{ref}/check-suites`,
    access: { by: 'anyone', permission: READ },
    async handle(context) {
      const sha = await commitIn(context, context.param('ref'));
      const appId = context.query.get('app_id');
      const name = context.query.get('check_name');
      const found = [...context.repository.checkSuites.values()].filter(
        (suite) => suite.headSha === sha && (appId === null || String(suite.app.id) === appId) && (name === null || suite.runs.some((run) => run.name === name)),
      );
      return countedReply(context, 'check_suites', found, (suite) => show(context, suite));
    },
  },
];
