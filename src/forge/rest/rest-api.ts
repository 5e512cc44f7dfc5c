import { createHash } from 'node:crypto';

import type { Faults } from '../faults.ts';
import type { Locks } from '../locks.ts';
import type { World } from '../model/world.ts';
import { demandAccess } from './access.ts';
import { rateKey } from './actor.ts';
import type { Actor } from './actor.ts';
import { authenticate } from './authenticate.ts';
import { notFound, Problem } from './problem.ts';
import type { RateLimiter } from './rate-limit.ts';
import { RequestContext } from './request-context.ts';
import type { RequestLog, RequestRecord } from './request-record.ts';
import type { Match, Reply, Router } from './router.ts';

export interface ApiRequest {
  readonly method: string;
  /** Without `/api/v3`, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The `Authorization` header, or an actor that a page has established. */
  readonly credentials: string | undefined | Actor;
  readonly accept: string;
  readonly ifNoneMatch: string | undefined;
  readonly body: Buffer;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer | null;
  readonly json: unknown;
}

/** Answers REST requests. `null` means a fault wants the connection cut without an answer. */
export class RestApi {
  readonly #world: World;
  readonly #router: Router;
  readonly #limiter: RateLimiter;
  readonly #faults: Faults;
  readonly #log: RequestLog;
  readonly #locks: Locks;

  constructor(parts: { world: World; router: Router; limiter: RateLimiter; faults: Faults; log: RequestLog; locks: Locks }) {
    this.#world = parts.world;
    this.#router = parts.router;
    this.#limiter = parts.limiter;
    this.#faults = parts.faults;
    this.#log = parts.log;
    this.#locks = parts.locks;
  }

  async answer(request: ApiRequest): Promise<ApiAnswer | null> {
    const match = this.#router.match(request.method, request.path);
    let actor: Actor = { kind: 'anonymous' };
    let refusal: Problem | null = null;
    let body: unknown;
    try {
      actor = typeof request.credentials === 'object' ? request.credentials : authenticate(this.#world, request.credentials);
      body = parseBody(request.body);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refusal = error;
    }
    const record = this.#log.begin({
      at: this.#world.clock.now(),
      kind: 'rest',
      actor,
      method: request.method,
      path: request.path,
      query: request.query.toString(),
      accept: request.accept,
      route: match?.route.template ?? null,
      body,
    });
    await this.#log.tell(record, 'before');

    const fault = this.#faults.take(request.method, request.path, actor);
    if (fault !== null && typeof fault.effect === 'object' && 'delayMs' in fault.effect) await this.#world.clock.sleep(fault.effect.delayMs);
    if (fault?.effect === 'reset') {
      record.fault = 'reset';
      await this.#log.tell(record, 'after');
      return null;
    }
    const instead = fault === null ? null : faultAnswer(fault.effect);
    if (fault !== null && instead !== null && fault.moment === 'before') return this.#finish(record, instead, `status ${instead.status} before the work`);

