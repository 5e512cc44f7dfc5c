import { gitHubTime } from '../model/github-time.ts';
import { nodeId } from '../model/ids.ts';
import type { Account, TextEdit } from '../model/records.ts';
import { permits } from '../model/roles.ts';
import { repositoryIsVisible } from '../rest/access.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Reply } from '../rest/router.ts';
import { failure } from './graphql-failure.ts';

/** Versions GitHub gives in one page at most. */
const MOST = 100;

/** `node(id: $id) { … on Issue { userContentEdits(first: n) {…} } }`: the versions of a text, newest first, with who wrote them. */
export function editHistory(context: RequestContext, query: string): Reply {
  const variables = context.body.object('variables')?.value ?? {};
  const id = typeof variables['id'] === 'string' ? variables['id'] : '';
  const size = Math.min(Number(/userContentEdits\s*\(\s*first\s*:\s*(\d+)/.exec(query)?.[1] ?? MOST), MOST);
  const found = findEdits(context, id);
  if (found === null) return failure('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`, 'node');
  const nodes = found.toReversed().slice(0, size).map(show);
  return { status: 200, body: { data: { node: { userContentEdits: { totalCount: found.length, nodes } } } } };
}

function findEdits(context: RequestContext, id: string): readonly TextEdit[] | null {
  const { actor } = context;
  for (const repository of context.world.repositories.values()) {
    if (!repositoryIsVisible(actor, repository)) continue;
    if (actor.kind === 'installation' && !permits(actor.permissions, 'issues', 'read')) continue;
    for (const issue of repository.issues.values()) if (nodeId(issue.pull === null ? 'I' : 'PR', issue.pull?.id ?? issue.id) === id) return issue.edits;
    for (const comment of repository.comments.values()) if (nodeId('IC', comment.id) === id) return comment.edits;
  }
  return null;
}

function show({ editedAt, editor, text }: TextEdit): Record<string, unknown> {
  return { editedAt: gitHubTime(editedAt), editor: { __typename: kindOf(editor), login: loginOf(editor) }, diff: text };
}

function kindOf(account: Account): string {
  return account.type === 'User' ? 'User' : account.type;
}

/** In GraphQL a bot's login has no `[bot]` behind it. */
function loginOf(account: Account): string {
  return account.type === 'Bot' ? account.login.replace(/\[bot\]$/, '') : account.login;
}
