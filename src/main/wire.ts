import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { createScriptedAgent } from '../agents/scripted-agent.ts';
import type { AppSettings, Settings } from '../config/settings.ts';
import { createEngine } from '../engine/engine.ts';
import type { Engine, Running, WorkerParts } from '../engine/engine.ts';
import { createEvidenceLinks } from '../engine/evidence-links.ts';
import type { EvidenceLinks } from '../engine/evidence-links.ts';
import { noFault } from '../engine/fault-point.ts';
import type { FaultPoint } from '../engine/fault-point.ts';
import { deliveriesWithFaults, queueWithFaults, storeWithFaults, watchesWithFaults, workspacesWithFaults } from '../engine/fault-ports.ts';
import type { Log } from '../engine/ports/log.ts';
import type { Queue } from '../engine/ports/queue.ts';
import type { Store } from '../engine/ports/store.ts';
import type { Watches } from '../engine/ports/observer.ts';
import { startReconciliation } from '../engine/reconcile.ts';
import { activateRoutines } from '../engine/routines/activate.ts';
import { startRoutines } from '../engine/routines/start-routines.ts';
import { takeHint } from '../engine/routines/hints.ts';
import type { RoutineHint } from '../engine/routines/hints.ts';
import { lookAtRoutines } from '../engine/routines/look.ts';
import type { Routines } from '../engine/ports/routines.ts';
import type { SupervisePacing } from '../engine/supervise.ts';
import { createAppCredentials } from '../github/credentials.ts';
import type { AppCredentials } from '../github/credentials.ts';
import { createDeliveryLog } from '../github/delivery-log.ts';
import { createObserver } from '../github/observer/observer.ts';
import { createProjector } from '../github/projector/projector.ts';
import { createInk } from '../github/messages/ink.ts';
import { routineIssue } from '../github/messages/routine-issue.ts';
import { createRoutineHost } from '../github/routines/routine-host.ts';
import { createRepositoryHost } from '../github/repository-host.ts';
import type { OurBot } from '../github/webhooks/mapping.ts';
import type { CircuitChange } from '../kit/circuit-breaker.ts';
import { readRoutine } from '../config/read-routine.ts';
import { secretsOf } from '../config/worker-config.ts';
import { systemClock } from '../kit/system-clock.ts';
import type { Clock } from '../kit/time.ts';
import { createBullQueue } from '../queue/bull-queue.ts';
import { databaseClock } from '../store/database-clock.ts';
import type { Database } from '../store/database.ts';
import { openEmbeddedDatabase } from '../store/embedded-database.ts';
import { migrate } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { openPostgresDatabase } from '../store/postgres-database.ts';
import { createStore } from '../store/store.ts';
import { builtInSteps, createStepRegistry } from '../steps/registry.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createRedactor } from '../telemetry/redactor.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { createGitWorkspaces } from '../worker/git-workspaces.ts';
import { createDefinitionReader } from './definition-reader.ts';
import { signingFor } from './signing.ts';
import { createOutside } from './outside.ts';

/** Everything a process of the product is made of. */
export interface Product {
  readonly settings: Settings & { readonly app: AppSettings };
  readonly log: Log;
  readonly clock: Clock;
  readonly store: Store;
  readonly queue: Queue;
  readonly engine: Engine;
  /** Re-reads GitHub until it is closed; null when that is switched off. */
  startReconciliation(): Running | null;
  /** Starts missions as their routines become due, until it is closed. */
  startRoutines(): Running;
  readonly routines: Routines;
  takeRoutineHint(hint: RoutineHint): Promise<void>;
  readonly credentials: AppCredentials;
  readonly ourBot: OurBot;
  readonly evidenceLinks: EvidenceLinks;
  /** Applied to every text that leaves. */
  readonly redact: (text: string) => string;
  /** Parts of a worker; making them prepares the folders it works in. */
  worker(): Promise<WorkerParts>;
  close(): Promise<void>;
}

export interface WireOptions {
  readonly settings: Settings & { readonly app: AppSettings };
  readonly redactor: Redactor;
  readonly log: Log;
  readonly faultPoint: FaultPoint;
  readonly version: string;
  readonly pacing?: Partial<SupervisePacing>;
  /** The embedded database stopped by itself: the process cannot go on. */
  readonly onFailure: (error: Error) => void;
}

