import type { Clock } from '../kit/time.ts';
import type { AgentRunner } from '../steps/step-type.ts';
import type { Outside } from '../steps/outside.ts';
import type { StepRegistry } from '../steps/registry.ts';
import { advance } from './advance.ts';
import { coalesce } from './coalesce.ts';
import type { DefinitionReader } from './facts.ts';
import { freeSlots } from './free-slots.ts';
import { integrate } from './integrate.ts';
import { lookJob } from './jobs.ts';
import { leasePatience } from './lease-patience.ts';
import { ledgerHeads } from './ledger-heads.ts';
import type { Log } from './ports/log.ts';
import { issueBodyKey } from './ports/projector.ts';
import type { Projector } from './ports/projector.ts';
import type { Consumer, ConsumerOptions, JobHandler, JobKind, Queue } from './ports/queue.ts';
import type { Signer } from './ports/signer.ts';
import type { RepositoryHost } from './ports/repository-host.ts';
import type { IncomingSignal, Store } from './ports/store.ts';
import type { CommitIdentity, Workspaces } from './ports/workspaces.ts';
import { putOffWithoutStore } from './store-outage.ts';
import { PutOffs } from './put-offs.ts';
import { relayMission } from './relay.ts';
import { runAttempt } from './run-attempt.ts';
import { superviseOnce, supervise, usualPacing } from './supervise.ts';
import type { SupervisePacing } from './supervise.ts';
import { syncGitHub } from './sync.ts';
import { fireTimer } from './watch-timers.ts';

export interface EngineParts {
  readonly store: Store;
  readonly queue: Queue;
  readonly host: RepositoryHost;
  readonly projector: Projector;
  readonly reader: DefinitionReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  /** Signs ledgers; null or absent: nothing is signed. */
  readonly signer?: Signer | null;
  /** How long a turn to write to GitHub lasts without a sign of life; milliseconds. */
  readonly turnMs?: number;
  readonly pacing?: Partial<SupervisePacing>;
}

export interface WorkerParts {
  readonly workspaces: Workspaces;
  readonly steps: StepRegistry;
  readonly agent: AgentRunner | null;
  readonly outside?: Outside;
  readonly worker: string;
  readonly identity: CommitIdentity;
  readonly redact: (text: string) => string;
  readonly leaseMs: number;
  /** Attempts at the same time in this process. */
  readonly concurrency: number;
}

/** Work in flight that a lifecycle can stop: intake first, then what runs, at most for `graceMs`. */
export interface Running {
  close(graceMs: number): Promise<void>;
}

export interface Engine {
  /** Stores signals durably, then has them decided in the background. Resolves as soon as they are stored, with the number of new ones. */
  receive(signals: readonly IncomingSignal[]): Promise<number>;
  /** Decides what is pending for a mission; resolves when that is done. */
  advance(missionId: string): Promise<void>;
  /** Takes over what the app tier does: bring GitHub up to date, merge, fire timers. */
  startApp(): Running;
  /** Takes over what a worker does: run attempts. */
  startWorker(parts: WorkerParts): Running;
  /** Looks after what dead processes left; any process may. */
  startSupervision(): Running;
  /** One supervision round now. */
  superviseOnce(): Promise<void>;
}

const usualTurnMs = 30_000;

/** Jobs of a kind at the same time in one process. */
const appConcurrency = { sync: 4, integrate: 4, timer: 4 } as const;

/** Puts the use cases together. Nothing runs until one of the `start…` functions is called. */
export function createEngine(parts: EngineParts): Engine {
  const { store, queue, clock, log } = parts;
  const relay = (missionId: string) => relayMission({ store, queue, clock }, missionId);
  const facts = {
    host: parts.host,
    reader: parts.reader,
    mission: async (missionId: string) => (await store.read(missionId))?.state ?? null,
    missionsAt: (repositoryId: number, commit: string) => store.missionsAt(repositoryId, commit),
    renderedBody: async (missionId: string) => (await store.objects.all(missionId)).find((record) => record.key === issueBodyKey)?.memory ?? null,
  };
  const signer = parts.signer ?? null;
  const heads = ledgerHeads(store, signer);
  const slots = freeSlots();
  const advanceOne = coalesce((missionId) => advance({ store, facts, clock, log, slots, signer, relay }, missionId));
  const pacing = { ...usualPacing, ...parts.pacing };
  const patience = leasePatience(pacing.holdersHeardMs, pacing.everyMs);
  const supervision = { store, queue, clock, log, advance: advanceOne, patience, pacing };

  const consume = <K extends JobKind>(kind: K, handler: JobHandler<K>, options: ConsumerOptions): Consumer => queue.consume(kind, putOffWithoutStore({ clock, log }, handler), options);

  function inBackground(missionId: string): void {
    advanceOne(missionId).catch((error: unknown) => {
      // Nothing is lost: the signals are stored, and supervision decides them.
      log.error('a mission could not be advanced and will be tried again', { missionId, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    });
  }

  return {
    async receive(signals) {
      const { stored, missions } = await store.receive(signals);
      for (const missionId of missions) inBackground(missionId);
      return stored;
    },
    advance: advanceOne,
    superviseOnce: () => superviseOnce(supervision),

    startApp() {
      const shared = { store, clock, log, putOffs: new PutOffs(clock), advance: advanceOne };
      // One look in any such period, however many ask for it.
      const lookAgain = (missionId: string, delayMs: number) => queue.add([lookJob(missionId, `-${delayMs}-${Math.ceil(clock.now() / delayMs)}`, delayMs)]);
      return together([
        consume('sync-github', (job) => syncGitHub({ ...shared, projector: parts.projector, heads, newOwner: parts.newId, turnMs: parts.turnMs ?? usualTurnMs, lookAgain }, job), { concurrency: appConcurrency.sync }),
        consume('integrate', (job) => integrate({ ...shared, host: parts.host }, job), { concurrency: appConcurrency.integrate }),
        consume('timer', (job) => fireTimer(shared, job.payload.timerId), { concurrency: appConcurrency.timer }),
      ]);
    },

    startWorker(worker) {
      const { concurrency, ...rest } = worker;
      const attempt = { ...rest, store, host: parts.host, clock, log, slots, advance: advanceOne, mayExpireLeases: () => patience.mayExpire(clock.now()) };
      return consume('run-attempt', (job, signal) => runAttempt(attempt, job.payload, signal), { concurrency });
    },

    startSupervision() {
      const stop = new AbortController();
      const loop = supervise(supervision, stop.signal);
      return {
        async close() {
          stop.abort();
          await loop;
        },
      };
    },
  };
}

function together(consumers: readonly Consumer[]): Running {
  return {
    async close(graceMs) {
      await Promise.all(consumers.map((consumer) => consumer.close(graceMs)));
    },
  };
}
