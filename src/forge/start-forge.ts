import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

import type { Clock } from '../kit/time.ts';
import { createControl } from './control.ts';
import { Faults } from './faults.ts';
import type { Forge } from './forge.ts';
import { SmartHttp } from './git/smart-http.ts';
import { inspectRepository } from './inspect-repository.ts';
import { Locks } from './locks.ts';
import type { Account, App, Installation, Repository } from './model/records.ts';
import { World } from './model/world.ts';
import { advanceMergeQueue, dequeuePull, enqueuePull } from './operations/merge-queue.ts';
import { addOrganization, addTeam, addUser } from './operations/accounts.ts';
import { addApp } from './operations/apps.ts';
import { addInstallation, changeInstallationRepositories, removeInstallation, suspendInstallation } from './operations/installations.ts';
import { ManifestRegistry } from './operations/manifests.ts';
import { addRepository, forkRepository } from './operations/repositories.ts';
import { Pages } from './pages/pages.ts';
import { RateLimiter } from './rest/rate-limit.ts';
import { RequestLog } from './rest/request-record.ts';
import { RestApi } from './rest/rest-api.ts';
import { Router } from './rest/router.ts';
import { allRoutes } from './routes/all-routes.ts';
import { endWorkflowRun } from './operations/workflow-runs.ts';
import { createForgeServer } from './server.ts';
import { createUserClient } from './user-client.ts';
import { WebhookDispatcher } from './webhooks/dispatcher.ts';

export interface ForgeOptions {
  /** Repositories live in `dataDir/repos`. Everything else is in memory and ends with the process. */
  readonly dataDir: string;
  /** Loopback by default. Whoever can reach the port can act as anybody on the pages. */
  readonly host?: string;
  /** 0 (default) lets the system choose. */
  readonly port?: number;
  readonly clock: Clock;
  readonly log?: (line: string) => void;
  /** How long a webhook may take; GitHub's 10 seconds unless a test needs less. */
  readonly deliveryTimeoutMs?: number;
}

