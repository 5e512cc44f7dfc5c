import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { MissionFiles } from '../../src/core/ledger/verify.ts';
import { keyRingText } from '../../src/core/ledger/key-ring.ts';

/** Writes what a mission exports as the folder that `missiongate verify` and `missiongate dossier` read. */
export function writeExport(folder: string, files: MissionFiles): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('ledger.jsonl', [...files.ledger].map((line) => `${line}\n`).join(''));
  write('heads.jsonl', files.heads ?? '');
  write('keys.json', keyRingText(files.keys ?? []));
  for (const { file, text } of [...files.packs, ...files.artifacts, ...(files.statements ?? [])]) write(file, text);
}
