import { outsideId } from '../core/mission/source.ts';
import { reasonOf } from '../kit/reason-of.ts';
import type { Clock } from '../kit/time.ts';
import type { LedgerHeads } from './ledger-heads.ts';
import { missionsRecordedAt } from './missions-at.ts';
import type { CommitSources } from './missions-at.ts';
import type { Log } from './ports/log.ts';
import type { Projector, ProjectionOutcome } from './ports/projector.ts';
import type { Job, JobOutcome } from './ports/queue.ts';
import { HostError } from './ports/repository-host.ts';
import type { Store, SyncTurn } from './ports/store.ts';
import type { PutOffs } from './put-offs.ts';

export interface SyncParts {
  readonly store: Store;
  readonly projector: Projector;
  readonly heads: LedgerHeads;
  readonly clock: Clock;
  readonly log: Log;
  readonly putOffs: PutOffs;
  /** Name of this process and moment; two turns never share one. */
  readonly newOwner: () => string;
  readonly advance: (missionId: string) => Promise<void>;
  /** Has the mission's view looked at once more after so many milliseconds. */
  readonly lookAgain: (missionId: string, delayMs: number) => Promise<void>;
  /** A turn that is not extended for this long is taken to be dead. It is extended three times as often, and before each write. */
  readonly turnMs: number;
}

/** Another process's turn is looked at again this long after it should have ended. */
const lookAgainMs = 500;

/**
 * Brings GitHub to the mission's view. One process at a time per mission; whoever finds the turn taken comes back when it
 * would have run out, in case its holder died. Many events in a moment become one pass over the view.
 */
export async function syncGitHub(parts: SyncParts, { key, payload, previousRuns }: Pick<Job<'sync-github'>, 'key' | 'payload' | 'previousRuns'>): Promise<JobOutcome> {
  const { store, clock, turnMs } = parts;
  const { missionId } = payload;
  const owner = parts.newOwner();
  const work = `sync ${missionId}`;
  if (parts.putOffs.isLeftAlone(work, key)) return { outcome: 'done' };
  let again: number | null = null;
  // A job that comes back was put off, or its process died: it looks whether anything was asked for since or not.
  if (previousRuns > 0 || payload.look === true) await store.wantSync(missionId);
  for (;;) {
    const beginning = await store.beginSync(missionId, owner, turnMs, clock.now());
    if (beginning.outcome === 'nothing') return { outcome: 'done' };
    if (beginning.outcome === 'taken') return { outcome: 'again', delayMs: Math.max(0, beginning.until - clock.now()) + lookAgainMs };
    const outcome = await takeTurn(parts, missionId, owner, beginning.turn);
    if (outcome instanceof HostError) return parts.putOffs.putOff(work, key, outcome);
    parts.putOffs.clear(work);
    if (outcome.overtaken) {
      // Nobody may have taken over after all: then what was not shown stays wanted.
      await store.failSync(missionId, owner);
      if (outcome.signals.length > 0) await tell(parts, missionId, outcome);
      return { outcome: 'again', delayMs: lookAgainMs };
    }
    again = outcome.againInMs;
    const more = await store.endSync(missionId, owner, beginning.turn.noticesUpTo);
    if (outcome.signals.length > 0) await tell(parts, missionId, outcome);
    // Something on GitHub's side has to change first, such as a merge that waits for checks.
    if (!more && again !== null) await parts.lookAgain(missionId, again);
    if (!more) return { outcome: 'done' };
  }
}

/** One pass; a refusal of GitHub that may pass is returned, and the right given back. */
async function takeTurn(parts: SyncParts, missionId: string, owner: string, turn: SyncTurn): Promise<ProjectionOutcome | HostError> {
  const { store, clock, turnMs } = parts;
  const { source } = turn.state;
  const commits: CommitSources = { mission: async (id) => (await store.read(id))?.state ?? null, missionsAt: (repositoryId, commit) => store.missionsAt(repositoryId, commit) };
  const passed = new AbortController();
  const extending = keepTurn(parts, missionId, owner, passed.signal);
  try {
    const outcome = await parts.projector.project({
      missionId,
      state: turn.state,
      notices: turn.notices,
      ledgerHead: turn.headHash,
      signedHead: () => parts.heads.signed(missionId, turn.state.seq),
      records: store.objectsInTurn(owner),
      trunkAt: async (commit) => (await missionsRecordedAt(commits, source, commit)).find(({ isTrunk }) => isTrunk)?.issue ?? null,
      recordsOfCommit: (commit) => store.objects.all(outsideId(source.repository.id, commit)),
      evidence: (phase, round) => store.evidencePack(missionId, phase, round),
      artifact: async (digest) => (await store.artifact(missionId, digest))?.text ?? null,
      stillOurs: () => store.extendSync(missionId, owner, turnMs, clock.now()),
    });
    for (const problem of outcome.problems ?? []) {
      parts.log.warn('GitHub refused a part of the view', { missionId, failure: problem.failure, reason: problem.message });
    }
    return outcome;
  } catch (error) {
    if (error instanceof HostError && error.failure === 'gone') return abandon(parts, missionId, error);
    await store.failSync(missionId, owner);
    if (!(error instanceof HostError) || error.failure === 'unexpected') throw error;
    parts.log.warn('GitHub could not be brought up to date yet', { missionId, failure: error.failure, reason: error.message });
    return error;
  } finally {
    passed.abort();
    await extending;
  }
}

/** The App was removed, or the repository is no more: nobody is there to be shown anything until something new happens. */
function abandon(parts: SyncParts, missionId: string, error: HostError): ProjectionOutcome {
  parts.log.warn('the mission can no longer be shown: its repository or installation is gone', { missionId, reason: error.message });
  return { signals: [], writes: 0, againInMs: null };
}

/** Extends the turn while a pass is going on: a write may wait for GitHub's limits longer than a turn lasts. */
async function keepTurn(parts: SyncParts, missionId: string, owner: string, passed: AbortSignal): Promise<void> {
  while (!passed.aborted) {
    try {
      await parts.clock.sleep(parts.turnMs / 3, passed);
      if (!(await parts.store.extendSync(missionId, owner, parts.turnMs, parts.clock.now()))) return;
    } catch (error) {
      if (!passed.aborted) parts.log.warn('a turn could not be extended', { missionId, reason: reasonOf(error) });
    }
  }
}

async function tell(parts: SyncParts, missionId: string, outcome: ProjectionOutcome): Promise<void> {
  await parts.store.receive(outcome.signals.map(({ meaning, signal }) => ({ missionId, source: meaning, meaning, signal, receivedAt: parts.clock.now() })));
  await parts.advance(missionId);
}
