import { isCanonicalJson } from '../../kit/canonical-json.ts';
import type { Json } from '../../kit/json.ts';
import { evolve } from '../mission/evolve.ts';
import type { MissionState } from '../mission/state.ts';
import type { Anchor } from './anchor.ts';
import { verifyChain } from './chain.ts';
import type { LedgerEntry } from './chain.ts';
import { checkFiles } from './check-files.ts';
import type { ArtifactFile, PackFile } from './check-files.ts';
import { GateCheck } from './check-gates.ts';
import type { OpenedGate } from './check-gates.ts';
import { HeadCheck } from './check-heads.ts';
import { StatementCheck } from './check-statements.ts';
import type { Heads, LedgerSignature } from './check-heads.ts';
import { readSignedHead } from './signed-head.ts';
import type { KeyRing } from './key-ring.ts';
import { faultText, verdictOf } from './verdict.ts';
import type { Fault, Verdict } from './verdict.ts';

/** What remains of a mission, as files. */
export interface MissionFiles {
  readonly ledger: Iterable<string>;
  readonly packs: Iterable<PackFile>;
  readonly artifacts: Iterable<ArtifactFile>;
  /** Head hash known from elsewhere (a gate check on GitHub); shows a ledger whose tail was cut off or rewritten. */
  readonly expectedHead: string | null;
  /** The text of `heads.jsonl`; null where there is none, absent for a ledger that comes alone. */
  readonly heads?: string | null;
  readonly anchors?: readonly Anchor[];
  /** Signed statements (`statements/*.dsse.json`). */
  readonly statements?: Iterable<PackFile>;
  readonly keys?: KeyRing;
  readonly keysAreGiven?: boolean;
  /** Only the ledger is looked at: packs and artifacts are elsewhere. */
  readonly ledgerOnly?: boolean;
}

export interface VerificationReport {
  readonly valid: boolean;
  readonly verdict: Verdict;
  /** Every reason why not, each naming the place. */
  readonly faults: readonly string[];
  /** What a reader should know although it is no fault. */
  readonly remarks: readonly string[];
  readonly signatures: readonly LedgerSignature[];
  readonly entries: number;
  readonly head: string;
  readonly mission: string | null;
  readonly status: MissionState['status'] | null;
  readonly gates: readonly OpenedGate[];
  readonly packs: number;
  readonly artifacts: number;
  /** Signed statements that were checked. */
  readonly statements: number;
}

/**
 * Checks what remains of a mission with nothing but the files and a public key: the chain of the ledger; signed heads, seals and
 * anchors; that every gate that opened had been evaluated and approved on the same commit, evidence and policy; that evidence packs
 * and artifacts are those the ledger names. Pure; the caller reads the files. The ledger goes by once and is not kept.
 */
export function verifyMission(files: MissionFiles): VerificationReport {
  const faults: Fault[] = [];
  const fault = (one: Fault) => faults.push(one);
  const heads = new HeadCheck(headsOf(files, fault), fault);
  const statements = new StatementCheck(files.statements ?? [], files.keys ?? [], fault);
  const gates = new GateCheck();
  const replay = new Replay(fault);
  const chain = verifyChain(files.ledger, (entry, line) => {
    heads.see(entry, line);
    statements.see(entry);
    if (replay.apply(entry)) gates.see(entry, replay.mission, fault);
  });
  if (chain.fault) fault({ kind: chain.fault.kind === 'cut-line' ? 'truncated' : 'tampered', place: `ledger.jsonl:${chain.fault.line}`, entry: chain.entries + 1, message: chain.fault.message });
  if (chain.entries === 0 && !chain.fault) fault({ kind: 'truncated', place: 'ledger.jsonl', entry: null, message: 'the ledger is empty' });
  heads.finish(chain.entries, chain.fault === null);
  if (chain.fault === null) statements.finish(chain.entries, gates.evidence, files.statements !== undefined && files.keysAreGiven === true && heads.signatures.length > 0);
  const rest = files.ledgerOnly === true ? { faults: [], packs: 0, artifacts: 0 } : checkFiles(gates.evidence, files.packs, files.artifacts);
  faults.push(...rest.faults);
  // What a cut-off ledger does not know of any more is no forgery.
  const isCut = faults.some(({ kind }) => kind === 'truncated');
  const verdict = verdictOf(faults.map((one) => (isCut && one.unknown === true ? { ...one, kind: 'truncated' } : one)));
  return {
    valid: faults.length === 0,
    verdict,
    faults: faults.map(faultText),
    remarks: [...heads.remarks],
    signatures: heads.signatures,
    entries: chain.entries,
    head: chain.head,
    mission: chain.mission,
    status: replay.mission?.status ?? null,
    gates: replay.understood ? gates.opened : [],
    packs: rest.packs,
    artifacts: rest.artifacts,
    statements: statements.count,
  };
}

function headsOf({ heads, anchors = [], keys = [], keysAreGiven = false, expectedHead }: MissionFiles, fault: (fault: Fault) => void): Heads {
  const seen = expectedHead === null ? [] : [{ place: 'ledger.jsonl', size: null, head: expectedHead, root: null, signed: null }];
  const lines = (heads ?? '').split('\n').map((text, index) => ({ text, place: `heads.jsonl:${index + 1}` }));
  const read = lines.flatMap(({ text, place }) => {
    if (text.trim() === '') return [];
    const head = readSignedHead(text);
    // What stands in the line besides was signed by nobody.
    const isWhole = head !== null && isCanonicalJson(text, head as unknown as Json);
    if (!isWhole) fault({ kind: 'tampered', place, entry: null, message: head === null ? 'this is no signed head' : 'the signed head is not in canonical form' });
    return head === null ? [] : [{ place, head }];
  });
  return { heads: heads === undefined ? null : read, anchors: [...anchors, ...seen], keys, keysAreGiven };
}

/** Applies the entries one by one. Hashes can be made for anything: an entry that no mission can have is a fault, not a crash. */
class Replay {
  mission: MissionState | null = null;
  understood = true;
  readonly #fault: (fault: Fault) => void;

  constructor(fault: (fault: Fault) => void) {
    this.#fault = fault;
  }

  apply({ mission, seq, at, type, body }: LedgerEntry): boolean {
    if (!this.understood) return false;
    try {
      this.mission = evolve(this.mission, { missionId: mission, seq, at: Date.parse(at), body });
    } catch {
      this.understood = false;
      this.mission = null;
      this.#fault({ kind: 'tampered', place: `ledger.jsonl:${seq}`, entry: seq, message: `the event ${type} does not hold what such an event holds` });
    }
    return this.understood;
  }
}
