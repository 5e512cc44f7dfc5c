import type { IncomingMessage, ServerResponse } from 'node:http';

import { isJsonObject } from '../../kit/json.ts';
import type { Repository } from '../model/records.ts';
import { diffText } from '../git/diff.ts';
import { diffBase } from '../operations/pull-diff.ts';
import type { ManifestRegistry } from '../operations/manifests.ts';
import { repositoryIsVisible } from '../rest/access.ts';
import type { Actor } from '../rest/actor.ts';
import { authenticate } from '../rest/authenticate.ts';
import { Problem } from '../rest/problem.ts';
import type { ApiAnswer, RestApi } from '../rest/rest-api.ts';
import type { Locks } from '../locks.ts';
import type { World } from '../model/world.ts';
import { codePage, commitPage, commitsPage, rawFile, treePage } from './code-page.ts';
import { appPage, homePage, manifestPage, submitManifest } from './forge-pages.ts';
import { escapeHtml, html } from '../../kit/html.ts';
import { submitIssueForm, submitNewIssue } from './issue-forms.ts';
import { issueListPage, issuePage } from './issue-page.ts';
import { layout } from './layout.ts';
import type { Viewer } from './layout.ts';
import { PageRefusal } from './page-context.ts';
import type { PageAnswer, PageContext, RepositoryPageContext } from './page-context.ts';
import { runPage, submitRunForm } from './run-page.ts';
import { Sessions } from './session.ts';
import type { Session } from './session.ts';
import { STYLE } from './style.ts';

/** Nothing but the forge's own style and forms; no script at all. */
const CONTENT_SECURITY = "default-src 'none'; style-src 'self'; img-src 'self' data: https:; base-uri 'none'; frame-ancestors 'none'";

interface Parts {
  readonly world: World;
  readonly api: RestApi;
  readonly locks: Locks;
  readonly manifests: ManifestRegistry;
}

