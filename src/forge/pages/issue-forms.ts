import type { Issue } from '../model/records.ts';
import { nodeId } from '../model/ids.ts';
import { actingAs, demandSuccess, PageRefusal } from './page-context.ts';
import type { PageAnswer, RepositoryPageContext } from './page-context.ts';
import { toggleTask } from './markdown.ts';

/** Does what a form of an issue's or pull request's page asks for. */
export async function submitIssueForm(context: RepositoryPageContext, issue: Issue, action: string): Promise<PageAnswer> {
  const { form, repository } = context;
  actingAs(context);
  const issueApi = `/repos/${repository.fullName}/issues/${issue.number}`;
  const pullApi = `/repos/${repository.fullName}/pulls/${issue.number}`;
  const act = async (method: string, path: string, body?: unknown): Promise<void> => demandSuccess(await context.act(method, path, body));

  if (action === 'comment') {
    const body = normalized(form.get('body'));
    const state = form.get('state');
    if (body.trim() !== '') await act('POST', `${issueApi}/comments`, { body });
    else if (state === null) throw new PageRefusal('A comment must say something.');
    if (state === 'closed' || state === 'open') await act('PATCH', issueApi, { state });
  } else if (action === 'labels') {
    const remove = form.get('remove');
    const add = (form.get('add') ?? '').trim();
    if (remove !== null) await act('DELETE', `${issueApi}/labels/${encodeURIComponent(remove)}`);
    else if (add !== '') await act('POST', `${issueApi}/labels`, { labels: [add] });
  } else if (action === 'tick') {
    const body = toggleTask(issue.body ?? '', Number(form.get('item')));
    if (body === null) throw new PageRefusal('That item is not there any more: the text was changed meanwhile.');
    await act('PATCH', issueApi, { body });
  } else if (issue.pull !== null && action === 'review') {
    const body = normalized(form.get('body'));
    await act('POST', `${pullApi}/reviews`, { event: form.get('event') ?? 'COMMENT', commit_id: issue.pull.headSha, ...(body === '' ? {} : { body }) });
  } else if (issue.pull !== null && action === 'merge') {
    await act('PUT', `${pullApi}/merge`, { merge_method: form.get('method') ?? 'merge', sha: issue.pull.headSha });
  } else if (issue.pull !== null && action === 'ready') {
    const answer = await context.act('POST', '/graphql', {
      query: 'mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }',
      variables: { id: nodeId('PR', issue.pull.id) },
    });
    const [error] = (answer.json as { errors?: readonly { message: string }[] }).errors ?? [];
    if (error !== undefined) throw new PageRefusal(error.message);
  } else {
    return { kind: 'missing' };
  }
  return { kind: 'redirect', to: `/${repository.fullName}/${issue.pull === null ? 'issues' : 'pull'}/${issue.number}` };
}

/** Browsers send line ends as CR LF. */
export function normalized(text: string | null): string {
  return (text ?? '').replaceAll('\r\n', '\n');
}

/** "New issue". */
export async function submitNewIssue(context: RepositoryPageContext): Promise<PageAnswer> {
  const { form, repository } = context;
  actingAs(context);
  const labels = (form.get('labels') ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  const answer = await context.act('POST', `/repos/${repository.fullName}/issues`, { title: form.get('title') ?? '', body: normalized(form.get('body')), labels });
  demandSuccess(answer);
  return { kind: 'redirect', to: `/${repository.fullName}/issues/${(answer.json as { number: number }).number}` };
}