/** Starts a forge: a GitHub-compatible server with real git repositories, for demos and tests. */
export async function startForge(options: ForgeOptions): Promise<Forge> {
  const { clock, host = '127.0.0.1', log = () => undefined } = options;
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const world = new World({ clock, dataDir, log });
  const dispatcher = new WebhookDispatcher(world);
  if (options.deliveryTimeoutMs !== undefined) dispatcher.timeoutMs = options.deliveryTimeoutMs;
  const limiter = new RateLimiter(clock);
  const faults = new Faults();
  const locks = new Locks();
  const requestLog = new RequestLog();
  const manifests = new ManifestRegistry(world);
  const router = new Router(allRoutes({ dispatcher, limiter, manifests }));
  const api = new RestApi({ world, router, limiter, faults, log: requestLog, locks });
  const controlToken = randomBytes(24).toString('base64url');
  const server = createForgeServer({
    world,
    api,
    git: new SmartHttp({ world, locks, log: requestLog }),
    pages: new Pages({ world, api, locks, manifests }),
    control: createControl({ world, faults, limiter, dispatcher }),
    controlToken,
  });
  world.queueMoved = (repository) => advanceMergeQueue(world, repository);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  world.webUrl = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  function accountNamed(login: string): Account {
    const account = world.account(login);
    if (account === undefined) throw new TypeError(`the forge has no account "${login}"`);
    return account;
  }
  function repositoryNamed(name: string, owner?: Account): Repository {
    const full = name.includes('/') || owner === undefined ? name : `${owner.login}/${name}`;
    const repository = world.repositories.get(full.toLowerCase());
    if (repository === undefined) throw new TypeError(`the forge has no repository "${full}"`);
    return repository;
  }
  function appWith(id: number): App {
    const app = world.apps.get(id);
    if (app === undefined) throw new TypeError(`the forge has no App ${id}`);
    return app;
  }
  function installationWith(id: number): Installation {
    const installation = world.installations.get(id);
    if (installation === undefined) throw new TypeError(`the forge has no installation ${id}`);
    return installation;
  }

  return {
    url: world.webUrl,
    apiUrl: world.apiUrl,
    port,
    controlToken,
    settings: world.settings,
    async stop() {
      dispatcher.stop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },

    createUser(given) {
      const { login, id, token } = addUser(world, given);
      return { login, id, token: token ?? '' };
    },
    createOrganization: (given) => addOrganization(world, given),
    createTeam: ({ organization, ...given }) => addTeam(world, accountNamed(organization), given),
    async createRepository(given) {
      const defaultBranch = given.defaultBranch ?? 'main';
      const from = typeof given.from === 'string' ? { path: resolve(given.from), branch: defaultBranch } : given.from;
      const repository = await addRepository(world, {
        owner: accountNamed(given.owner),
        name: given.name,
        private: given.private ?? false,
        description: given.description ?? null,
        defaultBranch,
        files: given.files ?? { 'README.md': `# ${given.name}\n` },
        from: from ?? null,
      });
      return inspectRepository(world, repository);
    },
    fork: async (name, owner) => inspectRepository(world, await forkRepository(world, repositoryNamed(name), accountNamed(owner))),
    setRole(name, login, role) {
      const { roles } = repositoryNamed(name);
      if (role === 'none') roles.delete(accountNamed(login).login.toLowerCase());
      else roles.set(accountNamed(login).login.toLowerCase(), role);
    },
    async createApp(given) {
      const { app, privateKey } = await addApp(world, {
        slug: given.slug,
        name: given.name,
        owner: accountNamed(given.owner),
        description: given.description ?? null,
        externalUrl: given.externalUrl ?? null,
        webhook: given.webhookUrl === undefined ? null : { url: given.webhookUrl, secret: given.webhookSecret ?? '' },
        events: given.events,
        permissions: given.permissions,
      });
      return { appId: app.id, slug: app.slug, botLogin: app.bot.login, clientId: app.clientId, privateKey };
    },
    setWebhook(appId, webhook) {
      appWith(appId).webhook = webhook;
    },
    install(appId, owner, names) {
      const account = accountNamed(owner);
      const repositories = names === 'all' ? names : names.map((name) => repositoryNamed(name, account));
      return addInstallation(world, appWith(appId), account, repositories).id;
    },
    uninstall: (id) => removeInstallation(world, installationWith(id)),
    changeInstallation(id, change) {
      const installation = installationWith(id);
      const named = (names: readonly string[] = []): Repository[] => names.map((name) => repositoryNamed(name, installation.account));
      changeInstallationRepositories(world, installation, { add: named(change.add), remove: named(change.remove) });
    },
    suspend: (id, suspended) => suspendInstallation(world, installationWith(id), suspended),
    as: (login) => createUserClient(world, login),

    async enqueue(name, number, login) {
      const repository = repositoryNamed(name);
      const issue = repository.issues.get(number);
      if (issue === undefined || issue.pull === null) throw new TypeError(`the forge has no pull request ${name}#${number}`);
      const { head, ref } = await enqueuePull(world, repository, issue, issue.pull, accountNamed(login));
      return { head, ref };
    },
    async dequeue(name, number) {
      const repository = repositoryNamed(name);
      const issue = repository.issues.get(number);
      if (issue !== undefined) await dequeuePull(world, repository, issue);
    },
    endWorkflowRun: (name, login, run) => endWorkflowRun(world, repositoryNamed(name), accountNamed(login), run),
    deliveries: () => dispatcher.deliveries,
    redeliver(guid) {
      const delivery = dispatcher.deliveries.find((one) => one.guid === guid);
      if (delivery === undefined) throw new TypeError(`the forge has no delivery ${guid}`);
      dispatcher.redeliver(delivery);
    },
    hold: () => dispatcher.hold(),
    held: () => dispatcher.held,
    release: (given) => dispatcher.release(given),
    idle: () => dispatcher.idle(),

    requests: () => requestLog.records,
    onRequest: (observer) => requestLog.observe(observer),
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    addWebhookFault: (rule) => dispatcher.faults.add(rule),
    clearWebhookFaults: () => dispatcher.faults.clear(),
    setQuota: (key, quota) => limiter.setQuota(key, quota),
    quota: (key) => limiter.state(key),
    setContentLimit(limit) {
      limiter.contentLimit = limit;
    },

    repositories: () => [...world.repositories.values()].map((repository) => inspectRepository(world, repository)),
    repository: (name) => inspectRepository(world, repositoryNamed(name)),
    record: (name) => repositoryNamed(name),
  };
}
