import type { World } from './model/world.ts';

/** A refusal of the forge, as the client of a cast member sees it. */
export class ForgeRefusal extends Error {
  override readonly name = 'ForgeRefusal';
  readonly status: number;
  readonly body: unknown;

  constructor(method: string, path: string, status: number, body: unknown) {
    super(`${method} ${path} was refused with ${status}: ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export interface IssueAnswer {
  readonly number: number;
  readonly id: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: 'open' | 'closed';
  readonly html_url: string;
}

export interface CommentAnswer {
  readonly id: number;
  readonly body: string;
  readonly html_url: string;
}

export interface ReviewAnswer {
  readonly id: number;
  readonly state: string;
}

export interface MergeAnswer {
  readonly sha: string;
  readonly merged: boolean;
}

/** Acts as one person over real HTTP with that person's token. Every method throws `ForgeRefusal` when refused. */
export interface UserClient {
  readonly login: string;
  request<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  openIssue(repository: string, issue: { title: string; body?: string; labels?: string[]; assignees?: string[] }): Promise<IssueAnswer>;
  editIssue(repository: string, number: number, changes: { title?: string; body?: string | null; state?: 'open' | 'closed'; labels?: string[] }): Promise<IssueAnswer>;
  comment(repository: string, number: number, body: string): Promise<CommentAnswer>;
  editComment(repository: string, id: number, body: string): Promise<CommentAnswer>;
  deleteComment(repository: string, id: number): Promise<void>;
  addLabel(repository: string, number: number, ...labels: string[]): Promise<void>;
  removeLabel(repository: string, number: number, label: string): Promise<void>;
  review(repository: string, number: number, review: { event: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT'; body?: string; commitId?: string }): Promise<ReviewAnswer>;
  openPull(repository: string, pull: { title: string; head: string; base: string; body?: string; draft?: boolean }): Promise<IssueAnswer>;
  merge(repository: string, number: number, options?: { method?: 'merge' | 'squash'; sha?: string }): Promise<MergeAnswer>;
  /** Presses one of a completed check run's buttons. */
  pressButton(repository: string, checkRunId: number, identifier: string): Promise<void>;
  /** "Re-run" on a check run. */
  rerequest(repository: string, checkRunId: number): Promise<void>;
}

export function createUserClient(world: World, login: string): UserClient {
  const account = world.account(login);
  if (account?.token === null || account?.token === undefined) throw new TypeError(`"${login}" is not a person of this forge`);
  const headers = { authorization: `token ${account.token}`, 'user-agent': 'missiongate-forge-cast', accept: 'application/vnd.github+json' };

  async function call<T>(base: string, method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value: unknown = text === '' ? undefined : text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
    if (response.status >= 400) throw new ForgeRefusal(method, path, response.status, value);
    return value as T;
  }

  function request<T>(method: string, path: string, body?: unknown): Promise<T> {
    return call<T>(world.apiUrl, method, path, body);
  }

  return {
    login: account.login,
    request,
    openIssue: (repository, issue) => request('POST', `/repos/${repository}/issues`, issue),
    editIssue: (repository, number, changes) => request('PATCH', `/repos/${repository}/issues/${number}`, changes),
    comment: (repository, number, body) => request('POST', `/repos/${repository}/issues/${number}/comments`, { body }),
    editComment: (repository, id, body) => request('PATCH', `/repos/${repository}/issues/comments/${id}`, { body }),
    deleteComment: (repository, id) => request('DELETE', `/repos/${repository}/issues/comments/${id}`),
    addLabel: (repository, number, ...labels) => request('POST', `/repos/${repository}/issues/${number}/labels`, { labels }),
    removeLabel: (repository, number, label) => request('DELETE', `/repos/${repository}/issues/${number}/labels/${encodeURIComponent(label)}`),
    review: (repository, number, { event, body, commitId }) =>
      request('POST', `/repos/${repository}/pulls/${number}/reviews`, { event, ...(body === undefined ? {} : { body }), ...(commitId === undefined ? {} : { commit_id: commitId }) }),
    openPull: (repository, pull) => request('POST', `/repos/${repository}/pulls`, pull),
    merge: (repository, number, options = {}) =>
      request('PUT', `/repos/${repository}/pulls/${number}/merge`, { merge_method: options.method ?? 'merge', ...(options.sha === undefined ? {} : { sha: options.sha }) }),
    // GitHub has no REST call for a button: people press it on the page, and so does this client.
    pressButton: (repository, checkRunId, identifier) => call(world.webUrl, 'POST', `/${repository}/runs/${checkRunId}/actions`, { identifier }),
    rerequest: (repository, checkRunId) => request('POST', `/repos/${repository}/check-runs/${checkRunId}/rerequest`),
  };
}