    const answer = refusal === null ? await this.#work(request, match, actor, body) : problemAnswer(refusal);
    if (fault?.effect === 'drop-answer') {
      await this.#finish(record, answer, 'answer dropped after the work');
      return null;
    }
    if (instead !== null) {
      await this.#finish(record, answer, `status ${instead.status} after the work`);
      return instead;
    }
    return this.#finish(record, answer, null);
  }

  async #finish(record: RequestRecord, answer: ApiAnswer, fault: string | null): Promise<ApiAnswer> {
    record.status = answer.status;
    record.answer = answer.json;
    record.headers = answer.headers;
    record.fault = fault;
    this.#world.log(`${record.method} ${record.path} → ${answer.status}${fault === null ? '' : ` (fault: ${fault})`}`);
    await this.#log.tell(record, 'after');
    return answer;
  }

  async #work(request: ApiRequest, match: Match | null, actor: Actor, body: unknown): Promise<ApiAnswer> {
    const key = rateKey(actor);
    // Asking for the limits is free.
    const counted = match?.route.template !== '/rate_limit';
    let answer: ApiAnswer;
    try {
      if (counted) this.#limiter.check(key);
      if (match === null) throw notFound();
      const changes = request.method !== 'GET';
      if (changes && match.route.access.by !== 'app') this.#limiter.countContent(key);
      const run = async (): Promise<Reply> => this.#handle(request, match, actor, body);
      const { owner, repo } = match.params;
      const reply = changes ? await this.#locks.run(owner === undefined || repo === undefined ? 'forge' : `${owner}/${repo}`.toLowerCase(), run) : await run();
      answer = replyAnswer(reply);
    } catch (error) {
      if (!(error instanceof Problem)) this.#world.log(`${request.method} ${request.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      answer = problemAnswer(error instanceof Problem ? error : new Problem(500, 'Server Error'));
    }
    if (match === null) answer = { ...answer, headers: { ...answer.headers, 'x-forge-note': 'no such endpoint in this forge' } };
    const unchanged = request.method === 'GET' && answer.status === 200 && answer.headers['etag'] === request.ifNoneMatch;
    if (counted && !unchanged) this.#limiter.count(key);
    const headers = { ...answer.headers, ...this.#limiter.headers(key) };
    return unchanged ? { status: 304, headers, content: null, json: null } : { ...answer, headers };
  }

  async #handle(request: ApiRequest, match: Match, actor: Actor, body: unknown): Promise<Reply> {
    const { owner, repo } = match.params;
    const named = match.route.template.startsWith('/repos/{owner}/{repo}');
    const repository = named ? (this.#world.repository(owner ?? '', (repo ?? '').replace(/\.git$/, '')) ?? null) : null;
    if (named && repository === null) throw notFound();
    demandAccess(actor, match.route.access, repository);
    if (repository?.archived === true && request.method !== 'GET' && match.route.template !== '/repos/{owner}/{repo}') {
      throw new Problem(403, 'Repository was archived so is read-only.');
    }
    const { params } = match;
    return match.route.handle(new RequestContext({ world: this.#world, actor, params, query: request.query, accept: request.accept, path: request.path, body, repository }));
  }
}

function parseBody(body: Buffer): unknown {
  const text = body.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'Problems parsing JSON');
  }
}

function jsonAnswer(status: number, json: unknown, headers: Readonly<Record<string, string>>): ApiAnswer {
  const content = Buffer.from(JSON.stringify(json));
  return { status, content, json, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } };
}

function replyAnswer(reply: Reply): ApiAnswer {
  const headers = reply.headers ?? {};
  if (reply.raw !== undefined) {
    const content = Buffer.from(reply.raw.content);
    return { status: reply.status, content, json: content.toString('utf8'), headers: { ...headers, 'content-type': reply.raw.contentType, etag: etagOf(content) } };
  }
  if (reply.body === undefined) return { status: reply.status, content: null, json: undefined, headers };
  const answer = jsonAnswer(reply.status, reply.body, headers);
  return { ...answer, json: JSON.parse(String(answer.content)) as unknown, headers: { ...answer.headers, etag: etagOf(answer.content ?? Buffer.alloc(0)) } };
}

function problemAnswer(problem: Problem): ApiAnswer {
  return jsonAnswer(problem.status, problem.body, problem.headers);
}

function etagOf(content: Buffer): string {
  return `W/"${createHash('sha256').update(content).digest('hex')}"`;
}

function faultAnswer(effect: unknown): ApiAnswer | null {
  if (typeof effect !== 'object' || effect === null || !('status' in effect)) return null;
  const { status, headers = {}, body } = effect as { status: number; headers?: Readonly<Record<string, string>>; body?: unknown };
  const shown = body ?? { message: 'This answer is a fault the forge was told to give', documentation_url: 'https://docs.github.com/rest' };
  return jsonAnswer(status, shown, headers);
}
