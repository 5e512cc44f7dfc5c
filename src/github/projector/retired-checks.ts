import { compositeName, readCompositeKey, readGateKey } from '../../core/mission/check-keys.ts';
import type { MissionView } from '../../core/mission/view.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { ObjectRecord } from '../../engine/ports/projector.ts';
import { externalId } from '../external-id.ts';
import { ledgerWords } from '../messages/ledger-words.ts';
import { short } from '../messages/words.ts';
import { findOurRun, undecidedRound } from './check-runs.ts';
import type { Desk } from './desk.ts';

interface Retirement {
  readonly name: string;
  readonly head: string;
  readonly marker: string;
  readonly rendered: string;
  readonly what: string;
  readonly output: { readonly title: string; readonly summary: string };
}

/**
 * Takes back what the composite check said in favour of a commit that the trunk has left: somebody might push it there again, and it would
 * count at once, for approvals that hold no longer. One write for each such commit, before anything new is said.
 */
export async function retireChecks(desk: Desk, mission: Mission, view: MissionView): Promise<void> {
  if (mission.pull?.state !== 'merged') await retireComposites(desk, view);
  await retireRounds(desk, view);
}

async function retireComposites(desk: Desk, { trunk }: MissionView): Promise<void> {
  for (const record of desk.records) {
    const head = readCompositeKey(record.key);
    if (head === null || head === trunk.head || record.memory !== 'success') continue;
    const output = { title: 'The trunk has moved on', summary: `This commit is no longer what the gates speak for: the trunk stands on ${short(trunk.head)}.` };
    await retire(desk, record, { name: compositeName, head, marker: externalId(desk.missionId, { kind: 'mission' }), rendered: `retired ${head}`, what: 'taking back the composite check of an earlier commit', output });
  }
}

/** A round that was left before its end was shown (repairs were made of it, or the trunk moved) would go on for ever. */
async function retireRounds(desk: Desk, { checks }: MissionView): Promise<void> {
  const shown = new Set(checks.map(({ key }) => key));
  for (const record of desk.records) {
    const left = record.memory === undecidedRound && !shown.has(record.key) ? readGateKey(record.key) : null;
    if (left === null) continue;
    // A check of a gate says where the ledger stands, this one too.
    const ledger = ledgerWords(desk.ink, { ledgerHead: desk.projection.ledgerHead, signedHead: (await desk.projection.signedHead?.()) ?? null });
    const output = { title: 'This round is over', summary: `The work went on before this round was decided here; a later round of the gate decides.\n\n<sub>${ledger.join(' · ')}</sub>` };
    await retire(desk, record, { name: `gate/${left.phase}`, head: left.head, marker: externalId(desk.missionId, { kind: 'gate', phase: left.phase, round: left.round }), rendered: 'retired', what: 'ending the check of an earlier round', output });
  }
}

/** One of which nobody knows whether it was made is looked for: it may say the same. */
async function retire(desk: Desk, record: ObjectRecord, { name, head, marker, rendered, what, output }: Retirement): Promise<void> {
  const made = await desk.outcomeOf(record, () => findOurRun(desk, head, name, marker));
  if (made === null) {
    await desk.remember({ ...record, memory: null });
    return;
  }
  const state = { status: 'completed', conclusion: 'cancelled', output } as const;
  // Forgotten when it is done: what was cut off is done again.
  await desk.update(made, rendered, { write: 'retired-check', what, priority: 'decision', content: false }, (octokit, id) => octokit.rest.checks.update({ ...desk.at, check_run_id: id, ...state }), null);
}
