import { hostRetries } from '../core/schedule/retry.ts';
import { HostError } from '../engine/ports/repository-host.ts';

/** Where GitHub says that it was too much but not for how long (its advice: at least a minute). */
const defaultRetryAfterMs = hostRetries['rate-limit'].firstDelayMs;

interface Answered {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * The failure of a call, by class. Carries what GitHub said, shortened, and never the request: its headers hold a token
 * and its body may hold words of a mission.
 */
export function hostErrorOf(error: unknown, what: string, now: number): HostError {
  if (error instanceof HostError) return error;
  const answered = answerOf(error);
  if (answered === null) return unanswered(error, what);
  const { status, message } = answered;
  const said = `${what}: GitHub answered ${status}: ${message.replaceAll(/\s+/g, ' ').slice(0, 500)}`;
  const retryAfterMs = retryAfter(answered, now);
  if (status === 429 || (status === 403 && (retryAfterMs !== null || isRateMessage(message)))) {
    return new HostError('rate-limit', said, { status, retryAfterMs: retryAfterMs ?? defaultRetryAfterMs });
  }
  if (status >= 500) return new HostError('network', said, { status, retryAfterMs });
  return new HostError(classOf(status), said, { status });
}

/** No answer: the connection failed, or the answer was a GraphQL refusal, or the fault is in our own house. */
function unanswered(error: unknown, what: string): HostError {
  if (!(error instanceof Error)) return new HostError('unexpected', `${what}: ${String(error)}`);
  if (error.name === 'GraphqlResponseError') {
    const said = error.message.replaceAll(/\s+/g, ' ').slice(0, 500);
    return new HostError(/not accessible|FORBIDDEN|permission/i.test(said) ? 'permission' : 'unexpected', `${what}: ${said}`);
  }
  const isNetwork = error.name === 'HttpError' || error.name === 'AbortError' || error.name === 'TimeoutError' || networkCode(error) !== null;
  if (isNetwork) return new HostError('network', `${what}: GitHub could not be reached (${networkCode(error) ?? error.name})`);
  return new HostError('unexpected', `${what}: ${error.message.slice(0, 500)}`, { cause: error });
}

/** What a call reads; null where GitHub answers that there is no such thing (404). */
export async function nullIfAbsent<T>(call: () => Promise<T>): Promise<T | null> {
  return nullIf(call, ({ status }) => status === 404);
}

/** The same, also where GitHub says that there was such a thing (410). */
export async function nullIfGone<T>(call: () => Promise<T>): Promise<T | null> {
  return nullIf(call, ({ failure }) => failure === 'gone');
}

async function nullIf<T>(call: () => Promise<T>, isNothing: (error: HostError) => boolean): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof HostError && isNothing(error)) return null;
    throw error;
  }
}

function classOf(status: number): HostError['failure'] {
  if (status === 404 || status === 410) return 'gone';
  if (status === 401 || status === 403) return 'permission';
  return status === 409 || status === 405 ? 'conflict' : 'unexpected';
}

function answerOf(error: unknown): Answered | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const response = 'response' in error && typeof error.response === 'object' && error.response !== null ? error.response : null;
  // The client reports a connection that failed as status 500 without a response.
  if (response === null) return null;
  const headers = 'headers' in response && typeof response.headers === 'object' && response.headers !== null ? response.headers : {};
  return { status: error.status, message: error.message, headers: headers as Readonly<Record<string, unknown>> };
}

function retryAfter({ headers }: Answered, now: number): number | null {
  const after = Number(headers['retry-after']);
  if (headers['retry-after'] !== undefined && Number.isFinite(after)) return Math.max(0, after * 1000);
  const reset = Number(headers['x-ratelimit-reset']);
  if (String(headers['x-ratelimit-remaining']) === '0' && Number.isFinite(reset)) return Math.max(1000, reset * 1000 - now);
  return null;
}

function isRateMessage(message: string): boolean {
  return /rate limit|abuse detection/i.test(message);
}

/** `ECONNRESET` and its like, wherever in the chain of causes. */
function networkCode(error: unknown): string | null {
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if ('code' in at && typeof at.code === 'string' && /^(E[A-Z]+|UND_ERR_)/.test(at.code)) return at.code;
    at = at.cause;
  }
  return null;
}
