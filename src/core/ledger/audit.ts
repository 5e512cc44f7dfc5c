import type { Actor } from '../mission/actor.ts';
import { evolve } from '../mission/evolve.ts';
import type { MissionSource } from '../mission/source.ts';
import { inUnits, nothingSpent } from '../mission/spending.ts';
import { isMission } from '../mission/state.ts';
import type { GateStatus, MissionState, PhaseStatus } from '../mission/state.ts';
import type { EventBody } from '../mission/event.ts';
import type { LedgerEntry } from './chain.ts';
import { DecisionRecords } from './decision-record.ts';
import type { DecisionRecord } from './decision-record.ts';
import { kindOf, ledgerKinds } from './kinds.ts';
import type { LedgerKind } from './kinds.ts';

/** One thing that happened, in its place. */
export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: LedgerKind;
  readonly body: EventBody;
}

/** A stretch of time in which something was worked on. */
export interface AuditSpan {
  readonly of: string;
  readonly phase: string;
  readonly from: string;
  /** Null while it goes on. */
  readonly to: string | null;
  readonly ended: 'done' | 'failed' | 'open';
}

export interface AuditPhase {
  readonly id: string;
  readonly status: PhaseStatus;
  readonly gate: { readonly status: GateStatus; readonly round: number; readonly approvals: readonly string[]; readonly evidence: string | null } | null;
}

/** What an auditor asks of a mission: what happened, who decided what, when, on which evidence, and what it cost. */
export interface Audit {
  readonly mission: string;
  readonly name: string;
  readonly source: MissionSource | null;
  readonly requestedBy: Actor | null;
  readonly status: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly counts: { readonly [kind in LedgerKind]: number };
  readonly entries: readonly AuditEntry[];
  readonly decisions: readonly DecisionRecord[];
  readonly waivers: readonly DecisionRecord[];
  readonly phases: readonly AuditPhase[];
  readonly spans: readonly AuditSpan[];
  readonly spent: { readonly tokens?: number; readonly usd?: number; readonly minutes: number };
}

/** Follows a ledger entry by entry and tells at its end what an auditor asks. Only the entries themselves are believed, nothing beside them. */
export class Auditor {
  readonly #entries: AuditEntry[] = [];
  readonly #decisions: DecisionRecord[] = [];
  readonly #records = new DecisionRecords();
  readonly #open = new Map<string, Omit<AuditSpan, 'to' | 'ended'>>();
  readonly #spans: AuditSpan[] = [];
  #state: MissionState | null = null;
  #source: MissionSource | null = null;
  #requestedBy: Actor | null = null;

  see({ mission, seq, at, body, hash }: LedgerEntry): void {
    const event = { missionId: mission, seq, at: Date.parse(at), body };
    this.#state = evolve(this.#state, event);
    this.#entries.push({ seq, at, kind: kindOf(body.type), body });
    const record = this.#records.see(event, hash);
    if (record !== null) this.#decisions.push(record);
    if (body.type === 'mission.planned') {
      this.#source = body.source;
      this.#requestedBy = body.requestedBy;
    }
    this.#follow(at, body);
  }

  finish(): Audit {
    const state = this.#state;
    const mission = isMission(state) ? state : null;
    for (const span of this.#open.values()) this.#spans.push({ ...span, to: null, ended: 'open' });
    const counts = Object.fromEntries(ledgerKinds.map((kind) => [kind, this.#entries.filter((entry) => entry.kind === kind).length])) as Audit['counts'];
    return {
      mission: state?.missionId ?? '',
      name: mission?.plan.name ?? this.#source?.issue.title ?? '',
      source: this.#source,
      requestedBy: this.#requestedBy,
      status: state?.status ?? 'unknown',
      from: this.#entries[0]?.at ?? null,
      to: this.#entries.at(-1)?.at ?? null,
      counts,
      entries: this.#entries,
      decisions: this.#decisions,
      waivers: this.#decisions.filter(({ decision }) => decision.startsWith('waiver.')),
      phases: [...(mission?.phases.values() ?? [])].map(({ id, status, gate }) => ({
        id,
        status,
        gate: mission?.index.phases.get(id)?.gate ? { status: gate.status, round: gate.round, approvals: gate.approvals.map(({ by }) => by.login), evidence: gate.evidenceDigest } : null,
      })),
      spans: this.#spans,
      spent: inUnits(mission?.spent ?? nothingSpent),
    };
  }

  /** Keeps the stretches of phases and tasks. */
  #follow(at: string, body: EventBody): void {
    switch (body.type) {
      case 'phase.started':
        return this.#begin(`phase ${body.phase}`, body.phase, at);
      case 'phase.completed':
        return this.#end(`phase ${body.phase}`, at, 'done');
      case 'phase.failed':
        return this.#end(`phase ${body.phase}`, at, 'failed');
      case 'task.started':
        return this.#begin(body.task, this.#phaseOf(body.task), at);
      case 'task.completed':
        return this.#end(body.task, at, 'done');
      case 'task.failed':
        return this.#end(body.task, at, 'failed');
      default:
    }
  }

  #phaseOf(task: string): string {
    return isMission(this.#state) ? (this.#state.index.tasks.get(task)?.phase ?? '') : '';
  }

  #begin(of: string, phase: string, from: string): void {
    if (!this.#open.has(of)) this.#open.set(of, { of, phase, from });
  }

  #end(of: string, to: string, ended: AuditSpan['ended']): void {
    const span = this.#open.get(of);
    if (span === undefined) return;
    this.#open.delete(of);
    this.#spans.push({ ...span, to, ended });
  }
}

/** Which entries are wanted; what is left out does not narrow. */
export interface AuditFilter {
  readonly kinds?: readonly LedgerKind[];
  /** From this moment on, and before that one; milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
}

export function isWanted({ kinds, since = -Infinity, until = Infinity }: AuditFilter, entry: { readonly at: string; readonly type: string }): boolean {
  const at = Date.parse(entry.at);
  return at >= since && at < until && (kinds === undefined || kinds.includes(kindOf(entry.type)));
}
