import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { MissionFiles } from '../core/ledger/verify.ts';
import type { ExportedFile } from '../engine/export-mission.ts';

/** Writes exported files below a folder; the ledger comes in parts, all parts of one file are put together. */
export async function writeMissionFiles(folder: string, files: AsyncIterable<ExportedFile>): Promise<number> {
  const begun = new Set<string>();
  for await (const { path, text } of files) {
    const file = join(folder, path);
    if (!begun.has(file)) {
      mkdirSync(dirname(file), { recursive: true });
      rmSync(file, { force: true });
      begun.add(file);
    }
    appendFileSync(file, text);
  }
  return begun.size;
}

export class NoMissionFolder extends Error {
  override readonly name = 'NoMissionFolder';
}

/** Reads what `writeMissionFiles` wrote. Throws `NoMissionFolder` when the folder holds no ledger. */
export function readMissionFiles(folder: string, expectedHead: string | null): MissionFiles {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new NoMissionFolder(`${folder} is no folder`);
  const ledger = join(folder, 'ledger.jsonl');
  if (!existsSync(ledger)) throw new NoMissionFolder(`${folder} holds no ledger.jsonl: expected a folder that \`missiongate demo --out\` or \`missiongate export\` wrote`);
  return {
    ledger: readFileSync(ledger, 'utf8').split('\n'),
    packs: filesBelow(join(folder, 'evidence'), '.json').map((file) => ({ file: `evidence/${basename(file)}`, text: readFileSync(file, 'utf8') })),
    artifacts: filesBelow(join(folder, 'artifacts'), '.txt').map((file) => ({ file: `artifacts/${basename(file)}`, digest: basename(file, '.txt'), text: readFileSync(file, 'utf8') })),
    expectedHead,
  };
}

function filesBelow(folder: string, extension: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(folder, name));
}
