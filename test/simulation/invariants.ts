import type { EvidencePack } from '../../src/core/evidence/pack.ts';
import { entryHash } from '../../src/core/ledger/chain.ts';
import type { EventBody, RubricLine } from '../../src/core/mission/event.ts';
import { roleReaches } from '../../src/core/mission/definition.ts';
import type { RepositoryRole } from '../../src/core/mission/definition.ts';
import { phaseOfSubject } from '../../src/core/mission/state.ts';
import type { Plan, PlannedTask } from '../../src/core/mission/plan.ts';
import type { IncomingSignal, MissionBatch, StoredEvent } from '../../src/engine/ports/store.ts';
import { digest } from '../../src/kit/hash.ts';
import type { Json } from '../../src/kit/json.ts';
import { isoTime } from '../../src/kit/time.ts';
import { findingsOfPack } from './findings-of-round.ts';
import { LanguageRules } from './language-rules.ts';
import type { LeaseRow, MemoryTables, MemoryWatcher } from './memory-store.ts';
import { Violation } from './violation.ts';
import { WaiverRules } from './waiver-rules.ts';

export { Violation };

interface Attempting {
  status: 'queued' | 'running' | 'integrating';
  readonly attempt: number;
}

interface GateView {
  round: number;
  head: string;
  passed: boolean;
  digest: string;
  approvals: Set<string>;
  /** Given in the round before: they count again only when they are kept. */
  held: Set<string>;
  open: boolean;
  lines: readonly RubricLine[];
  /** Judged, and not passed: it stays so until somebody does something. */
  foundWanting: boolean;
}

/** What the events of one mission say, read by rules of this file's own: not by the product's. */
class MissionModel {
  head = '0'.repeat(64);
  seq = 0;
  plan: Plan | null = null;
  readonly language = new LanguageRules();
  readonly waivers = new WaiverRules();
  readonly tasks = new Map<string, PlannedTask>();
  readonly phaseOf = new Map<string, string>();
  readonly attempts = new Map<string, number>();
  readonly active = new Map<string, Attempting>();
  readonly workFailures = new Map<string, number>();
  readonly circumstances = new Map<string, number>();
  readonly failed = new Set<string>();
  readonly skipped = new Set<string>();
  readonly gates = new Map<string, GateView>();
  readonly produced = new Set<string>();
  readonly answered = new Set<string>();
  /** `phase commit` for every gate that was opened, `all commit` when no gate was shut. */
  readonly openings = new Set<string>();
  trunk = '';
  plannedAt: number | null = null;
  queued = false;
  merged = false;
  status: 'none' | 'refused' | 'planned' | 'running' | 'paused' | 'completed' | 'failed' | 'partially-failed' | 'cancelled' = 'none';
}

/** True when nothing more happens to a mission unless people want it. */
export function isAtAnEnd(status: string): boolean {
  return status === 'completed' || status === 'failed' || status === 'partially-failed' || status === 'cancelled';
}

/** What the invariants ask of the simulated GitHub. */
export interface WitnessOfGitHub {
  roleOf(login: string): RepositoryRole;
  /** People (not the App) who wrote or committed what `head` has over `base`. */
  authorsBetween(base: string, head: string): readonly string[];
  /** What a commit changes against the default branch, in any form that is equal for equal changes; absent where nobody compares. */
  readonly patchOf?: (head: string) => string;
}

/** As many lost attempts as the product allows before it asks a person. */
const maximumLosses = 5;

/**
 * Holds every commit, claim and result of a simulated world to what the product promises. An independent reading of the
 * ledger: nothing here calls the deciding core.
 */
export class Invariants implements MemoryWatcher {
  readonly #tables: MemoryTables;
  readonly #github: WitnessOfGitHub;
  readonly #now: () => number;
  readonly #missions = new Map<string, MissionModel>();
  readonly #claims = new Set<string>();
  readonly #results = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #timers = new Set<string>();
  #base = '';

  constructor(tables: MemoryTables, github: WitnessOfGitHub, now: () => number) {
    this.#tables = tables;
    this.#github = github;
    this.#now = now;
  }

  /** True when an attempt whose result was accepted produced the commit. */
  isProduced(missionId: string, commit: string): boolean {
    return this.#of(missionId).produced.has(commit);
  }

