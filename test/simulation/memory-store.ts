import { chainEntry, genesisHash } from '../../src/core/ledger/chain.ts';
import type { EvidencePack } from '../../src/core/evidence/pack.ts';
import { gateSubject, isMission, phaseOfSubject } from '../../src/core/mission/state.ts';
import type { Mission, MissionState } from '../../src/core/mission/state.ts';
import type { TimerPurpose } from '../../src/core/mission/signal.ts';
import { againIn, attemptJob, integrateJob, lookJob, syncJob } from '../../src/engine/jobs.ts';
import { noticeTypes } from '../../src/engine/ports/projector.ts';
import type { ObjectRecord } from '../../src/engine/ports/projector.ts';
import type { JobRequest } from '../../src/engine/ports/queue.ts';
import type { ArtifactContent, ClaimOutcome, HeldMission, IncomingSignal, Lease, LeaseKey, MissionBatch, OutboxRow, Store, StoredEvent, StoredSignal } from '../../src/engine/ports/store.ts';

interface SignalRow extends StoredSignal {
  readonly missionId: string;
  readonly order: number;
  status: 'pending' | 'settled';
  lookAt: number;
  tries: number;
}

interface RunRow {
  readonly id: string;
  readonly events: StoredEvent[];
  state: MissionState | null;
  headHash: string;
  syncWanted: boolean;
  syncWantedAt: number;
  syncOwner: string | null;
  syncUntil: number;
  noticesSeq: number;
  version: number;
  updatedAt: number;
  /** When a task or a gate last changed: what `expectedJobs` goes by. */
  readonly changedAt: Map<string, number>;
}

export interface LeaseRow extends LeaseKey {
  readonly owner: string;
  status: 'held' | 'cancelled' | 'settled' | 'lost';
  expiresAt: number;
}

interface TimerRow {
  readonly id: string;
  readonly missionId: string;
  readonly fireAt: number;
  readonly purpose: TimerPurpose;
  firedAt: number | null;
}

/** What happens in the database, told at the moment it becomes true. */
export interface MemoryWatcher {
  committed?(missionId: string, events: readonly StoredEvent[], batch: MissionBatch, now: number): void;
  claimed?(lease: LeaseRow, now: number): void;
  finished?(lease: LeaseRow, signal: IncomingSignal): void;
  lost?(lease: LeaseRow): void;
  timerFired?(timer: TimerRow, now: number): void;
  /** What is known of an object on GitHub was put by this owner of a turn. */
  remembered?(missionId: string, key: string, owner: string): void;
}

/** How a call reaches the database: the simulator decides when it is made, and whether its answer comes back. */
export type Turn = <T>(what: string, action: () => T) => Promise<T>;

const signalsPerHold = 200;
/** The try at which a hold locks the row. */
const lastTry = 3;
const shownOnce: ReadonlySet<string> = new Set(noticeTypes);

/**
 * The tables of the product in memory, with the rules that the SQL keeps. Every method is one atomic statement; what
 * happens between statements is the simulator's business. Held to the same contract as the real store.
 */
export class MemoryTables {
  readonly watchers: MemoryWatcher[] = [];
  readonly #runs = new Map<string, RunRow>();
  readonly #signals: SignalRow[] = [];
  readonly #pending = new Set<SignalRow>();
  readonly #known = new Set<string>();
  readonly #outbox = new Map<string, OutboxRow & { readonly missionId: string; readonly createdAt: number }>();
  readonly #leases = new Map<string, LeaseRow>();
  readonly #timers = new Map<string, TimerRow>();
  readonly #artifacts = new Map<string, ArtifactContent>();
  readonly #packs = new Map<string, { readonly phase: string; readonly round: number; readonly digest: string; readonly pack: EvidencePack }[]>();
  readonly #objects = new Map<string, Map<string, ObjectRecord>>();
  #serial = 0;

