import { evidenceDigest } from '../evidence/pack.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import { evolve } from '../mission/evolve.ts';
import type { MissionState } from '../mission/state.ts';
import { sha256 } from '../../kit/hash.ts';
import { isJsonObject } from '../../kit/json.ts';
import { verifyChain } from './chain.ts';
import type { LedgerEntry } from './chain.ts';

/** What remains of a mission, as files. */
export interface MissionFiles {
  readonly ledger: Iterable<string>;
  readonly packs: readonly { readonly file: string; readonly text: string }[];
  readonly artifacts: readonly { readonly file: string; readonly digest: string; readonly text: string }[];
  /** Head hash known from elsewhere (a gate check on GitHub); shows a ledger whose tail was cut off or rewritten. */
  readonly expectedHead: string | null;
}

export interface VerificationReport {
  readonly valid: boolean;
  /** Every reason why not, each naming the place. */
  readonly faults: readonly string[];
  readonly entries: number;
  readonly head: string;
  readonly mission: string | null;
  readonly status: MissionState['status'] | null;
  readonly gates: readonly { readonly phase: string; readonly round: number; readonly approvedBy: readonly string[]; readonly evidence: string }[];
  readonly packs: number;
  readonly artifacts: number;
}

/**
 * Checks what remains of a mission with nothing but the files: the chain of the ledger; that every gate that opened had been
 * evaluated and approved on the same commit, evidence and policy; that evidence packs and artifacts are those the ledger
 * names. Pure; the caller reads the files.
 */
export function verifyMission(files: MissionFiles): VerificationReport {
  const entries: LedgerEntry[] = [];
  const chain = verifyChain(files.ledger, (entry) => entries.push(entry));
  const faults: string[] = [];
  if (chain.fault) faults.push(`ledger.jsonl:${chain.fault.line}: ${chain.fault.message}`);
  if (chain.entries === 0 && !chain.fault) faults.push('ledger.jsonl: the ledger is empty');
  if (files.expectedHead !== null && !chain.head.startsWith(files.expectedHead)) {
    faults.push(`ledger.jsonl: its head is ${chain.head}, expected ${files.expectedHead}: entries were cut off or rewritten`);
  }
  const state = replay(entries, faults);
  const gates = state.understood ? checkGates(entries, faults) : [];
  checkPacks(entries, files, faults);
  checkArtifacts(files, faults);
  return {
    valid: faults.length === 0,
    faults,
    entries: chain.entries,
    head: chain.head,
    mission: chain.mission,
    status: state.mission?.status ?? null,
    gates,
    packs: files.packs.length,
    artifacts: files.artifacts.length,
  };
}

/** Applies the entries one by one. Hashes can be made for anything: an entry that no mission can have is a fault, not a crash. */
function replay(entries: readonly LedgerEntry[], faults: string[]): { readonly mission: MissionState | null; readonly understood: boolean } {
  let mission: MissionState | null = null;
  for (const entry of entries) {
    try {
      mission = evolve(mission, { missionId: entry.mission, seq: entry.seq, at: Date.parse(entry.at), body: entry.body });
    } catch {
      faults.push(`ledger.jsonl:${entry.seq}: the event ${entry.type} does not hold what such an event holds`);
      return { mission: null, understood: false };
    }
  }
  return { mission, understood: true };
}

