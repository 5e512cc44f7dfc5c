import { dossierText } from '../../engine/dossier.ts';
import type { DossierOutcome } from '../../engine/dossier.ts';
import type { LinkTarget } from '../../engine/evidence-links.ts';
import { sha256 } from '../../kit/hash.ts';
import type { Answer } from '../evidence/answer.ts';
import type { DossierDocument } from './document.ts';
import { dossierDocument } from './dossier-document.ts';
import { dossierPage } from './dossier-page.ts';
import { inTurn } from './in-turn.ts';
import { latest } from './latest.ts';
import { redactDocument } from './redact-document.ts';
import { contentSecurityPolicy } from './style.ts';

/** Where dossiers come from. */
export interface Dossiers {
  of(missionId: string): Promise<DossierOutcome>;
  /** The dossier as a signed statement; null without a key. */
  sign(dossier: Extract<DossierOutcome, { ok: true }>['dossier']): string | null;
}

type DossierTarget = Extract<LinkTarget, { kind: 'dossier' }>;

/** Requests that wait while one is answered. */
const mostWaiting = 8;
/** A dossier takes a second or two. */
const retryAfterSeconds = 10;
/** PDFs that are kept: some hundred kilobytes each. */
const mostPdfs = 4;

const busy: Answer = { status: 503, type: 'application/json; charset=utf-8', body: '{"error":"too many dossiers are being made; try again soon"}\n', headers: { 'retry-after': String(retryAfterSeconds) } };

/**
 * Answers with a mission's dossier as it is now; null when there is none, or no signature where one was asked for. Each is made of a whole
 * export, and whoever has a link may ask as often as they like: so one is made at a time, few may wait, and the latest PDFs are kept.
 */
export function dossierAnswers(dossiers: Dossiers, redact: (text: string) => string): (target: DossierTarget) => Promise<Answer | null> {
  const turns = inTurn(mostWaiting);
  const pdfs = latest<Uint8Array>(mostPdfs);
  const pdfOf = (document: DossierDocument) =>
    pdfs(sha256(JSON.stringify(document)), async () => {
      const { dossierPdf } = await import('./pdf/dossier-pdf.ts');
      return dossierPdf(document);
    });
  return async (target) => {
    const made = await turns.do(async () => ({ answer: await answerOf(dossiers, target, redact, pdfOf) }));
    return made === null ? busy : made.answer;
  };
}

async function answerOf(dossiers: Dossiers, { missionId, as }: DossierTarget, redact: (text: string) => string, pdfOf: (document: DossierDocument) => Promise<Uint8Array>): Promise<Answer | null> {
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
    case 'pdf':
      return { type: 'application/pdf', body: await pdfOf(redactDocument(dossierDocument(dossier), redact)), headers: attached('pdf') };
    case undefined:
      return { type: 'text/html; charset=utf-8', body: dossierPage(redactDocument(dossierDocument(dossier), redact)).text, headers: { 'content-security-policy': contentSecurityPolicy } };
  }
}
