import type { SignedHead } from '../../core/ledger/signed-head.ts';
import type { Ink } from './ink.ts';

/**
 * Where the ledger stands, in a form that `missiongate verify --anchor` reads back: entries and hash, and where it is signed the root over all
 * entries and the key. Kept on GitHub it shows a ledger that was written anew afterwards.
 */
export function ledgerWords(ink: Ink, { ledgerHead, signedHead }: { readonly ledgerHead: string; readonly signedHead?: SignedHead | null }): readonly string[] {
  if (!signedHead) return [`ledger ${ink.code(ledgerHead)}`];
  return [`ledger ${ink.code(`${signedHead.size}:${signedHead.head}`)}`, `root ${ink.code(signedHead.root)}`, `signed by key ${ink.code(signedHead.keyId.slice(0, 16))}`];
}
