import { describe, expect, it } from 'vitest';

import { chainEntry, genesisHash, ledgerLine, verifyChain } from '../../../src/core/ledger/chain.ts';
import { canonicalJson } from '../../../src/kit/canonical-json.ts';
import { sha256 } from '../../../src/kit/hash.ts';
import type { Json } from '../../../src/kit/json.ts';
import { verifyMission } from '../../../src/core/ledger/verify.ts';
import { definition, phase, task } from '../../support/definitions.ts';
import * as fc from '../../support/fast-check.ts';
import { PureWorld } from '../../support/pure-world.ts';

/** The files of a mission that was completed properly. */
function files() {
  const world = new PureWorld(definition([phase('build', [task('a'), task('b')]), phase('ship', [task('c')], { needs: ['build'] })])).start();
  world.settle();
  world.say('reviewer', 'approve-gate', 'build');
  world.settle();
  world.say('admin', 'approve-gate', 'ship');
  world.settle();
  let prev = genesisHash;
  const lines = world.events.map((event) => {
    const entry = chainEntry(event, prev);
    prev = entry.hash;
    return ledgerLine(entry);
  });
  const packs = world.packs.map(({ phase: id, round, pack }) => ({ file: `evidence/${id}-${round}.json`, text: canonicalJson(pack as unknown as Json) }));
  return { ledger: lines, packs, artifacts: [], expectedHead: null, head: prev };
}

describe('verifying a mission', () => {
  it('accepts what was really done and tells who opened what', () => {
    const report = verifyMission(files());
    expect(report).toMatchObject({ valid: true, faults: [], status: 'completed' });
    expect(report.gates.map(({ phase: id, approvedBy }) => [id, approvedBy])).toEqual([['build', ['reviewer']], ['ship', ['admin']]]);
  });

  it('finds every changed, removed, inserted or swapped line but a cut-off tail, and that with the head from a gate check', () => {
    const good = files();
    const count = good.ledger.length;
    fc.assert(
      fc.property(fc.nat(count - 1), fc.nat(), fc.constantFrom('change', 'remove', 'duplicate', 'swap', 'cut'), (at, position, how) => {
        const lines = [...good.ledger];
        const line = lines[at] ?? '';
        if (how === 'change') lines[at] = line.slice(0, position % line.length) + String.fromCodePoint(33 + ((line.codePointAt(position % line.length) ?? 33) % 90)) + line.slice((position % line.length) + 1);
        if (how === 'remove') lines.splice(at, 1);
        if (how === 'duplicate') lines.splice(at, 0, line);
        if (how === 'swap') [lines[at], lines[(at + 1) % count]] = [lines[(at + 1) % count] ?? '', line];
        if (how === 'cut') lines.length = at;
        if (lines.join('\n') === good.ledger.join('\n')) return;
        expect(verifyMission({ ...good, ledger: lines, expectedHead: good.head }).valid).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('says what is wrong and where', () => {
    const good = files();
    const at = good.ledger.findIndex((line) => line.includes('"worker":"w1"'));
    const lines = good.ledger.map((line, index) => (index === at ? line.replace('"worker":"w1"', '"worker":"w2"') : line));
    expect(verifyChain(lines).fault).toMatchObject({ kind: 'wrong-hash', line: at + 1 });
    expect(verifyChain([...good.ledger.slice(0, 2), '', ...good.ledger.slice(2)]).fault).toMatchObject({ kind: 'wrong-shape', line: 4, message: 'there is an empty line before it' });
    expect(verifyChain([...good.ledger, '']).fault).toBeNull();
    expect(verifyChain([...good.ledger.slice(0, 3), 'no json']).fault).toMatchObject({ kind: 'not-json', line: 4 });
  });

  it('finds an evidence pack that was changed, is missing, or does not belong', () => {
    const good = files();
    const [first, ...rest] = good.packs;
    const changed = { file: first?.file ?? '', text: (first?.text ?? '').replace('"did it"', '"did more"') };
    expect(verifyMission({ ...good, packs: [changed, ...rest] }).faults).toEqual([expect.stringContaining('does not give the digest')]);
    const twice = { file: first?.file ?? '', text: (first?.text ?? '').replace('{', '{"metrics":{"tests_failed":5},') };
    expect(verifyMission({ ...good, packs: [twice, ...rest] }).faults, 'a field that is there twice').toEqual([expect.stringContaining('does not give the digest')]);
    const spaced = { file: first?.file ?? '', text: JSON.stringify(JSON.parse(first?.text ?? ''), null, 1) };
    expect(verifyMission({ ...good, packs: [spaced, ...rest] }).faults, 'other bytes').toEqual([expect.stringContaining('does not give the digest')]);
    expect(verifyMission({ ...good, packs: [...good.packs, { file: 'evidence/other-9.json', text: first?.text ?? '' }] }).faults).toEqual(['evidence/other-9.json: it is the pack of gate build, round 1, which stands in evidence/build-1.json']);
    expect(verifyMission({ ...good, artifacts: [{ file: 'artifacts/x.txt', digest: sha256('added'), text: 'added' }] }).faults).toEqual(['artifacts/x.txt: no evidence pack names it']);
    expect(verifyMission({ ...good, packs: rest }).faults).toEqual(['evidence: the pack of gate build, round 1 is missing']);
    expect(verifyMission({ ...good, packs: [...good.packs, { file: 'evidence/x.json', text: '{}' }] }).faults).toEqual(['evidence/x.json: this is no evidence pack']);
  });

  it('refuses a chain that is intact but opens a gate nobody approved', () => {
    const world = new PureWorld(definition([phase('build', [task('a')])])).start();
    world.settle();
    const gate = world.mission.phases.get('build')?.gate;
    const forged = [...world.events, { missionId: 'r10-i7', seq: world.events.length + 1, at: 1, body: { type: 'gate.opened', phase: 'build', round: gate?.round ?? 0, head: gate?.head ?? '' } as const }];
    let prev = genesisHash;
    const ledger = forged.map((event) => {
      const entry = chainEntry(event, prev);
      prev = entry.hash;
      return ledgerLine(entry);
    });
    expect(verifyMission({ ...files(), ledger, packs: [] }).faults[0]).toContain('opened with 0 of 1 approvals');
  });
});
