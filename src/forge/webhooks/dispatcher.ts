import { randomUUID } from 'node:crypto';

import { DELIVERY_TIMEOUT_MS } from '../model/limits.ts';
import { nodeId } from '../model/ids.ts';
import type { App, Installation, Repository } from '../model/records.ts';
import { permits } from '../model/roles.ts';
import type { Emission, World } from '../model/world.ts';
import { serializeAccount } from '../serialize/accounts.ts';
import { serializeRepository } from '../serialize/repositories.ts';
import type { Delivery } from './delivery.ts';
import { sendDelivery } from './send.ts';
import { WebhookFaults } from './webhook-faults.ts';

/** The permission an App needs at read level to hear an event. `null`: none. */
export const EVENT_PERMISSION: Readonly<Record<string, string | null>> = {
  check_run: 'checks',
  check_suite: 'checks',
  create: 'contents',
  delete: 'contents',
  issue_comment: 'issues',
  issues: 'issues',
  label: 'metadata',
  merge_group: 'merge_queues',
  pull_request: 'pull_requests',
  pull_request_review: 'pull_requests',
  push: 'contents',
  repository_dispatch: 'contents',
  status: 'statuses',
  workflow_dispatch: 'contents',
  workflow_run: 'actions',
  installation: null,
  installation_repositories: null,
  github_app_authorization: null,
};

export interface ReleaseOptions {
  /** Puts the held deliveries in another order, or leaves some out. */
  readonly order?: (deliveries: readonly Delivery[]) => readonly Delivery[];
  /** Sends each delivery this many further times, with the same GUID. */
  readonly duplicate?: number;
}

/**
 * Decides which Apps hear of an event, signs and sends, and keeps the log. Deliveries start in the order of what
 * happened but run side by side: as with GitHub, nothing promises the order of arrival, and nothing is retried.
 */
export class WebhookDispatcher {
  readonly #world: World;
  readonly #deliveries: Delivery[] = [];
  readonly #stop = new AbortController();
  readonly #idleWaiters: (() => void)[] = [];
  #outstanding = 0;
  #held: Delivery[] | null = null;
  readonly faults: WebhookFaults;
  timeoutMs = DELIVERY_TIMEOUT_MS;

  constructor(world: World) {
    this.#world = world;
    this.faults = new WebhookFaults(world.clock);
    world.emit = (emission) => this.#emit(emission);
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  get held(): readonly Delivery[] {
    return this.#held ?? [];
  }

  #emit(emission: Emission): void {
    for (const { app, installation } of this.#audience(emission)) this.#enqueue(app, installation, emission);
  }

  #audience(emission: Emission): { app: App; installation: Installation | undefined }[] {
    if (emission.unconditional === true) {
      const installation = emission.installation;
      return installation === undefined ? [] : [{ app: installation.app, installation }];
    }
    const found = [];
    for (const app of this.#world.apps.values()) {
      if (emission.onlyAppId !== undefined && emission.onlyAppId !== app.id) continue;
      if (!app.events.includes(emission.event) || emission.repository === null) continue;
      const installation = this.#world.installationFor(app, emission.repository);
      if (installation === undefined) continue;
      const permission = EVENT_PERMISSION[emission.event];
      const wanted = emission.permissions ?? (permission === null || permission === undefined ? [] : [permission]);
      if (wanted.length > 0 && !wanted.some((name) => permits(installation.permissions, name, 'read'))) continue;
      found.push({ app, installation });
    }
    return found;
  }

  #enqueue(app: App, installation: Installation | undefined, emission: Emission): void {
    if (app.webhook === null) return;
    const payload = {
      ...(emission.action === null ? {} : { action: emission.action }),
      ...emission.payload,
      ...this.#surroundings(emission.repository, emission.payload),
      sender: serializeAccount(this.#world, emission.sender),
      ...(installation === undefined || emission.payload['installation'] !== undefined
        ? {}
        : { installation: { id: installation.id, node_id: nodeId('INST', installation.id) } }),
    };
    const raw = Buffer.from(JSON.stringify(payload));
    const delivery: Delivery = {
      guid: randomUUID(),
      event: emission.event,
      action: emission.action,
      app,
      installationId: installation?.id ?? null,
      repositoryId: emission.repository?.id ?? null,
      // What is logged is what was sent, not live objects.
      payload: JSON.parse(raw.toString('utf8')) as Record<string, unknown>,
      raw,
      attempts: [],
    };
    this.#deliveries.push(delivery);
    if (this.#held === null) this.#deliver(delivery, false);
    else this.#held.push(delivery);
  }

  #surroundings(repository: Repository | null, payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
    if (repository === null) return {};
    return {
      ...(payload['repository'] === undefined ? { repository: serializeRepository(this.#world, repository) } : {}),
      ...(repository.owner.type === 'Organization' ? { organization: this.#organization(repository) } : {}),
    };
  }

  #organization(repository: Repository): Record<string, unknown> {
    const { login, id } = repository.owner;
    const shown = serializeAccount(this.#world, repository.owner);
    const api = `${this.#world.apiUrl}/orgs/${login}`;
    return {
      login,
      id,
      node_id: shown['node_id'],
      url: api,
      repos_url: `${api}/repos`,
      events_url: `${api}/events`,
      hooks_url: `${api}/hooks`,
      issues_url: `${api}/issues`,
      members_url: `${api}/members{/member}`,
      public_members_url: `${api}/public_members{/member}`,
      avatar_url: shown['avatar_url'],
      description: null,
    };
  }

  /** Sends in the background; faults may drop, delay, repeat or reorder it. */
  #deliver(delivery: Delivery, redelivery: boolean): void {
    this.#outstanding += 1;
    void this.faults
      .pass(delivery, this.#stop.signal, () => this.#send(delivery, redelivery))
      .catch((error: unknown) => this.#world.log(`webhook ${delivery.guid}: ${String(error)}`))
      .finally(() => {
        this.#outstanding -= 1;
        if (this.#outstanding === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
      });
  }

  async #send(delivery: Delivery, redelivery: boolean): Promise<void> {
    // Deliveries leave after the request that caused them had its chance to be answered.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (this.#stop.signal.aborted) return;
    const attempt = await sendDelivery(this.#world, delivery, { redelivery, timeoutMs: this.timeoutMs, signal: this.#stop.signal });
    this.#world.log(`webhook ${delivery.event}${delivery.action === null ? '' : `.${delivery.action}`} ${delivery.guid} → ${attempt.statusCode} ${attempt.status}`);
  }

  /** Sends a logged delivery again with the same GUID. */
  redeliver(delivery: Delivery): void {
    this.#deliver(delivery, true);
  }

  /** From now on deliveries wait for `release`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Sends what was held, in the order given, one after the other; later deliveries flow again. */
  async release(options: ReleaseOptions = {}): Promise<void> {
    const held = this.#held ?? [];
    this.#held = null;
    const ordered = options.order === undefined ? held : options.order(held);
    for (const delivery of ordered) {
      for (let copy = 0; copy <= (options.duplicate ?? 0); copy += 1) {
        this.#outstanding += 1;
        try {
          await this.#send(delivery, copy > 0);
        } finally {
          this.#outstanding -= 1;
        }
      }
    }
    if (this.#outstanding === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** Resolves once nothing is on its way. Held deliveries do not count. */
  async idle(): Promise<void> {
    if (this.#outstanding === 0) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Aborts what is on its way. */
  stop(): void {
    this.#stop.abort();
    this.#held = null;
  }
}
