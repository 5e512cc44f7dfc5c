import { isSafeRefName, isSha, ZERO_SHA } from '../git/bare-repository.ts';
import type { Ref } from '../git/bare-repository.ts';
import { readCommit, writeCommit } from '../git/commits.ts';
import { isSafeTreePath, writeBlob, writeTree } from '../git/trees.ts';
import type { TreeChange } from '../git/trees.ts';
import { mayPush, signatureOf } from '../operations/merging.ts';
import { moveRef } from '../operations/refs.ts';
import { pageReply } from '../rest/paginate.ts';
import { notFound, Problem, validationFailed } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { gitNodeId, serializeGitCommit } from '../serialize/commits.ts';
import { repositoryApi } from '../serialize/repositories.ts';
import { person } from './contents.ts';
import { tagRoutes } from './git-tags.ts';

const BASE = '/repos/{owner}/{repo}/git';
const READ = [['contents', 'read']] as const;
const WRITE = [['contents', 'write']] as const;
const reading = { by: 'anyone', permission: READ } as const;
const writing = { by: 'member', permission: WRITE, role: 'write' } as const;

export const gitDataRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: `${BASE}/ref/{ref}`,
    access: reading,
    async handle(context) {
      const found = await context.repository.git.ref(`refs/${context.param('ref')}`);
      if (found === null) throw notFound();
      return { status: 200, body: serializeRef(context, found) };
    },
  },
  {
    method: 'GET',
    template: `${BASE}/matching-refs/{ref}`,
    access: reading,
    async handle(context) {
      return pageReply(context, await context.repository.git.refs(`refs/${context.param('ref')}`), (ref) => serializeRef(context, ref));
    },
  },
  { method: 'POST', template: `${BASE}/refs`, access: writing, handle: createRef },
  { method: 'PATCH', template: `${BASE}/refs/{ref}`, access: writing, handle: updateRef },
  { method: 'DELETE', template: `${BASE}/refs/{ref}`, access: writing, handle: deleteRef },
  {
    method: 'GET',
    template: `${BASE}/commits/{commit_sha}`,
    access: reading,
    async handle(context) {
      const sha = context.param('commit_sha');
      if ((await context.repository.git.objectType(sha)) !== 'commit') throw notFound();
      return { status: 200, body: serializeGitCommit(context.world, context.repository, await readCommit(context.repository.git, sha)) };
    },
  },
  { method: 'POST', template: `${BASE}/commits`, access: writing, handle: createCommit },
  { method: 'GET', template: `${BASE}/trees/{tree_sha}`, access: reading, handle: getTree },
  { method: 'POST', template: `${BASE}/trees`, access: writing, handle: createTree },
  ...tagRoutes,
  {
    method: 'GET',
    template: `${BASE}/blobs/{file_sha}`,
    access: reading,
    async handle(context) {
      const sha = context.param('file_sha');
      if ((await context.repository.git.objectType(sha)) !== 'blob') throw notFound();
      const content = await context.repository.git.blob(sha);
      if (/application\/vnd\.github\.(v3\.)?raw/.test(context.accept)) return { status: 200, raw: { contentType: 'application/vnd.github.raw+json; charset=utf-8', content } };
      return {
        status: 200,
        body: { sha, node_id: gitNodeId('B', context.repository, sha), size: content.length, url: blobUrl(context, sha), content: content.toString('base64'), encoding: 'base64' },
      };
    },
  },
  {
    method: 'POST',
    template: `${BASE}/blobs`,
    access: writing,
    async handle(context) {
      const encoding = context.body.oneOf('encoding', ['utf-8', 'base64'] as const) ?? 'utf-8';
      const sha = await writeBlob(context.repository.git, Buffer.from(context.body.requiredText('content'), encoding));
      return { status: 201, body: { sha, url: blobUrl(context, sha) }, headers: { location: blobUrl(context, sha) } };
    },
  },
];

function blobUrl(context: RequestContext, sha: string): string {
  return `${repositoryApi(context.world, context.repository)}/git/blobs/${sha}`;
}

function serializeRef(context: RequestContext, ref: Ref): Record<string, unknown> {
  const api = `${repositoryApi(context.world, context.repository)}/git`;
  return {
    ref: ref.ref,
    node_id: gitNodeId('REF', context.repository, ref.ref),
    url: `${api}/${ref.ref.split('/').map(encodeURIComponent).join('/')}`,
    object: { sha: ref.sha, type: ref.type, url: `${api}/${ref.type === 'tag' ? 'tags' : 'commits'}/${ref.sha}` },
  };
}

