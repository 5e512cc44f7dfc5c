import { describe, expect, it } from 'vitest';

import { artifactLimits, collectEvidence } from '../../src/engine/evidence.ts';
import { sha256 } from '../../src/kit/hash.ts';
import * as fc from '../support/fast-check.ts';

const left = { summary: 'ok', artifacts: [], diff: null, durationMs: 1.4, producer: 'command' };
const redact = (text: string) => text.replaceAll('hunter2', '[redacted]');

describe('evidence', () => {
  it('is redacted before it is addressed by its digest', () => {
    const { evidence, contents } = collectEvidence({ ...left, summary: 'used hunter2', artifacts: [{ name: 'output', mediaType: 'text/plain', text: 'token hunter2' }] }, redact);
    expect(evidence.summary).toBe('used [redacted]');
    expect(contents).toEqual([{ digest: sha256('token [redacted]'), name: 'output', mediaType: 'text/plain', text: 'token [redacted]' }]);
    expect(evidence.artifacts).toEqual([{ name: 'output', mediaType: 'text/plain', digest: sha256('token [redacted]'), bytes: 16 }]);
  });

  it('holds the diff of a commit as an artifact and in numbers', () => {
    const diff = { files: [{ path: 'a', status: 'added', additions: 3, deletions: 1 } as const], additions: 3, deletions: 1, patch: '+a', truncated: false };
    const { evidence } = collectEvidence({ ...left, diff }, redact);
    expect(evidence.diff).toEqual({ files: 1, additions: 3, deletions: 1 });
    expect(evidence.artifacts.map((ref) => ref.name)).toEqual(['changes.diff']);
  });

  it('stays within its limits for any text, cuts no character and stores what the database takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 400_000 }), (text, count, length) => {
        const long = text.repeat(Math.ceil(length / Math.max(1, text.length))).slice(0, length);
        const { contents } = collectEvidence({ ...left, artifacts: Array.from({ length: count }, (_, index) => ({ name: `a${index}`, mediaType: 'text/plain', text: long })) }, (value) => value);
        expect(contents.length).toBeLessThanOrEqual(artifactLimits.count);
        for (const content of contents) {
          expect(Buffer.byteLength(content.text)).toBeLessThanOrEqual(artifactLimits.bytes);
          expect(content.text.isWellFormed()).toBe(true);
          expect(content.text.includes('\u0000')).toBe(false);
          expect(content.digest).toBe(sha256(content.text));
        }
      }),
      { numRuns: 50 },
    );
  });
});
