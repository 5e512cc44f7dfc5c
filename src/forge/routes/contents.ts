import { ZERO_SHA } from '../git/bare-repository.ts';
import type { TreeEntry } from '../git/bare-repository.ts';
import { readCommit, writeCommit } from '../git/commits.ts';
import type { Signature } from '../git/commits.ts';
import { isSafeTreePath, writeBlob, writeTree } from '../git/trees.ts';
import { gitHubTime } from '../model/github-time.ts';
import { CONTENTS_MAX_BYTES } from '../model/limits.ts';
import { forgeSignature, mayPush, signatureOf } from '../operations/merging.ts';
import { moveRef } from '../operations/refs.ts';
import type { BodyReader } from '../rest/body-reader.ts';
import { invalidRequest, notFound, Problem, validationFailed } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { serializeGitCommit } from '../serialize/commits.ts';
import { repositoryApi, repositoryWeb } from '../serialize/repositories.ts';

const ROOT = '/repos/{owner}/{repo}/contents';
const ONE = `${ROOT}/{path}`;
const READ = [['contents', 'read']] as const;
const WRITE = [['contents', 'write']] as const;

export const contentRoutes: readonly Route[] = [
  { method: 'GET', template: ONE, access: { by: 'anyone', permission: READ }, handle: getContent },
  { method: 'GET', template: `${ROOT}/`, access: { by: 'anyone', permission: READ }, handle: getContent },
  { method: 'GET', template: ROOT, access: { by: 'anyone', permission: READ }, handle: getContent },
  { method: 'PUT', template: ONE, access: { by: 'member', permission: WRITE, role: 'write' }, handle: putContent },
  { method: 'DELETE', template: ONE, access: { by: 'member', permission: WRITE, role: 'write' }, handle: deleteContent },
];

async function getContent(context: RequestContext): Promise<Reply> {
  const { repository } = context;
  const path = context.param('path').replace(/\/+$/, '');
  const ref = context.query.get('ref') ?? repository.defaultBranch;
  const commit = await repository.git.resolveCommit(ref);
  if (commit === null) throw new Problem(404, `No commit found for the ref ${ref}`);
  const entry = await repository.git.entryAt(commit, path);
  if (entry === null) throw notFound();
  if (entry.type !== 'blob') return listFolder(context, commit, ref, path, entry);
  const content = await repository.git.blob(entry.sha);
  if (/application\/vnd\.github\.(v3\.)?raw/.test(context.accept)) {
    return { status: 200, raw: { contentType: 'application/vnd.github.raw+json; charset=utf-8', content } };
  }
  const large = content.length > CONTENTS_MAX_BYTES;
  const { type: _type, ...shown } = serializeEntry(context, entry, path, ref);
  return { status: 200, body: { type: 'file', ...shown, encoding: large ? 'none' : 'base64', content: large ? '' : wrapped(content) } };
}

async function listFolder(context: RequestContext, commit: string, ref: string, path: string, folder: TreeEntry): Promise<Reply> {
  const treeish = path === '' ? commit : folder.sha;
  const entries = (await context.repository.git.tree(treeish, { recursive: false })).map((entry) => serializeEntry(context, entry, path === '' ? entry.path : `${path}/${entry.path}`, ref));
  if (/application\/vnd\.github\.(v3\.)?object/.test(context.accept)) {
    return { status: 200, body: { ...serializeEntry(context, folder, path, ref), entries } };
  }
  return { status: 200, body: entries };
}

/** Base64 with a line break every 60 characters, as GitHub sends it. */
function wrapped(content: Buffer): string {
  return content.toString('base64').replace(/(.{1,60})/g, '$1\n');
}

function serializeEntry(context: RequestContext, entry: TreeEntry, path: string, ref: string): Record<string, unknown> {
  const api = repositoryApi(context.world, context.repository);
  const web = repositoryWeb(context.world, context.repository);
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const branch = encodeURIComponent(ref);
  const type = entry.type === 'tree' ? 'dir' : entry.type === 'commit' ? 'submodule' : entry.mode === '120000' ? 'symlink' : 'file';
  const self = `${api}/contents/${encoded}?ref=${branch}`;
  const git = `${api}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`;
  const html = `${web}/${entry.type === 'tree' ? 'tree' : 'blob'}/${branch}/${encoded}`;
  return {
    type,
    size: entry.size ?? 0,
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.sha,
    url: self,
    git_url: git,
    html_url: html,
    download_url: entry.type === 'blob' ? `${web}/raw/${branch}/${encoded}` : null,
    _links: { self, git, html },
  };
}

