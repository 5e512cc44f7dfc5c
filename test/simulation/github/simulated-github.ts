import { BodyReader } from '../../../src/forge/rest/body-reader.ts';
import { Problem } from '../../../src/forge/rest/problem.ts';
import { sha256 } from '../../../src/kit/hash.ts';
import { isJsonObject } from '../../../src/kit/json.ts';
import type { Signer } from './commit-graph.ts';
import { changed } from './commit-graph.ts';
import { moveBranch } from './branches.ts';
import { findRoute } from './find-route.ts';
import { Person } from './people.ts';
import type { Account, CheckRun, Delivery, Role } from './records.ts';
import { emptyBody } from './route.ts';
import type { Reply, Route } from './route.ts';
import { doublesOf, mergedInto, snapshotOf } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world.ts';

type Headers = Readonly<Record<string, string>>;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Not text: a new object for every answer, or undefined when there is none. */
  readonly body: unknown;
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  /** Of the request, in lower case. */
  readonly headers: Headers;
  readonly route: string;
  readonly answer: ApiAnswer;
}

/** A commit a worker makes: its files in full or as changes of the parent's. */
export interface WorkerCommit {
  readonly parent: string;
  /** Changes of the parent's files; null removes one. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message?: string;
  /** The App's bot by default. */
  readonly author?: Signer;
  /** The author by default. */
  readonly committer?: Signer;
}

const nothing = new URLSearchParams();
const noHeaders: Headers = {};

/**
 * GitHub in memory, with one repository, as far as the product uses it: synchronous, atomic, without a clock or chance of its own.
 * Answers what the sandbox in `src/forge` answers (a test runs one mission against both); a call that is not known throws.
 */
export class SimulatedGitHub {
  static readonly apiUrl = 'https://github.sim.example/api/v3';
  readonly apiUrl = SimulatedGitHub.apiUrl;
  readonly #world: World;
  #taken = 0;
  /** Told of every exchange; for tests. */
  observe: ((exchange: Exchange) => void) | null = null;

  constructor(options: WorldOptions) {
    this.#world = new World(options);
  }

  /** For `createAppCredentials`, and the ids that mission sources need. */
  get app(): { readonly appId: number; readonly slug: string; readonly botLogin: string; readonly installationId: number; readonly privateKey: string } {
    const { app, bot } = this.#world;
    return { appId: app.id, slug: app.slug, botLogin: bot.login, installationId: app.installationId, privateKey: app.privateKey };
  }

  get repository(): { readonly id: number; readonly owner: string; readonly name: string; readonly defaultBranch: string } {
    const { id, owner, name, defaultBranch } = this.#world.repository;
    return { id, owner: owner.login, name, defaultBranch };
  }

