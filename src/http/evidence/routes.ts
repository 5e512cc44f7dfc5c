import type { IncomingMessage, ServerResponse } from 'node:http';

import { readLinkPath } from '../../engine/evidence-links.ts';
import type { EvidenceLinks, LinkTarget } from '../../engine/evidence-links.ts';
import { canonicalJson } from '../../kit/canonical-json.ts';
import type { Json } from '../../kit/json.ts';
import { dossierAnswers } from '../dossier/answer.ts';
import type { Dossiers } from '../dossier/answer.ts';
import { routinesAnswer } from '../routines/answer.ts';
import type { RoutineReading } from '../routines/answer.ts';
import type { Answer } from './answer.ts';
import { contentSecurityPolicy } from './style.ts';
import { gatePage } from './gate-page.ts';
import { readGate } from './read-gate.ts';
import type { EvidenceStore } from './read-gate.ts';

export interface EvidenceRoutesParts {
  readonly store: EvidenceStore;
  readonly links: EvidenceLinks;
  /** Base of links to GitHub's own pages. */
  readonly webUrl: string;
  /** Applied to pages; packs and artifacts were redacted before they were hashed. */
  readonly redact: (text: string) => string;
  /** Release dossiers of missions; null where none are made. */
  readonly dossiers: Dossiers | null;
  /** Routines of repositories; null where there are none. */
  readonly routines: RoutineReading | null;
}

/** Answers `GET` and `HEAD` of evidence; false for every other path, and nothing was done then. */
export type EvidenceRoutes = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Nothing tells a wrong key from a mission that does not exist. */
const notFound = '{"error":"not found"}\n';

export function createEvidenceRoutes(parts: EvidenceRoutesParts): EvidenceRoutes {
  const dossierAnswer = parts.dossiers === null ? null : dossierAnswers(parts.dossiers, parts.redact);
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    if (!path.startsWith('/missions/') && !path.startsWith('/repositories/')) return false;
    const target = readLinkPath(path);
    // The key is looked at before anything is read: without it there is nothing to learn, not even from the time it takes.
    const isAllowed = target !== null && parts.links.allows(target, new URLSearchParams(query).get('key') ?? '');
    const answer = isAllowed ? await (target.kind === 'dossier' ? dossierAnswer?.(target, request.headers['if-none-match']) : answerOf(parts, target)) : null;
    send(response, answer?.status ?? (answer ? 200 : 404), answer ?? { type: 'application/json; charset=utf-8', body: notFound }, request.method === 'HEAD');
    return true;
  };
}

async function answerOf(parts: EvidenceRoutesParts, target: Exclude<LinkTarget, { kind: 'dossier' }>): Promise<Answer | null> {
  const { store, routines } = parts;
  if (target.kind === 'routines') return routines === null ? null : routinesAnswer(routines, target, parts);
  if (target.kind === 'artifact') {
    const artifact = await store.artifact(target.missionId, target.digest);
    // As text whatever it calls itself: words of programs and agents are read, never run.
    return artifact === null ? null : { type: 'text/plain; charset=utf-8', body: artifact.text, headers: { 'content-disposition': `inline; filename="${fileName(artifact.name)}"` } };
  }
  if (target.as === 'json') {
    const pack = await store.evidencePack(target.missionId, target.phase, target.round);
    // The very bytes whose SHA-256 is the digest in the check, without a line break at the end.
    return pack === null ? null : { type: 'application/json; charset=utf-8', body: canonicalJson(pack as unknown as Json), headers: { 'content-disposition': `attachment; filename="evidence-${target.missionId}-${target.phase}-${target.round}.json"` } };
  }
  const reading = await readGate(store, target.missionId, target.phase, target.round);
  return reading === null ? null : { type: 'text/html; charset=utf-8', body: parts.redact(gatePage(reading, parts).text) };
}

function send(response: ServerResponse, status: number, { type, body, headers = {} }: Answer, isHead: boolean): void {
  response.writeHead(status, {
    'content-type': type,
    // Where the asker has it already nothing is sent, and the length would be that of what is not sent.
    ...(status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }),
    'content-security-policy': type.startsWith('text/html') ? contentSecurityPolicy : "default-src 'none'; sandbox",
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow',
    'cross-origin-resource-policy': 'same-origin',
    ...headers,
  });
  response.end(isHead || status === 304 ? '' : body);
}

function fileName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '').slice(0, 80) || 'artifact';
}
