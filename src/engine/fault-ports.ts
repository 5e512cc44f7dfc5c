import type { DurableCall, DurableCommit, FaultPoint } from './fault-point.ts';
import type { DeliveryLog, Watches } from './ports/observer.ts';
import type { ObjectRecords } from './ports/projector.ts';
import type { Consumer, ConsumerOptions, JobHandler, JobKind, Queue } from './ports/queue.ts';
import type { HeldMission, MissionBatch, Store } from './ports/store.ts';
import type { AttemptWorkspace, Workspaces } from './ports/workspaces.ts';
import type { Workspace } from '../steps/step-type.ts';

/** Methods that only read, or that are wrapped in a way of their own. A new method must be named here or wrapped: the types see to it. */
type UnwrappedOfStore = 'objects' | 'objectsInTurn' | 'hold' | 'read' | 'takeOutbox' | 'outboxOf' | 'missionsWithSignals' | 'expectedJobs' | 'nextTimer' | 'events' | 'evidencePack' | 'evidencePacks' | 'artifact' | 'missions' | 'missionsAt' | 'missionsOf' | 'ping' | 'close';

/** What an attempt does to the files of its worktree is gone with it; only what is committed and pushed stays. */
type UnwrappedOfWorkspace = keyof Workspace | 'baseCommit' | 'digests' | 'commitsSince' | 'diffFrom' | 'identifyChange';

/** The same store, with a place to die before and after everything it makes durable. */
export function storeWithFaults(store: Store, faultPoint: FaultPoint): Store {
  const around = aroundWith(faultPoint);
  const wrapped: Omit<Store, UnwrappedOfStore> = {
    receive: around('store.receive', store.receive.bind(store)),
    removeOutbox: around('store.removeOutbox', store.removeOutbox.bind(store)),
    claim: around('store.claim', store.claim.bind(store)),
    heartbeat: around('store.heartbeat', store.heartbeat.bind(store)),
    finish: around('store.finish', store.finish.bind(store)),
    expireLeases: around('store.expireLeases', store.expireLeases.bind(store), changedSomething),
    fireTimers: around('store.fireTimers', store.fireTimers.bind(store), changedSomething),
    beginSync: around('store.beginSync', store.beginSync.bind(store)),
    extendSync: around('store.extendSync', store.extendSync.bind(store)),
    endSync: around('store.endSync', store.endSync.bind(store)),
    wantSync: around('store.wantSync', store.wantSync.bind(store)),
    failSync: around('store.failSync', store.failSync.bind(store)),
  };
  return {
    ...store,
    ...wrapped,
    objects: recordsWithFaults(store.objects, faultPoint),
    objectsInTurn: (owner) => recordsWithFaults(store.objectsInTurn(owner), faultPoint),
    hold: (missionId, work, reading) => hold(store, faultPoint, missionId, work, reading),
  };
}

/** A commit is durable when the transaction around it has ended, which is when `hold` returns. */
async function hold<T>(store: Store, faultPoint: FaultPoint, missionId: string, work: (held: HeldMission) => Promise<T>, reading?: 'all' | 'own'): Promise<T> {
  let committed: DurableCommit | null = null;
  const result = await store.hold(missionId, (held) =>
    work({
      ...held,
      async commit(batch) {
        const commit = commitOf(batch);
        await faultPoint(`before ${commit}`);
        await held.commit(batch);
        committed = commit;
        await faultPoint(`during ${commit}`);
      },
    }),
    reading,
  );
  if (committed !== null) await faultPoint(`after ${committed as DurableCommit}`);
  return result;
}

function commitOf({ events, packs }: MissionBatch): DurableCommit {
  if (events.some(({ body }) => body.type === 'ledger.sealed')) return 'store.commit-seal';
  return packs.length > 0 ? 'store.commit-evidence' : 'store.commit';
}

