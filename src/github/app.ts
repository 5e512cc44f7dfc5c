import type { IncomingMessage, ServerResponse } from 'node:http';

import { pino } from 'pino';
import { Probot } from 'probot';

import type { IncomingSignal } from '../engine/ports/store.ts';
import type { RoutineHint } from '../engine/routines/hints.ts';
import type { Clock } from '../kit/time.ts';
import type { SeenComment } from './acknowledge.ts';
import { routineHintsOf } from './routines/routine-hints.ts';
import { maximumBodyBytes, readBody } from './request-body.ts';
import type { MappedSignal, OurBot } from './webhooks/mapping.ts';
import { signalsOf } from './webhooks/signals-of.ts';

/** A delivery as far as it may be logged: never its payload. */
export interface DeliveryInfo {
  readonly id: string;
  readonly event: string;
}

export interface WebhookAppOptions {
  readonly appId: number;
  readonly privateKey: string;
  /** Must be set: Probot would take the word `development` for a missing one. */
  readonly secret: string;
  readonly apiUrl: string;
  readonly ourBot: OurBot;
  readonly clock: Clock;
  /** The missions of a repository that something about it may concern. */
  readonly missionsOf?: (repositoryId: number) => Promise<readonly string[]>;
  /** Stores signals durably and says how many were new. When it rejects, the sender is told to deliver again. */
  readonly receive: (signals: readonly IncomingSignal[], delivery: DeliveryInfo) => Promise<number>;
  /** Takes what an event says about routines, durably when it resolves. */
  readonly onRoutineHint?: (hint: RoutineHint) => Promise<void>;
  /** Told of comments with commands that were stored just now, after the sender has its answer. */
  readonly onCommand?: (comment: SeenComment) => void;
  /** Told of every delivery that could not be taken, for logs and metrics. */
  readonly onProblem?: (problem: { readonly delivery: DeliveryInfo; readonly status: number; readonly error: unknown }) => void;
}

export interface WebhookApp {
  readonly probot: Probot;
  /** Answers one request to the webhook path. Never rejects. */
  handleWebhook(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Letters GitHub uses in delivery ids and event names. */
const deliveryId = /^[A-Za-z0-9-]{1,100}$/;
const eventName = /^[a-z][a-z0-9_]{0,60}$/;

/**
 * The webhook's entrance: Probot verifies, the mapping makes signals of the event, and they are stored.
 * A delivery is acknowledged when, and only when, its signals are durable. Nothing is decided and nothing is called here.
 */
export async function createWebhookApp(options: WebhookAppOptions): Promise<WebhookApp> {
  if (options.secret.trim() === '' || options.secret === 'development') {
    throw new Error('The webhook secret is missing (or is the word "development", which everybody knows). Set WEBHOOK_SECRET to the secret in the settings of the GitHub App.');
  }
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret: options.secret,
    baseUrl: options.apiUrl,
    // Probot logs whole payloads when something fails; what may be said goes through `onProblem`.
    log: pino({ level: 'silent' }),
  });
  await probot.ready();

  /** Probot's own dispatcher would make an authenticated client for every event, which nobody here asks anything: a third of the work. */
  async function store({ id, event: name }: DeliveryInfo, payload: object): Promise<Stored> {
    const mapped = signalsOf({ id, name, payload }, options);
    if (options.onRoutineHint !== undefined) for (const hint of routineHintsOf({ id, name, payload }, options.ourBot)) await options.onRoutineHint(hint);
    const addressed = (await Promise.all(mapped.map((one) => addressees(one, options)))).flat();
    const signals = addressed.map(({ answered: _answered, everyMissionOf: _all, ...one }, index): IncomingSignal => ({ ...one, source: `${id}#${index}`, receivedAt: options.clock.now() }));
    const stored = signals.length === 0 ? 0 : await options.receive(signals, { id, event: name });
    return { stored, command: stored === 0 ? null : commandIn(mapped) };
  }

