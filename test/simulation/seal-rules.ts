import { isSealSignedBy } from '../../src/core/ledger/signed-head.ts';
import type { StoredEvent } from '../../src/engine/ports/store.ts';
import type { PublicKey } from '../../src/kit/ed25519.ts';
import { mustBeSealed } from '../support/seals.ts';
import { Violation } from './violation.ts';

/** At most so many entries stand unsealed between two decisions. */
const entriesPerSeal = 100;

/** What is sealed with which commit: every decision on a gate, an approval, a waiver, every end, every hundredth entry, and nothing else. */
export function checkSeals(events: readonly StoredEvent[], key: PublicKey | null): void {
  const seals = events.filter(({ body }) => body.type === 'ledger.sealed');
  const sealed = events.find(({ seq, body }) => body.type !== 'ledger.sealed' && (mustBeSealed(body.type) || seq % entriesPerSeal === 0));
  if (key === null) {
    if (seals.length > 0) throw new Violation('a ledger without a key was sealed');
    return;
  }
  if (sealed !== undefined && seals.length === 0) throw new Violation(`${sealed.body.type} was recorded without a seal`);
  if (seals.length > 1) throw new Violation(`a commit was sealed ${seals.length} times`);
  if (seals.length === 1 && sealed === undefined) throw new Violation(`event ${seals[0]?.seq} seals a commit that holds nothing to seal`);
  for (const seal of seals) checkSeal(seal, events.at(-1), key);
}

function checkSeal(event: StoredEvent, last: StoredEvent | undefined, key: PublicKey): void {
  const { seq, body, prevHash, missionId } = event;
  if (body.type !== 'ledger.sealed') return;
  if (event !== last) throw new Violation(`the seal ${seq} is not the last entry of its commit`);
  if (body.size !== seq - 1 || body.head !== prevHash) throw new Violation(`the seal ${seq} speaks of ${body.size} entries ending in ${body.head.slice(0, 8)}, before it stand ${seq - 1} ending in ${prevHash.slice(0, 8)}`);
  if (!isSealSignedBy(missionId, body, key)) throw new Violation(`the seal ${seq} is not signed by the key`);
}
