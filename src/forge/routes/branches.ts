import { readCommit } from '../git/commits.ts';
import type { BranchProtection } from '../model/records.ts';
import type { BodyReader } from '../rest/body-reader.ts';
import { pageReply } from '../rest/paginate.ts';
import { invalidRequest, Problem } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeCommit } from '../serialize/commits.ts';
import { repositoryApi, repositoryWeb, serializeProtection } from '../serialize/repositories.ts';

const BASE = '/repos/{owner}/{repo}/branches';
const ONE = `${BASE}/{branch}`;

export const branchRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: BASE,
    access: { by: 'anyone', permission: [['contents', 'read']] },
    async handle(context) {
      const { repository, world, query } = context;
      const all = (await repository.git.refs('refs/heads/')).map((ref) => ({ name: ref.ref.slice('refs/heads/'.length), sha: ref.sha }));
      const wanted = query.get('protected');
      const found = wanted === null ? all : all.filter((branch) => String(repository.protections.has(branch.name)) === wanted);
      return pageReply(context, found, ({ name, sha }) => ({ name, commit: { sha, url: `${repositoryApi(world, repository)}/commits/${sha}` }, protected: repository.protections.has(name) }));
    },
  },
  { method: 'GET', template: ONE, access: { by: 'anyone', permission: [['contents', 'read']] }, handle: getBranch },
  {
    method: 'GET',
    template: `${ONE}/protection`,
    access: { by: 'member', permission: [['administration', 'read']], role: 'admin' },
    async handle(context) {
      const { name, protection } = await protectionIn(context);
      return { status: 200, body: serializeProtection(context.world, context.repository, name, protection) };
    },
  },
  {
    method: 'PUT',
    template: `${ONE}/protection`,
    access: { by: 'member', permission: [['administration', 'write']], role: 'admin' },
    async handle(context) {
      const name = await branchIn(context);
      const protection = readProtection(context.body);
      context.repository.protections.set(name, protection);
      return { status: 200, body: serializeProtection(context.world, context.repository, name, protection) };
    },
  },
  {
    method: 'DELETE',
    template: `${ONE}/protection`,
    access: { by: 'member', permission: [['administration', 'write']], role: 'admin' },
    async handle(context) {
      const { name } = await protectionIn(context);
      context.repository.protections.delete(name);
      return { status: 204 };
    },
  },
];

async function branchIn(context: RequestContext): Promise<string> {
  const name = context.param('branch');
  if ((await context.repository.git.branch(name)) === null) throw new Problem(404, 'Branch not found');
  return name;
}

async function protectionIn(context: RequestContext): Promise<{ name: string; protection: BranchProtection }> {
  const name = await branchIn(context);
  const protection = context.repository.protections.get(name);
  if (protection === undefined) throw new Problem(404, 'Branch not protected');
  return { name, protection };
}

async function getBranch(context: RequestContext): Promise<Reply> {
  const { repository, world } = context;
  const name = await branchIn(context);
  const commit = await readCommit(repository.git, (await repository.git.branch(name)) ?? '');
  const api = `${repositoryApi(world, repository)}/branches/${encodeURIComponent(name)}`;
  const protection = repository.protections.get(name);
  const checks = protection?.requiredChecks ?? null;
  return {
    status: 200,
    body: {
      name,
      commit: serializeCommit(world, repository, commit),
      _links: { self: api, html: `${repositoryWeb(world, repository)}/tree/${encodeURIComponent(name)}` },
      protected: protection !== undefined,
      protection: {
        enabled: protection !== undefined,
        required_status_checks: {
          enforcement_level: checks === null ? 'off' : protection?.enforceAdmins === true ? 'everyone' : 'non_admins',
          contexts: checks?.checks.map((check) => check.context) ?? [],
          checks: checks?.checks.map((check) => ({ context: check.context, app_id: check.appId })) ?? [],
        },
      },
      protection_url: `${api}/protection`,
    },
  };
}

function readProtection(body: BodyReader): BranchProtection {
  for (const name of ['required_status_checks', 'enforce_admins', 'required_pull_request_reviews', 'restrictions']) {
    if (body.value[name] === undefined) throw invalidRequest(`"${name}" wasn't supplied.`);
  }
  const checks = body.object('required_status_checks');
  const reviews = body.object('required_pull_request_reviews');
  if (checks !== undefined && checks.flag('strict') === undefined) throw invalidRequest('"strict" wasn\'t supplied.');
  return {
    requiredChecks: checks === undefined ? null : { strict: checks.flag('strict') ?? false, checks: readChecks(checks) },
    requiredReviews:
      reviews === undefined
        ? null
        : {
            count: reviews.integer('required_approving_review_count') ?? 1,
            dismissStale: reviews.flag('dismiss_stale_reviews') ?? false,
            requireCodeOwners: reviews.flag('require_code_owner_reviews') ?? false,
          },
    enforceAdmins: body.flag('enforce_admins') ?? false,
    allowForcePushes: body.flag('allow_force_pushes') ?? false,
    allowDeletions: body.flag('allow_deletions') ?? false,
  };
}

function readChecks(given: BodyReader): { context: string; appId: number | null }[] {
  const pinned = given.objects('checks')?.map((check) => {
    const appId = check.integer('app_id');
    // -1 says "any App may set it".
    return { context: check.requiredText('context'), appId: appId === undefined || appId === -1 ? null : appId };
  });
  return pinned ?? (given.texts('contexts') ?? []).map((context) => ({ context, appId: null }));
}