  /** True when the ledger ever opened the gate for this commit. */
  wasOpened(missionId: string, phase: string, commit: string): boolean {
    return this.#of(missionId).openings.has(`${phase} ${commit}`);
  }

  /** True when every gate was ever open at once with the trunk on this commit. */
  wasAllOpen(missionId: string, commit: string): boolean {
    return this.#of(missionId).openings.has(`all ${commit}`);
  }

  /** True when every gate was ever open at once, on whatever commit. */
  wasEverAllOpen(missionId: string): boolean {
    return [...this.#of(missionId).openings].some((opening) => opening.startsWith('all '));
  }

  /** When the mission was planned; null before. */
  plannedAt(missionId: string): number | null {
    return this.#of(missionId).plannedAt;
  }

  /** True when somebody's wish that it start was obeyed. */
  hasStarted(missionId: string): boolean {
    return this.#of(missionId).queued;
  }

  statusOf(missionId: string): MissionModel['status'] {
    return this.#of(missionId).status;
  }

  committed(missionId: string, events: readonly StoredEvent[], batch: MissionBatch): void {
    const model = this.#of(missionId);
    for (const event of events) {
      this.#chain(model, event);
      model.language.event(event);
      model.waivers.see(event.body, event.at);
      this.#event(model, missionId, event.body, batch);
    }
    this.#waived(model);
    if (model.plan?.phases.every((phase) => phase.gate === null || model.skipped.has(phase.id) || model.gates.get(phase.id)?.open === true)) model.openings.add(`all ${model.trunk}`);
  }

  /** True when a gate of a running mission was found wanting: nothing happens until people do something. */
  isStuckAtGate(missionId: string): boolean {
    const { status, gates } = this.#of(missionId);
    return (status === 'running' || status === 'paused') && [...gates.values()].some(({ foundWanting }) => foundWanting);
  }

  claimed(lease: LeaseRow, now: number): void {
    const name = `${lease.missionId} ${lease.subject} ${lease.attempt}`;
    if (this.#claims.has(name)) throw new Violation(`attempt ${lease.attempt} of ${lease.subject} was leased twice`);
    this.#claims.add(name);
    const model = this.#of(lease.missionId);
    const queued = model.active.get(lease.subject);
    if (phaseOfSubject(lease.subject) === null && (queued?.attempt !== lease.attempt || model.status === 'cancelled')) throw new Violation(`attempt ${lease.attempt} of ${lease.subject} was leased, which nobody had queued`);
    for (const other of this.#tables.leases()) {
      if (other === lease || other.missionId !== lease.missionId || other.subject !== lease.subject) continue;
      // An examination that was overtaken by a newer round may still be running: its result means nothing.
      const mayOverlap = phaseOfSubject(lease.subject) !== null;
      if (!mayOverlap && (other.status === 'held' || other.status === 'cancelled') && other.expiresAt > now) throw new Violation(`two attempts of ${lease.subject} at the same time: ${other.attempt} by ${other.owner} and ${lease.attempt} by ${lease.owner}`);
      if (other.attempt >= lease.attempt) throw new Violation(`attempt ${lease.attempt} of ${lease.subject} was claimed after attempt ${other.attempt}`);
    }
  }

  finished(lease: LeaseRow, signal: IncomingSignal): void {
    const name = `${lease.missionId} ${lease.subject} ${lease.attempt}`;
    if (this.#results.has(name)) throw new Violation(`attempt ${lease.attempt} of ${lease.subject} was settled twice (${signal.signal.kind})`);
    this.#results.add(name);
    if (this.#lost.has(name)) throw new Violation(`a result of attempt ${lease.attempt} of ${lease.subject} was taken after its lease had been lost`);
  }

  /** How many attempts were lost. */
  get losses(): number {
    return this.#lost.size;
  }

  lost(lease: LeaseRow): void {
    this.#lost.add(`${lease.missionId} ${lease.subject} ${lease.attempt}`);
  }

  timerFired(timer: { readonly id: string; readonly fireAt: number }, now: number): void {
    if (now < timer.fireAt) throw new Violation(`timer ${timer.id} fired ${timer.fireAt - now} ms early`);
    if (this.#timers.has(timer.id)) throw new Violation(`timer ${timer.id} fired twice`);
    this.#timers.add(timer.id);
  }

  /** Only who has the turn may say what stands on GitHub: what a thawed process still knew of it may be old. */
  remembered(missionId: string, key: string, owner: string): void {
    const holder = this.#tables.runs().find(({ id }) => id === missionId)?.syncOwner ?? 'nobody';
    if (holder !== owner) throw new Violation(`${owner} recorded ${key} in a turn that belongs to ${holder}`);
  }

  #of(missionId: string): MissionModel {
    const known = this.#missions.get(missionId) ?? new MissionModel();
    this.#missions.set(missionId, known);
    return known;
  }

  #chain(model: MissionModel, event: StoredEvent): void {
    if (event.seq !== model.seq + 1) throw new Violation(`event ${event.seq} follows event ${model.seq}`);
    if (event.prevHash !== model.head) throw new Violation(`event ${event.seq} does not hang on the hash of the one before`);
    const { missionId, seq, at, body, prevHash, hash } = event;
    if (entryHash({ v: 1, mission: missionId, seq, at: isoTime(at), type: body.type, body, prev: prevHash }) !== hash) throw new Violation(`the hash of event ${seq} does not belong to it`);
    model.seq = seq;
    model.head = hash;
  }

  #event(model: MissionModel, missionId: string, body: EventBody, batch: MissionBatch): void {
    switch (body.type) {
      case 'mission.planned':
        if (model.plan !== null) throw new Violation('the mission was planned twice');
        model.plan = body.plan;
        model.status = 'planned';
        model.plannedAt = this.#now();
        model.trunk = body.baseCommit;
        this.#base = body.baseCommit;
        for (const task of body.plan.tasks) this.#add(model, task);
        return;
      case 'mission.refused':
        model.status = 'refused';
        return;
      case 'task.added':
        return this.#add(model, body.task);
      case 'mission.queued':
        model.queued = true;
        if (model.status !== 'paused') model.status = 'running';
        return;
      case 'mission.resumed':
        model.status = model.queued ? 'running' : 'planned';
        return;
      case 'mission.paused':
        model.status = 'paused';
        return;
      case 'mission.cancelled':
        model.status = 'cancelled';
        return;
      case 'mission.failed':
        model.status = body.partially === true ? 'partially-failed' : 'failed';
        return;
      case 'mission.completed':
        // What people merge while it is paused is merged.
        if (model.status !== 'running' && !(model.status === 'paused' && model.merged)) throw new Violation(`a ${model.status} mission was completed`);
        model.status = 'completed';
        return;
      case 'phase.skipped':
        model.skipped.add(body.phase);
        return;
      case 'phase.retried':
        return this.#revive(model);
      case 'phase.completed': {
        const planned = model.plan?.phases.find(({ id }) => id === body.phase);
        if (planned?.gate && model.gates.get(body.phase)?.open !== true) throw new Violation(`phase ${body.phase} was completed with its gate shut`);
        return;
      }
      case 'answer.given':
        if (model.answered.has(body.key)) throw new Violation(`${body.key} was answered twice`);
        model.answered.add(body.key);
        return;
      case 'pull.merged':
        model.merged = true;
        return;
      case 'trunk.moved':
        model.trunk = body.head;
        return;
      default:
        if ('task' in body) return this.#task(model, body);
        if ('phase' in body) this.#gate(model, missionId, body, batch);
    }
  }

  /** Nothing stands on a waiver that is over, as long as it can still be shut. */
  #waived(model: MissionModel): void {
    if (model.merged || model.trunk === this.#base || model.status === 'cancelled' || model.status === 'failed') return;
    for (const [id, { passed, lines }] of model.gates) {
      if (passed && !model.waivers.stands(id, lines, this.#now())) throw new Violation(`gate ${id} stands on a waiver that is over`);
    }
  }

  /** What people do to a mission that is over brings it back, if it ended so. */
  #revive(model: MissionModel, ...also: readonly MissionModel['status'][]): void {
    if (model.status === 'failed' || model.status === 'partially-failed' || also.includes(model.status)) model.status = 'running';
  }

  #add(model: MissionModel, task: PlannedTask): void {
    model.tasks.set(task.id, task);
    model.phaseOf.set(task.id, task.phase);
  }

  #task(model: MissionModel, body: Extract<EventBody, { readonly task: string | PlannedTask }>): void {
    if (typeof body.task !== 'string') return;
    const id = body.task;
    const active = model.active.get(id);
    const planned = model.language.plannedOf(id);
    switch (body.type) {
      case 'task.queued': {
        if (planned === undefined) throw new Violation(`task ${id} is in no plan`);
        if (active) throw new Violation(`task ${id} was queued while attempt ${active.attempt} was ${active.status}`);
        if (body.attempt !== (model.attempts.get(id) ?? 0) + 1) throw new Violation(`attempt ${body.attempt} of ${id} follows attempt ${model.attempts.get(id) ?? 0}`);
        if (model.status !== 'running') throw new Violation(`task ${id} was queued in a ${model.status} mission`);
        model.attempts.set(id, body.attempt);
        model.active.set(id, { status: 'queued', attempt: body.attempt });
        const limit = model.plan?.settings.maxParallel ?? 0;
        if (model.active.size > limit) throw new Violation(`${model.active.size} attempts at the same time, where ${limit} are allowed`);
        return;
      }
      case 'task.started':
        if (active?.attempt !== body.attempt) throw new Violation(`attempt ${body.attempt} of ${id} started, but attempt ${active?.attempt ?? 'none'} was queued`);
        active.status = 'running';
        return;
      case 'task.produced':
        if (active?.attempt !== body.attempt || active.status === 'integrating') throw new Violation(`attempt ${body.attempt} of ${id} produced a commit, but attempt ${active?.attempt ?? 'none'} was ${active?.status ?? 'active'}`);
        active.status = 'integrating';
        model.produced.add(body.commit);
        return;
      case 'task.repeated':
      case 'task.completed':
        // A group runs nothing itself.
        if (planned?.strategy !== undefined) return;
        if (active?.attempt !== body.attempt) throw new Violation(`attempt ${body.attempt} of ${id} was completed, but attempt ${active?.attempt ?? 'none'} was underway`);
        if (body.commit !== null && !model.produced.has(body.commit)) throw new Violation(`task ${id} was completed with a commit that no attempt produced`);
        model.active.delete(id);
        return;
      case 'task.failed':
        // A condition without a value fails what has not begun, a time limit what waits for another attempt.
        if (active === undefined && body.final && (body.failure === 'input' || body.failure === 'timeout')) return this.#countFailure(model, id, body.failure, body.final);
        if (planned?.strategy === undefined && active?.attempt !== body.attempt) throw new Violation(`attempt ${body.attempt} of ${id} failed, but attempt ${active?.attempt ?? 'none'} was underway`);
        model.active.delete(id);
        this.#countFailure(model, id, body.failure, body.final);
        return;
      case 'task.retried':
        this.#revive(model);
        this.#examineAgain(model.gates.get(model.phaseOf.get(id) ?? ''));
        // A group is tried again with its items.
        for (const each of model.attempts.keys()) if (each === id || model.language.plannedOf(each)?.itemOf?.group === id) this.#forget(model, each);
        return this.#forget(model, id);
      case 'task.completed-by-hand':
      case 'task.skipped':
        if (active) throw new Violation(`task ${id} was ended by hand while attempt ${active.attempt} was ${active.status}`);
        if (body.type === 'task.skipped' && body.why !== undefined) return;
        if (model.failed.delete(id)) this.#revive(model);
        return;
      default:
    }
  }

  /** Its gate stands on nothing until it was examined again. */
  #examineAgain(gate: GateView | undefined): void {
    if (gate !== undefined && !gate.open) Object.assign(gate, { passed: false, foundWanting: false } satisfies Partial<GateView>);
  }