  runs(): readonly RunRow[] {
    return [...this.#runs.values()];
  }

  leases(): Iterable<LeaseRow> {
    return this.#leases.values();
  }

  timers(): Iterable<TimerRow> {
    return this.#timers.values();
  }

  insert(signals: readonly IncomingSignal[]): { stored: number; missions: readonly string[] } {
    const missions = new Set<string>();
    let stored = 0;
    for (const { missionId, source, meaning, aliases, nth, signal, receivedAt } of signals) {
      const keys = [`${missionId} source ${source}`, `${missionId} meaning ${meaning}`];
      if (keys.some((key) => this.#known.has(key)) || aliases?.some((alias) => this.#known.has(`${missionId} meaning ${alias}`))) continue;
      if (nth && nth.n <= this.#signals.filter((row) => row.missionId === missionId && nth.of.some((prefix) => row.meaning.startsWith(prefix))).length) continue;
      for (const key of keys) this.#known.add(key);
      this.#serial += 1;
      const row: SignalRow = { id: String(this.#serial), order: this.#serial, missionId, meaning, signal, receivedAt, lookAt: receivedAt, tries: 0, status: 'pending' };
      this.#signals.push(row);
      this.#pending.add(row);
      missions.add(missionId);
      stored += 1;
    }
    return { stored, missions: [...missions] };
  }

  run(missionId: string): RunRow {
    const found = this.#runs.get(missionId);
    if (found) return found;
    const run: RunRow = { id: missionId, events: [], state: null, headHash: genesisHash, syncWanted: false, syncWantedAt: 0, syncOwner: null, syncUntil: 0, noticesSeq: 0, version: 1, updatedAt: 0, changedAt: new Map() };
    this.#runs.set(missionId, run);
    return run;
  }

  snapshot(missionId: string, now: number): Omit<HeldMission, 'commit'> {
    const run = this.run(missionId);
    const mine = [...this.#pending].filter((row) => row.missionId === missionId);
    const isDeferred = (row: SignalRow) => (row.lookAt > now ? 1 : 0);
    const pending = mine.toSorted((a, b) => isDeferred(a) - isDeferred(b) || a.order - b.order).slice(0, signalsPerHold);
    return {
      missionId,
      state: run.state,
      headHash: run.headHash,
      syncWanted: run.syncWanted,
      pending: pending.map(({ id, meaning, signal, receivedAt, lookAt, tries }) => ({ id, meaning, signal, receivedAt, lookAt, tries })),
      pendingFull: pending.length === signalsPerHold,
    };
  }

  commit(missionId: string, batch: MissionBatch): void {
    const run = this.run(missionId);
    const events: StoredEvent[] = [];
    for (const event of batch.events) {
      if (event.seq !== run.events.length + 1) throw new Error(`duplicate key: event ${event.seq} of ${missionId} exists`);
      const entry = chainEntry(event, run.headHash);
      const stored = { ...event, prevHash: run.headHash, hash: entry.hash };
      run.events.push(stored);
      run.headHash = entry.hash;
      events.push(stored);
    }
    if (events.length > 0) {
      this.#noteChanges(run, batch.state, batch.now);
      run.updatedAt = batch.now;
      run.state = batch.state;
    }
    run.version += 1;
    if (batch.sync && !run.syncWanted) run.syncWantedAt = batch.now;
    run.syncWanted ||= batch.sync;
    const packs = this.#packs.get(missionId) ?? [];
    for (const pack of batch.packs) if (!packs.some(({ phase, round }) => phase === pack.phase && round === pack.round)) packs.push(pack);
    this.#packs.set(missionId, packs);
    const settled = new Set(batch.settled.map(({ id }) => id));
    const deferred = new Map(batch.deferred.map(({ id, until }) => [id, until]));
    for (const row of this.#pending) {
      if (settled.has(row.id)) {
        row.status = 'settled';
        this.#pending.delete(row);
      }
      const until = deferred.get(row.id);
      if (until !== undefined) {
        row.lookAt = until;
        row.tries += 1;
      }
    }
    for (const timer of batch.timers) if (!this.#timers.has(timer.id)) this.#timers.set(timer.id, { ...timer, missionId, firedAt: null });
    if (batch.cancelAttempts) for (const lease of this.#leases.values()) if (lease.missionId === missionId && lease.status === 'held') lease.status = 'cancelled';
    for (const job of batch.jobs) {
      this.#serial += 1;
      this.#outbox.set(String(this.#serial), { id: String(this.#serial), missionId, job, createdAt: batch.now });
    }
    for (const watcher of this.watchers) watcher.committed?.(missionId, events, batch, batch.now);
    for (const { subject, attempt, owner, expiresAt } of batch.leases ?? []) {
      const lease: LeaseRow = { missionId, subject, attempt, owner, status: 'held', expiresAt };
      if (this.#leases.has(leaseName(lease))) throw new Error(`duplicate key: lease ${leaseName(lease)} exists`);
      this.#leases.set(leaseName(lease), lease);
      for (const watcher of this.watchers) watcher.claimed?.(lease, batch.now);
    }
  }

  read(missionId: string): { readonly state: MissionState; readonly headHash: string } | null {
    const run = this.#runs.get(missionId);
    return run?.state ? { state: run.state, headHash: run.headHash } : null;
  }

  outbox(filter: { readonly missionId?: string; readonly olderThan?: number; readonly limit?: number }): readonly OutboxRow[] {
    const rows = [...this.#outbox.values()].filter((row) => (filter.missionId === undefined || row.missionId === filter.missionId) && (filter.olderThan === undefined || row.createdAt <= filter.olderThan));
    return rows.slice(0, filter.limit).map(({ id, job }) => ({ id, job }));
  }

  removeOutbox(ids: readonly string[]): void {
    for (const id of ids) this.#outbox.delete(id);
  }

  claim(key: LeaseKey, owner: string, ttlMs: number, now: number): ClaimOutcome {
    const name = leaseName(key);
    const known = this.#leases.get(name);
    if (known === undefined && this.#isExpected(key)) {
      const lease: LeaseRow = { ...key, owner, status: 'held', expiresAt: now + ttlMs };
      this.#leases.set(name, lease);
      const meaning = `attempt:${key.subject}:${key.attempt}:started`;
      this.insert([{ missionId: key.missionId, source: meaning, meaning, signal: { kind: 'attempt.started', subject: key.subject, attempt: key.attempt, worker: owner }, receivedAt: now }]);
      for (const watcher of this.watchers) watcher.claimed?.(lease, now);
      return { outcome: 'claimed', lease: { ...key, owner, expiresAt: lease.expiresAt }, mission: this.run(key.missionId).state as Mission };
    }
    return known && isUnsettled(known) ? { outcome: 'held', until: known.expiresAt } : { outcome: 'over' };
  }

  heartbeat(key: LeaseKey & { readonly owner: string }, ttlMs: number, now: number): 'held' | 'cancelled' | 'lost' {
    const lease = this.#leases.get(leaseName(key));
    if (!lease || lease.owner !== key.owner || !isUnsettled(lease)) return 'lost';
    lease.expiresAt = now + ttlMs;
    return lease.status === 'cancelled' || this.#runs.get(key.missionId)?.state?.status === 'cancelled' ? 'cancelled' : 'held';
  }

  finish(key: LeaseKey & { readonly owner: string }, signal: IncomingSignal, artifacts: readonly ArtifactContent[], now: number): 'recorded' | 'lost' {
    const lease = this.#leases.get(leaseName(key));
    if (!lease || lease.owner !== key.owner || !isUnsettled(lease)) return 'lost';
    lease.status = 'settled';
    for (const artifact of artifacts) {
      const name = `${key.missionId} ${artifact.digest}`;
      if (!this.#artifacts.has(name)) this.#artifacts.set(name, artifact);
    }
    this.insert([{ ...signal, source: signal.meaning, receivedAt: now }]);
    for (const watcher of this.watchers) watcher.finished?.(lease, signal);
    return 'recorded';
  }

  isHeldBy(key: LeaseKey & { readonly owner: string }): boolean {
    const lease = this.#leases.get(leaseName(key));
    return lease !== undefined && lease.owner === key.owner && isUnsettled(lease);
  }

  /** Finishes an attempt whose lease is known to be held; returns the id of the signal. */
  finishNow(key: LeaseKey & { readonly owner: string }, signal: IncomingSignal, artifacts: readonly ArtifactContent[], now: number): string {
    this.finish(key, signal, artifacts, now);
    return String(this.#serial);
  }

  expireLeases(now: number): readonly string[] {
    const missions = new Set<string>();
    for (const lease of this.#leases.values()) {
      if (!isUnsettled(lease) || lease.expiresAt > now) continue;
      lease.status = 'lost';
      for (const watcher of this.watchers) watcher.lost?.(lease);
      missions.add(lease.missionId);
      const meaning = `attempt:${lease.subject}:${lease.attempt}:lost`;
      const signal = { kind: 'attempt.lost', subject: lease.subject, attempt: lease.attempt, reason: `worker ${lease.owner} went silent` } as const;
      this.insert([{ missionId: lease.missionId, source: meaning, meaning, signal, receivedAt: now }]);
    }
    return [...missions];
  }

  fireTimers(now: number, id?: string): readonly string[] {
    const missions = new Set<string>();
    for (const timer of this.#timers.values()) {
      if (timer.firedAt !== null || timer.fireAt > now || (id !== undefined && timer.id !== id)) continue;
      timer.firedAt = now;
      missions.add(timer.missionId);
      const meaning = `timer:${timer.id}`;
      this.insert([{ missionId: timer.missionId, source: meaning, meaning, signal: { kind: 'timer.fired', purpose: timer.purpose }, receivedAt: now }]);
      for (const watcher of this.watchers) watcher.timerFired?.(timer, now);
    }
    return [...missions];
  }

  nextTimer(): number | null {
    let next: number | null = null;
    for (const { firedAt, fireAt } of this.#timers.values()) if (firedAt === null) next = Math.min(next ?? fireAt, fireAt);
    return next;
  }

  missionsWithSignals(before: number, limit: number): readonly string[] {
    const missions = new Set<string>();
    for (const row of this.#pending) if (row.lookAt <= before) missions.add(row.missionId);
    return [...missions].slice(0, limit);
  }

  pendingSignals(): readonly SignalRow[] {
    return [...this.#pending];
  }

  expectedJobs(olderThan: number, limit: number): readonly JobRequest[] {
    const again = againIn(olderThan);
    const jobs: JobRequest[] = [];
    for (const run of this.#runs.values()) {
      const isOld = (subject: string) => (run.changedAt.get(subject) ?? 0) <= olderThan;
      const { state } = run;
      if (isMission(state) && state.status !== 'cancelled') {
        for (const task of state.tasks.values()) {
          if (!isOld(task.id)) continue;
          if (task.status === 'integrating') jobs.push(integrateJob(run.id, task.id, task.attempt, again));
          if (task.status === 'queued' && !this.#leases.has(leaseName({ missionId: run.id, subject: task.id, attempt: task.attempt }))) jobs.push(attemptJob(run.id, task.id, task.attempt, again));
        }
        for (const phase of state.phases.values()) {
          const subject = gateSubject(phase.id);
          if (phase.gate.status !== 'evaluating' || !isOld(subject)) continue;
          if (!this.#leases.has(leaseName({ missionId: run.id, subject, attempt: phase.gate.attempt }))) jobs.push(attemptJob(run.id, subject, phase.gate.attempt, again));
        }
      }
      if (isMission(state) && state.status === 'running' && run.updatedAt <= olderThan && [...state.phases.values()].every(({ status }) => status === 'complete' || status === 'skipped')) jobs.push(lookJob(run.id, again));
      if ((run.syncWanted && run.syncWantedAt <= olderThan) || (run.syncOwner !== null && run.syncUntil <= olderThan)) jobs.push(syncJob(run.id, `${run.version}${again}`));
    }
    return jobs.slice(0, limit);
  }

  beginSync(missionId: string, owner: string, ttlMs: number, now: number): { readonly outcome: 'turn'; readonly noticesSeq: number } | { readonly outcome: 'taken'; readonly until: number } | { readonly outcome: 'nothing' } {
    const run = this.#runs.get(missionId);
    if (!run) return { outcome: 'nothing' };
    const mayBegin = run.syncOwner === owner || (run.syncOwner === null && run.syncWanted) || (run.syncOwner !== null && run.syncUntil <= now);
    if (!mayBegin) return run.syncOwner === null ? { outcome: 'nothing' } : { outcome: 'taken', until: run.syncUntil };
    run.syncOwner = owner;
    run.syncUntil = now + ttlMs;
    run.syncWanted = false;
    return { outcome: 'turn', noticesSeq: run.noticesSeq };
  }

  notices(missionId: string, after: number): readonly StoredEvent[] {
    return this.run(missionId).events.filter((event) => event.seq > after && shownOnce.has(event.body.type));
  }

  extendSync(missionId: string, owner: string, ttlMs: number, now: number): boolean {
    const run = this.run(missionId);
    if (run.syncOwner !== owner || run.syncUntil <= now) return false;
    run.syncUntil = now + ttlMs;
    return true;
  }

  endSync(missionId: string, owner: string, noticesUpTo: number): boolean {
    const run = this.run(missionId);
    if (run.syncOwner !== owner) return false;
    run.noticesSeq = Math.max(run.noticesSeq, noticesUpTo);
    if (!run.syncWanted) run.syncOwner = null;
    return run.syncWanted;
  }

  failSync(missionId: string, owner: string): void {
    const run = this.run(missionId);
    if (run.syncOwner !== owner) return;
    run.syncOwner = null;
    run.syncWanted = true;
  }

  wantSync(missionId: string): void {
    const run = this.#runs.get(missionId);
    if (run && run.events.length > 0) run.syncWanted = true;
  }

  objects(missionId: string): Map<string, ObjectRecord> {
    const known = this.#objects.get(missionId) ?? new Map<string, ObjectRecord>();
    this.#objects.set(missionId, known);
    return known;
  }

  putObjectInTurn(missionId: string, record: ObjectRecord, owner: string): boolean {
    if (this.run(missionId).syncOwner !== owner) return false;
    for (const watcher of this.watchers) watcher.remembered?.(missionId, record.key, owner);
    this.objects(missionId).set(record.key, record);
    return true;
  }

  packs(missionId: string): readonly { readonly phase: string; readonly round: number; readonly digest: string; readonly pack: EvidencePack }[] {
    return this.#packs.get(missionId) ?? [];
  }

  artifact(missionId: string, digest: string): ArtifactContent | null {
    return this.#artifacts.get(`${missionId} ${digest}`) ?? null;
  }

  #isExpected({ missionId, subject, attempt }: LeaseKey): boolean {
    const state = this.#runs.get(missionId)?.state ?? null;
    if (!isMission(state) || state.status === 'cancelled') return false;
    const phase = phaseOfSubject(subject);
    if (phase === null) {
      const task = state.tasks.get(subject);
      return task?.status === 'queued' && task.attempt === attempt;
    }
    const gate = state.phases.get(phase)?.gate;
    return gate?.status === 'evaluating' && gate.attempt === attempt;
  }

  #noteChanges(run: RunRow, after: MissionState | null, now: number): void {
    if (!isMission(after)) return;
    const before = isMission(run.state) ? run.state : null;
    for (const task of after.tasks.values()) if (before?.tasks.get(task.id) !== task) run.changedAt.set(task.id, now);
    for (const phase of after.phases.values()) if (before?.phases.get(phase.id) !== phase) run.changedAt.set(gateSubject(phase.id), now);
  }
}

function leaseName({ missionId, subject, attempt }: LeaseKey): string {
  return `${missionId} ${subject} ${attempt}`;
}

function isUnsettled({ status }: LeaseRow): boolean {
  return status === 'held' || status === 'cancelled';
}

/** Row locks on missions; a lock ends with its holder's life. */
export class MissionLocks {
  readonly #holders = new Map<string, { readonly process: object; readonly waiting: { readonly process: object; readonly enter: () => void }[] }>();

  readonly #dead = new WeakSet<object>();

  acquire(missionId: string, process: object): Promise<void> {
    // What a dead process was about to do next it never does.
    if (this.#dead.has(process)) return new Promise(() => undefined);
    const held = this.#holders.get(missionId);
    if (held === undefined) {
      this.#holders.set(missionId, { process, waiting: [] });
      return Promise.resolve();
    }
    return new Promise((enter) => held.waiting.push({ process, enter }));
  }

  isHeld(missionId: string): boolean {
    return this.#holders.has(missionId);
  }

  release(missionId: string, process: object): void {
    const held = this.#holders.get(missionId);
    if (held === undefined || held.process !== process) return;
    const [next, ...rest] = held.waiting;
    if (next === undefined) {
      this.#holders.delete(missionId);
      return;
    }
    this.#holders.set(missionId, { process: next.process, waiting: rest });
    next.enter();
  }

  /** The connections of a process that died are closed: its locks are free, and it waits for none. */
  forget(process: object): void {
    this.#dead.add(process);
    for (const [missionId, held] of this.#holders) {
      held.waiting.splice(0, held.waiting.length, ...held.waiting.filter((waiter) => waiter.process !== process));
      while (this.#holders.get(missionId)?.process === process) this.release(missionId, process);
    }
  }
}

type Given = readonly [lease: Lease, signal: IncomingSignal, artifacts: readonly ArtifactContent[], now: number];

/** A result that the commit stores that decides it. */
class Carried {
  readonly given: Given;
  readonly pending: StoredSignal;
  readonly outcome: Promise<'recorded' | 'lost'>;
  settle: (outcome: 'recorded' | 'lost') => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;

  constructor(given: Given, serial: number) {
    const [, { meaning, signal }, , now] = given;
    this.given = given;
    this.pending = { id: `carried:${serial}`, meaning, signal, receivedAt: now, lookAt: now, tries: 0 };
    this.outcome = new Promise((settle, fail) => Object.assign(this, { settle, fail }));
    this.outcome.catch(() => undefined);
  }
}

/** Stores results and what was decided on them, as one statement does. */
function commitWith(tables: MemoryTables, missionId: string, batch: MissionBatch, carried: readonly Carried[]): void {
  const ids = new Map(carried.map(({ given, pending }) => [pending.id, tables.finishNow(...given)]));
  const stored = <Row extends { readonly id: string }>(row: Row): Row => ({ ...row, id: ids.get(row.id) ?? row.id });
  tables.commit(missionId, { ...batch, settled: batch.settled.map(stored), deferred: batch.deferred.map(stored) });
}

/** The store as one process sees it. */
export function memoryStore(parts: { readonly tables: MemoryTables; readonly locks: MissionLocks; readonly process: object; readonly turn: Turn; readonly now: () => number }): Store {
  const { tables, locks, process, turn, now } = parts;

  const carriedResults = new Map<string, Set<Carried>>();
  let serial = 0;

  async function storeAlone(carried: Iterable<Carried>): Promise<void> {
    for (const { given, settle, fail } of carried) {
      const [lease, signal, artifacts, at] = given;
      await turn('finish', () => tables.finish(lease, signal, artifacts, at)).then(settle, fail);
    }
  }

  /** Decides on what was read and writes if nobody else wrote meanwhile; at the third try others wait. */
  async function hold<T>(missionId: string, work: (held: HeldMission) => Promise<T>, reading: 'all' | 'own' = 'all'): Promise<T> {
    const carried = reading === 'own' ? [...(carriedResults.get(missionId) ?? [])] : [];
    if (reading === 'own') carriedResults.delete(missionId);
    try {
      return await holdWith(missionId, work, carried);
    } catch (error) {
      // Nobody knows whether they were stored; whoever handed them in does it again.
      for (const { fail } of carried) fail(error);
      throw error;
    }
  }

  async function holdWith<T>(missionId: string, work: (held: HeldMission) => Promise<T>, carried: readonly Carried[]): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const isLast = tries === lastTry;
      if (isLast) await locks.acquire(missionId, process);
      try {
        const taken = tries === 1 ? carried : [];
        if (tries === 2) await storeAlone(carried);
        const { version, ...snapshot } = await turn('hold', () => ({ ...tables.snapshot(missionId, now()), version: tables.run(missionId).version }));
        let given: MissionBatch | null = null;
        const result = await work({
          ...snapshot,
          pending: [...snapshot.pending, ...taken.map(({ pending }) => pending)],
          async commit(batch) {
            if (given !== null) throw new Error(`commit of mission ${missionId}: a hold commits once`);
            given = batch;
          },
        });
        const batch = given as MissionBatch | null;
        if (batch === null && taken.length === 0) return result;
        const mayWrite = () => tables.run(missionId).version === version && (isLast || !locks.isHeld(missionId)) && taken.every(({ given: [lease] }) => tables.isHeldBy(lease));
        if (batch !== null && (await turn('commit', () => (mayWrite() ? (commitWith(tables, missionId, batch, taken), true) : false)))) {
          for (const { settle } of taken) settle('recorded');
          return result;
        }
        if (isLast) throw new Error(`mission ${missionId}: its locked row was changed by somebody else`);
      } finally {
        if (isLast) locks.release(missionId, process);
      }
    }
  }

  return {
    hold,
    receive: (signals) => turn('receive', () => tables.insert(signals)),
    read: (missionId) => turn('read', () => tables.read(missionId)),
    takeOutbox: (limit, olderThan) => turn('take outbox', () => tables.outbox({ olderThan, limit })),
    outboxOf: (missionId) => turn('outbox', () => tables.outbox({ missionId })),
    removeOutbox: (ids) => turn('remove outbox', () => tables.removeOutbox(ids)),
    claim: (key, owner, ttlMs, at) => turn('claim', () => tables.claim(key, owner, ttlMs, at)),
    heartbeat: (lease, ttlMs, at) => turn('heartbeat', () => tables.heartbeat(lease, ttlMs, at)),
    async finish(lease, signal, artifacts, at, decide) {
      const store = () => turn('finish', () => tables.finish(lease, signal, artifacts, at));
      if (decide === undefined) return store();
      serial += 1;
      const carried = new Carried([lease, signal, artifacts, at], serial);
      const waiting = carriedResults.get(lease.missionId) ?? new Set();
      carriedResults.set(lease.missionId, waiting.add(carried));
      await decide();
      if (!carriedResults.get(lease.missionId)?.delete(carried)) return carried.outcome;
      const outcome = await store();
      await decide();
      return outcome;
    },
    expireLeases: (at) => turn('expire leases', () => tables.expireLeases(at)),
    fireTimers: (at, id) => turn('fire timers', () => tables.fireTimers(at, id)),
    nextTimer: () => turn('next timer', () => tables.nextTimer()),
    missionsWithSignals: (before, limit) => turn('missions with signals', () => tables.missionsWithSignals(before, limit)),
    expectedJobs: (olderThan, limit) => turn('expected jobs', () => tables.expectedJobs(olderThan, limit)),
    async beginSync(missionId, owner, ttlMs, at) {
      const beginning = await turn('begin sync', () => tables.beginSync(missionId, owner, ttlMs, at));
      if (beginning.outcome !== 'turn') return beginning;
      const current = await turn('read', () => tables.read(missionId));
      if (!current) return { outcome: 'nothing' };
      const notices = await turn('notices', () => tables.notices(missionId, beginning.noticesSeq).filter(({ seq }) => seq <= current.state.seq));
      return { outcome: 'turn', turn: { ...current, notices, noticesUpTo: current.state.seq } };
    },
    extendSync: (missionId, owner, ttlMs, at) => turn('extend sync', () => tables.extendSync(missionId, owner, ttlMs, at)),
    endSync: (missionId, owner, noticesUpTo) => turn('end sync', () => tables.endSync(missionId, owner, noticesUpTo)),
    failSync: (missionId, owner) => turn('fail sync', () => tables.failSync(missionId, owner)),
    wantSync: (missionId) => turn('want sync', () => tables.wantSync(missionId)),
    objects: {
      all: (missionId) => turn('objects', () => [...tables.objects(missionId).values()]),
      put: (missionId, record) => turn(`put object ${record.key} ${record.state}`, () => (tables.objects(missionId).set(record.key, record), true)),
    },
    objectsInTurn: (owner) => ({
      all: (missionId) => turn('objects', () => [...tables.objects(missionId).values()]),
      put: (missionId, record) => turn(`put object ${record.key} ${record.state}`, () => tables.putObjectInTurn(missionId, record, owner)),
    }),
    events: (missionId, afterSeq, limit) => turn('events', () => tables.run(missionId).events.filter(({ seq }) => seq > afterSeq).slice(0, limit)),
    evidencePack: (missionId, phase, round) => turn('evidence pack', () => tables.packs(missionId).find((pack) => pack.phase === phase && pack.round === round)?.pack ?? null),
    evidencePacks: (missionId) => turn('evidence packs', () => tables.packs(missionId)),
    artifact: (missionId, digest) => turn('artifact', () => tables.artifact(missionId, digest)),
    missionsAt: (repositoryId, commit) =>
      turn('missions at a commit', () =>
        tables.runs().flatMap(({ id, state, events }) => (state?.source.repository.id === repositoryId && events.some(({ body }) => body.type === 'trunk.moved' && body.head === commit) ? [id] : [])),
      ),
    missionsOf: (repositoryId) =>
      turn('missions of a repository', () =>
        tables.runs().flatMap(({ id, state }) => (state?.source.repository.id === repositoryId && state.status === 'none' && (state.outside?.pulls.length ?? 0) > 0 ? [id] : isMission(state) && state.status !== 'cancelled' && state.source.repository.id === repositoryId && (state.pull?.state ?? 'open') === 'open' ? [id] : [])),
      ),
    missions: (limit) =>
      turn('missions', () =>
        tables
          .runs()
          .flatMap(({ id, state, events }) => (state === null ? [] : [{ missionId: id, status: state.status, name: isMission(state) ? state.plan.name : '', owner: state.source.repository.owner, repository: state.source.repository.name, issue: state.source.issue.number, seq: events.length }]))
          .slice(0, limit),
      ),
    ping: () => turn('ping', () => undefined),
    close: async () => undefined,
  };
}