  /** Answers one call. `body` is JSON text; `authorization` the header; `headers` all of them, in lower case. Throws for a call that the product is not known to make. */
  handle(method: string, path: string, query: string, body: string | undefined, authorization: string | undefined, headers: Headers = noHeaders): ApiAnswer {
    const { route, template, params } = findRoute(method, path);
    const given: unknown = body === undefined || body === '' ? undefined : JSON.parse(body);
    const answer = answerOf(() => {
      this.#admit(method, route, authorization ?? '');
      if (template.startsWith('/repos/') && !path.startsWith(`/repos/${this.repository.owner}/${this.repository.name}/`)) throw new Problem(404, 'Not Found');
      const asked = query === '' ? nothing : new URLSearchParams(query);
      const etag = route.version === undefined ? null : etagOf(`${path}?${query}`, route.version(this.#world, params, asked));
      if (etag !== null && etag === headers['if-none-match']) return { status: 304, headers: { etag } };
      const call = { world: this.#world, params, path, query: asked, body: isJsonObject(given) ? new BodyReader(given) : emptyBody };
      const reply = route.work(call);
      return etag === null ? reply : { status: reply.status, body: reply.body, headers: { ...reply.headers, etag } };
    });
    this.observe?.({ method, path, query, body: given, headers, route: template, answer });
    return answer;
  }

  #admit(method: string, { needs }: Route, authorization: string): void {
    const world = this.#world;
    const credential = /^(?:token|bearer) (\S+)$/i.exec(authorization)?.[1] ?? '';
    if (needs === 'app') {
      checkJwt(credential, world.app.id, world.now());
      return;
    }
    const token = world.tokens.get(credential);
    if (token === undefined || token.until <= world.now()) throw new Problem(401, 'Bad credentials');
    const level = method === 'GET' ? 'read' : 'write';
    const may = (name: string): boolean => name === 'metadata' || token.permissions[name] === 'write' || (token.permissions[name] ?? '') === level;
    // What people took away since is gone from older tokens too.
    if (!needs.some((name) => may(name) && (name === 'metadata' || world.permissions.has(name)))) throw new Problem(403, 'Resource not accessible by integration');
  }

  asPerson(login: string): Person {
    return new Person(this.#world, login);
  }

  /** Also makes the person known. */
  setRole(login: string, role: Role): void {
    this.#world.setRole(login, role);
  }

  /** The App's permission is taken away (`null`) or given back. */
  setPermission(name: 'checks' | 'contents' | 'issues' | 'pull_requests', level: 'write' | 'read' | null): void {
    if (level === null) this.#world.permissions.delete(name);
    else this.#world.permissions.set(name, level);
  }

  /** Every token ends now, as when the App is suspended for a moment: 401 until a new one is asked for. */
  revokeTokens(): void {
    this.#world.tokens.clear();
  }

  /** Every webhook so far, in the order of what happened. */
  get deliveries(): readonly Delivery[] {
    return this.#world.deliveries;
  }

  /** The webhooks since the last time. */
  takeDeliveries(): readonly Delivery[] {
    const fresh = this.#world.deliveries.slice(this.#taken);
    this.#taken = this.#world.deliveries.length;
    return fresh;
  }

  /**
   * Tells GitHub how a try to hand over a webhook ended: the status that the receiver answered, 0 when there was no answer. It stands in
   * the log of deliveries from now on; a delivery that was never told of does not. Returns the id of the try.
   */
  noteAttempt(delivery: Delivery, statusCode: number): number {
    return this.#world.noteAttempt(delivery, statusCode);
  }

  /** The webhooks that the product asked for again since the last time, each as often as it asked. */
  takeRedeliveries(): readonly Delivery[] {
    const asked = this.#world.redeliveries;
    if (asked.length > 0) this.#world.redeliveries = [];
    return asked;
  }

  head(branch: string): string | null {
    return this.#world.branches.get(branch) ?? null;
  }

  branches(): readonly string[] {
    return [...this.#world.branches.keys()];
  }

  /** Messages of annotated tags, by name. */
  tags(): ReadonlyMap<string, string> {
    return this.#world.tags;
  }

  /** The files of a commit, one that was not pushed included. */
  filesAt(commit: string): ReadonlyMap<string, string> {
    return this.#world.graph.get(commit).files;
  }

  isAncestor(ancestor: string, of: string): boolean {
    return this.#world.graph.isAncestor(ancestor, of);
  }

  /** A commit in a worker's clone; GitHub does not know it before it is pushed. */
  commit({ parent, files, message, author, committer }: WorkerCommit): string {
    const { graph, bot } = this.#world;
    const signer = author ?? this.#world.signerOf(bot);
    return graph.write({ parents: [parent], files: changed(graph.get(parent).files, files), message: message ?? 'Work', author: signer, committer: committer ?? signer, at: this.#world.now() }, false).sha;
  }

  /**
   * `git push --force-with-lease=<branch>:<lease>` with the App's token: puts the branch on the commit. `lease` is what the worker saw
   * there (null: no such branch); left out, it is what stands there now. False when somebody moved the branch in between.
   */
  push(branch: string, commit: string, lease: string | null = this.head(branch)): boolean {
    if (this.head(branch) !== lease) return false;
    moveBranch(this.#world, this.#world.bot, branch, commit);
    return true;
  }

  /** Commits and pushes in one go. Returns the commit. */
  pushFromWorker(branch: string, parent: string, files: WorkerCommit['files'], message?: string): string {
    const sha = this.commit({ parent, files, ...(message === undefined ? {} : { message }) });
    this.push(branch, sha);
    return sha;
  }

  issue(number: number): { readonly title: string; readonly body: string | null; readonly state: 'open' | 'closed'; readonly stateReason: string | null; readonly labels: readonly string[] } {
    const { title, body, state, stateReason, labels } = this.#world.issue(number);
    return { title, body, state, stateReason, labels: labels.map((label) => label.name) };
  }

  comments(issue: number): readonly { readonly id: number; readonly by: string; readonly body: string; readonly reactions: readonly string[] }[] {
    return this.#world.issue(issue).comments.map(({ id, user, body, reactions }) => ({ id, by: user.login, body, reactions: reactions.map((one) => one.content) }));
  }

  /** In the order of their making. */
  checkRuns(): readonly Readonly<CheckRun>[] {
    return [...this.#world.checkRuns.values()];
  }

  pulls(): readonly { readonly number: number; readonly state: 'open' | 'closed'; readonly draft: boolean; readonly merged: boolean; readonly mergeCommit: string | null; readonly head: string; readonly headRef: string; readonly body: string | null; readonly title: string; readonly mergedBy: string | null }[] {
    return this.#world.pulls().map(({ number, state, title, body, pull }) => ({ number, state, title, body, draft: pull.draft, merged: pull.mergedAt !== null, mergeCommit: pull.mergeCommit, head: pull.headSha, headRef: pull.headRef, mergedBy: nameOf(pull.mergedBy) }));
  }

  /** What people see of one mission, or of all, without ids, times and commits. */
  snapshot(issue?: number): readonly Snapshot[] {
    return snapshotOf(this.#world, issue);
  }

  /** The commits that were merged into a branch, each as often as it was. */
  mergedInto(branch: string): readonly string[] {
    const head = this.head(branch);
    return head === null ? [] : mergedInto(this.#world, head);
  }

  /** Objects that exist twice although they must not. */
  doubles(): readonly string[] {
    return doublesOf(this.#world);
  }
}

function nameOf(account: Account | null): string | null {
  return account?.login ?? null;
}

function checkJwt(token: string, appId: number, now: number): void {
  const [, claims = ''] = token.split('.');
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8') || '{}') as { iss?: string; iat?: number; exp?: number };
  const seconds = Math.floor(now / 1000);
  if (iss !== String(appId) || iat === undefined || exp === undefined) throw new Problem(401, 'A JSON web token could not be decoded');
  if (exp <= seconds || exp > seconds + 600 || iat > seconds) throw new Problem(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
}

function answerOf(work: () => Reply): ApiAnswer {
  try {
    const { status, body, headers } = work();
    return { status, body, headers: headers ?? {} };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.status, body: error.body, headers: error.headers };
  }
}

/** Weak, as GitHub's are. The same version of another address is another answer. */
function etagOf(address: string, version: string): string {
  return `W/"${sha256(`${address} ${version}`)}"`;
}
