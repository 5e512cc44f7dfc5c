import { namedArtifacts } from '../evidence/named-artifacts.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import { sha256 } from '../../kit/hash.ts';
import { isJsonObject } from '../../kit/json.ts';
import { packPath } from './statement.ts';
import type { Fault } from './verdict.ts';

export interface PackFile {
  readonly file: string;
  readonly text: string;
  /** Why there is no text of it: it is no regular file, no UTF-8, or larger than anything we write. */
  readonly unreadable?: string;
}

export interface ArtifactFile extends PackFile {
  readonly digest: string;
}

/** Evidence packs must be those the ledger names, byte for byte, and artifacts those the packs name; nothing may be missing or put beside them. */
export function checkFiles(named: ReadonlyMap<string, string>, packs: Iterable<PackFile>, artifacts: Iterable<ArtifactFile>): { readonly faults: readonly Fault[]; readonly packs: number; readonly artifacts: number } {
  const faults: Fault[] = [];
  const fault = (kind: Fault['kind'], place: string, message: string) => faults.push({ kind, place, entry: null, message });
  const present = new Map<string, string>();
  const wanted = new Set<string>();
  for (const { file, digest, text, unreadable } of artifacts) {
    present.set(digest, file);
    if (unreadable !== undefined) fault('tampered', file, unreadable);
    else if (sha256(text) !== digest) fault('tampered', file, 'its content does not give the digest in its name');
  }
  const found = new Set<string>();
  let counted = 0;
  for (const { file, text, unreadable } of packs) {
    counted += 1;
    const pack = unreadable === undefined ? parsePack(text) : null;
    if (pack === null) {
      fault('tampered', file, unreadable ?? 'this is no evidence pack');
      continue;
    }
    const name = packPath(pack.phase, pack.round);
    if (file !== name) fault('tampered', file, `it is the pack of gate ${pack.phase}, round ${pack.round}, which stands in ${name}`);
    const key = `${pack.phase} ${pack.round}`;
    const expected = named.get(key);
    found.add(key);
    if (expected === undefined) faults.push({ kind: 'tampered', place: file, entry: null, message: `the ledger knows no evaluation of gate ${pack.phase}, round ${pack.round}`, unknown: true });
    // Of its bytes, not of what they were parsed to: a field that is there twice would be another one for another reader.
    else if (sha256(text) !== expected) fault('tampered', file, `its content does not give the digest that the ledger names for gate ${pack.phase}, round ${pack.round}`);
    for (const ref of namedArtifacts(pack)) {
      wanted.add(ref.digest);
      if (!present.has(ref.digest)) fault('truncated', file, `artifact ${ref.name} (${ref.digest.slice(0, 12)}…) is missing`);
    }
  }
  for (const key of named.keys()) {
    if (!found.has(key)) fault('truncated', 'evidence', `the pack of gate ${key.replace(' ', ', round ')} is missing`);
  }
  for (const [digest, file] of present) {
    if (!wanted.has(digest)) faults.push({ kind: 'tampered', place: file, entry: null, message: 'no evidence pack names it', unknown: true });
  }
  return { faults, packs: counted, artifacts: present.size };
}

/** Null for a text that is no evidence pack. */
export function parsePack(text: string): EvidencePack | null {
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
