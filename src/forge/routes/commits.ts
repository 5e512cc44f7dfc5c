import { countCommits, listCommits, readCommit } from '../git/commits.ts';
import { diffFiles, diffText, EMPTY_TREE } from '../git/diff.ts';
import { COMPARE_FILES_MAX } from '../model/limits.ts';
import { mergeBranch } from '../operations/merging.ts';
import { pageOf, pageReply } from '../rest/paginate.ts';
import { notFound, Problem } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeCommit, serializeFileChange } from '../serialize/commits.ts';
import { repositoryApi, repositoryWeb } from '../serialize/repositories.ts';
import { serializePullSimple } from '../serialize/pulls.ts';
import { commitIn } from './finders.ts';

const BASE = '/repos/{owner}/{repo}';
const READ = [['contents', 'read']] as const;

export const commitRoutes: readonly Route[] = [
  { method: 'GET', template: `${BASE}/commits`, access: { by: 'anyone', permission: READ }, handle: list },
  { method: 'GET', template: `${BASE}/commits/{ref}`, access: { by: 'anyone', permission: READ }, handle: getCommit },
  { method: 'GET', template: `${BASE}/compare/{basehead}`, access: { by: 'anyone', permission: READ }, handle: compare },
  {
    method: 'GET',
    template: `${BASE}/commits/{commit_sha}/pulls`,
    access: { by: 'anyone', permission: [['pull_requests', 'read']] },
    async handle(context) {
      const { repository, world } = context;
      const sha = await commitIn(context, context.param('commit_sha'));
      const found = [...repository.issues.values()].filter((issue) => issue.pull?.headSha === sha || issue.pull?.mergeCommitSha === sha);
      return pageReply(context, found, (issue) => (issue.pull === null ? null : serializePullSimple(world, repository, issue, issue.pull)));
    },
  },
  {
    method: 'POST',
    template: `${BASE}/merges`,
    access: { by: 'member', permission: [['contents', 'write']], role: 'write' },
    async handle(context) {
      const { body, repository, world } = context;
      const given = { base: body.requiredText('base'), head: body.requiredText('head'), message: body.text('commit_message') };
      const sha = await mergeBranch(world, repository, context.account, given);
      if (sha === null) return { status: 204 };
      return { status: 201, body: serializeCommit(world, repository, await readCommit(repository.git, sha)) };
    },
  },
];

async function list(context: RequestContext): Promise<Reply> {
  const { query, repository, world } = context;
  const name = query.get('sha') ?? repository.defaultBranch;
  const head = await repository.git.resolveCommit(name);
  if (head === null) {
    if ((await repository.git.refs('refs/heads/')).length === 0) throw new Problem(409, 'Git Repository is empty.');
    throw new Problem(404, `No commit found for SHA: ${name}`);
  }
  const path = query.get('path');
  const commits = await listCommits(repository.git, [head], { limit: 10_000, ...(path === null ? {} : { path }) });
  return pageReply(context, commits, (commit) => serializeCommit(world, repository, commit));
}

async function getCommit(context: RequestContext): Promise<Reply> {
  const { repository, world } = context;
  const name = context.param('ref');
  const sha = await repository.git.resolveCommit(name);
  if (sha === null) throw new Problem(422, `No commit found for SHA: ${name}`);
  if (/application\/vnd\.github\.(v3\.)?sha/.test(context.accept)) return { status: 200, raw: { contentType: 'application/vnd.github.sha; charset=utf-8', content: sha } };
  const commit = await readCommit(repository.git, sha);
  const parent = commit.parents[0] ?? EMPTY_TREE;
  if (wantsDiff(context)) return { status: 200, raw: { contentType: 'application/vnd.github.diff; charset=utf-8', content: await diffText(repository.git, parent, sha) } };
  const files = await diffFiles(repository.git, parent, sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const { items, headers } = pageOf(context, files);
  return {
    status: 200,
    headers,
    body: {
      ...serializeCommit(world, repository, commit),
      stats: { total: additions + deletions, additions, deletions },
      files: items.map((file) => serializeFileChange(world, repository, sha, file)),
    },
  };
}

function wantsDiff(context: RequestContext): boolean {
  return /application\/vnd\.github\.(v3\.)?diff/.test(context.accept);
}

async function compare(context: RequestContext): Promise<Reply> {
  const { repository, world } = context;
  const { git } = repository;
  const [from = '', to = '', ...rest] = context.param('basehead').split('...');
  const base = rest.length > 0 ? null : await git.resolveCommit(from);
  const head = rest.length > 0 ? null : await git.resolveCommit(to.replace(new RegExp(`^${repository.owner.login}:`, 'i'), ''));
  const mergeBase = base === null || head === null ? null : await git.mergeBase(base, head);
  if (base === null || head === null || mergeBase === null) throw notFound();
  if (wantsDiff(context)) return { status: 200, raw: { contentType: 'application/vnd.github.diff; charset=utf-8', content: await diffText(git, mergeBase, head) } };
  const ahead = await countCommits(git, [head, `^${base}`]);
  const behind = await countCommits(git, [base, `^${head}`]);
  const commits = await listCommits(git, [head, `^${base}`], { reverse: true, limit: 10_000 });
  const page = pageOf(context, commits);
  // Without paging GitHub lists 250 commits; files come on the first page only.
  const paged = context.query.has('page') || context.query.has('per_page');
  const shown = paged ? page.items : commits.slice(0, 250);
  const files = (context.query.get('page') ?? '1') === '1' ? await diffFiles(git, mergeBase, head) : [];
  const api = `${repositoryApi(world, repository)}/compare/${encodeURIComponent(from)}...${encodeURIComponent(to)}`;
  const web = `${repositoryWeb(world, repository)}/compare/${encodeURIComponent(from)}...${encodeURIComponent(to)}`;
  return {
    status: 200,
    headers: paged ? page.headers : {},
    body: {
      url: api,
      html_url: web,
      permalink_url: `${repositoryWeb(world, repository)}/compare/${base}...${head}`,
      diff_url: `${web}.diff`,
      patch_url: `${web}.patch`,
      base_commit: serializeCommit(world, repository, await readCommit(git, base)),
      merge_base_commit: serializeCommit(world, repository, await readCommit(git, mergeBase)),
      status: ahead > 0 && behind > 0 ? 'diverged' : ahead > 0 ? 'ahead' : behind > 0 ? 'behind' : 'identical',
      ahead_by: ahead,
      behind_by: behind,
      total_commits: commits.length,
      commits: shown.map((commit) => serializeCommit(world, repository, commit)),
      files: files.slice(0, COMPARE_FILES_MAX).map((file) => serializeFileChange(world, repository, head, file)),
    },
  };
}
