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

/** The message of the tag that a mission leaves: the signed head as it stands, and how to use it. */
export function ledgerTagMessage(signedHead: SignedHead, mission: { readonly number: number; readonly status: string }): string {
  return [
    `Ledger of mission #${mission.number}, ${mission.status}`,
    '',
    'The signed head of its ledger. Whoever exports the mission later can be held to it:',
    'missiongate verify <export> --key <public key> --anchor <file with this message>',
    '',
    JSON.stringify(signedHead),
  ].join('\n');
}
