import { kindOf } from '../ledger/kinds.ts';
import type { LedgerEntry } from '../ledger/chain.ts';
import type { EventBody } from '../mission/event.ts';
import { evolve } from '../mission/evolve.ts';
import type { MissionState } from '../mission/state.ts';
import { attemptsOf, newAttempts } from './attempts.ts';
import { decisionOf } from './decisions.ts';
import type { AttemptPart, CodePart, DecisionPart, RoundPart, SignaturesPart } from './dossier.ts';

/** What a ledger tells besides the state it leads to. */
export interface Told {
  readonly state: MissionState | null;
  readonly at: string;
  readonly plannedAt: string | null;
  readonly startedAt: string | null;
  readonly attempts: ReadonlyMap<string, readonly AttemptPart[]>;
  readonly commits: CodePart['commits'];
  readonly merged: CodePart['merged'];
  /** Examinations by phase, oldest first. */
  readonly rounds: ReadonlyMap<string, readonly RoundPart[]>;
  readonly decisions: readonly DecisionPart[];
  readonly seals: readonly Omit<SignaturesPart['seals'][number], 'good'>[];
  readonly undone: { readonly undone: readonly string[]; readonly failed: readonly string[] } | null;
}

/** Decisions, and what makes decisions void, although it is none. */
const alsoDecisive: ReadonlySet<string> = new Set(['gate.approvals-voided', 'gate.approvals-held']);

/** Goes through a ledger once. Throws what `evolve` throws on an entry that no mission can have. */
export function followLedger(entries: Iterable<LedgerEntry>): Told {
  let state: MissionState | null = null;
  let at = new Date(0).toISOString();
  let plannedAt: string | null = null;
  let startedAt: string | null = null;
  let merged: CodePart['merged'] = null;
  let undone: Told['undone'] = null;
  const attempts = newAttempts();
  const commits: CodePart['commits'][number][] = [];
  const rounds = new Map<string, RoundPart[]>();
  const decisions: DecisionPart[] = [];
  const seals: Told['seals'][number][] = [];
  for (const entry of entries) {
    const { body, seq } = entry;
    at = entry.at;
    state = evolve(state, { missionId: entry.mission, seq, at: Date.parse(at), body });
    attempts.see(body, at);
    if (kindOf(body.type) === 'decision' || alsoDecisive.has(body.type)) decisions.push(decisionOf(entry));
    switch (body.type) {
      case 'mission.planned':
        plannedAt = at;
        break;
      case 'phase.started':
        startedAt ??= at;
        break;
      case 'task.produced':
        commits.push(commitOf(body, at));
        break;
      case 'gate.evaluated':
        rounds.set(body.phase, [...(rounds.get(body.phase) ?? []), roundOf(body, at)]);
        break;
      case 'pull.merged':
        merged = { commit: body.commit, by: body.by, at };
        break;
      case 'rollback.finished':
        undone = { undone: body.undone, failed: body.failed };
        break;
      case 'ledger.sealed':
        seals.push({ entry: seq, size: body.size, keyId: body.keyId });
        break;
      default:
        break;
    }
  }
  return { state, at, plannedAt, startedAt, attempts: attemptsOf(attempts), commits, merged, rounds, decisions, seals, undone };
}

function commitOf({ task, attempt, commit, evidence: { diff } }: Extract<EventBody, { type: 'task.produced' }>, at: string): CodePart['commits'][number] {
  return { commit, task, attempt, at, files: diff?.files ?? null, additions: diff?.additions ?? null, deletions: diff?.deletions ?? null };
}

function roundOf(body: Extract<EventBody, { type: 'gate.evaluated' }>, at: string): RoundPart {
  const { round, head, passed, lines, reports, metrics, evidenceDigest, policyDigest } = body;
  return { round, head, at, passed, lines, guards: reports.map(({ guard, uses, passed: good, summary, metrics: own, findings }) => ({ guard, uses, passed: good, summary, metrics: own, ...(findings === undefined ? {} : { findings }) })), metrics, evidenceDigest, policyDigest };
}