/** The redactor of a process: knows the App's own secrets; tokens are recognised by their form. */
export function redactorFor(settings: Settings): Redactor {
  const secrets = [...(signingFor(settings)?.secrets ?? []), settings.app?.privateKey, settings.app?.webhookSecret, settings.linkSecret, passwordOf(settings.databaseUrl), passwordOf(settings.redisUrl), settings.model?.key, ...secretsOf(settings.workerConfig)];
  const known = secrets.flatMap((secret) => (secret ? [secret] : []));
  return createRedactor({ secrets: () => known });
}

function passwordOf(url: string | null): string | null {
  if (url === null) return null;
  const { password } = new URL(url);
  return password === '' ? null : decodeURIComponent(password);
}

/** The process's log on standard error (standard output belongs to what a command prints). */
export function logFor(settings: Pick<Settings, 'logLevel' | 'logFormat'>, redactor: Redactor): Log {
  const logger = createLogger({ level: settings.logLevel, format: settings.logFormat, redactor, destination: process.stderr });
  return {
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts) => logger.error(facts ?? {}, message),
  };
}

/** Builds the parts and connects them. Nothing is taken on until the engine's `start…` functions are called. */
export async function wire(options: WireOptions): Promise<Product> {
  const state = withFaults(await openState(options), options.faultPoint);
  try {
    return await connect(options, state);
  } catch (error) {
    // Left open they would keep a process alive that cannot do anything.
    state.stopClock();
    await state.queue.close();
    await state.store.close();
    throw error;
  }
}

interface State {
  readonly store: Store & { readonly watches: Watches; readonly routines: Routines };
  readonly queue: Queue;
  /** One for every process that shares the state. */
  readonly clock: Clock;
  stopClock(): void;
}

/** In production, where nobody watches, the parts stay as they are. */
function withFaults(state: State, faultPoint: FaultPoint): State {
  if (faultPoint === noFault) return state;
  const { store, queue } = state;
  return { ...state, store: { ...storeWithFaults(store, faultPoint), watches: watchesWithFaults(store.watches, faultPoint), routines: store.routines }, queue: queueWithFaults(queue, faultPoint) };
}

