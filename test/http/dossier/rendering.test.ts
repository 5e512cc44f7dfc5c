import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { PDFParse } from 'pdf-parse';
import { describe, expect, it } from 'vitest';

import { dossierDocument } from '../../../src/http/dossier/dossier-document.ts';
import { dossierPage } from '../../../src/http/dossier/dossier-page.ts';
import { dossierPdf } from '../../../src/http/dossier/pdf/dossier-pdf.ts';
import type { Verdict } from '../../../src/core/gate/verdict.ts';
import type { Dossier } from '../../../src/core/dossier/dossier.ts';
import { knownSigner } from '../../support/signers.ts';
import { dossierOf, exportOf, shippedMission } from '../../support/shipped-mission.ts';

const dossier = dossierOf(exportOf(shippedMission(), knownSigner()));

function pageOf(one: Dossier): string {
  return dossierPage(dossierDocument(one)).text;
}

/** What an independent reader finds in the PDF. */
async function readPdf(one: Dossier): Promise<{ readonly text: string; readonly pages: number; readonly title: unknown }> {
  const parser = new PDFParse({ data: await dossierPdf(dossierDocument(one)) });
  try {
    const { text, total } = await parser.getText();
    const { info } = await parser.getInfo();
    return { text: text.replaceAll(/\s+/g, ' '), pages: total, title: (info as { Title?: unknown } | undefined)?.Title };
  } finally {
    await parser.destroy();
  }
}

const titles = ['What was asked', 'What was done', 'Code', 'Gates, tests and quality', 'Waivers', 'Security', 'Who decided', 'Costs and budgets', 'Deployment and rollback', 'Signatures and verification'];

const leaf = { expected: null, measured: null, reason: null, children: [] };
const verdict: Verdict = { ...leaf, name: 'gate/build', state: 'waived', reason: 'open, but not everything passed', children: [{ ...leaf, name: 'rubric', state: 'waived', measured: '1 of 2', children: [{ ...leaf, name: 'coverage_min', state: 'passed', expected: '≥ 0.8', measured: '0.86' }, { ...leaf, name: 'tests_failed_max', state: 'waived', expected: '≤ 0', measured: '1', reason: 'a reason that is longer than what a line of the tree can hold, and therefore cut at its end' }] }, { ...leaf, name: 'approvals', state: 'passed', measured: '1 of 1' }] };

describe('the page of a dossier', () => {
  it('is as it was looked at', async () => {
    // Verdicts are worded elsewhere, and digests change with whatever is digested: that they are there is enough.
    const gates = dossier.gates.map((gate) => ({ ...gate, verdict }));
    await expect(pageOf({ ...dossier, gates }).replaceAll(/\b[0-9a-f]{8,64}\b/g, (digest) => '0'.repeat(digest.length))).toMatchFileSnapshot('shipped.html');
  });

  it('is one file that runs, fetches and sends nothing', () => {
    const page = pageOf(dossier);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<form|<object|\son[a-z]+=|javascript:|\sstyle=|url\(|@import/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith('#'))).toBe(true);
  });

  it('draws the timeline, the graph of tasks, the verdict of every gate and its rounds, each with words for those who do not see it', () => {
    const labels = [...pageOf(dossier).matchAll(/<svg [^>]*aria-label="([^"]*)"/g)].map(([, words]) => words?.split(/[:,]/)[0]);
    expect(labels).toEqual(['Timeline', 'Task graph', 'gate/build', 'Tests and coverage of gate build', 'gate/release', 'Tests and coverage of gate release']);
  });

  it('says so first when the record does not verify', () => {
    const bad = { ...dossier, signatures: { ...dossier.signatures, verification: { ...dossier.signatures.verification, verdict: 'tampered', faults: ['ledger.jsonl:3: it was changed'] } } };
    expect(pageOf(bad).indexOf('does not verify: tampered')).toBeLessThan(pageOf(bad).indexOf('<nav'));
  });
});

