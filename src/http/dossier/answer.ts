import { dossierText } from '../../engine/dossier.ts';
import type { DossierOutcome } from '../../engine/dossier.ts';
import type { LinkTarget } from '../../engine/evidence-links.ts';
import { sha256 } from '../../kit/hash.ts';
import type { Answer } from '../evidence/answer.ts';
import { dossierDocument } from './dossier-document.ts';
import { dossierPage } from './dossier-page.ts';
import { inTurn } from './in-turn.ts';
import { Kept } from './kept.ts';
import { redactDocument } from './redact-document.ts';
import { contentSecurityPolicy } from './style.ts';

/** Where dossiers come from. */
export interface Dossiers {
  /** Hash of the last entry of a mission's ledger; null where there is no mission. Cheap, other than making a dossier. */
  head(missionId: string): Promise<string | null>;
  of(missionId: string): Promise<DossierOutcome>;
  /** The dossier as a signed statement; null without a key. */
  sign(dossier: Extract<DossierOutcome, { ok: true }>['dossier']): string | null;
}

type DossierTarget = Extract<LinkTarget, { kind: 'dossier' }>;
type Dossier = Extract<DossierOutcome, { ok: true }>['dossier'];

/** What was made for the ledger as it stood at one head. */
interface Made<T> {
  readonly head: string;
  readonly value: T;
}

/** Requests that wait while one is answered. */
const mostWaiting = 8;
/** A dossier takes a second or two. */
const retryAfterSeconds = 10;
/** Dossiers of which another form may be asked for next; some megabytes each at most, or they are not kept. */
const mostDossiers = 4;
const mostDossierBytes = 16 * 1024 * 1024;
const mostAnswers = 32;
const mostAnswerBytes = 32 * 1024 * 1024;
/** Forms of dossiers of which only the tag is remembered: some hundred bytes each. */
const mostUnchanged = 2_000;

/** Kept by whoever asked, and never shown again without asking whether it is still the one. */
const cacheControl = 'private, no-cache';
const busy: Answer = { status: 503, type: 'application/json; charset=utf-8', body: '{"error":"too many dossiers are being made; try again soon"}\n', headers: { 'retry-after': String(retryAfterSeconds) } };

/**
 * Answers with a mission's dossier as it is now; null when there is none, or no signature where one was asked for. Each is made of a whole
 * export, and whoever has a link may ask as often as they like: so one is made at a time and few may wait. A dossier depends on the
 * ledger alone, and the hash of its last entry stands for all of it, the policies in it included: what was made at that head is answered
 * again, as long as it is kept, and who has it is told so (`If-None-Match`). What does not verify is made anew every time, without a tag.
 */
export function dossierAnswers(dossiers: Dossiers, redact: (text: string) => string): (target: DossierTarget, ifNoneMatch?: string) => Promise<Answer | null> {
  const turns = inTurn(mostWaiting);
  const made = new Kept<Made<Dossier>>(mostDossiers, mostDossierBytes);
  const answers = new Kept<Made<Answer>>(mostAnswers, mostAnswerBytes);
  const unchanged = new Kept<Made<Answer & { readonly tag: string }>>(mostUnchanged);

  function known(target: DossierTarget, head: string, ifNoneMatch: string | undefined): Answer | null {
    const name = nameOf(target);
    const same = unchanged.find(name);
    if (same?.head === head && isNamed(same.value.tag, ifNoneMatch)) return same.value;
    const answer = answers.find(name);
    return answer?.head === head ? answer.value : null;
  }

  async function dossierAt(missionId: string, head: string): Promise<Dossier | null> {
    const before = made.find(missionId);
    if (before?.head === head) return before.value;
    const outcome = await dossiers.of(missionId);
    if (!outcome.ok) return null;
    const { dossier } = outcome;
    if (isSound(dossier)) made.keep(missionId, { head: dossier.signatures.head, value: dossier }, dossierText(dossier).length);
    return dossier;
  }

  async function make(target: DossierTarget, head: string): Promise<Answer | null> {
    const dossier = await dossierAt(target.missionId, head);
    const answer = dossier === null ? null : await answerOf(dossiers, dossier, target, redact);
    if (answer === null || dossier === null || !isSound(dossier)) return answer;
    const tag = `"${sha256(answer.body)}"`;
    const tagged = { ...answer, headers: { ...answer.headers, etag: tag, 'cache-control': cacheControl } };
    // Under the head that it was made at: the ledger may have gone on since that was asked for.
    // What says that nothing changed has the headers of what it speaks of: they take the place of those that were kept with it.
    unchanged.keep(nameOf(target), { head: dossier.signatures.head, value: { ...tagged, tag, status: 304, body: '' } });
    answers.keep(nameOf(target), { head: dossier.signatures.head, value: tagged }, Buffer.byteLength(answer.body));
    return tagged;
  }

  return async (target, ifNoneMatch) => {
    const head = await dossiers.head(target.missionId);
    if (head === null) return null;
    const kept = known(target, head, ifNoneMatch);
    if (kept !== null) return kept;
    // Whoever was before may have had the same wish.
    const answer = await turns.do(async () => ({ answer: known(target, head, ifNoneMatch) ?? (await make(target, head)) }));
    return answer === null ? busy : answer.answer;
  };
}

function nameOf({ missionId, as }: DossierTarget): string {
  return `${missionId} ${as ?? 'page'}`;
}

function isSound({ signatures }: Dossier): boolean {
  return signatures.verification.verdict === 'valid';
}

/** `If-None-Match` compares weakly, and may name several tags. */
function isNamed(tag: string, ifNoneMatch: string | undefined): boolean {
  return ifNoneMatch !== undefined && ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

async function answerOf(dossiers: Dossiers, dossier: Dossier, { missionId, as }: DossierTarget, redact: (text: string) => string): Promise<Answer | null> {
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