/** The same records, with a place to die before and after each is put. */
export function recordsWithFaults(records: ObjectRecords, faultPoint: FaultPoint): ObjectRecords {
  const wrapped: Omit<ObjectRecords, 'all'> = { put: aroundWith(faultPoint)('objects.put', records.put.bind(records)) };
  return { ...records, ...wrapped };
}

/** The same agenda of the re-reading, with a place to die before and after every change of it. */
export function watchesWithFaults(watches: Watches, faultPoint: FaultPoint): Watches {
  const around = aroundWith(faultPoint);
  const wrapped: Omit<Watches, 'redelivered'> = {
    add: around('watches.add', watches.add.bind(watches)),
    addMissions: around('watches.addMissions', watches.addMissions.bind(watches)),
    hasten: around('watches.hasten', watches.hasten.bind(watches)),
    take: around('watches.take', watches.take.bind(watches), changedSomething),
    put: around('watches.put', watches.put.bind(watches)),
    remove: around('watches.remove', watches.remove.bind(watches)),
    noteRedelivery: around('watches.noteRedelivery', watches.noteRedelivery.bind(watches)),
    forgetRedeliveries: around('watches.forgetRedeliveries', watches.forgetRedeliveries.bind(watches)),
  };
  return { ...watches, ...wrapped };
}

/** The same log of deliveries, with a place to die before and after asking for one again. */
export function deliveriesWithFaults(deliveries: DeliveryLog, faultPoint: FaultPoint): DeliveryLog {
  const wrapped: Omit<DeliveryLog, 'failedSince'> = { redeliver: aroundWith(faultPoint)('deliveries.redeliver', deliveries.redeliver.bind(deliveries)) };
  return { ...deliveries, ...wrapped };
}

/** The same queue, with a place to die around the adding of jobs and around the handling of each. */
export function queueWithFaults(queue: Queue, faultPoint: FaultPoint): Queue {
  const around = aroundWith(faultPoint);
  const wrapped: Omit<Queue, 'counts' | 'deadLetters' | 'ping' | 'close'> = {
    add: around('queue.add', queue.add.bind(queue)),
    consume<K extends JobKind>(kind: K, handler: JobHandler<K>, options: ConsumerOptions): Consumer {
      return queue.consume(kind, around('queue.job', handler), options);
    },
  };
  return { ...queue, ...wrapped };
}

/** The same workspaces, with a place to die around everything that changes the disk or the repository. */
export function workspacesWithFaults(workspaces: Workspaces, faultPoint: FaultPoint): Workspaces {
  const around = aroundWith(faultPoint);
  const wrap = (workspace: AttemptWorkspace): AttemptWorkspace => {
    const wrapped: Omit<AttemptWorkspace, UnwrappedOfWorkspace> = {
      commitAll: around('workspace.commitAll', workspace.commitAll.bind(workspace)),
      push: around('workspace.push', workspace.push.bind(workspace)),
      dispose: around('workspace.dispose', workspace.dispose.bind(workspace)),
    };
    return { ...workspace, ...wrapped };
  };
  // Sweeping away what dead processes left may happen at any time, and never at all.
  const wrapped: Omit<Workspaces, 'sweep'> = { open: around('workspace.open', async (request) => wrap(await workspaces.open(request))) };
  return { ...workspaces, ...wrapped };
}

/** Sweeps run every few seconds and mostly find nothing; what they leave behind matters only when they did. */
function changedSomething(changed: readonly unknown[]): boolean {
  return changed.length > 0;
}

function aroundWith(faultPoint: FaultPoint) {
  return <A extends readonly unknown[], R>(call: Exclude<DurableCall, DurableCommit>, work: (...given: A) => Promise<R>, matters: (result: R) => boolean = () => true) =>
    async (...given: A): Promise<R> => {
      await faultPoint(`before ${call}`);
      const result = await work(...given);
      if (matters(result)) await faultPoint(`after ${call}`);
      return result;
    };
}
