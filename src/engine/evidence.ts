import type { AgentIdentity } from '../core/mission/evidence.ts';
import type { ArtifactRef, AttemptEvidence, DiffStat, Usage } from '../core/mission/event.ts';
import { sha256 } from '../kit/hash.ts';
import { isJsonObject } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import type { Artifact } from '../steps/step-type.ts';
import type { DiffSummary } from './ports/workspaces.ts';
import type { ArtifactContent } from './ports/store.ts';

/**
 * Artifacts of one attempt that are kept, and how much of each: evidence is for reading, not an archive. Reports that programs read
 * (`structuredBytes`) are worth nothing once they are cut, so more of them is kept.
 */
export const artifactLimits = { count: 20, bytes: 256 * 1024, structuredBytes: 1024 * 1024 } as const;

const structured = /^(?:application\/(?:json|xml|.+\+json|.+\+xml)|text\/x-(?:lcov|tap))$/;

/** Longest one-line summary, in characters. */
const summaryLength = 500;

export interface CollectedEvidence {
  readonly evidence: AttemptEvidence;
  readonly contents: readonly ArtifactContent[];
}

/** Makes evidence of what an attempt left: redacted, well-formed, limited, addressed by digest. */
export function collectEvidence(
  left: { readonly summary: string; readonly artifacts: readonly Artifact[]; readonly diff: DiffSummary | null; readonly durationMs: number; readonly producer: string; readonly agent?: AgentIdentity; readonly usage?: Usage },
  redact: (text: string) => string,
): CollectedEvidence {
  const artifacts = left.diff === null ? left.artifacts : [...left.artifacts, diffArtifact(left.diff)];
  const contents = storable(artifacts, redact);
  return {
    contents,
    evidence: {
      summary: inBrief(left.summary, summaryLength, redact),
      artifacts: contents.map(refOf),
      diff: left.diff === null ? null : statOf(left.diff),
      durationMs: Math.round(left.durationMs),
      producer: left.producer,
      ...(left.agent === undefined ? {} : { agent: { name: inBrief(left.agent.name, 200, redact), version: inBrief(left.agent.version, 100, redact) } }),
      ...(left.usage === undefined ? {} : { usage: left.usage }),
    },
  };
}

/** Artifacts as they are stored: redacted before anything is cut or hashed. */
export function storable(artifacts: readonly Artifact[], redact: (text: string) => string): readonly ArtifactContent[] {
  return artifacts.slice(0, artifactLimits.count).map((artifact) => {
    const text = shorten(clean(redact(artifact.text)), structured.test(artifact.mediaType) ? artifactLimits.structuredBytes : artifactLimits.bytes);
    return { digest: sha256(text), name: inBrief(artifact.name, 200, redact), mediaType: artifact.mediaType, text };
  });
}

/** Outputs as they are recorded: JSON and nothing else, redacted, whatever a step has put there. */
export function storableOutputs(outputs: { readonly [name: string]: Json }, redact: (text: string) => string): { readonly [name: string]: Json } {
  const tidy = (value: Json): Json => {
    if (typeof value === 'string') return clean(redact(value));
    if (Array.isArray(value)) return (value as readonly Json[]).map(tidy);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [clean(redact(name)), tidy(one ?? null)]));
  };
  return tidy(JSON.parse(JSON.stringify(outputs)) as Json) as { readonly [name: string]: Json };
}

export function refOf(content: ArtifactContent): ArtifactRef {
  return { name: content.name, mediaType: content.mediaType, digest: content.digest, bytes: Buffer.byteLength(content.text) };
}

export function statOf(diff: DiffSummary): DiffStat {
  return { files: diff.files.length, additions: diff.additions, deletions: diff.deletions };
}

function diffArtifact(diff: DiffSummary): Artifact {
  return { name: 'changes.diff', mediaType: 'text/x-diff', text: diff.patch };
}

/** The beginning of a text, as it may be stored and shown: redacted before it is cut, no character cut in half. */
export function inBrief(text: string, length: number, redact: (text: string) => string): string {
  return clean(redact(text).slice(0, length));
}

/** PostgreSQL takes no NUL, JSON no lone surrogate. */
function clean(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed();
}

/** Keeps head and tail of a long text, cut at whole characters. */
function shorten(text: string, maximumBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maximumBytes) return text;
  const half = Math.floor((maximumBytes - 100) / 2);
  const head = bytes.subarray(0, half).toString().replace(/\uFFFD+$/, '');
  const tail = bytes.subarray(bytes.length - half).toString().replace(/^\uFFFD+/, '');
  return `${head}\n… ${bytes.length - 2 * half} bytes left out …\n${tail}`;
}
