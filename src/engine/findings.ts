import { findingsMediaType } from '../core/mission/evidence.ts';
import type { Finding, FindingsRef } from '../core/mission/evidence.ts';
import type { FindingList } from '../guards/finding-list.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import { sha256 } from '../kit/hash.ts';
import type { Json } from '../kit/json.ts';
import { artifactLimits, inBrief } from './evidence.ts';
import type { ArtifactContent } from './ports/store.ts';

/** What a guard found, as it is kept: redacted text by text, so that it stays JSON, and whole findings only. */
export function storableFindings(list: FindingList, redact: (text: string) => string): { readonly ref: FindingsRef; readonly content: ArtifactContent | null } {
  const counts = { errors: list.count('error'), warnings: list.count('warning'), notes: list.count('note') };
  const texts: string[] = [];
  let bytes = 2;
  for (const finding of list.kept()) {
    const text = canonicalJson(clean(finding, redact) as unknown as Json);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > artifactLimits.structuredBytes) break;
    texts.push(text);
  }
  if (texts.length === 0) return { ref: { ...counts, digest: null }, content: null };
  const text = `[${texts.join(',')}]`;
  const content = { digest: sha256(text), name: 'findings.json', mediaType: findingsMediaType, text };
  return { ref: { ...counts, digest: content.digest }, content };
}

function clean(finding: Finding, redact: (text: string) => string): Finding {
  return {
    ...finding,
    rule: inBrief(finding.rule, 200, redact),
    message: inBrief(finding.message, 2_000, redact),
    path: finding.path === null ? null : inBrief(finding.path, 4_096, redact),
  };
}