describe('the PDF of a dossier', () => {
  it('holds every section as text that can be selected, on numbered pages that name mission and digest', async () => {
    const document = dossierDocument(dossier);
    const { text, pages, title } = await readPdf(dossier);
    expect(pages).toBeGreaterThanOrEqual(5);
    expect(pages).toBeLessThanOrEqual(9);
    for (const words of [...titles, 'Give every product a readable address', 'the flaky test is known', 'CVE-2021-23337', 'npm run roll-back', 'with waivers', dossier.code.merged?.commit ?? '']) expect(text).toContain(words);
    for (let page = 1; page <= pages; page += 1) expect(text).toContain(`${page} / ${pages}`);
    expect(text.split(`dossier ${document.digest}`).length - 1).toBe(pages);
    expect(title).toBe('Release dossier: Give every product a readable address');
  });

  it('is the same, byte for byte, for the same dossier', async () => {
    const [first, second] = [await dossierPdf(dossierDocument(dossier)), await dossierPdf(dossierDocument(dossier))];
    expect(Buffer.compare(first, second)).toBe(0);
  });

  it('prints Latin, Greek, Cyrillic, Chinese, Japanese, Korean and emoji as they are, everywhere, and what no font has by its number', async () => {
    const title = 'Zażółć Ελλάδα Привет 产品 發展 商品の 제품 🚀';
    const one = dossierOf(exportOf(shippedMission({ title: `${title} สวั`, reason: '理由は 이유 👩‍💻' }), null));
    const { text } = await readPdf(one);
    expect(text).toContain(`${title} [U+0E2A U+0E27 U+0E31]`);
    // Twice in tables, in the graph, and in the head of every page.
    expect(text.split('Привет 产品').length - 1).toBeGreaterThan(5);
    expect(text).toContain('理由は 이유 👩💻');
    expect(text).not.toContain('▯');
    expect(Buffer.compare(await dossierPdf(dossierDocument(one)), await dossierPdf(dossierDocument(one)))).toBe(0);
  });

  it('leaves none of the fonts that it cut behind, and two at once do not take each other’s', async () => {
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('missiongate-letters-'));
    const before = folders();
    const ones = ['商品の', '제품', 'plain'].map((title) => dossierOf(exportOf(shippedMission({ title }), null)));
    const texts = await Promise.all(ones.map(readPdf));
    expect(texts.map(({ title }) => title)).toEqual(['Release dossier: 商品の', 'Release dossier: 제품', 'Release dossier: plain']);
    expect(texts.map(({ text }, index) => text.includes(`octo/shop#7 · ${['商品の', '제품', 'plain'][index]}`))).toEqual([true, true, true]);
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  });

  it('repeats the heading of a table that breaks over pages', async () => {
    const [row] = dossier.decisions;
    const { text, pages } = await readPdf({ ...dossier, decisions: Array.from({ length: 300 }, () => row).flatMap((one) => one ?? []) });
    expect(pages).toBeGreaterThan(8);
    expect(text.split('when entry decision by on what').length - 1).toBeGreaterThan(5);
  });
});

describe('texts that people and tools wrote', () => {
  const hostile = [
    '</title><script>alert(1)</script><img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>\' onmouseover=\'alert(1)',
    ']]></text></svg><style>*{display:none}</style>&lt;b&gt;&#0;',
    '# heading\n- [x] done\n| a | b |\n[link](javascript:alert(1)) `code` <!-- -->',
    '\u0000\u0001\u0007\u001b[31mred\u007f\u0085\u2028\u2029',
    '\u202Eright to left\u202C \u2066hidden\u2069 \u200Bzero\uFEFFwidth שלום مرحبا',
    '👩‍👩‍👧‍👦🏳️‍🌈 \u{1F3FB} e\u0301\u0302\u0303 \uD800 lone',
    'x'.repeat(40_000),
    'ab cd '.repeat(5_000),
    '',
    ' \n \t ',
  ];

  it.each(hostile.map((text) => [JSON.stringify(text).slice(0, 40), text]))('neither break out of the page nor stop the PDF: %s', async (_name, text) => {
    const one = dossierOf(exportOf(shippedMission({ title: text === '' ? 'x' : text, reason: text === '' ? 'y' : text, finding: text }), null));
    const page = pageOf(one);
    expect(page).not.toMatch(/<script|<img|<svg onload|<style>\*|<!-- -->/);
    // oxlint-disable-next-line no-control-regex -- these are the ones that must not be there
    expect(page).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/);
    expect(page.length).toBeLessThan(400_000);
    const { text: read, pages } = await readPdf(one);
    expect(read).toContain('Signatures and verification');
    expect(pages).toBeLessThan(60);
  });
});
