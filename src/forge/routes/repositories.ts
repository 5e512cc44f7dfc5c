import { Problem, validationFailed } from '../rest/problem.ts';
import { pageReply } from '../rest/paginate.ts';
import type { Account } from '../model/records.ts';
import { roleAtLeast, roleOf } from '../model/roles.ts';
import { notFound } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Route } from '../rest/router.ts';
import { serializeCollaborator, serializeCollaboratorPermission, serializeTeam } from '../serialize/accounts.ts';
import { serializeInstallation } from '../serialize/apps.ts';
import { serializeFullRepository } from '../serialize/repositories.ts';

const ONE = '/repos/{owner}/{repo}';
const METADATA = [['metadata', 'read']] as const;

function personIn(context: RequestContext): Account {
  const account = context.world.account(context.param('username'));
  if (account === undefined) throw notFound();
  return account;
}

export const repositoryRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: ONE,
    access: { by: 'anyone', permission: METADATA },
    handle: (context) => ({ status: 200, body: serializeFullRepository(context.world, context.repository, context.role) }),
  },
  {
    method: 'PATCH',
    template: ONE,
    access: { by: 'member', permission: [['administration', 'write']], role: 'admin' },
    async handle(context) {
      const { body, repository } = context;
      const branch = body.text('default_branch');
      if (body.has('name') && body.text('name') !== repository.name) throw new Problem(422, 'Renaming a repository is not served by this forge.');
      if (branch !== undefined) {
        if ((await repository.git.branch(branch)) === null) throw validationFailed({ resource: 'Repository', field: 'default_branch', code: 'invalid' });
        await repository.git.run(['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
        repository.defaultBranch = branch;
      }
      repository.description = body.text('description') ?? repository.description;
      repository.private = body.flag('private') ?? repository.private;
      repository.archived = body.flag('archived') ?? repository.archived;
      repository.allowMergeCommit = body.flag('allow_merge_commit') ?? repository.allowMergeCommit;
      repository.allowSquashMerge = body.flag('allow_squash_merge') ?? repository.allowSquashMerge;
      repository.updatedAt = context.now;
      return { status: 200, body: serializeFullRepository(context.world, repository, context.role) };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/installation`,
    access: { by: 'app' },
    handle(context) {
      const { actor, world } = context;
      const installation = actor.kind === 'app' ? world.installationFor(actor.app, context.repository) : undefined;
      if (installation === undefined) throw notFound();
      return { status: 200, body: serializeInstallation(world, installation) };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/collaborators`,
    access: { by: 'member', permission: METADATA, role: 'write' },
    handle(context) {
      const { repository, world } = context;
      const people = [...world.accounts.values()].filter((account) => {
        const listed = repository.roles.has(account.login.toLowerCase()) || repository.owner.id === account.id || repository.owner.members.has(account.login.toLowerCase());
        return account.type === 'User' && listed && roleAtLeast(roleOf(repository, account), 'read');
      });
      return pageReply(context, people, (account) => serializeCollaborator(world, account, roleOf(repository, account)));
    },
  },
  {
    method: 'GET',
    template: `${ONE}/collaborators/{username}`,
    access: { by: 'member', permission: METADATA, role: 'write' },
    handle(context) {
      const account = personIn(context);
      if (account.type !== 'User' || !(context.repository.roles.has(account.login.toLowerCase()) || context.repository.owner.id === account.id)) throw notFound();
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/collaborators/{username}/permission`,
    access: { by: 'member', permission: METADATA, role: 'write' },
    handle(context) {
      const account = personIn(context);
      return { status: 200, body: serializeCollaboratorPermission(context.world, account, roleOf(context.repository, account)) };
    },
  },
  {
    method: 'GET',
    template: '/orgs/{org}/teams',
    access: { by: 'member', permission: [['members', 'read']] },
    handle(context) {
      const organization = context.world.account(context.param('org'));
      if (organization?.type !== 'Organization') throw notFound();
      return pageReply(context, context.world.teams.filter((team) => team.organization.id === organization.id), (team) => serializeTeam(context.world, team));
    },
  },
  {
    method: 'GET',
    template: '/orgs/{org}/teams/{team_slug}/memberships/{username}',
    access: { by: 'member', permission: [['members', 'read']] },
    handle(context) {
      const { world } = context;
      const team = world.teams.find((one) => one.organization.login.toLowerCase() === context.param('org').toLowerCase() && one.slug === context.param('team_slug'));
      const role = team?.members.get(context.param('username').toLowerCase());
      if (team === undefined || role === undefined) throw notFound();
      return { status: 200, body: { state: 'active', role, url: `${world.apiUrl}/organizations/${team.organization.id}/team/${team.id}/memberships/${context.param('username')}` } };
    },
  },
];
