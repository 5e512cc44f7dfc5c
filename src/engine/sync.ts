import type { Clock } from '../kit/time.ts';
import type { FaultPoint } from './fault-point.ts';
import type { Log } from './ports/log.ts';
import type { Projector, ProjectionOutcome } from './ports/projector.ts';
import type { JobOutcome } from './ports/queue.ts';
import { HostError } from './ports/repository-host.ts';
import type { Store, SyncTurn } from './ports/store.ts';

export interface SyncParts {
  readonly store: Store;
  readonly projector: Projector;
  readonly clock: Clock;
  readonly log: Log;
  readonly faultPoint: FaultPoint;
  /** Name of this process and moment; two turns never share one. */
  readonly newOwner: () => string;
  readonly advance: (missionId: string) => Promise<void>;
}

/** A turn that is not extended for this long is taken to be dead. */
const turnMs = 60_000;
const pauseMs = 5_000;

/**
 * Brings GitHub to the mission's view. One process at a time per mission; whoever finds the turn taken leaves: its holder
 * looks again before it gives the turn back. Many events in a moment become one pass over the view.
 */
export async function syncGitHub(parts: SyncParts, job: { missionId: string }): Promise<JobOutcome> {
  const { store, clock } = parts;
  const { missionId } = job;
  const owner = parts.newOwner();
  let again: number | null = null;
  for (;;) {
    const turn = await store.beginSync(missionId, owner, turnMs, clock.now());
    if (!turn) return { outcome: 'done' };
    await parts.faultPoint('after sync begin');
    const outcome = await takeTurn(parts, missionId, owner, turn);
    if (outcome === 'retry' || typeof outcome === 'number') {
      return { outcome: 'again', delayMs: outcome === 'retry' ? pauseMs : outcome };
    }
    if (outcome.againInMs !== null) again = outcome.againInMs;
    await parts.faultPoint('before sync end');
    const more = await store.endSync(missionId, owner, turn.noticesUpTo);
    if (outcome.signals.length > 0) await tell(parts, missionId, outcome);
    if (!more) break;
  }
  return again === null ? { outcome: 'done' } : { outcome: 'again', delayMs: again };
}

/** One pass; on a refusal of GitHub the right is given back and the pass repeated later. */
async function takeTurn(parts: SyncParts, missionId: string, owner: string, turn: SyncTurn): Promise<ProjectionOutcome | 'retry' | number> {
  const { store, clock } = parts;
  try {
    return await parts.projector.project({
      missionId,
      state: turn.state,
      notices: turn.notices,
      ledgerHead: turn.headHash,
      records: {
        all: (id) => store.objects.all(id),
        async put(id, record) {
          await parts.faultPoint(record.state === 'intended' ? 'before object intent' : 'after object create');
          await store.objects.put(id, record);
          if (record.state === 'intended') await parts.faultPoint('after object intent');
        },
      },
      evidence: (phase, round) => store.evidencePack(missionId, phase, round),
      artifact: async (digest) => (await store.artifact(missionId, digest))?.text ?? null,
      stillOurs: async () => {
        await parts.faultPoint('after sync write');
        return store.extendSync(missionId, owner, turnMs, clock.now());
      },
    });
  } catch (error) {
    await store.failSync(missionId, owner);
    if (!(error instanceof HostError) || error.failure === 'unexpected') throw error;
    parts.log.warn('GitHub could not be brought up to date yet', { missionId, failure: error.failure, reason: error.message });
    return error.retryAfterMs ?? 'retry';
  }
}

async function tell(parts: SyncParts, missionId: string, outcome: ProjectionOutcome): Promise<void> {
  await parts.store.receive(outcome.signals.map(({ meaning, signal }) => ({ missionId, source: meaning, meaning, signal, receivedAt: parts.clock.now() })));
  await parts.advance(missionId);
}