async function putContent(context: RequestContext): Promise<Reply> {
  const { body, repository } = context;
  const path = context.param('path');
  if (!isSafeTreePath(path)) throw validationFailed({ resource: 'Commit', field: 'path', code: 'custom', message: 'path contains a malformed path component' });
  const encoded = body.requiredText('content').replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw new Problem(422, 'content is not valid Base64');
  const { branch, head, existing } = await target(context, path);
  const given = body.text('sha');
  if (existing !== null && given === undefined) throw invalidRequest('"sha" wasn\'t supplied.');
  if (given !== undefined && existing?.sha !== given) throw new Problem(409, `${path} does not match ${given}`);
  const blob = await writeBlob(repository.git, Buffer.from(encoded, 'base64'));
  const tree = await writeTree(repository.git, head, [{ path, mode: existing?.mode ?? '100644', sha: blob }]);
  const commit = await commitTo(context, branch, head, tree);
  const entry = await repository.git.entryAt(commit, path);
  return { status: existing === null ? 201 : 200, body: { content: entry === null ? null : serializeEntry(context, entry, path, branch), commit: await shownCommit(context, commit) } };
}

async function deleteContent(context: RequestContext): Promise<Reply> {
  const { body, repository } = context;
  const path = context.param('path');
  const sha = body.requiredText('sha');
  const { branch, head, existing } = await target(context, path);
  if (existing === null) throw notFound();
  if (existing.sha !== sha) throw new Problem(409, `${path} does not match ${sha}`);
  const tree = await writeTree(repository.git, head, [{ path, mode: '0', sha: null }]);
  const commit = await commitTo(context, branch, head, tree);
  return { status: 200, body: { content: null, commit: await shownCommit(context, commit) } };
}

async function target(context: RequestContext, path: string): Promise<{ branch: string; head: string | null; existing: TreeEntry | null }> {
  const { body, repository } = context;
  body.requiredText('message');
  const branch = body.text('branch') ?? repository.defaultBranch;
  const head = await repository.git.branch(branch);
  // Only a repository without any branch may be written to without one.
  if (head === null && (await repository.git.refs('refs/heads/')).length > 0) throw new Problem(404, `Branch ${branch} not found`);
  if (!mayPush(repository, branch, context.account)) throw new Problem(409, `Repository rule violations found for branch ${branch}: changes must be made through a pull request.`);
  const existing = head === null ? null : await repository.git.entryAt(head, path);
  return { branch, head, existing: existing?.type === 'blob' ? existing : null };
}

async function commitTo(context: RequestContext, branch: string, head: string | null, tree: string): Promise<string> {
  const { body, repository, world } = context;
  const own = signatureOf(world, context.account);
  const committer = person(world.clock.now(), body.object('committer'));
  const commit = await writeCommit(repository.git, {
    tree,
    parents: head === null ? [] : [head],
    message: body.requiredText('message'),
    author: person(world.clock.now(), body.object('author')) ?? committer ?? own,
    committer: committer ?? forgeSignature(world),
  });
  await moveRef(world, repository, context.account, { ref: `refs/heads/${branch}`, before: head ?? ZERO_SHA, after: commit });
  return commit;
}

/** A signature from a request body; the date defaults to now. */
export function person(now: number, given: BodyReader | undefined): Signature | null {
  if (given === undefined) return null;
  const date = given.text('date');
  const at = date === undefined ? now : Date.parse(date);
  if (Number.isNaN(at)) throw invalidRequest(`${JSON.stringify(date)} is not a valid date-time.`);
  return { name: given.requiredText('name'), email: given.requiredText('email'), date: gitHubTime(at) };
}

async function shownCommit(context: RequestContext, sha: string): Promise<Record<string, unknown>> {
  return serializeGitCommit(context.world, context.repository, await readCommit(context.repository.git, sha));
}
