import { canonicalJson, isCanonicalJson } from '../../kit/canonical-json.ts';
import { sha256 } from '../../kit/hash.ts';
import { isoTime } from '../../kit/time.ts';
import type { Json } from '../../kit/json.ts';
import type { EventBody, MissionEvent } from '../mission/event.ts';

/** The hash before the first entry. */
export const genesisHash = '0'.repeat(64);

/** One line of `ledger.jsonl`: an event in its place in the chain. */
export interface LedgerEntry {
  readonly v: 1;
  readonly mission: string;
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly type: string;
  /** The event, canonical. */
  readonly body: EventBody;
  readonly prev: string;
  readonly hash: string;
}

/** The entry's hash: SHA-256 over the RFC 8785 form of everything but the hash itself. */
export function entryHash(entry: Omit<LedgerEntry, 'hash'>): string {
  const { v, mission, seq, at, type, body, prev } = entry;
  return sha256(canonicalJson({ v, mission, seq, at, type, body: body as unknown as Json, prev }));
}

/** Puts an event behind `prev`. */
export function chainEntry(event: MissionEvent, prev: string): LedgerEntry {
  const entry = { v: 1, mission: event.missionId, seq: event.seq, at: isoTime(event.at), type: event.body.type, body: event.body, prev } as const;
  return { ...entry, hash: entryHash(entry) };
}

/** The entry as one line of text; RFC 8785 form, so that equal entries are equal bytes. */
export function ledgerLine(entry: LedgerEntry): string {
  return canonicalJson(entry as unknown as Json);
}

export type ChainFault =
  | { readonly kind: 'not-json'; readonly line: number; readonly message: string }
  | { readonly kind: 'cut-line'; readonly line: number; readonly message: string }
  | { readonly kind: 'wrong-shape'; readonly line: number; readonly message: string }
  | { readonly kind: 'wrong-hash'; readonly line: number; readonly message: string }
  | { readonly kind: 'broken-link'; readonly line: number; readonly message: string }
  | { readonly kind: 'gap'; readonly line: number; readonly message: string };

export interface ChainReport {
  readonly entries: number;
  readonly head: string;
  readonly mission: string | null;
  readonly fault: ChainFault | null;
}

/**
 * Checks a ledger line by line: shape, own hash, link to the entry before, sequence without gaps, one mission. The first
 * fault ends the check: what follows it proves nothing. A bare chain cannot show that its tail was cut off or that it was
 * written anew from some entry on; signed heads and seals do (`check-heads.ts`).
 */
export function verifyChain(lines: Iterable<string>, each?: (entry: LedgerEntry, line: string) => void): ChainReport {
  let entries = 0;
  let head = genesisHash;
  let mission: string | null = null;
  let line = 0;
  let cut: ChainFault | null = null;
  let empty = false;
  const stop = (kind: ChainFault['kind'], message: string): ChainReport => ({ entries, head, mission, fault: { kind, line, message } });
  for (const text of lines) {
    line += 1;
    // A file ends in a line break, behind which stands one empty line: any other was put in.
    if (empty) return stop('wrong-shape', 'there is an empty line before it');
    empty = text === '';
    if (empty) continue;
    if (cut !== null) return { entries, head, mission, fault: { ...cut, kind: 'not-json' } };
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      if (!text.startsWith('{"at":') || text.endsWith('}')) return stop('not-json', 'the line is no JSON');
      // Only at the very end it is a file that was cut off.
      cut = { kind: 'cut-line', line, message: 'the line is no JSON: its end is missing' };
      continue;
    }
    if (!isEntry(parsed)) return stop('wrong-shape', 'the line is no ledger entry (expected v, mission, seq, at, type, body, prev, hash)');
    if (mission !== null && parsed.mission !== mission) return stop('wrong-shape', `the entry belongs to mission ${parsed.mission}, the ledger to ${mission}`);
    if (parsed.seq !== entries + 1) return stop('gap', `entry ${parsed.seq} stands where entry ${entries + 1} is expected`);
    if (parsed.prev !== head) return stop('broken-link', `entry ${parsed.seq} follows ${parsed.prev.slice(0, 12)}…, but the entry before it is ${head.slice(0, 12)}…`);
    if (!isCanonical(text, parsed)) return stop('wrong-shape', `entry ${parsed.seq} is not in canonical form`);
    if (hashOfLine(parsed, text) !== parsed.hash) return stop('wrong-hash', `entry ${parsed.seq} was changed: its content does not give its hash`);
    mission = parsed.mission;
    entries += 1;
    head = parsed.hash;
    each?.(parsed, text);
  }
  return { entries, head, mission, fault: cut };
}

/** False also for what is nested so deeply that it cannot be written out. */
function isCanonical(text: string, parsed: LedgerEntry): boolean {
  try {
    return isCanonicalJson(text, parsed as unknown as Json);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * `entryHash` of a line in canonical form, from the line itself: writing the entry out once more would be half of the work of a
 * verification. A field that no entry has makes another hash, or (behind `v`) none.
 */
function hashOfLine({ hash, mission, prev, seq, type }: LedgerEntry, line: string): string | null {
  const end = `"mission":${JSON.stringify(mission)},"prev":"${prev}","seq":${seq},"type":${JSON.stringify(type)},"v":1}`;
  const tail = `"hash":"${hash}",${end}`;
  return line.endsWith(tail) ? sha256(line.slice(0, -tail.length) + end) : null;
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  const { body } = entry;
  return (
    entry.v === 1 &&
    typeof entry.mission === 'string' &&
    typeof entry.seq === 'number' &&
    typeof entry.at === 'string' &&
    typeof entry.type === 'string' &&
    typeof entry.prev === 'string' &&
    typeof entry.hash === 'string' &&
    typeof body === 'object' &&
    body !== null &&
    (body as Record<string, unknown>).type === entry.type
  );
}
