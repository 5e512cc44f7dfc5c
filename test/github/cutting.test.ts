import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';

import { evidencePack } from '../../src/core/evidence/pack.ts';
import type { Finding, GuardReport, RubricLine } from '../../src/core/mission/event.ts';
import type { Mission } from '../../src/core/mission/state.ts';
import { byteLength, cutBlocks, cutBytes, cutPoints } from '../../src/github/messages/cut.ts';
import { gateCheck } from '../../src/github/messages/gate-check.ts';
import type { CheckOutput } from '../../src/github/messages/gate-check.ts';
import { plainInk } from '../../src/github/messages/ink.ts';
import { missionCheck } from '../../src/github/messages/mission-check.ts';
import * as fc from '../support/fast-check.ts';
import { sceneOf } from './golden.ts';

/** GitHub's limit for summary and text of a check run, in bytes of UTF-8. */
const limit = 65_535;

const family = '👨‍👩‍👧‍👦';
const flag = '🏴󠁧󠁢󠁳󠁣󠁴󠁿';
const words = fc
  .array(fc.constantFrom('```\n', '````js\n', '~~~', '</details>', '<details>', '| a | b |', '\n\n', '|', '`', family, '🇨🇭', '👩🏽‍🔬', 'é', 'שלום עולם', 'مرحبا', '\u202Eabc', '日本語', 'x'.repeat(400), family.repeat(80), '<!--', '-->', '\\', 'word '), { maxLength: 12 })
  .map((parts) => parts.join(''));

const line = fc.record({ rule: fc.stringMatching(/^[a-z_]{1,40}$/), expected: words, measured: words, passed: fc.boolean(), reason: words }) satisfies fc.Arbitrary<RubricLine>;
const report = fc.record({ guard: fc.stringMatching(/^[a-z-]{1,20}$/), uses: fc.constant('command'), passed: fc.boolean(), summary: words, metrics: fc.constant({}), artifacts: fc.constant([{ name: 'log', mediaType: 'text/plain', digest: 'd'.repeat(64), bytes: 1 }]) }) satisfies fc.Arbitrary<GuardReport>;
const finding = fc.record({ rule: words, level: fc.constantFrom('error', 'warning', 'note'), message: words, path: fc.constant('src/a.ts'), line: fc.constant(3) }) satisfies fc.Arbitrary<Finding>;

const waiting = sceneOf({}).mission;

/** The waiting gate with other lines and reports: as large as it may become. */
function checkWith(lines: readonly RubricLine[], reports: readonly GuardReport[], findings: readonly Finding[], log: string, status: 'awaiting' | 'failed'): { readonly output: CheckOutput; readonly mission: Mission } {
  const phase = waiting.phases.get('build');
  if (phase === undefined) throw new Error('no phase');
  const gate = { ...phase.gate, status, lines, reports };
  const mission: Mission = { ...waiting, phases: waiting.phases.set('build', { ...phase, gate }) };
  const pack = evidencePack(mission, 'build', { ...gate, head: gate.head ?? '' });
  return { mission, output: gateCheck(plainInk, { mission, phase: { ...phase, gate }, pack, findings, excerpts: new Map([['d'.repeat(64), log]]), ledgerHead: 'c'.repeat(64), page: { page: 'https://gates.example/p?key=k', pack: 'https://gates.example/p.json?key=k' } }) };
}

