import type { HeldMission, MissionBatch, OutboxRow, StoredSignal } from '../engine/ports/store.ts';
import type { MissionState } from '../core/mission/state.ts';
import type { Clock } from '../kit/time.ts';
import { batchCalls } from './batch-calls.ts';
import { weightOf, writeCommits } from './commit.ts';
import type { Commit, Written } from './commit.ts';
import type { Database } from './database.ts';
import { DatabaseUnavailable } from './postgres-database-error.ts';
import { headsOf, openMissions, signalsPerHold } from './mission-heads.ts';
import type { Head } from './mission-heads.ts';
import { missionStates } from './mission-states.ts';
import type { Standing } from './mission-states.ts';
import type { CarriedResult, OwnSignals } from './own-signals.ts';

/** Missions read or written in one statement, and statements at once, of one process. */
const headsTogether = { atOnce: 1, heaviest: 50 };
const commitsTogether = { atOnce: 1, heaviest: 2000 };

export interface MissionRows {
  hold<T>(missionId: string, work: Work<T>, reading?: 'all' | 'own'): Promise<T>;
  read(missionId: string): Promise<{ readonly state: MissionState; readonly headHash: string } | null>;
  /** The state of a mission whose head was just read, or a later one. */
  stateAt(missionId: string, head: Head): Promise<MissionState | null>;
}

export interface MissionParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Signals that this process stored and nobody has decided yet. */
  readonly own: OwnSignals;
  /** Stores results that no commit took along, and tells whoever handed them in. */
  readonly storeAlone: (carried: readonly CarriedResult[]) => Promise<void>;
  /** Told of the outbox rows of every commit, once they are durable. */
  readonly written: (missionId: string, rows: readonly OutboxRow[]) => void;
}

type Work<T> = (held: HeldMission) => Promise<T>;
/** `changed`: somebody else wrote the mission in the meantime; nothing was written. */
type Try<T> = { readonly result: T } | 'changed';

/**
 * Access to missions with one writer at a time, in three ways, each tried when the one before found the mission changed by
 * another process:
 *
 * 1. When that is enough, and this process knows the state and has signals of its own, it decides those and writes, in one
 *    round trip; results that it has not stored yet are stored by the same statement, if their leases still hold. Whether
 *    others left signals, the statement tells (`unread`).
 * 2. It reads the mission's head and pending signals, decides, and writes.
 * 3. It does the same in one transaction with the row locked, so that everybody gets a turn.
 *
 * In all three the write happens only if the row has the version that was decided on (`commit.ts`). Several holds of one
 * process for one mission queue up here.
 */
