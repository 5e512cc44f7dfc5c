import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

import type { World } from '../model/world.ts';
import type { Delivery, DeliveryAttempt } from './delivery.ts';

/** `sha256=…` over the raw bytes, as GitHub signs deliveries. */
export function signBody(secret: string, raw: Uint8Array): string {
  return `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;
}

/** The headers of a delivery, named and filled as GitHub's are. */
export function deliveryHeaders(delivery: Delivery, secret: string): Record<string, string> {
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/f0rge00',
    'x-github-delivery': delivery.guid,
    'x-github-event': delivery.event,
    'x-github-hook-id': String(delivery.app.hookId),
    'x-github-hook-installation-target-id': String(delivery.app.id),
    'x-github-hook-installation-target-type': 'integration',
    ...(secret === '' ? {} : { 'x-hub-signature-256': signBody(secret, delivery.raw) }),
  };
}

/** Response bodies are kept up to this length in the delivery log. */
const RESPONSE_KEPT_BYTES = 64 * 1024;

/** Posts one delivery and records the attempt. Never rejects: what went wrong is the attempt's status. */
export async function sendDelivery(world: World, delivery: Delivery, options: { redelivery: boolean; timeoutMs: number; signal: AbortSignal }): Promise<DeliveryAttempt> {
  const id = world.ids.next('delivery');
  const deliveredAt = world.clock.now();
  const started = performance.now();
  const webhook = delivery.app.webhook;
  const headers = deliveryHeaders(delivery, webhook?.secret ?? '');
  const answer = webhook === null ? noAnswer('no webhook address') : await post(webhook.url, headers, delivery.raw, options);
  const attempt: DeliveryAttempt = {
    ...answer,
    id,
    deliveredAt,
    redelivery: options.redelivery,
    durationSeconds: Math.round((performance.now() - started) / 10) / 100,
    requestHeaders: headers,
  };
  delivery.attempts.push(attempt);
  return attempt;
}

type Answer = Pick<DeliveryAttempt, 'statusCode' | 'status' | 'responseHeaders' | 'responseBody'>;

function noAnswer(status: string): Answer {
  return { statusCode: 0, status, responseHeaders: {}, responseBody: '' };
}

function post(url: string, headers: Record<string, string>, body: Buffer, options: { timeoutMs: number; signal: AbortSignal }): Promise<Answer> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
    // A connection of its own for each delivery: a kept-alive one may be closed by the receiver just as it is reused.
    const request = send(url, { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let kept = 0;
      response.on('data', (chunk: Buffer) => {
        if (kept < RESPONSE_KEPT_BYTES) chunks.push(chunk);
        kept += chunk.length;
      });
      response.on('error', () => resolve(noAnswer('failed to read the answer')));
      response.on('end', () => {
        const code = response.statusCode ?? 0;
        resolve({
          statusCode: code,
          status: code >= 200 && code < 300 ? 'OK' : (response.statusMessage ?? 'failed'),
          responseHeaders: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
          responseBody: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    request.on('error', (error) => resolve(noAnswer(error.name === 'TimeoutError' || error.name === 'AbortError' ? 'timed out' : 'failed to connect to host')));
    request.end(body);
  });
}