/** An opened gate must rest on an evaluation that passed and on as many approvals, all of the same four things, as its plan asks for. */
function checkGates(entries: readonly LedgerEntry[], faults: string[]): VerificationReport['gates'] {
  const opened: VerificationReport['gates'][number][] = [];
  const asked = new Map<string, number>();
  const rounds = new Map<string, Round>();
  for (const { body, seq } of entries) {
    switch (body.type) {
      case 'mission.planned':
        for (const phase of body.plan.phases) if (phase.gate) asked.set(phase.id, phase.gate.approvals.count);
        break;
      case 'gate.evaluated':
        rounds.set(`${body.phase} ${body.round}`, { evaluation: body, approvedBy: new Set() });
        break;
      case 'gate.approved': {
        const round = rounds.get(`${body.phase} ${body.round}`);
        const same = round && body.head === round.evaluation.head && body.evidenceDigest === round.evaluation.evidenceDigest && body.policyDigest === round.evaluation.policyDigest;
        if (same) round.approvedBy.add(body.by.login);
        break;
      }
      case 'gate.approvals-voided':
        rounds.get(`${body.phase} ${body.round}`)?.approvedBy.clear();
        break;
      case 'gate.opened': {
        const round = rounds.get(`${body.phase} ${body.round}`);
        if (!round?.evaluation.passed || round.evaluation.head !== body.head) {
          faults.push(`ledger.jsonl:${seq}: gate ${body.phase} opened without an evaluation that passed on ${body.head.slice(0, 12)}`);
          break;
        }
        const needed = asked.get(body.phase) ?? 0;
        if (round.approvedBy.size < needed) faults.push(`ledger.jsonl:${seq}: gate ${body.phase} opened with ${round.approvedBy.size} of ${needed} approvals`);
        opened.push({ phase: body.phase, round: body.round, approvedBy: [...round.approvedBy], evidence: round.evaluation.evidenceDigest });
        break;
      }
      default:
        break;
    }
  }
  return opened;
}

interface Round {
  readonly evaluation: Extract<LedgerEntry['body'], { type: 'gate.evaluated' }>;
  readonly approvedBy: Set<string>;
}

function checkPacks(entries: readonly LedgerEntry[], files: MissionFiles, faults: string[]): void {
  const named = new Map<string, string>(entries.flatMap(({ body }) => (body.type === 'gate.evaluated' ? [[`${body.phase} ${body.round}`, body.evidenceDigest] as const] : [])));
  const found = new Set<string>();
  for (const { file, text } of files.packs) {
    const pack = parsePack(text);
    if (pack === null) {
      faults.push(`${file}: this is no evidence pack`);
      continue;
    }
    const key = `${pack.phase} ${pack.round}`;
    const expected = named.get(key);
    found.add(key);
    if (expected === undefined) faults.push(`${file}: the ledger knows no evaluation of gate ${pack.phase}, round ${pack.round}`);
    else if (evidenceDigest(pack) !== expected) faults.push(`${file}: its content does not give the digest that the ledger names for gate ${pack.phase}, round ${pack.round}`);
  }
  for (const key of named.keys()) {
    if (!found.has(key)) faults.push(`evidence: the pack of gate ${key.replace(' ', ', round ')} is missing`);
  }
}

function parsePack(text: string): EvidencePack | null {
  try {
    const value: unknown = JSON.parse(text);
    const isPack = isJsonObject(value) && value.schema === 'schema.phase.evidencepack.v1' && typeof value.phase === 'string' && typeof value.round === 'number' && holdsArtifacts(value.tasks) && holdsArtifacts(value.guardReports);
    return isPack ? (value as unknown as EvidencePack) : null;
  } catch {
    return null;
  }
}

function holdsArtifacts(value: unknown): boolean {
  return Array.isArray(value) && value.every((holder) => isJsonObject(holder) && Array.isArray(holder.artifacts) && holder.artifacts.every((ref) => isJsonObject(ref) && typeof ref.digest === 'string'));
}

function checkArtifacts(files: MissionFiles, faults: string[]): void {
  const present = new Set<string>();
  for (const { file, digest, text } of files.artifacts) {
    present.add(digest);
    if (sha256(text) !== digest) faults.push(`${file}: its content does not give the digest in its name`);
  }
  for (const { file, text } of files.packs) {
    const pack = parsePack(text);
    const refs = pack === null ? [] : [...pack.tasks.flatMap((task) => task.artifacts), ...pack.guardReports.flatMap((report) => report.artifacts)];
    for (const ref of refs) if (!present.has(ref.digest)) faults.push(`${file}: artifact ${ref.name} (${ref.digest.slice(0, 12)}…) is missing`);
  }
}
