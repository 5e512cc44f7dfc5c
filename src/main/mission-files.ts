import { appendFileSync, existsSync, mkdirSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { Anchor } from '../core/ledger/anchor.ts';
import { readKeyRing } from '../core/ledger/key-ring.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';
import type { ArtifactFile, PackFile } from '../core/ledger/check-files.ts';
import type { MissionFiles } from '../core/ledger/verify.ts';
import type { ExportedFile } from '../engine/export-mission.ts';
import { fileLines } from './file-lines.ts';
import { notARecord, readRecord } from './read-record.ts';

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

/** What the reader knows from elsewhere. */
export interface KnownBefore {
  readonly expectedHead?: string | null;
  readonly anchors?: readonly Anchor[];
  /** Null: the keys that came with the files are taken. */
  readonly keys?: KeyRing | null;
}

/** Reads what `writeMissionFiles` wrote, file by file as it is asked for. Throws `NoMissionFolder` when the folder holds no ledger, or a key file that cannot be read. */
export function readMissionFiles(folder: string, { expectedHead = null, anchors = [], keys = null }: KnownBefore = {}): MissionFiles {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new NoMissionFolder(`${folder} is no folder`);
  const ledger = join(folder, 'ledger.jsonl');
  if (!existsSync(ledger)) throw new NoMissionFolder(`${folder} holds no ledger.jsonl: expected a folder that \`missiongate demo --out\` or \`missiongate export\` wrote`);
  const unreadable = notARecord(ledger, Infinity);
  if (unreadable !== null) throw new NoMissionFolder(`${ledger}: ${unreadable}`);
  const heads = recordAt(join(folder, 'heads.jsonl'));
  return {
    ledger: fileLines(ledger),
    heads,
    packs: filesBelow(folder, 'evidence', '.json'),
    artifacts: artifactsBelow(folder),
    statements: filesBelow(folder, 'statements', '.dsse.json'),
    keys: keys ?? keysBeside(folder),
    keysAreGiven: keys !== null,
    anchors,
    expectedHead,
  };
}

/** The text of a file that may not be there. Throws where it is there and cannot be read. */
function recordAt(path: string): string | null {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const { text, unreadable } = readRecord(path);
  if (unreadable !== undefined) throw new NoMissionFolder(`${path}: ${unreadable}`);
  return text;
}

/** Public keys that came with files: they show who signed, not that it was the right one. */
export function keysBeside(folder: string): KeyRing {
  const file = join(folder, 'keys.json');
  const text = recordAt(file);
  if (text === null) return [];
  const reading = readKeyRing(text);
  if (!reading.ok) throw new NoMissionFolder(`${file}: ${reading.problems.join('; ')}`);
  return reading.keys;
}

function* filesBelow(folder: string, name: string, extension: string): Generator<PackFile> {
  const below = join(folder, name);
  if (!existsSync(below) || !statSync(below).isDirectory()) return;
  for (const one of readdirSync(below).sort()) {
    if (one.endsWith(extension)) yield { file: `${name}/${one}`, ...readRecord(join(below, one)) };
  }
}

function* artifactsBelow(folder: string): Generator<ArtifactFile> {
  for (const one of filesBelow(folder, 'artifacts', '.txt')) yield { ...one, digest: basename(one.file, '.txt') };
}
