import { field, listAt, nameAt, textAt } from '../webhooks/reading.ts';
import type { TextVersion } from './as-told.ts';
import type { ConditionalReader } from './conditional.ts';

/** Who edited a text when stands nowhere in GitHub's REST API. */
const query = `query($id: ID!) {
  node(id: $id) {
    ... on Issue { userContentEdits(first: 50) { nodes { editedAt editor { __typename login } diff } } }
    ... on IssueComment { userContentEdits(first: 50) { nodes { editedAt editor { __typename login } diff } } }
  }
}`;

/** Versions of a text, oldest first; empty when it was never edited. */
async function historyOf(reader: ConditionalReader, nodeId: string): Promise<readonly unknown[]> {
  const data = await reader.query('reading the history of a text', query, { id: nodeId });
  const nodes = listAt(data, 'node', 'userContentEdits', 'nodes');
  const [first] = nodes;
  const last = nodes.at(-1);
  // Newest first, as GitHub gives them; should that change, the times tell.
  return (nameAt(first, 'editedAt') ?? '') >= (nameAt(last, 'editedAt') ?? '') ? nodes.toReversed() : nodes;
}

/**
 * The versions of an issue's text, with their writers. GitHub calls a version's text its `diff`: it is trusted to be the text
 * only when the newest one equals what stands there now; otherwise only the latest edit is known, and what stands there.
 */
export async function textVersions(reader: ConditionalReader, issue: unknown): Promise<readonly TextVersion[]> {
  const history = await historyOf(reader, nameAt(issue, 'node_id') ?? '');
  const body = textAt(issue, 'body') ?? '';
  const last = history.at(-1);
  if (last === undefined) return [];
  if (textAt(last, 'diff') !== body) return [{ at: nameAt(last, 'editedAt') ?? '', editor: accountOf(last), text: body, before: null }];
  // The first version is no edit: it is the text as it was created.
  return history.slice(1).map((version, index) => ({
    at: nameAt(version, 'editedAt') ?? '',
    editor: accountOf(version),
    text: textAt(version, 'diff') ?? '',
    before: textAt(history[index], 'diff'),
  }));
}

/** True when nobody else has put words into this comment's mouth. */
export async function isEditedByAuthorAlone(reader: ConditionalReader, comment: unknown): Promise<boolean> {
  const author = nameAt(comment, 'user', 'login');
  const history = await historyOf(reader, nameAt(comment, 'node_id') ?? '');
  return author !== null && history.every((version) => nameAt(accountOf(version), 'login') === author);
}

/** In GraphQL a bot's login has no `[bot]` behind it. */
function accountOf(version: unknown): { readonly login: string; readonly type: string } {
  const login = nameAt(version, 'editor', 'login') ?? 'ghost';
  const isBot = field(version, 'editor', '__typename') === 'Bot';
  return { login: isBot && !login.endsWith('[bot]') ? `${login}[bot]` : login, type: isBot ? 'Bot' : 'User' };
}
