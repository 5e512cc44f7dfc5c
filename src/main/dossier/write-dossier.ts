import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dossierDigest, dossierEnvelopeFile, dossierFile } from '../../core/dossier/dossier-statement.ts';
import type { Dossier } from '../../core/dossier/dossier.ts';
import { readEnvelope } from '../../core/ledger/envelope.ts';
import { readStatement } from '../../core/ledger/statement.ts';
import { dossierText, signDossier } from '../../engine/dossier.ts';
import type { Signer } from '../../engine/ports/signer.ts';
import { dossierDocument } from '../../http/dossier/dossier-document.ts';
import { dossierPage } from '../../http/dossier/dossier-page.ts';

export const dossierFormats = ['json', 'html', 'pdf'] as const;
export type DossierFormat = (typeof dossierFormats)[number];

/** Writes a dossier in these formats, and signs it where there is a key. Returns the files that were written. */
export async function writeDossier(folder: string, dossier: Dossier, formats: readonly DossierFormat[], signer: Signer | null): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    written.push(name);
  };
  if (formats.includes('json')) {
    write(dossierFile, dossierText(dossier));
    if (signer !== null) write(dossierEnvelopeFile, signDossier(dossier, signer));
    // A signature of another dossier says nothing of this one.
    else if (signedDigest(join(folder, dossierEnvelopeFile)) !== dossierDigest(dossier)) rmSync(join(folder, dossierEnvelopeFile), { force: true });
  }
  const document = dossierDocument(dossier);
  if (formats.includes('html')) write('dossier.html', dossierPage(document).text);
  if (formats.includes('pdf')) {
    const { dossierPdf } = await import('../../http/dossier/pdf/dossier-pdf.ts');
    write('dossier.pdf', await dossierPdf(document));
  }
  return written;
}

/** What the envelope beside says it signs; null where there is none. */
function signedDigest(path: string): string | null {
  if (!existsSync(path)) return null;
  const envelope = readEnvelope(readFileSync(path, 'utf8'));
  return envelope === null ? null : (readStatement(Buffer.from(envelope.payload, 'base64'))?.subject[0]?.digest.sha256 ?? null);
}