  /** Its attempts are counted from the beginning. */
  #forget(model: MissionModel, id: string): void {
    model.failed.delete(id);
    model.workFailures.delete(id);
    model.circumstances.delete(id);
  }

  /** The budget of attempts: never exceeded, and never given up before it is spent on a failure that may pass. */
  #countFailure(model: MissionModel, id: string, failure: string, final: boolean): void {
    const isWork = failure === 'work' || failure === 'timeout';
    const isHopeless = failure === 'input' || failure === 'permission' || failure === 'cancelled';
    const counts = isWork ? model.workFailures : model.circumstances;
    const used = (counts.get(id) ?? 0) + 1;
    if (!isHopeless) counts.set(id, used);
    const allowed = isWork ? (model.language.plannedOf(id)?.maxAttempts ?? 1) : maximumLosses;
    if (final) model.failed.add(id);
    if (!final && (isHopeless || used >= allowed)) throw new Violation(`task ${id} is tried again after ${used} of ${allowed} attempts that ended as "${failure}"`);
    if (final && !isHopeless && used < allowed && model.status === 'running' && !model.language.mayGiveUp(id, failure)) throw new Violation(`task ${id} was given up after ${used} of ${allowed} attempts that ended as "${failure}"`);
  }

  #gate(model: MissionModel, missionId: string, body: Extract<EventBody, { readonly phase: string }>, batch: MissionBatch): void {
    const id = body.phase;
    const gate = model.gates.get(id);
    switch (body.type) {
      case 'gate.evaluation-started':
        for (const task of model.tasks.values()) {
          if (model.phaseOf.get(task.id) === id && !model.language.isSatisfied(task.id)) throw new Violation(`gate ${id} was examined before its task ${task.id} was done`);
        }
        if (gate && body.round !== gate.round + 1) throw new Violation(`round ${body.round} of gate ${id} follows round ${gate.round}`);
        this.#revive(model, 'completed');
        model.gates.set(id, { round: body.round, head: body.head, passed: false, digest: '', approvals: new Set(), held: gate?.held ?? new Set(), open: false, lines: [], foundWanting: false });
        return;
      case 'gate.evaluated': {
        if (gate === undefined || gate.round !== body.round || gate.open) throw new Violation(`gate ${id} was judged in round ${body.round}, but round ${gate?.round ?? 'none'} was being examined`);
        if (gate.head !== body.head) throw new Violation(`gate ${id} was judged by another commit than was examined`);
        if (body.passed !== body.lines.every(({ passed }) => passed)) throw new Violation(`gate ${id} ${body.passed ? 'passed although a line of its rubric did not' : 'did not pass although every line of its rubric did'}`);
        gate.lines = body.lines;
        gate.foundWanting = !model.waivers.stands(id, body.lines, this.#now());
        this.#pack(missionId, id, body.round, body.evidenceDigest, batch);
        gate.passed = !gate.foundWanting;
        gate.digest = body.evidenceDigest;
        return;
      }
      case 'gate.approvals-voided':
        gate?.approvals.clear();
        gate?.held.clear();
        return;
      case 'gate.approvals-held':
        if (gate) [gate.held, gate.approvals] = [gate.approvals, new Set()];
        return;
      case 'gate.approval-kept':
        return this.#kept(gate, body);
      case 'gate.approval-withdrawn':
        gate?.approvals.delete(body.of.login);
        gate?.held.delete(body.of.login);
        return;
      case 'waiver.approved':
        if (gate?.foundWanting && model.waivers.stands(id, gate.lines, this.#now())) Object.assign(gate, { passed: true, foundWanting: false } satisfies Partial<GateView>);
        return;
      case 'gate.shut':
        if (gate === undefined || model.waivers.stands(id, gate.lines, this.#now())) throw new Violation(`gate ${id} was shut although nothing keeps it shut`);
        if (gate.approvals.size > 0) throw new Violation(`gate ${id} was shut, and approvals given over its waiver still count`);
        Object.assign(gate, { passed: false, foundWanting: true, open: false } satisfies Partial<GateView>);
        return this.#revive(model, 'completed');
      case 'gate.rejected':
        if (gate) gate.passed = false;
        return;
      case 'gate.approved':
        return this.#approval(model, gate, body);
      case 'gate.opened': {
        const rule = model.plan?.phases.find((phase) => phase.id === id)?.gate;
        if (gate === undefined || !gate.passed || gate.digest === '') throw new Violation(`gate ${id} was opened although its evidence does not pass`);
        if (gate.open) throw new Violation(`gate ${id} was opened twice`);
        if (gate.head !== body.head || gate.head !== model.trunk) throw new Violation(`gate ${id} was opened for ${body.head.slice(0, 8)}, the trunk is at ${model.trunk.slice(0, 8)}`);
        if (gate.approvals.size < (rule?.approvals.count ?? 1)) throw new Violation(`gate ${id} was opened with ${gate.approvals.size} of ${rule?.approvals.count ?? 1} approvals`);
        gate.open = true;
        model.openings.add(`${id} ${body.head}`);
        return;
      }
      default:
    }
  }

  #approval(model: MissionModel, gate: GateView | undefined, body: Extract<EventBody, { readonly type: 'gate.approved' }>): void {
    const rule = model.plan?.phases.find((phase) => phase.id === body.phase)?.gate;
    const { login } = body.by;
    if (gate === undefined || !gate.passed) throw new Violation(`gate ${body.phase} was approved although it does not wait`);
    if (body.by.kind === 'bot') throw new Violation(`the bot ${login} approved gate ${body.phase}`);
    if (body.round !== gate.round || body.head !== gate.head || body.evidenceDigest !== gate.digest) throw new Violation(`${login} approved something else than what gate ${body.phase} was judged by`);
    const role = this.#github.roleOf(login);
    if (rule && !roleReaches(role, rule.approvals.minimumRole)) throw new Violation(`${login} (${role}) approved gate ${body.phase}, which asks for ${rule.approvals.minimumRole}`);
    if (this.#github.authorsBetween(this.#base, body.head).includes(login)) throw new Violation(`${login} approved work of their own at gate ${body.phase}`);
    if (gate.approvals.has(login)) throw new Violation(`${login} approved gate ${body.phase} twice`);
    gate.approvals.add(login);
  }

  #kept(gate: GateView | undefined, body: Extract<EventBody, { readonly type: 'gate.approval-kept' }>): void {
    const { login } = body.by;
    if (gate === undefined || !gate.passed || body.round !== gate.round || body.head !== gate.head || body.evidenceDigest !== gate.digest) throw new Violation(`the approval of ${login} was kept for something else than what gate ${body.phase} was judged by`);
    if (!gate.held.delete(login)) throw new Violation(`an approval of ${login} was kept at gate ${body.phase} that was not given in the round before`);
    const { patchOf } = this.#github;
    if (body.fromHead !== body.head && (patchOf === undefined || patchOf(body.fromHead) !== patchOf(body.head))) throw new Violation(`the approval of ${login} was kept for another change`);
    if (this.#github.authorsBetween(this.#base, body.head).includes(login)) throw new Violation(`the approval of ${login} was kept for work of their own`);
    gate.approvals.add(login);
  }

  /** A guard's counts are those of the findings that are kept with it; these worlds never have more than are kept. */
  #found(missionId: string, phase: string, pack: EvidencePack): void {
    const kept = findingsOfPack(this.#tables, missionId, pack);
    for (const { guard, findings } of pack.guardReports) {
      const levels = (kept.get(guard) ?? []).map(({ level }) => level);
      const counted = (level: string) => levels.filter((one) => one === level).length;
      if (counted('error') !== (findings?.errors ?? 0) || counted('warning') !== (findings?.warnings ?? 0) || counted('note') !== (findings?.notes ?? 0)) throw new Violation(`guard ${guard} of gate ${phase} tells of other findings than are kept with it`);
    }
  }

  /** The evidence that a judgement names is stored, is what its digest says, and can be read in full. */
  #pack(missionId: string, phase: string, round: number, evidenceDigest: string, batch: MissionBatch): void {
    const stored = this.#tables.packs(missionId).find((pack) => pack.phase === phase && pack.round === round);
    if (stored === undefined) throw new Violation(`the evidence of gate ${phase}, round ${round}, is not stored (${batch.packs.length} packs in the batch)`);
    if (stored.digest !== evidenceDigest || digest(stored.pack as unknown as Json) !== evidenceDigest) throw new Violation(`the evidence of gate ${phase}, round ${round}, does not have the digest that was judged`);
    this.#found(missionId, phase, stored.pack);
    for (const { artifacts } of [...stored.pack.tasks, ...stored.pack.guardReports]) {
      for (const artifact of artifacts) if (this.#tables.artifact(missionId, artifact.digest) === null) throw new Violation(`the artifact ${artifact.name} of gate ${phase} is not stored`);
    }
  }
}
