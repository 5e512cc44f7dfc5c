import type { DeliveryLog, FailedDelivery } from '../engine/ports/observer.ts';
import { HostError } from '../engine/ports/repository-host.ts';
import type { Clock } from '../kit/time.ts';
import type { AppCredentials } from './credentials.ts';
import { ConditionalReader, sendAs } from './observer/conditional.ts';
import { field, idAt, nameAt } from './webhooks/reading.ts';
import { mayMean } from './webhooks/signals-of.ts';

/** Pages of a hundred attempts; more in three days would be seven deliveries a minute, all of them for us. */
const mostPages = 300;

interface Attempts {
  taken: boolean;
  readonly latest: number;
  earliest: number;
  readonly event: string;
  readonly action: string | null;
}

/** GitHub's log of deliveries to the App, read as the App itself. */
export function createDeliveryLog({ app }: AppCredentials, clock: Clock): DeliveryLog {
  const send = sendAs(app, clock);
  const reader = new ConditionalReader(send, clock);
  return {
    async failedSince(since) {
      const byGuid = new Map<string, Attempts>();
      let newest: number | null = null;
      let cursor: string | null = null;
      for (let page = 0; page < mostPages; page += 1) {
        const fresh: Awaited<ReturnType<ConditionalReader['get']>> = await reader.get('reading the log of deliveries', '/app/hook/deliveries', { per_page: 100, ...(cursor === null ? {} : { cursor }) });
        const attempts = Array.isArray(fresh?.data) ? (fresh.data as readonly unknown[]) : [];
        let reached = false;
        for (const attempt of attempts) {
          const at = Date.parse(nameAt(attempt, 'delivered_at') ?? '');
          newest ??= at;
          if (at < since) reached = true;
          note(byGuid, attempt, at);
        }
        cursor = cursorOf(fresh?.next ?? null);
        if (reached || cursor === null) break;
      }
      return { failed: failedOf(byGuid), newest };
    },

    async redeliver(attemptId) {
      try {
        await send('asking for a redelivery', (octokit) => octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: attemptId }));
      } catch (error) {
        // Three days are over, or GitHub refuses this one for good: the others are not kept waiting for it.
        if (!(error instanceof HostError) || (error.failure !== 'gone' && error.status !== 400 && error.status !== 422)) throw error;
      }
    },
  };
}

/** The log lists attempts, newest first; those of one delivery share its GUID. */
function note(byGuid: Map<string, Attempts>, attempt: unknown, at: number): void {
  const guid = nameAt(attempt, 'guid');
  const id = idAt(attempt, 'id');
  const event = nameAt(attempt, 'event');
  if (guid === null || id === null || event === null) return;
  const code = Number(field(attempt, 'status_code'));
  const taken = code >= 200 && code < 300;
  const known = byGuid.get(guid);
  if (known === undefined) byGuid.set(guid, { taken, latest: id, earliest: at, event, action: nameAt(attempt, 'action') });
  else {
    known.taken ||= taken;
    known.earliest = at;
  }
}

function failedOf(byGuid: ReadonlyMap<string, Attempts>): readonly FailedDelivery[] {
  return [...byGuid]
    .filter(([, { taken, event, action }]) => !taken && mayMean(event, action))
    .map(([guid, { latest, earliest, event, action }]) => ({ guid, attemptId: latest, event: action === null ? event : `${event}.${action}`, deliveredAt: earliest }))
    .toReversed()
    .toSorted((one, other) => one.deliveredAt - other.deliveredAt);
}

function cursorOf(next: string | null): string | null {
  return next === null ? null : new URL(next).searchParams.get('cursor');
}
