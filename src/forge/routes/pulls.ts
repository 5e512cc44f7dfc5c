import { listCommits } from '../git/commits.ts';
import { diffText } from '../git/diff.ts';
import { PULL_FILES_MAX } from '../model/limits.ts';
import type { Issue, Pull } from '../model/records.ts';
import { closeIssue, editIssueText } from '../operations/issues.ts';
import { lookAtMergeability } from '../operations/mergeability.ts';
import { mergePull } from '../operations/merging.ts';
import { changeBase, createPull, headOf, reopenPull } from '../operations/pulls.ts';
import { diffBase, pullFiles } from '../operations/pull-diff.ts';
import { pageReply } from '../rest/paginate.ts';
import { notFound, validationFailed } from '../rest/problem.ts';
import { lacksRole } from '../rest/request-context.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeCommit, serializeFileChange } from '../serialize/commits.ts';
import { serializePull, serializePullSimple } from '../serialize/pulls.ts';
import { demandRole, isAuthor, personMay, pullIn, viaApp } from './finders.ts';

const BASE = '/repos/{owner}/{repo}/pulls';
const ONE = `${BASE}/{pull_number}`;
const READ = [['pull_requests', 'read']] as const;
const WRITE = [['pull_requests', 'write']] as const;

export const pullRoutes: readonly Route[] = [
  { method: 'GET', template: BASE, access: { by: 'anyone', permission: READ }, handle: listPulls },
  { method: 'POST', template: BASE, access: { by: 'member', permission: WRITE }, handle: openPull },
  { method: 'GET', template: ONE, access: { by: 'anyone', permission: READ }, handle: getPull },
  { method: 'PATCH', template: ONE, access: { by: 'member', permission: WRITE }, handle: editPull },
  {
    method: 'GET',
    template: `${ONE}/files`,
    access: { by: 'anyone', permission: READ },
    async handle(context) {
      const { pull } = pullIn(context);
      const files = (await pullFiles(context.repository, pull)).slice(0, PULL_FILES_MAX);
      return pageReply(context, files, (file) => serializeFileChange(context.world, context.repository, pull.headSha, file));
    },
  },
  {
    method: 'GET',
    template: `${ONE}/commits`,
    access: { by: 'anyone', permission: READ },
    async handle(context) {
      const { pull } = pullIn(context);
      // GitHub lists 250 at most here.
      const commits = await listCommits(context.repository.git, [pull.headSha, `^${await diffBase(context.repository, pull)}`], { reverse: true, limit: 250 });
      return pageReply(context, commits, (commit) => serializeCommit(context.world, context.repository, commit));
    },
  },
  {
    method: 'GET',
    template: `${ONE}/merge`,
    access: { by: 'anyone', permission: [['contents', 'read']] },
    handle(context) {
      if (pullIn(context).pull.mergedAt === null) throw notFound();
      return { status: 204 };
    },
  },
  {
    method: 'PUT',
    template: `${ONE}/merge`,
    // Merging changes the repository's content; the permission to write pull requests is not enough.
    access: { by: 'member', permission: [['contents', 'write']], role: 'write' },
    async handle(context) {
      const { body, world, repository } = context;
      const { issue, pull } = pullIn(context);
      const sha = await mergePull(world, repository, issue, pull, context.account, {
        method: body.oneOf('merge_method', ['merge', 'squash', 'rebase'] as const) ?? 'merge',
        title: body.text('commit_title'),
        message: body.text('commit_message'),
        sha: body.text('sha'),
      });
      return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
    },
  },
];

async function openPull(context: RequestContext): Promise<Reply> {
  const { body, world, repository } = context;
  if (body.has('issue')) throw validationFailed({ resource: 'PullRequest', field: 'issue', code: 'invalid', message: 'Turning an issue into a pull request is not served by this forge.' });
  const headRepo = headOf(world, repository, body.requiredText('head'))?.from ?? repository;
  // People need push access to the branch they offer; a fork's owner has it there.
  if (headRepo.id === repository.id) demandRole(context, 'write');
  const { issue, pull } = await createPull(world, repository, {
    title: body.text('title'),
    body: body.text('body') ?? null,
    head: body.requiredText('head'),
    base: body.requiredText('base'),
    draft: body.flag('draft') ?? false,
    maintainerCanModify: headRepo.id !== repository.id && (body.flag('maintainer_can_modify') ?? true),
    user: context.account,
    viaApp: viaApp(context),
  });
  const shown = await shownPull(context, issue, pull);
  return { status: 201, body: shown, headers: { location: String(shown['url']) } };
}

async function shownPull(context: RequestContext, issue: Issue, pull: Pull): Promise<Record<string, unknown>> {
  const verdict = await lookAtMergeability(context.world, context.repository, issue, pull);
  return serializePull(context.world, context.repository, issue, pull, verdict);
}

async function getPull(context: RequestContext): Promise<Reply> {
  const { issue, pull } = pullIn(context);
  if (/application\/vnd\.github\.(v3\.)?diff/.test(context.accept)) {
    const content = await diffText(context.repository.git, await diffBase(context.repository, pull), pull.headSha);
    return { status: 200, raw: { contentType: 'application/vnd.github.diff; charset=utf-8', content } };
  }
  return { status: 200, body: await shownPull(context, issue, pull) };
}

async function editPull(context: RequestContext): Promise<Reply> {
  const { body, world, repository } = context;
  const { issue, pull } = pullIn(context);
  if (!isAuthor(context, issue.user) && !personMay(context, 'write')) throw lacksRole('write');
  await editIssueText(world, repository, issue, context.account, { title: body.text('title'), body: body.value['body'] === null ? null : body.text('body') });
  const base = body.text('base');
  if (base !== undefined) await changeBase(world, repository, issue, pull, context.account, base);
  pull.maintainerCanModify = body.flag('maintainer_can_modify') ?? pull.maintainerCanModify;
  const state = body.oneOf('state', ['open', 'closed'] as const);
  if (state === 'closed') await closeIssue(world, repository, issue, context.account, null);
  if (state === 'open') await reopenPull(world, repository, issue, pull, context.account);
  return { status: 200, body: await shownPull(context, issue, pull) };
}

async function listPulls(context: RequestContext): Promise<Reply> {
  const { query, repository, world } = context;
  const state = query.get('state') ?? 'open';
  const base = query.get('base');
  const head = query.get('head');
  const found: { issue: Issue; pull: Pull }[] = [];
  for (const issue of repository.issues.values()) {
    const pull = issue.pull;
    if (pull === null || (state !== 'all' && issue.state !== state)) continue;
    if (base !== null && pull.baseRef !== base) continue;
    const owner = world.repositoryById(pull.headRepositoryId)?.owner.login ?? '';
    // `head` is `owner:branch`; GitHub ignores a filter that has no owner.
    if (head !== null && head.includes(':') && head.toLowerCase() !== `${owner}:${pull.headRef}`.toLowerCase()) continue;
    found.push({ issue, pull });
  }
  const by = query.get('sort') ?? 'created';
  const value = (issue: Issue): number => (by === 'updated' ? issue.updatedAt : issue.createdAt);
  const direction = (query.get('direction') ?? (by === 'created' ? 'desc' : 'asc')) === 'asc' ? 1 : -1;
  found.sort((one, other) => direction * (value(one.issue) - value(other.issue) || one.issue.number - other.issue.number));
  return pageReply(context, found, ({ issue, pull }) => serializePullSimple(world, repository, issue, pull));
}
