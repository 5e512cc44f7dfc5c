import { dossierText } from '../../engine/dossier.ts';
import type { DossierOutcome } from '../../engine/dossier.ts';
import type { LinkTarget } from '../../engine/evidence-links.ts';
import type { Answer } from '../evidence/answer.ts';
import { dossierDocument } from './dossier-document.ts';
import { dossierPage } from './dossier-page.ts';
import { redactDocument } from './redact-document.ts';
import { contentSecurityPolicy } from './style.ts';

/** Where dossiers come from. */
export interface Dossiers {
  of(missionId: string): Promise<DossierOutcome>;
  /** The dossier as a signed statement; null without a key. */
  sign(dossier: Extract<DossierOutcome, { ok: true }>['dossier']): string | null;
}

/** A mission's dossier as it is now; null when there is none, or no signature where one was asked for. */
export async function dossierAnswer(dossiers: Dossiers, { missionId, as }: Extract<LinkTarget, { kind: 'dossier' }>, redact: (text: string) => string): Promise<Answer | null> {
  const outcome = await dossiers.of(missionId);
  if (!outcome.ok) return null;
  const { dossier } = outcome;
  const attached = (extension: string) => ({ 'content-disposition': `attachment; filename="dossier-${missionId}.${extension}"` });
  switch (as) {
    case 'json':
      // As it is signed: what is in it was redacted before it was recorded.
      return { type: 'application/json; charset=utf-8', body: dossierText(dossier), headers: attached('json') };
    case 'dsse.json': {
      const envelope = dossiers.sign(dossier);
      return envelope === null ? null : { type: 'application/json; charset=utf-8', body: envelope, headers: attached('dsse.json') };
    }
    case 'pdf': {
      const { dossierPdf } = await import('./pdf/dossier-pdf.ts');
      return { type: 'application/pdf', body: await dossierPdf(redactDocument(dossierDocument(dossier), redact)), headers: attached('pdf') };
    }
    case undefined:
      return { type: 'text/html; charset=utf-8', body: dossierPage(redactDocument(dossierDocument(dossier), redact)).text, headers: { 'content-security-policy': contentSecurityPolicy } };
  }
}