async function createRef(context: RequestContext): Promise<Reply> {
  const { body, repository, world } = context;
  const ref = body.requiredText('ref');
  const sha = body.requiredText('sha');
  if (!isSafeRefName(ref) || !/^refs\/(heads|tags)\//.test(ref)) throw new Problem(422, `Reference name must start with 'refs/' and have at least two slashes. '${ref}' is not a valid reference name.`);
  if ((await repository.git.ref(ref)) !== null) throw new Problem(422, 'Reference already exists');
  const type = await repository.git.objectType(sha);
  if (!isSha(sha) || type === null) throw new Problem(422, 'Object does not exist');
  if (ref.startsWith('refs/heads/') && type !== 'commit') throw new Problem(422, 'Object is not a commit');
  await moveRef(world, repository, context.account, { ref, before: ZERO_SHA, after: sha });
  const shown = serializeRef(context, { ref, sha, type });
  return { status: 201, body: shown, headers: { location: String(shown['url']) } };
}

async function updateRef(context: RequestContext): Promise<Reply> {
  const { body, repository, world } = context;
  const ref = `refs/${context.param('ref')}`;
  const sha = body.requiredText('sha');
  const current = await repository.git.ref(ref);
  if (current === null) throw new Problem(422, 'Reference does not exist');
  if ((await repository.git.objectType(sha)) !== 'commit') throw new Problem(422, 'Object does not exist');
  const branch = ref.replace(/^refs\/heads\//, '');
  const force = body.flag('force') ?? false;
  const forward = await repository.git.isAncestor(current.sha, sha);
  if (!forward && !force) throw new Problem(422, 'Update is not a fast forward');
  const protection = repository.protections.get(branch);
  if (!mayPush(repository, branch, context.account)) throw new Problem(422, `Protected branch rule violations found for ${branch}: changes must be made through a pull request.`);
  if (!forward && protection !== undefined && !protection.allowForcePushes) throw new Problem(422, 'Cannot force-push to a protected branch');
  if (sha !== current.sha) await moveRef(world, repository, context.account, { ref, before: current.sha, after: sha });
  return { status: 200, body: serializeRef(context, { ref, sha, type: 'commit' }) };
}

async function deleteRef(context: RequestContext): Promise<Reply> {
  const { repository, world } = context;
  const ref = `refs/${context.param('ref')}`;
  const current = await repository.git.ref(ref);
  if (current === null) throw new Problem(422, 'Reference does not exist');
  const branch = ref.replace(/^refs\/heads\//, '');
  if (branch === repository.defaultBranch) throw new Problem(422, 'Cannot delete the default branch');
  const protection = repository.protections.get(branch);
  if (protection !== undefined && !protection.allowDeletions) throw new Problem(422, 'Cannot delete a protected branch');
  await moveRef(world, repository, context.account, { ref, before: current.sha, after: ZERO_SHA });
  return { status: 204 };
}

async function createCommit(context: RequestContext): Promise<Reply> {
  const { body, repository, world } = context;
  const tree = body.requiredText('tree');
  const parents = body.texts('parents') ?? [];
  if ((await repository.git.objectType(tree)) !== 'tree') throw new Problem(422, 'Tree SHA does not exist');
  for (const parent of parents) if ((await repository.git.objectType(parent)) !== 'commit') throw new Problem(422, 'Parent SHA does not exist or is not a commit object');
  const own = signatureOf(world, context.account);
  const author = person(context.now, body.object('author')) ?? own;
  const sha = await writeCommit(repository.git, { tree, parents, message: body.requiredText('message'), author, committer: person(context.now, body.object('committer')) ?? author });
  const shown = serializeGitCommit(world, repository, await readCommit(repository.git, sha));
  return { status: 201, body: shown, headers: { location: String(shown['url']) } };
}

async function getTree(context: RequestContext): Promise<Reply> {
  const name = context.param('tree_sha');
  const { git } = context.repository;
  const treeish = (await git.objectType(name)) === 'tree' ? name : await git.resolveCommit(name);
  if (treeish === null) throw notFound();
  return { status: 200, body: await serializeTree(context, treeish, context.query.has('recursive')) };
}

async function serializeTree(context: RequestContext, treeish: string, recursive: boolean): Promise<Record<string, unknown>> {
  const { git } = context.repository;
  const api = `${repositoryApi(context.world, context.repository)}/git`;
  const sha = (await git.objectType(treeish)) === 'tree' ? treeish : (await readCommit(git, treeish)).tree;
  const tree = (await git.tree(sha, { recursive })).map((entry) => ({
    path: entry.path,
    mode: entry.mode,
    type: entry.type,
    sha: entry.sha,
    ...(entry.size === null ? {} : { size: entry.size }),
    ...(entry.type === 'commit' ? {} : { url: `${api}/${entry.type}s/${entry.sha}` }),
  }));
  return { sha, url: `${api}/trees/${sha}`, tree, truncated: false };
}

async function createTree(context: RequestContext): Promise<Reply> {
  const { body, repository } = context;
  const base = body.text('base_tree') ?? null;
  const baseType = base === null ? 'tree' : await repository.git.objectType(base);
  if (baseType !== 'tree' && baseType !== 'commit') throw new Problem(422, 'base_tree is not a valid tree oid');
  const entries = body.objects('tree');
  if (entries === undefined || entries.length === 0) throw new Problem(422, 'Invalid tree info');
  const changes: TreeChange[] = [];
  for (const entry of entries) {
    const path = entry.requiredText('path');
    const mode = entry.oneOf('mode', ['100644', '100755', '040000', '160000', '120000'] as const) ?? '100644';
    if (!isSafeTreePath(path)) throw validationFailed('tree.path contains a malformed path component');
    const content = entry.text('content');
    const sha = content === undefined ? (entry.text('sha') ?? null) : await writeBlob(repository.git, content);
    if (sha !== null && mode !== '160000' && (await repository.git.objectType(sha)) === null) throw validationFailed(`tree.sha ${sha} is not a valid ${mode === '040000' ? 'tree' : 'blob'}`);
    changes.push({ path, mode, sha });
  }
  const sha = await writeTree(repository.git, base, changes);
  const shown = await serializeTree(context, sha, false);
  return { status: 201, body: shown, headers: { location: String(shown['url']) } };
}
