import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { readPolicy } from '../../config/read-policy.ts';
import { createScriptedAgent } from '../../agents/scripted-agent.ts';
import { dataFolder } from '../../config/settings.ts';
import { createEngine } from '../../engine/engine.ts';
import type { ExportSigning } from '../../engine/export-mission.ts';
import type { Engine, WorkerParts } from '../../engine/engine.ts';
import { noFault } from '../../engine/fault-point.ts';
import type { FaultPoint } from '../../engine/fault-point.ts';
import { queueWithFaults, storeWithFaults, workspacesWithFaults } from '../../engine/fault-ports.ts';
import type { Log } from '../../engine/ports/log.ts';
import type { RepositoryHost } from '../../engine/ports/repository-host.ts';
import type { Store } from '../../engine/ports/store.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { createBullQueue } from '../../queue/bull-queue.ts';
import type { StepRegistry } from '../../steps/registry.ts';
import { abandonLeases } from '../../store/abandon-leases.ts';
import { openEmbeddedDatabase } from '../../store/embedded-database.ts';
import { migrate } from '../../store/migrate.ts';
import { migrations } from '../../store/migrations/index.ts';
import { createStore } from '../../store/store.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { createRedactor } from '../../telemetry/redactor.ts';
import { createGitWorkspaces } from '../../worker/git-workspaces.ts';
import { createLocalHost } from '../../worker/local-repository/local-host.ts';
import { createOutside } from '../outside.ts';
import { exportSigning, signingFor } from '../signing.ts';
import { onlyScripts } from './local-agent.ts';
import { localReach, secretsOfReach } from './local-reach.ts';
import type { LocalRepository } from './local-repository.ts';
import { databaseFolder, missionFolder } from './mission-folder.ts';
import type { MissionRecord } from './mission-folder.ts';

/** Author and committer of what missions commit here. */
export const localIdentity = { name: 'Missiongate', email: 'missiongate@localhost' } as const;

/** Long enough for a busy machine; nobody waits for it, since a dead process's leases are ended on opening. */
const leaseMs = 30_000;
/** A job of a process that was killed is free again after a few seconds: nobody else can have it. */
const queueLockMs = 4_000;

/** Everything a local run is made of: the parts of the product, without GitHub. */
export interface LocalParts {
  readonly store: Store;
  readonly engine: Engine;
  readonly logFile: string;
  /** With what its export is signed. */
  readonly signing: ExportSigning;
  worker(): Promise<WorkerParts>;
  close(): Promise<void>;
}

export interface LocalWiring {
  readonly repository: LocalRepository;
  readonly record: MissionRecord;
  readonly steps: StepRegistry;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly programPath?: string;
  readonly faultPoint: FaultPoint;
  readonly onFailure: (error: Error) => void;
}

/** Opens the mission's database and connects the parts. Rejects with `FolderInUse` while another process carries the mission out. */
export async function wireLocal(wiring: LocalWiring): Promise<LocalParts> {
  const { repository, record, faultPoint, env } = wiring;
  const reach = localReach(env);
  const signing = { signing: reach.signing, dataDir: dataFolder(env), databaseUrl: null };
  const key = signingFor(signing);
  const secrets = [...key.secrets, ...secretsOfReach(reach)];
  const redactor = createRedactor({ secrets: () => secrets });
  const redact = (text: string) => redactor.redact(text).text;
  const database = await openEmbeddedDatabase({ dataDir: databaseFolder(repository, record.number), onFailure: wiring.onFailure });
  const logFile = join(missionFolder(repository, record.number), 'log.jsonl');
  const lines = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  // A full disk shows where the mission itself needs it; its log is not worth ending it for.
  lines.on('error', () => undefined);
  const logger = createLogger({ level: 'info', format: 'json', redactor, destination: lines });
  const log: Log = {
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts) => logger.error(facts ?? {}, message),
  };
  try {
    await migrate(database, migrations);
    // The folder's lock says that this process is alone: whatever else held a lease is dead.
    await abandonLeases(database, systemClock.now());
    const plainQueue = await createBullQueue({ backend: { kind: 'embedded', pool: database.pool }, log, lockDurationMs: queueLockMs, stalledIntervalMs: queueLockMs / 4 });
    const plainStore = createStore(database, systemClock);
    const store = faultPoint === noFault ? plainStore : storeWithFaults(plainStore, faultPoint);
    const queue = faultPoint === noFault ? plainQueue : queueWithFaults(plainQueue, faultPoint);
    const host = withMergeFaults(createLocalHost({ git: repository.git, gitDir: repository.gitDir, key: repository.key, base: record.base, identity: localIdentity, clock: systemClock }), faultPoint);
    const engine = createEngine({
      store,
      queue,
      host,
      projector: { project: () => Promise.reject(new Error('a local mission is shown nowhere')) },
      reader: { readIssue: async () => ({ ok: true, definition: record.definition, definedIn: record.file, items: null }), intents: () => [], readPolicy: (text) => readPolicy(text) },
      clock: systemClock,
      log,
      newId: randomUUID,
      signer: key.signer,
      // Nobody else looks after the queue's jobs: what a killed process left is handed over soon.
      pacing: { everyMs: 1_000, signalAgeMs: 1_000, lostJobAgeMs: 2_000, timersEveryMs: 100 },
    });
    return {
      store,
      engine,
      logFile,
      signing: exportSigning(signing),
      async worker() {
        const dataDir = join(dataFolder(env), 'local', repository.key);
        mkdirSync(dataDir, { recursive: true, mode: 0o700 });
        const workspaces = createGitWorkspaces({ dataDir, clock: systemClock, redactor, log: workerLog(log), localRepository: true, path: wiring.programPath });
        await workspaces.sweep();
        return {
          workspaces: faultPoint === noFault ? workspaces : workspacesWithFaults(workspaces, faultPoint),
          steps: wiring.steps,
          agent: onlyScripts(createScriptedAgent({ version: wiring.version })),
          outside: createOutside({ model: reach.model, config: reach.workerConfig, clock: systemClock, log, version: wiring.version }),
          worker: `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`,
          identity: localIdentity,
          redact,
          leaseMs,
          concurrency: record.maxParallel,
        };
      },
      async close() {
        await queue.close();
        await store.close();
        await new Promise<void>((done) => lines.end(() => done()));
      },
    };
  } catch (error) {
    await database.close();
    lines.end();
    throw error;
  }
}

function withMergeFaults(host: RepositoryHost, faultPoint: FaultPoint): RepositoryHost {
  if (faultPoint === noFault) return host;
  return {
    ...host,
    async mergeInto(source, request) {
      await faultPoint('before github.merge');
      const result = await host.mergeInto(source, request);
      await faultPoint('after github.merge');
      return result;
    },
  };
}

function workerLog(log: Log) {
  const line = (level: 'debug' | 'info' | 'warn') => (facts: object, message: string) => log[level](message, facts as Record<string, string>);
  return { debug: line('debug'), info: line('info'), warn: line('warn') };
}
