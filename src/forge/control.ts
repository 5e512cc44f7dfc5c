import { isJsonObject } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import type { FaultEffect, FaultRule, Faults } from './faults.ts';
import type { World } from './model/world.ts';
import type { RateLimiter } from './rest/rate-limit.ts';
import { shuffled } from './webhooks/webhook-faults.ts';
import type { WebhookRule } from './webhooks/webhook-faults.ts';
import type { WebhookDispatcher } from './webhooks/dispatcher.ts';

/** What `POST /_control` answers. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

class ControlError extends Error {}

type Command = (given: JsonObject) => unknown;

/**
 * The control call: `{ "do": "<command>", … }` with the control token. It is how a process outside (a demo, a test in
 * another language) makes the forge misbehave; inside the process the same things are methods of `Forge`.
 */
export function createControl(parts: { world: World; faults: Faults; limiter: RateLimiter; dispatcher: WebhookDispatcher }): (body: unknown) => Promise<ControlAnswer> {
  const { world, faults, limiter, dispatcher } = parts;
  const commands: Readonly<Record<string, Command>> = {
    'add-fault': (given) => faults.add(readFault(given)),
    'clear-faults': () => faults.clear(),
    'add-webhook-fault': (given) => dispatcher.faults.add(readWebhookRule(given)),
    'clear-webhook-faults': () => dispatcher.faults.clear(),
    'set-quota': (given) =>
      limiter.setQuota(text(given, 'key'), { limit: optionalNumber(given, 'limit'), remaining: optionalNumber(given, 'remaining'), resetInSeconds: optionalNumber(given, 'resetInSeconds') }),
    'set-content-limit': (given) => {
      limiter.contentLimit = given['perMinute'] === undefined ? null : { perMinute: number(given, 'perMinute'), perHour: number(given, 'perHour') };
    },
    'hit-secondary-limit': (given) => {
      const retryAfter = optionalNumber(given, 'retryAfter') ?? 60;
      faults.add({
        times: optionalNumber(given, 'times') ?? 1,
        effect: {
          status: optionalNumber(given, 'status') ?? 403,
          headers: { 'retry-after': String(retryAfter) },
          body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', documentation_url: 'https://docs.github.com/rest' },
        },
        match: readMatch(given['match']),
      });
    },
    hold: () => dispatcher.hold(),
    release: (given) => {
      const seed = optionalNumber(given, 'seed');
      return dispatcher.release({ ...(seed === undefined ? {} : { order: (held) => shuffled(held, seed) }), duplicate: optionalNumber(given, 'duplicate') ?? 0 });
    },
    redeliver: (given) => {
      const guid = text(given, 'guid');
      const delivery = dispatcher.deliveries.find((one) => one.guid === guid);
      if (delivery === undefined) throw new ControlError(`no delivery has the guid ${guid}`);
      dispatcher.redeliver(delivery);
    },
    idle: () => dispatcher.idle(),
    set: (given) => {
      if (typeof given['mergeableNullFirst'] === 'boolean') world.settings.mergeableNullFirst = given['mergeableNullFirst'];
      return { ...world.settings };
    },
  };
  return async (body) => {
    const name = isJsonObject(body) && typeof body['do'] === 'string' ? body['do'] : '';
    const command = commands[name];
    if (!isJsonObject(body) || command === undefined) return { status: 400, body: { message: `"do" must be one of: ${Object.keys(commands).join(', ')}` } };
    try {
      return { status: 200, body: { done: name, result: (await command(body)) ?? null } };
    } catch (error) {
      if (error instanceof ControlError || error instanceof SyntaxError) return { status: 400, body: { message: error.message } };
      throw error;
    }
  };
}

function readFault(given: JsonObject): FaultRule {
  const moment = given['moment'];
  if (moment !== undefined && moment !== 'before' && moment !== 'after') throw new ControlError('"moment" is before or after');
  return { match: readMatch(given['match']), times: optionalNumber(given, 'times'), effect: readEffect(given['effect']), ...(moment === undefined ? {} : { moment }) };
}

function readMatch(given: unknown): FaultRule['match'] {
  if (!isJsonObject(given)) return {};
  return { ...field(given, 'method'), ...field(given, 'path'), ...field(given, 'actor') };
}

function field<K extends string>(given: JsonObject, name: K): { [P in K]?: string } {
  return given[name] === undefined ? {} : ({ [name]: text(given, name) } as { [P in K]?: string });
}

function readEffect(given: unknown): FaultEffect {
  if (given === 'drop-answer' || given === 'reset') return given;
  if (isJsonObject(given) && typeof given['delayMs'] === 'number') return { delayMs: given['delayMs'] };
  if (isJsonObject(given) && typeof given['status'] === 'number') {
    const headers = isJsonObject(given['headers']) ? Object.fromEntries(Object.entries(given['headers']).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])) : {};
    return { status: given['status'], headers, body: given['body'] };
  }
  throw new ControlError('"effect" is "drop-answer", "reset", {"delayMs": n} or {"status": n, "headers", "body"}');
}

function readWebhookRule(given: JsonObject): WebhookRule {
  const effect = isJsonObject(given['effect']) ? given['effect'] : {};
  const match = isJsonObject(given['match']) ? { ...field(given['match'], 'event'), ...field(given['match'], 'action') } : {};
  const times = optionalNumber(given, 'times');
  const kind = effect['kind'];
  if (kind === 'drop') return { match, times, effect: { kind, ...share(effect) } };
  if (kind === 'duplicate') return { match, times, effect: { kind, copies: number(effect, 'copies') } };
  if (kind === 'delay') return { match, times, effect: { kind, delayMs: number(effect, 'delayMs') } };
  if (kind === 'reorder') return { match, times, effect: { kind, size: number(effect, 'size'), seed: number(effect, 'seed') } };
  throw new ControlError('"effect.kind" is drop, duplicate, delay or reorder');
}

function share(given: JsonObject): { share?: number; seed?: number } {
  return given['share'] === undefined ? {} : { share: number(given, 'share'), seed: optionalNumber(given, 'seed') ?? 1 };
}

function text(given: JsonObject, name: string): string {
  const value = given[name];
  if (typeof value !== 'string') throw new ControlError(`"${name}" must be a text`);
  return value;
}

function number(given: JsonObject, name: string): number {
  const value = given[name];
  if (typeof value !== 'number') throw new ControlError(`"${name}" must be a number`);
  return value;
}

function optionalNumber(given: JsonObject, name: string): number | undefined {
  return given[name] === undefined ? undefined : number(given, name);
}
