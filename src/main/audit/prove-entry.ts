import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { proveEntry } from '../../core/ledger/entry-proof.ts';
import { readSignedHead } from '../../core/ledger/signed-head.ts';
import { fileLines } from '../file-lines.ts';

/** `missiongate audit prove`: 0 written, 1 the ledger is not the one its head speaks of, 2 called wrongly. */
export function proveOne(folder: string, entry: string): number {
  const seq = Number(entry);
  const heads = join(folder, 'heads.jsonl');
  if (!existsSync(folder) || !statSync(folder).isDirectory() || !existsSync(join(folder, 'ledger.jsonl'))) return refuse(`${folder} holds no ledger.jsonl`, 2);
  const head = existsSync(heads) ? readSignedHead(readFileSync(heads, 'utf8').trim()) : null;
  if (head === null) return refuse(`${folder} holds no signed head (heads.jsonl): an unsigned ledger proves nothing`, 2);
  if (!Number.isInteger(seq) || seq < 1 || seq > head.size) return refuse(`--entry: found "${entry}", expected a number from 1 to ${head.size}`, 2);
  const proof = proveEntry(fileLines(join(folder, 'ledger.jsonl')), seq, head);
  if (proof === null) return refuse(`the ledger is not the one its head speaks of: missiongate verify ${folder}`, 1);
  console.log(JSON.stringify(proof, null, 2));
  return 0;
}

function refuse(message: string, code: number): number {
  console.error(`missiongate audit prove: ${message}`);
  return code;
}
