import { isSafeRefName } from '../git/bare-repository.ts';
import { readTag, writeTag } from '../git/tags.ts';
import type { Tag } from '../git/tags.ts';
import { signatureOf } from '../operations/merging.ts';
import { notFound, Problem } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply, Route } from '../rest/router.ts';
import { gitNodeId, UNVERIFIED } from '../serialize/commits.ts';
import { repositoryApi } from '../serialize/repositories.ts';
import { person } from './contents.ts';

const BASE = '/repos/{owner}/{repo}/git/tags';

/** Tag objects. Making one makes no ref: that is a call of its own. */
export const tagRoutes: readonly Route[] = [
  { method: 'POST', template: BASE, access: { by: 'member', permission: [['contents', 'write']], role: 'write' }, handle: createTag },
  {
    method: 'GET',
    template: `${BASE}/{tag_sha}`,
    access: { by: 'anyone', permission: [['contents', 'read']] },
    async handle(context) {
      const sha = context.param('tag_sha');
      if ((await context.repository.git.objectType(sha)) !== 'tag') throw notFound();
      return { status: 200, body: serializeTag(context, sha, await readTag(context.repository.git, sha)) };
    },
  },
];

async function createTag(context: RequestContext): Promise<Reply> {
  const { body, repository, world } = context;
  const tag = body.requiredText('tag');
  const object = body.requiredText('object');
  const type = body.oneOf('type', ['commit', 'tree', 'blob'] as const) ?? 'commit';
  if (!isSafeRefName(`refs/tags/${tag}`)) throw new Problem(422, `${tag} is not a valid tag name`);
  if ((await repository.git.objectType(object)) !== type) throw new Problem(422, 'Object does not exist');
  const made: Tag = { tag, object, type, message: body.requiredText('message'), tagger: person(context.now, body.object('tagger')) ?? signatureOf(world, context.account) };
  const sha = await writeTag(repository.git, made);
  const shown = serializeTag(context, sha, made);
  return { status: 201, body: shown, headers: { location: String(shown['url']) } };
}

function serializeTag({ repository, world }: RequestContext, sha: string, { tag, object, type, message, tagger }: Tag): Record<string, unknown> {
  const api = `${repositoryApi(world, repository)}/git`;
  return {
    node_id: gitNodeId('TA', repository, sha),
    tag,
    sha,
    url: `${api}/tags/${sha}`,
    message,
    tagger: { ...tagger },
    object: { sha: object, type, url: `${api}/${type}s/${object}` },
    verification: UNVERIFIED,
  };
}