  async function take(delivery: DeliveryInfo, signature: string, body: string): Promise<{ readonly status: number; readonly answer: object; readonly command?: SeenComment | null }> {
    const isGenuine = await probot.webhooks.verify(body, signature).catch(() => false);
    if (!isGenuine) return { status: 401, answer: { error: 'bad-signature', message: 'The signature does not match the webhook secret.' } };
    const payload = parse(body);
    if (payload === null) return { status: 400, answer: { error: 'bad-json', message: 'The body is not a JSON object.' } };
    try {
      const { stored, command } = await store(delivery, payload);
      return { status: 202, answer: { stored }, command };
    } catch (error) {
      options.onProblem?.({ delivery, status: 500, error });
      return { status: 500, answer: { error: 'not-stored', message: 'The delivery could not be stored. Please deliver it again.' } };
    }
  }

  return {
    probot,
    async handleWebhook(request, response) {
      const refusal = refuse(request);
      if (refusal !== null) {
        request.resume();
        return answer(response, refusal.status, refusal.answer, refusal.headers);
      }
      const delivery = { id: header(request, 'x-github-delivery'), event: header(request, 'x-github-event') };
      const body = await readBody(request);
      if (body.outcome === 'aborted') {
        response.destroy();
        return;
      }
      if (body.outcome === 'too-large') {
        const words = { error: 'too-large', message: `The body is larger than ${maximumBodyBytes / 1024 / 1024} MB, the most that GitHub delivers.` };
        // The rest of the body is not worth reading: the connection ends with the answer.
        answer(response, 413, words, { connection: 'close' });
        request.resume();
        options.onProblem?.({ delivery, status: 413, error: null });
        return;
      }
      const result = await take(delivery, header(request, 'x-hub-signature-256'), body.text);
      if (result.status !== 202 && result.status !== 500) options.onProblem?.({ delivery, status: result.status, error: null });
      answer(response, result.status, result.answer);
      if (result.command) options.onCommand?.(result.command);
    },
  };
}

interface Stored {
  readonly stored: number;
  readonly command: SeenComment | null;
}

/** The comment whose commands these are; all signals of a delivery are of one. */
function commandIn(mapped: readonly MappedSignal[]): SeenComment | null {
  for (const { signal, answered } of mapped) {
    if (signal.kind === 'command.given' && answered === true) return { source: signal.source, commentId: signal.commentId };
  }
  return null;
}

/** What concerns every mission of a repository, once for each that there is now. */
async function addressees(signal: MappedSignal, { missionsOf }: WebhookAppOptions): Promise<readonly MappedSignal[]> {
  if (signal.everyMissionOf === undefined) return [signal];
  const missions = (await missionsOf?.(signal.everyMissionOf)) ?? [];
  return missions.map((missionId) => ({ ...signal, missionId }));
}

/** Names that mean something in every plain object are none of GitHub's events. */
function isEventName(name: string): boolean {
  return eventName.test(name) && name !== 'error' && !(name in Object.prototype);
}

interface Refusal {
  readonly status: number;
  readonly answer: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What can be refused without reading the body. */
function refuse(request: IncomingMessage): Refusal | null {
  if (request.method !== 'POST') return { status: 405, answer: { error: 'method', message: 'Webhooks are delivered with POST.' }, headers: { allow: 'POST' } };
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return { status: 415, answer: { error: 'content-type', message: "Set the webhook's content type to application/json in the settings of the GitHub App." } };
  }
  if (!deliveryId.test(header(request, 'x-github-delivery'))) return missing('x-github-delivery');
  if (!isEventName(header(request, 'x-github-event'))) return missing('x-github-event');
  if (header(request, 'x-hub-signature-256') === '') return { status: 401, answer: { error: 'no-signature', message: 'The header x-hub-signature-256 is missing. Set a webhook secret in the settings of the GitHub App.' } };
  return null;
}

function missing(name: string): Refusal {
  return { status: 400, answer: { error: 'header', message: `The header ${name} is missing or malformed.` } };
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function parse(body: string): object | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function answer(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(`${JSON.stringify(body)}\n`);
}
