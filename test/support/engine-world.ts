import { randomUUID } from 'node:crypto';

import { readPolicy } from '../../src/config/read-policy.ts';
import type { Definition } from '../../src/core/mission/definition.ts';
import type { Signal } from '../../src/core/mission/signal.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine, Running, WorkerParts } from '../../src/engine/engine.ts';
import type { Log } from '../../src/engine/ports/log.ts';
import type { Queue } from '../../src/engine/ports/queue.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import { systemClock } from '../../src/kit/system-clock.ts';
import { builtInSteps, createStepRegistry } from '../../src/steps/registry.ts';
import { fakeHost, rememberingProjector } from './fake-host.ts';

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export interface EngineWorld {
  readonly engine: Engine;
  readonly store: Store;
  readonly host: ReturnType<typeof fakeHost>;
  readonly projector: ReturnType<typeof rememberingProjector>;
  readonly worker: WorkerParts;
  send(missionId: string, meaning: string, signal: Signal): Promise<void>;
  /** Resolves with the state once it satisfies the condition. */
  until(missionId: string, condition: (state: NonNullable<Awaited<ReturnType<Store['read']>>>['state']) => boolean): Promise<void>;
  started: Running[];
  stop(): Promise<void>;
}

/** The engine over real store and queue, with a host in memory and steps that need no files. */
export function engineWorld(parts: { readonly store: Store; readonly queue: Queue; readonly definition: Definition; readonly log?: Log; readonly concurrency?: number }): EngineWorld {
  const host = fakeHost();
  const projector = rememberingProjector();
  const { store, queue } = parts;
  const engine = createEngine({
    store,
    queue,
    host,
    projector,
    reader: {
      async readIssue(issue) {
        return { ok: true, definition: parts.definition, definedIn: `issue #${issue.number}`, items: null };
      },
      intents: () => [],
      readPolicy,
    },
    clock: systemClock,
    log: parts.log ?? silentLog,
    newId: randomUUID,
  });
  const worker: WorkerParts = {
    workspaces: {
      open() {
        throw new Error('these tests open no workspace');
      },
      async sweep() {},
    },
    steps: createStepRegistry(builtInSteps),
    agent: null,
    worker: 'test-worker',
    identity: { name: 'missiongate[bot]', email: 'bot@example.test' },
    redact: (text) => text,
    leaseMs: 30_000,
    concurrency: parts.concurrency ?? 10,
  };
  const world: EngineWorld = {
    engine,
    store,
    host,
    projector,
    worker,
    started: [],
    async send(missionId, meaning, signal) {
      await engine.receive([{ missionId, source: meaning, meaning, signal, receivedAt: Date.now() }]);
    },
    async until(missionId, condition) {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const current = await store.read(missionId);
        if (current && condition(current.state)) return;
        if (Date.now() > deadline) throw new Error(`mission ${missionId} did not get there; it is ${current?.state.status}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async stop() {
      await Promise.all(world.started.map((running) => running.close(5_000)));
      await queue.close();
      await store.close();
    },
  };
  return world;
}
