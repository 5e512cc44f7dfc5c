import { describe, expect, it } from 'vitest';

import { chainEntry, genesisHash, ledgerLine } from '../../../src/core/ledger/chain.ts';
import { verifyMission } from '../../../src/core/ledger/verify.ts';
import type { EventBody } from '../../../src/core/mission/event.ts';

const nothing = { ledger: [], packs: [], artifacts: [], expectedHead: null };

/** A ledger with right hashes around bodies that no mission can have. */
function forged(...bodies: readonly unknown[]): string[] {
  let prev = genesisHash;
  return bodies.map((body, index) => {
    const entry = chainEntry({ missionId: 'r1-i1', seq: index + 1, at: 0, body: body as EventBody }, prev);
    prev = entry.hash;
    return ledgerLine(entry);
  });
}

describe('verifying files of a forger', () => {
  it.each([
    [{ type: 'mission.planned' }],
    [{ type: 'mission.planned', plan: null }],
    [{ type: 'mission.planned', plan: { tasks: [{}], phases: [null] } }],
  ])('names an event that holds too little: %j', (body) => {
    const report = verifyMission({ ...nothing, ledger: forged(body) });
    expect(report.valid).toBe(false);
    expect(report.faults[0]).toContain('ledger.jsonl:1: the event mission.planned');
  });

  it.each(['null', '{', '[]', '{"schema":"schema.phase.evidencepack.v1","phase":"a","round":1}', '{"schema":"schema.phase.evidencepack.v1","phase":"a","round":1,"tasks":[null],"guardReports":[]}', '{"schema":"schema.phase.evidencepack.v1","phase":"a","round":1,"tasks":[{"artifacts":[1]}],"guardReports":[]}'])(
    'says that %s is no evidence pack',
    (text) => {
      expect(verifyMission({ ...nothing, packs: [{ file: 'evidence/a-1.json', text }] }).faults).toContain('evidence/a-1.json: this is no evidence pack');
    },
  );
});
