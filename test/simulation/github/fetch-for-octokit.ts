import type { ApiAnswer, SimulatedGitHub } from './simulated-github.ts';

/** A call on its way. */
export interface SimulatedRequest {
  readonly method: string;
  /** Without the API's base, still percent-encoded. */
  readonly path: string;
  readonly query: string;
  /** JSON text. */
  readonly body: string | undefined;
  readonly authorization: string | undefined;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What becomes of a call. It takes effect (or does not) at the moment the decision is made; `after`, if given, is waited for before the
 * caller hears of it.
 */
export type Outcome =
  | { readonly kind: 'answered'; readonly after?: Promise<void> }
  /** It took effect, and the connection broke before the answer came. */
  | { readonly kind: 'answer-lost'; readonly after?: Promise<void> }
  /** It took effect, and something on the way answered instead: `badGateway`, say. */
  | { readonly kind: 'answered-otherwise'; readonly answer: ApiAnswer; readonly after?: Promise<void> }
  /** It never arrived. */
  | { readonly kind: 'unreachable'; readonly after?: Promise<void> }
  /** It was turned away without taking effect: `secondaryLimit(30)`, `tooManyRequests(30)`, `serverError(503)`. */
  | { readonly kind: 'refused'; readonly answer: ApiAnswer; readonly after?: Promise<void> };

/** Called for every request before it takes effect: when its promise settles, the request is dealt with. */
export type RequestHook = (request: SimulatedRequest) => Promise<Outcome>;

export const answered: Outcome = { kind: 'answered' };
export const answerLost: Outcome = { kind: 'answer-lost' };
export const unreachable: Outcome = { kind: 'unreachable' };

function refusal(status: number, message: string, headers: Readonly<Record<string, string>> = {}): ApiAnswer {
  return { status, headers, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

export const badGateway: ApiAnswer = refusal(502, 'Bad Gateway');

export function serverError(status: number): ApiAnswer {
  return refusal(status, 'Server Error');
}

/** 403, as GitHub answers too many writes; without `seconds` it does not say for how long. */
export function secondaryLimit(seconds: number | null): ApiAnswer {
  return refusal(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', seconds === null ? {} : { 'retry-after': String(seconds) });
}

export function tooManyRequests(seconds: number): ApiAnswer {
  return refusal(429, 'Too Many Requests', { 'retry-after': String(seconds) });
}

/** 403 with the hour's budget used up; `reset` in milliseconds. */
export function primaryLimit(reset: number): ApiAnswer {
  return refusal(403, 'API rate limit exceeded for installation.', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(reset / 1000)) });
}

/** What fetch rejects with when the connection fails. */
export function connectionFailure(code: 'ECONNRESET' | 'ECONNREFUSED'): TypeError {
  return Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(code === 'ECONNRESET' ? 'socket hang up' : 'connect ECONNREFUSED'), { code }) });
}

/** As much of a response as Octokit looks at. Without a content type it takes what `text()` gives as it is: nothing is written out and parsed again. */
class BareResponse {
  readonly status: number;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly #body: unknown;

  constructor(url: string, answer: ApiAnswer) {
    this.url = url;
    this.status = answer.status;
    this.headers = new Map(Object.entries(answer.headers));
    this.#body = answer.body;
  }

  text(): Promise<unknown> {
    return Promise.resolve(this.#body);
  }
}

/** A `fetch` for Octokit that reaches a simulated GitHub, whenever and however the hook says. */
export function fetchForOctokit(gitHub: SimulatedGitHub, hook: RequestHook = () => Promise.resolve(answered)): typeof globalThis.fetch {
  async function simulatedFetch(url: string, init: { readonly method?: string; readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<BareResponse> {
    const { method = 'GET', body, headers = {} } = init;
    const { path, query } = split(gitHub.apiUrl, url);
    const request: SimulatedRequest = { method, path, query, body, authorization: headers['authorization'], headers };
    const outcome = await hook(request);
    const takesEffect = outcome.kind === 'answered' || outcome.kind === 'answer-lost' || outcome.kind === 'answered-otherwise';
    const answer = takesEffect ? gitHub.handle(method, path, query, body, request.authorization, headers) : null;
    if (outcome.after !== undefined) await outcome.after;
    switch (outcome.kind) {
      case 'answered':
        return new BareResponse(url, answer ?? badGateway);
      case 'answered-otherwise':
      case 'refused':
        return new BareResponse(url, outcome.answer);
      default:
        throw connectionFailure(outcome.kind === 'unreachable' ? 'ECONNREFUSED' : 'ECONNRESET');
    }
  }
  return simulatedFetch as unknown as typeof globalThis.fetch;
}

function split(apiUrl: string, url: string): { readonly path: string; readonly query: string } {
  // GraphQL stands beside the REST API.
  const rest = url.startsWith(apiUrl) ? url.slice(apiUrl.length) : url.slice(new URL(apiUrl).origin.length).replace(/^\/api/, '');
  const mark = rest.indexOf('?');
  return mark === -1 ? { path: rest, query: '' } : { path: rest.slice(0, mark), query: rest.slice(mark + 1) };
}