async function connect(options: WireOptions, state: State): Promise<Product> {
  const { settings, log, redactor, faultPoint } = options;
  const { store, queue, clock } = state;
  const redact = (text: string) => redactor.redact(text).text;
  const signing = signingFor(settings);
  if (signing === null) log.warn('ledgers are not signed: set MISSIONGATE_SIGNING_KEY to the same Ed25519 key on every host');
  const steps = createStepRegistry(builtInSteps);
  const credentials = createAppCredentials({
    appId: settings.app.appId,
    privateKey: settings.app.privateKey,
    apiUrl: settings.githubApiUrl,
    clock,
    limits: { writeSpacingMs: settings.writeSpacingMs },
    onCircuitChange: (change) => logCircuit(log, change),
    faultPoint,
  });
  const { botLogin } = await credentials.identity();
  const ourBot: OurBot = { login: botLogin, appId: settings.app.appId };
  const host = createRepositoryHost({ credentials, botLogin, webUrl: settings.githubUrl });
  const evidenceLinks = createEvidenceLinks({ publicUrl: settings.publicUrl, secret: settings.linkSecret ?? settings.app.webhookSecret });
  const engine = createEngine({
    store,
    queue,
    host,
    projector: createProjector({ credentials, ourBot, redact, clock, evidenceLinks }),
    reader: createDefinitionReader(steps),
    clock,
    log,
    newId: randomUUID,
    signer: signing?.signer ?? null,
    turnMs: settings.leaseMs,
    // Heartbeats come three times a lease.
    pacing: { holdersHeardMs: settings.leaseMs / 2, ...options.pacing },
  });
  const routineHost = createRoutineHost({ credentials, ourBot, redact, clock, evidenceLinks });
  return {
    settings,
    log,
    clock,
    store,
    queue,
    engine,
    credentials,
    ourBot,
    evidenceLinks,
    redact,
    startReconciliation() {
      if (settings.reconcileMs === 0) return null;
      const observer = createObserver({ credentials, ourBot, clock });
      const deliveries = createDeliveryLog(credentials, clock);
      const routines = { routines: store.routines, records: store.objects, host: routineHost, clock, log };
      return startReconciliation({ store, watches: store.watches, observer, deliveries: faultPoint === noFault ? deliveries : deliveriesWithFaults(deliveries, faultPoint), routines: (memory) => lookAtRoutines({ ...routines, read: readRoutine }, memory), activations: (memory) => activateRoutines({ ...routines, repositories: host }, memory), receive: (signals) => engine.receive(signals), clock, log, newOwner: randomUUID, everyMs: settings.reconcileMs });
    },
    startRoutines: () =>
      startRoutines({
        routines: store.routines,
        records: store.objects,
        host: routineHost,
        repositories: host,
        issueOf: (routine, run, title, inputs) => routineIssue(createInk(redact), { routine, run, title, inputs, webUrl: settings.githubUrl }),
        receive: (signals) => engine.receive(signals),
        clock,
        log,
        newOwner: randomUUID,
        holdMs: settings.leaseMs,
      }),
    routines: store.routines,
    takeRoutineHint: (hint) => takeHint({ routines: store.routines, watches: store.watches, clock }, hint),
    async worker() {
      const dataDir = join(settings.dataDir, 'work');
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const workspaces = createGitWorkspaces({ dataDir, clock, redactor, log: workerLog(log), gitEnv: settings.gitEnv });
      await workspaces.sweep();
      return {
        workspaces: faultPoint === noFault ? workspaces : workspacesWithFaults(workspaces, faultPoint),
        steps,
        agent: createScriptedAgent({ version: options.version }),
        outside: createOutside({ config: settings.workerConfig, model: settings.model, clock, log, version: options.version }),
        worker: `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`,
        identity: { name: botLogin, email: `${botLogin}@users.noreply.github.com` },
        redact,
        leaseMs: settings.leaseMs,
        concurrency: settings.workerConcurrency,
      };
    },
    async close() {
      state.stopClock();
      await queue.close();
      await store.close();
    },
  };
}

function logCircuit(log: Log, { circuit, ...facts }: CircuitChange): void {
  if (circuit === 'opened') log.warn('a host does not answer; calls to it wait until it is back', facts);
  else log.info('a host answers again', facts);
}

/** Database and queue of the profile that the settings choose: embedded, PostgreSQL alone, or Redis with PostgreSQL. */
async function openState(options: WireOptions): Promise<State> {
  const { settings, log } = options;
  if (settings.databaseUrl === null) {
    mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
    const database = await openEmbeddedDatabase({ dataDir: join(settings.dataDir, 'database'), onNotice: (text) => log.info(text), onFailure: options.onFailure });
    const queue = await orClose(database, async () => {
      await migrate(database, migrations);
      return createBullQueue({ backend: { kind: 'embedded', pool: database.pool }, log, ...queueTerms(settings) });
    });
    return { store: createStore(database, systemClock), queue, clock: systemClock, stopClock: () => undefined };
  }
  const database = openPostgresDatabase({ url: settings.databaseUrl, applicationName: 'missiongate' });
  const backend = settings.redisUrl === null ? ({ kind: 'postgres', url: settings.databaseUrl } as const) : ({ kind: 'redis', url: settings.redisUrl } as const);
  const { queue, clock } = await orClose(database, async () => {
    await migrate(database, migrations);
    const shared = await databaseClock(database, systemClock);
    try {
      return { clock: shared, queue: await createBullQueue({ backend, log, ...queueTerms(settings) }) };
    } catch (error) {
      shared.stop();
      throw error;
    }
  });
  return { store: createStore(database, clock), queue, clock, stopClock: () => clock.stop() };
}

async function orClose<T>(database: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A job of a process that died is handed out again after the lock has run out. */
function queueTerms({ queueLockMs, queuePrefix }: Settings) {
  return { prefix: queuePrefix, lockDurationMs: queueLockMs, stalledIntervalMs: Math.round(queueLockMs / 3) };
}

function workerLog(log: Log) {
  const line = (level: 'debug' | 'info' | 'warn') => (facts: object, message: string) => log[level](message, facts as Record<string, string>);
  return { debug: line('debug'), info: line('info'), warn: line('warn') };
}