/** The pages people see. Every form acts through the REST API, so a page can do nothing its viewer may not. */
export class Pages {
  readonly #parts: Parts;
  readonly #sessions: Sessions;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#sessions = new Sessions(parts.world);
  }

  async serve(request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): Promise<void> {
    if (!this.#isOwnHost(request.headers.host)) {
      // A foreign name that resolves to loopback would make another site's pages same-origin with these.
      response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8' }).end('This server is not called that.\n');
      return;
    }
    const asset = this.#asset(url.pathname);
    if (asset !== null) {
      response.writeHead(200, { 'content-type': asset.contentType, 'cache-control': 'max-age=3600', 'x-content-type-options': 'nosniff' }).end(asset.content);
      return;
    }
    const token = this.#tokenActor(request);
    const { session, cookie } = token === null ? this.#sessions.open(request) : { session: { id: '', account: token.kind === 'user' ? token.account : null, flash: null }, cookie: null };
    if (cookie !== null) response.setHeader('set-cookie', cookie);
    const post = request.method === 'POST';
    const form = post ? readForm(request, body) : new URLSearchParams();
    // A program with a token has no session that another site could ride on. The manifest page only shows what it gets.
    const trusted = !post || token !== null || url.pathname === '/settings/apps/new' || this.#sessions.trusts(session, form.get('csrf'));
    const viewer: Viewer = { account: session.account, cast: this.#sessions.cast(), csrf: token === null ? this.#sessions.csrf(session) : '', flash: session.flash, here: url.pathname + url.search };
    session.flash = null;
    const answer = await this.#answer({ request, url, viewer, session, form, trusted, byProgram: token !== null });
    send(response, answer, viewer);
  }

  async #answer(given: { request: IncomingMessage; url: URL; viewer: Viewer; session: Session; form: URLSearchParams; trusted: boolean; byProgram: boolean }): Promise<PageAnswer> {
    const { request, url, viewer, session, form } = given;
    if (!given.trusted) return refusalPage(viewer, 403, 'This form is not from this browser session. Go back, reload the page, and try again.');
    const { world, manifests } = this.#parts;
    const context: PageContext = { world, manifests, viewer, query: url.searchParams, form, act: (method, path, body) => this.#act(viewer, method, path, body) };
    try {
      if (request.method === 'POST') return await this.#submit(context, url, session);
      if (request.method !== 'GET' && request.method !== 'HEAD') return { kind: 'missing' };
      return await this.#show(context, url);
    } catch (error) {
      if (!(error instanceof PageRefusal) && !(error instanceof Problem)) throw error;
      const status = error instanceof Problem ? error.status : Number(/^(\d{3})\b/.exec(error.message)?.[1] ?? 422);
      if (given.byProgram || request.method !== 'POST') return refusalPage(viewer, status, error.message);
      session.flash = error.message;
      return { kind: 'redirect', to: backOf(request, url) };
    }
  }

  async #show(context: PageContext, url: URL): Promise<PageAnswer> {
    const [first = '', second] = segments(url.pathname);
    if (first === '') return homePage(context, null);
    if (url.pathname === '/settings/apps/new') return manifestPage(context);
    if (first === 'apps' && second !== undefined) return appPage(context, second);
    if (second === undefined) return homePage(context, first);
    const inside = this.#inRepository(context, url.pathname);
    return inside === null ? { kind: 'missing' } : showInRepository(inside);
  }

  async #submit(context: PageContext, url: URL, session: Session): Promise<PageAnswer> {
    if (url.pathname === '/_forge/act-as') {
      const login = context.form.get('login') ?? '';
      session.account = this.#sessions.cast().find((account) => account.login === login) ?? null;
      const back = context.form.get('back') ?? '/';
      return { kind: 'redirect', to: /^\/(?![/\\])/.test(back) ? back : '/' };
    }
    if (url.pathname === '/settings/apps/new') return manifestPage(context);
    if (url.pathname === '/settings/apps/create') return submitManifest(context);
    const inside = this.#inRepository(context, url.pathname);
    if (inside === null) return { kind: 'missing' };
    const [kind = '', id = '', action = ''] = inside.rest.split('/');
    if (inside.rest === 'issues') return submitNewIssue(inside);
    if (kind === 'runs') {
      const run = inside.repository.checkRuns.get(Number(id));
      return run === undefined ? { kind: 'missing' } : this.#parts.locks.run(`page:${inside.repository.fullName}`, () => submitRunForm(inside, run, action));
    }
    const issue = kind === 'issues' || kind === 'pull' ? inside.repository.issues.get(Number(id)) : undefined;
    return issue === undefined ? { kind: 'missing' } : submitIssueForm(inside, issue, action);
  }

  #inRepository(context: PageContext, pathname: string): RepositoryPageContext | null {
    const [owner = '', name = '', ...rest] = segments(pathname);
    const repository: Repository | undefined = this.#parts.world.repository(owner, name);
    const actor: Actor = context.viewer.account === null ? { kind: 'anonymous' } : { kind: 'user', account: context.viewer.account };
    return repository === undefined || !repositoryIsVisible(actor, repository) ? null : { ...context, repository, rest: rest.join('/') };
  }

  async #act(viewer: Viewer, method: string, path: string, body: unknown): Promise<ApiAnswer> {
    const answer = await this.#parts.api.answer({
      method,
      path,
      query: new URLSearchParams(),
      credentials: viewer.account === null ? { kind: 'anonymous' } : { kind: 'user', account: viewer.account },
      accept: 'application/vnd.github+json',
      ifNoneMatch: undefined,
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    });
    if (answer === null) throw new PageRefusal('The connection was cut by a fault.');
    return answer;
  }

  #tokenActor(request: IncomingMessage): Actor | null {
    if (request.headers.authorization === undefined) return null;
    try {
      return authenticate(this.#parts.world, request.headers.authorization);
    } catch {
      return { kind: 'anonymous' };
    }
  }

  #isOwnHost(host: string | undefined): boolean {
    const own = new URL(this.#parts.world.webUrl);
    const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
    return ['localhost', '127.0.0.1', '[::1]', own.hostname].includes(name);
  }

  #asset(pathname: string): { contentType: string; content: string } | null {
    if (pathname === '/_forge/style.css') return { contentType: 'text/css; charset=utf-8', content: STYLE };
    const id = /^\/_forge\/avatars\/(\d+)\.svg$/.exec(pathname)?.[1];
    const account = id === undefined ? undefined : [...this.#parts.world.accounts.values()].find((one) => one.id === Number(id));
    if (account === undefined) return null;
    const letter = escapeHtml(account.login.slice(0, 1).toUpperCase());
    return {
      contentType: 'image/svg+xml',
      content: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(${(account.id * 67) % 360} 45% 45%)"/><text x="20" y="27" font-family="sans-serif" font-size="20" fill="#fff" text-anchor="middle">${letter}</text></svg>`,
    };
  }
}