export function missionRows({ database, clock, own, storeAlone, written }: MissionParts): MissionRows {
  const states = missionStates(database);
  const queues = new Map<string, Promise<unknown>>();
  const open = batchCalls((missionIds: readonly string[]) => openMissions(database, missionIds, clock.now()), { ...headsTogether, keyOf: (missionId) => missionId });
  const write = batchCalls((commits: readonly Commit[]) => writeCommits(database, commits), { ...commitsTogether, weigh: weightOf, keyOf: ({ missionId }) => missionId });
  const readHeads = batchCalls((missionIds: readonly string[]) => headsOf(database, missionIds), headsTogether);

  async function hold<T>(missionId: string, work: Work<T>, reading: 'all' | 'own' = 'all'): Promise<T> {
    const previous = queues.get(missionId) ?? Promise.resolve();
    const turn = previous.then(() => holdNow(missionId, work, reading));
    const settled = turn.catch(() => undefined);
    queues.set(missionId, settled);
    try {
      return await turn;
    } finally {
      if (queues.get(missionId) === settled) queues.delete(missionId);
    }
  }

  async function holdNow<T>(missionId: string, work: Work<T>, reading: 'all' | 'own'): Promise<T> {
    // What is read anyway need not be remembered.
    if (reading === 'all') own.forget(missionId);
    for (const way of reading === 'own' ? [holdKnown, holdRead] : [holdRead]) {
      const tried = await way(missionId, work);
      if (tried !== 'changed') return tried.result;
    }
    return holdLocked(missionId, work);
  }

  async function holdKnown<T>(missionId: string, work: Work<T>): Promise<Try<T>> {
    const { stored, carried, enough } = own.take(missionId);
    try {
      const tried = enough && stored.length + carried.length > 0 ? await decideKnown(missionId, stored, carried, work) : 'changed';
      if (tried === 'changed') await storeAlone(carried);
      return tried;
    } catch (error) {
      // Written or not, nobody knows: whoever handed a result in finds out by handing it in again.
      if (error instanceof DatabaseUnavailable) for (const result of carried) result.fail(error);
      else await storeAlone(carried);
      throw error;
    }
  }

  async function decideKnown<T>(missionId: string, stored: readonly StoredSignal[], carried: readonly CarriedResult[], work: Work<T>): Promise<Try<T>> {
    const standing = states.known(missionId);
    if (!standing) return 'changed';
    const pending = [...stored, ...carried.map(({ signal }) => signal)];
    const { result, commit, unread } = await decideOn(missionId, standing, pending, work);
    if (commit === null) {
      // Nothing was written, and so nobody told what else there is: it has to be read. A result must be stored before.
      if (carried.length > 0) return 'changed';
      unread.left = true;
      return { result };
    }
    const outcome = await write({ ...commit, carried, seen: stored.map(({ id }) => id) });
    if (outcome.outcome === 'changed') {
      own.mistrust(missionId);
      return 'changed';
    }
    unread.left = outcome.unread;
    after(standing, commit, outcome);
    for (const { settle } of carried) settle('recorded');
    return { result };
  }

  async function holdRead<T>(missionId: string, work: Work<T>): Promise<Try<T>> {
    const opened = (await open(missionId)) ?? (await create(missionId).then(() => open(missionId)));
    const standing = opened && (await states.at(missionId, opened));
    // The state had to be read apart from its head, and the mission was written in between.
    if (!opened || standing?.version !== opened.version) return 'changed';
    const { result, commit } = await decideOn(missionId, { ...standing, syncWanted: opened.syncWanted }, opened.pending, work);
    if (commit === null) return { result };
    const outcome = await write(commit);
    if (outcome.outcome === 'changed') return 'changed';
    after(standing, commit, outcome);
    return { result };
  }

  /** In one transaction with the row locked: others wait. */
  async function holdLocked<T>(missionId: string, work: Work<T>): Promise<T> {
    const { result, finish } = await database.transaction(async (sql) => {
      await sql.query('SELECT FROM runs WHERE id = $1 FOR UPDATE', [missionId]);
      const [opened] = await openMissions(sql, [missionId], clock.now());
      if (!opened) throw new Error(`mission ${missionId}: its row vanished while it was being locked`);
      const standing = await states.locked(sql, missionId, opened);
      const decided = await decideOn(missionId, standing, opened.pending, work);
      const { commit } = decided;
      if (commit === null) return { result: decided.result, finish: () => undefined };
      const [outcome] = await writeCommits(sql, [commit]);
      if (outcome?.outcome !== 'written') throw new Error(`mission ${missionId}: its locked row was changed by somebody else`);
      return { result: decided.result, finish: () => after(standing, commit, outcome) };
    });
    // Only now is it true: a state that was not committed is never remembered.
    finish();
    return result;
  }

  async function decideOn<T>(missionId: string, standing: Standing, pending: readonly StoredSignal[], work: Work<T>) {
    let given: MissionBatch | null = null;
    const unread = { left: false };
    const result = await work({
      missionId,
      state: standing.state,
      headHash: standing.headHash,
      syncWanted: standing.syncWanted,
      pending,
      pendingFull: pending.length === signalsPerHold,
      unread: () => unread.left,
      async commit(batch) {
        if (given !== null) throw new Error(`commit of mission ${missionId}: a hold commits once`);
        given = batch;
      },
    });
    const batch = given as MissionBatch | null;
    const commit: Commit | null = batch && { missionId, version: standing.version, before: standing.state, headHash: standing.headHash, batch, seen: null, carried: [] };
    return { result, commit, unread };
  }

  function after(standing: Standing, { missionId, batch }: Commit, { headHash, outbox }: Extract<Written, { outcome: 'written' }>): void {
    const last = batch.events.at(-1);
    const next = { ...standing, version: standing.version + 1, syncWanted: standing.syncWanted || batch.sync };
    states.remember(missionId, last ? { ...next, state: batch.state, headHash, seq: last.seq } : next);
    if (outbox.length > 0) written(missionId, outbox);
  }

  async function create(missionId: string): Promise<void> {
    await database.query('INSERT INTO runs (id, created_at, updated_at) VALUES ($1, $2, $2) ON CONFLICT DO NOTHING', [missionId, new Date(clock.now())]);
  }

  return {
    hold,
    async read(missionId) {
      const head = await readHeads(missionId);
      if (!head || head.seq === 0) return null;
      const current = await states.at(missionId, head);
      return current?.state ? { state: current.state, headHash: current.headHash } : null;
    },
    async stateAt(missionId, head) {
      return (await states.at(missionId, head))?.state ?? null;
    },
  };
}
