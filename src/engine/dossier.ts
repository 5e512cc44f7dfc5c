import { buildDossier } from '../core/dossier/build-dossier.ts';
import type { BomPart, Dossier } from '../core/dossier/dossier.ts';
import { dossierStatement } from '../core/dossier/dossier-statement.ts';
import { signStatement } from '../core/ledger/envelope.ts';
import { verifyChain } from '../core/ledger/chain.ts';
import type { LedgerEntry } from '../core/ledger/chain.ts';
import { verifyMission } from '../core/ledger/verify.ts';
import type { MissionFiles } from '../core/ledger/verify.ts';
import { GuardError } from '../guards/guard-type.ts';
import { readShortSbom } from '../guards/sbom.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import type { Json } from '../kit/json.ts';
import type { Signer } from './ports/signer.ts';

/** An export that can be read more than once. */
export interface DossierSource {
  /** The files, from their beginning at every call. */
  files(): MissionFiles;
  /** Text of an artifact by its digest; null when the export does not hold it. */
  artifact(digest: string): string | null;
}

export type DossierOutcome = { readonly ok: true; readonly dossier: Dossier } | { readonly ok: false; readonly reason: string };

/**
 * Verifies an export and makes its dossier. What the verification found stands in the dossier: an export that was tampered with
 * gives one that says so, as long as its ledger can be followed at all.
 */
export function makeDossier(source: DossierSource): DossierOutcome {
  const report = verifyMission(source.files());
  const { ledger, keys = [], heads = null, statements = [] } = source.files();
  const entries: LedgerEntry[] = [];
  const chain = verifyChain(ledger, (entry) => entries.push(entry));
  if (chain.fault !== null && entries.length === 0) return { ok: false, reason: `the ledger cannot be read: line ${chain.fault.line}: ${chain.fault.message}` };
  try {
    const dossier = buildDossier({ entries, report, keys, heads, statements, artifact: (digest) => source.artifact(digest), bom: bomOf });
    return dossier === null ? { ok: false, reason: 'the ledger tells of no mission that was planned: there is nothing to hand over' } : { ok: true, dossier };
  } catch (error) {
    if (!report.valid) return { ok: false, reason: `the ledger cannot be followed: ${report.faults[0] ?? 'an entry holds what no mission can have'}` };
    throw error;
  }
}

/** The dossier as bytes: canonical JSON, so that its SHA-256 is the digest that its signature and its pages name. */
export function dossierText(dossier: Dossier): string {
  return canonicalJson(dossier as unknown as Json);
}

/** The dossier as a signed statement, a file beside it. */
export function signDossier(dossier: Dossier, signer: Signer): string {
  return `${JSON.stringify(signStatement(dossierStatement(dossier), signer), null, 2)}\n`;
}

function bomOf(name: string, digest: string, text: string): BomPart | null {
  try {
    const { format, components, vulnerabilities } = readShortSbom({ name, path: name, text, parameters: {} });
    const licences = new Map<string, number>();
    for (const { license } of components) if (license !== null) licences.set(license, (licences.get(license) ?? 0) + 1);
    const sorted = [...licences].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([licence, count]) => ({ licence, components: count }));
    return { name, digest, format, components: components.length, unlicensed: components.filter(({ license }) => license === null).length, licences: sorted, vulnerabilities: vulnerabilities.length };
  } catch (error) {
    if (error instanceof GuardError) return null;
    throw error;
  }
}