async function showInRepository(context: RepositoryPageContext): Promise<PageAnswer> {
  const { repository, rest } = context;
  const [kind = '', id = '', view = ''] = rest.split('/');
  const after = rest.slice(kind.length + 1);
  if (rest === '') return codePage(context);
  if (kind === 'tree' || kind === 'blob') return treePage(context, after);
  if (kind === 'raw') return rawFile(context, after);
  if (kind === 'commits') return commitsPage(context, after);
  if (kind === 'commit') return commitPage(context, id);
  if (rest === 'issues' || rest === 'pulls') return issueListPage(context, rest);
  if (kind === 'runs') {
    const run = repository.checkRuns.get(Number(id));
    return run === undefined ? { kind: 'missing' } : runPage(context, run);
  }
  const issue = kind === 'issues' || kind === 'pull' ? repository.issues.get(Number(id.replace(/\.diff$/, ''))) : undefined;
  if (issue === undefined) return { kind: 'missing' };
  if (id.endsWith('.diff') && issue.pull !== null) {
    return { kind: 'text', contentType: 'text/plain; charset=utf-8', content: await diffText(repository.git, await diffBase(repository, issue.pull), issue.pull.headSha) };
  }
  // Issues and pull requests share their numbers; the wrong word leads to the right page.
  const word = issue.pull === null ? 'issues' : 'pull';
  if (kind !== word) return { kind: 'redirect', to: `/${repository.fullName}/${word}/${issue.number}` };
  return issuePage(context, issue, view);
}

function segments(pathname: string): string[] {
  return pathname
    .split('/')
    .slice(1)
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
}

function readForm(request: IncomingMessage, body: Buffer): URLSearchParams {
  if (!(request.headers['content-type'] ?? '').includes('json')) return new URLSearchParams(body.toString('utf8'));
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return new URLSearchParams(isJsonObject(value) ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string') : []);
  } catch {
    return new URLSearchParams();
  }
}

/** Where a refused form leads: the page it was on, taken from the address it was sent to. */
function backOf(request: IncomingMessage, url: URL): string {
  const referer = URL.canParse(request.headers.referer ?? '') ? new URL(request.headers.referer ?? '') : null;
  if (referer !== null && referer.host === request.headers.host) return referer.pathname + referer.search;
  return url.pathname.replace(/\/(?:comment|labels|tick|review|merge|ready|actions|rerequest)$/, '');
}

function refusalPage(viewer: Viewer, status: number, message: string): PageAnswer {
  return { kind: 'page', status, html: layout(viewer, 'Refused', html`<h1>Refused</h1><p>${message}</p>`) };
}

function send(response: ServerResponse, answer: PageAnswer, viewer: Viewer): void {
  const shared = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin', 'cache-control': 'no-store' };
  if (answer.kind === 'redirect') {
    response.writeHead(303, { ...shared, location: answer.to }).end();
    return;
  }
  if (answer.kind === 'text') {
    response.writeHead(200, { ...shared, 'content-type': answer.contentType, 'content-security-policy': 'sandbox' }).end(answer.content);
    return;
  }
  const page = answer.kind === 'page' ? answer : { status: 404, html: layout(viewer, 'Not found', html`<h1>Not found</h1><p>There is nothing here, or you may not see it.</p>`) };
  response.writeHead(page.status ?? 200, { ...shared, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CONTENT_SECURITY }).end(page.html.text);
}