/** What is broken on a page: an open fence, a table with a torn row, a folded part that is not closed, half a letter. */
function brokenIn(page: string): readonly string[] {
  const found: string[] = [];
  let folded = 0;
  const visit = (node: Nodes): void => {
    if (node.type === 'code') {
      const source = page.slice(node.position?.start.offset, node.position?.end.offset);
      if (!/\n(`{3,})$/.test(source) || !source.startsWith(/`+$/.exec(source)?.[0] ?? '?')) found.push('an open fence');
    }
    if (node.type === 'table' && new Set(node.children.map(({ children }) => children.length)).size !== 1) found.push('a torn table');
    if (node.type === 'html') folded += (node.value.match(/<details>/g)?.length ?? 0) - (node.value.match(/<\/details>/g)?.length ?? 0);
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(fromMarkdown(page, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
  if (folded !== 0) found.push('a folded part that is not closed');
  if (!page.isWellFormed() || page.includes('\uFFFD')) found.push('half a character');
  if (/\u200D…|\p{Regional_Indicator}…(?<!\p{Regional_Indicator}{2}…)/u.test(page)) found.push('half an emoji');
  return found;
}

describe('the check of a gate of any size', () => {
  it('keeps to GitHub\'s limit in bytes, cuts nothing in the middle, and never loses what to type and the digests', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.array(report, { maxLength: 20 }), fc.array(finding, { maxLength: 20 }), words, fc.integer({ min: 1, max: 60 }), fc.constantFrom('awaiting' as const, 'failed' as const), (lines, reports, findings, log, times, status) => {
        const repeated = <T>(list: readonly T[]): readonly T[] => Array.from({ length: times }, () => list).flat();
        const { output, mission } = checkWith(repeated(lines), repeated(reports), repeated(findings), log.repeat(times), status);
        for (const page of [output.summary, output.text, missionCheck(plainInk, mission).summary]) {
          expect(byteLength(page)).toBeLessThanOrEqual(limit);
          expect(brokenIn(page)).toEqual([]);
        }
        expect(output.title.length).toBeLessThanOrEqual(255);
        const { gate } = mission.phases.get('build') ?? {};
        for (const digest of [gate?.head, gate?.evidenceDigest, gate?.policyDigest, 'c'.repeat(64)]) expect(output.summary).toContain(`\`${digest}\``);
        expect(output.summary).toContain(status === 'awaiting' ? `\`/approve-gate build ${gate?.head?.slice(0, 12)}\`` : '`/retry build`');
        expect(output.summary).toContain('[evidence page](https://gates.example/p?key=k)');
      }),
      { numRuns: 60 },
    );
  });

  it('shows what did not pass when there is no room for what did', () => {
    const lines = Array.from({ length: 3_000 }, (_, index): RubricLine => ({ rule: `metric_${index}_max`, expected: '≤ 0', measured: index % 500 === 7 ? '3' : '0', passed: index % 500 !== 7, reason: index % 500 === 7 ? 'too many' : null }));
    const { output } = checkWith(lines, [], [], '', 'failed');
    for (const index of [7, 507, 1007, 1507, 2007, 2507]) expect(output.summary).toContain(`\`metric_${index}_max\``);
    expect(output.summary).toMatch(/… and 29\d\d more lines, all passed\./);
  });
});

describe('a text that is cut', () => {
  const text = fc.array(fc.constantFrom('a', ' ', '\n', family, flag, '🇨🇭', '👩🏽‍🔬', 'e\u0301', 'נ\u05B4', '日', '🧪', 'क्षि'), { maxLength: 80 }).map((parts) => parts.join(''));
  const letters = (whole: string) => new Set(Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(whole), ({ segment }) => segment));

  it('keeps to its length and loses no part of a letter', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 30, max: 400 }), fc.constantFrom('head' as const, 'tail' as const), (whole, maximum, keep) => {
        const cut = cutBytes(whole, maximum, keep);
        expect(byteLength(cut)).toBeLessThanOrEqual(maximum);
        const known = letters(whole);
        for (const part of cut.split(/\n… \d+ bytes left out …\n/)) for (const letter of letters(part)) expect(known.has(letter), JSON.stringify([letter, part])).toBe(true);
        const short = cutPoints(whole, Math.ceil(maximum / 10));
        expect(Array.from(short).length).toBeLessThanOrEqual(Math.ceil(maximum / 10));
        for (const letter of letters(short.replace(/…$/, ''))) expect(known.has(letter), JSON.stringify([letter, short])).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('as a page loses whole blocks, and neither its beginning nor its end', () => {
    const fold = `<details><summary>x</summary>\n\n\`\`\`text\n${'line\n\n'.repeat(300)}\`\`\`\n\n</details>`;
    const page = ['**The gate is shut.**', '| a | b |\n| --- | --- |\n| 1 | 2 |', fold, fold, '<sub>round 1</sub>'].join('\n\n');
    for (const maximum of [byteLength(page), 4_000, 2_200, 300]) {
      const cut = cutBlocks(page, maximum);
      expect(byteLength(cut)).toBeLessThanOrEqual(maximum);
      expect(brokenIn(cut)).toEqual([]);
      expect([cut.startsWith('**The gate is shut.**'), cut.endsWith('<sub>round 1</sub>')]).toEqual([true, true]);
    }
  });
});
