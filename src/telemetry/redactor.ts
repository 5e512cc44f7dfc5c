import { findCredentials } from './credential-patterns.ts';
import { createKnownSecrets } from './known-secrets.ts';
import type { SecretRange } from './secret-range.ts';

/** What stands in place of a secret. Holds no character of any credential's alphabet next to a border, so nothing grows together. */
export const PLACEHOLDER = '[redacted]';

export interface Redaction {
  readonly text: string;
  /** How many places were replaced. */
  readonly count: number;
}

export interface Redactor {
  /**
   * Removes every known secret (as it is, cut, and in common encodings) and everything that has the form of a well-known credential.
   * Idempotent; takes time proportional to the text for all texts.
   */
  redact(text: string): Redaction;
}

export interface RedactorOptions {
  /** The secrets in use now: asked for each text, because tokens come and go. */
  readonly secrets: () => readonly string[];
}

/** What a replacement uncovers (a border where there was none) is found by the next pass; more than a few are never needed. */
const MAXIMUM_PASSES = 10;

/** Builds the one redactor of a process. Everything that leaves it (checks, comments, logs, ledger, artifacts) goes through it. */
export function createRedactor(options: RedactorOptions): Redactor {
  const known = createKnownSecrets();
  return {
    redact(text) {
      const secrets = options.secrets();
      let current = text;
      let count = 0;
      for (let pass = 0; pass < MAXIMUM_PASSES; pass += 1) {
        const ranges = merge([...known.find(current, secrets), ...findCredentials(current)]).filter((range) => current.slice(range.start, range.end) !== PLACEHOLDER);
        if (ranges.length === 0) break;
        count += ranges.length;
        current = replace(current, ranges);
      }
      return { text: current, count };
    },
  };
}

/** Sorted, overlapping and touching ranges made one. */
function merge(ranges: SecretRange[]): SecretRange[] {
  const merged: { start: number; end: number }[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

function replace(text: string, ranges: readonly SecretRange[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    parts.push(text.slice(at, start), PLACEHOLDER);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
