import type { Dossier } from '../../../core/dossier/dossier.ts';
import type { Block, Section } from '../document.ts';
import { heading, table, text } from '../document.ts';
import { brief, number, shown, state, time } from '../words.ts';

/** By what all of this can be checked, without trusting whoever hands it over. */
export function signed(dossier: Dossier): Section {
  const { signatures: part, mission } = dossier;
  const { verification } = part;
  return {
    id: 'signed',
    title: 'Signatures and verification',
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['verification', [state(verification.verdict), ...(verification.faults.length === 0 ? [] : [` ${verification.faults.map((fault) => shown(fault, 300)).join('; ')}`])]],
          ['ledger', [`${number(part.entries)} entries up to `, { code: part.head }]],
          ['signed heads', part.heads.length === 0 ? ['none'] : part.heads.flatMap((one) => [`${one.size} entries, ${time(one.at)}, by key `, { code: one.keyId.slice(0, 16) }])],
          ['seals', [part.seals.length === 0 ? 'none' : `${part.seals.length} entries of the ledger are signatures over what stands before them (${part.seals.map(({ entry }) => `#${entry}`).slice(0, 12).join(' ')}${part.seals.length > 12 ? ' …' : ''})`]],
        ],
      },
      ...verification.remarks.map((remark): Block => ({ kind: 'note', state: 'waiting', spans: [shown(remark, 500)] })),
      heading('Keys'),
      ...(part.keys.length === 0 ? [text('There is no key: nothing here is signed. An unsigned record shows changes only to whoever kept its head elsewhere, as the gate checks on GitHub do.')] : [table([['key id', 6], ['state', 1]], part.keys.map(({ keyId, state: word }) => [[{ code: keyId }], [word]])), { kind: 'preformatted' as const, text: part.keys.map(({ publicKey }) => publicKey.trim()).join('\n') }, text('A key that comes with a record proves nothing about who signed it. Compare its id with the one that the installation publishes.')]),
      ...(part.statements.length === 0 ? [] : [heading('Signed statements'), table([['file', 6], ['says', 4], ['SHA-256', 2], ['key', 2]], part.statements.map((one) => [[{ code: one.file }], [shown(one.predicateType.replace('https://missiongate.dev/attestation/', ''), 100)], [brief(one.sha256)], one.keyIds.length === 0 ? ['–'] : [brief(one.keyIds[0] ?? '')]]))]),
      heading('How to check it'),
      { kind: 'preformatted', text: howTo(mission.id) },
      text('The first line writes the export that this dossier was made from; the second checks its chain, signatures, gates, evidence and artifacts without a network; the third checks this dossier itself. Any program for in-toto statements in DSSE envelopes can check the signature in dossier.dsse.json: Ed25519 over the type and the bytes of its payload.'),
    ],
  };
}

function howTo(mission: string): string {
  return [`missiongate export ${mission} mission-out`, 'missiongate verify mission-out --key installation.pem', 'missiongate verify dossier.json --key installation.pem'].join('\n');
}
