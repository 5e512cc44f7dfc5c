import { gitHubTime } from '../model/github-time.ts';
import type { App } from '../model/records.ts';
import { notFound, requiresAuthentication, validationFailed } from '../rest/problem.ts';
import type { RequestContext } from '../rest/request-context.ts';
import type { Route } from '../rest/router.ts';
import type { Delivery, DeliveryAttempt } from '../webhooks/delivery.ts';
import type { WebhookDispatcher } from '../webhooks/dispatcher.ts';

function appOf(context: RequestContext): App {
  if (context.actor.kind !== 'app') throw requiresAuthentication();
  return context.actor.app;
}

function serializeItem(delivery: Delivery, attempt: DeliveryAttempt): Record<string, unknown> {
  return {
    id: attempt.id,
    guid: delivery.guid,
    delivered_at: gitHubTime(attempt.deliveredAt),
    redelivery: attempt.redelivery,
    duration: attempt.durationSeconds,
    status: attempt.status,
    status_code: attempt.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

function serializeConfig(app: App): Record<string, unknown> {
  return { content_type: 'json', insecure_ssl: '0', ...(app.webhook === null ? {} : { url: app.webhook.url, secret: '********' }) };
}

/** An App's webhook settings and its delivery log, with redelivery. */
export function hookRoutes(dispatcher: WebhookDispatcher): Route[] {
  const attemptsOf = (app: App): { delivery: Delivery; attempt: DeliveryAttempt }[] =>
    dispatcher.deliveries
      .filter((delivery) => delivery.app.id === app.id)
      .flatMap((delivery) => delivery.attempts.map((attempt) => ({ delivery, attempt })))
      .toSorted((one, other) => other.attempt.id - one.attempt.id);

  const deliveryIn = (context: RequestContext): { delivery: Delivery; attempt: DeliveryAttempt } => {
    const id = context.numberParam('delivery_id');
    const found = attemptsOf(appOf(context)).find(({ attempt }) => attempt.id === id);
    if (found === undefined) throw notFound();
    return found;
  };

  return [
    { method: 'GET', template: '/app/hook/config', access: { by: 'app' }, handle: (context) => ({ status: 200, body: serializeConfig(appOf(context)) }) },
    {
      method: 'PATCH',
      template: '/app/hook/config',
      access: { by: 'app' },
      handle(context) {
        const app = appOf(context);
        const url = context.body.text('url') ?? app.webhook?.url;
        if (url === undefined || !/^https?:\/\//.test(url)) throw validationFailed({ resource: 'Hook', field: 'url', code: 'invalid' });
        app.webhook = { url, secret: context.body.text('secret') ?? app.webhook?.secret ?? '' };
        return { status: 200, body: serializeConfig(app) };
      },
    },
    {
      method: 'GET',
      template: '/app/hook/deliveries',
      access: { by: 'app' },
      handle(context) {
        const size = Math.min(Math.max(Number(context.query.get('per_page') ?? 30) || 30, 1), 100);
        const cursor = context.query.get('cursor');
        // The cursor names the newest attempt of the page: pages stay put while new deliveries arrive.
        const all = attemptsOf(appOf(context)).filter(({ attempt }) => cursor === null || attempt.id <= Number(/\d+$/.exec(cursor)?.[0] ?? 0));
        const wanted = context.query.get('status');
        const filtered = all.filter(({ attempt }) => wanted === null || (attempt.statusCode >= 200 && attempt.statusCode < 400) === (wanted === 'success'));
        const next = filtered[size];
        const query = new URLSearchParams(context.query);
        if (next !== undefined) query.set('cursor', `v1_${next.attempt.id}`);
        const headers: Record<string, string> = next === undefined ? {} : { link: `<${context.world.apiUrl}${context.path}?${query.toString()}>; rel="next"` };
        return { status: 200, body: filtered.slice(0, size).map(({ delivery, attempt }) => serializeItem(delivery, attempt)), headers };
      },
    },
    {
      method: 'GET',
      template: '/app/hook/deliveries/{delivery_id}',
      access: { by: 'app' },
      handle(context) {
        const { delivery, attempt } = deliveryIn(context);
        return {
          status: 200,
          body: {
            ...serializeItem(delivery, attempt),
            url: delivery.app.webhook?.url ?? '',
            request: { headers: attempt.requestHeaders, payload: delivery.payload },
            response: { headers: attempt.responseHeaders, payload: attempt.responseBody },
          },
        };
      },
    },
    {
      method: 'POST',
      template: '/app/hook/deliveries/{delivery_id}/attempts',
      access: { by: 'app' },
      handle(context) {
        dispatcher.redeliver(deliveryIn(context).delivery);
        return { status: 202, body: {} };
      },
    },
  ];
}
