import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { verifyMission } from '../../core/ledger/verify.ts';
import { exportMission } from '../../engine/export-mission.ts';
import type { ExportSigning } from '../../engine/export-mission.ts';
import type { Store } from '../../engine/ports/store.ts';
import { readMissionFiles, writeMissionFiles } from '../mission-files.ts';
import { CannotRun } from './exit-codes.ts';

/** A folder that holds something else is not written into. `missionId`: a mission whose earlier export may stand there. */
export function checkExportFolder(folder: string, missionId: string | null): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const ledger = join(folder, 'ledger.jsonl');
  if (missionId !== null && existsSync(ledger) && readFileSync(ledger, 'utf8').slice(0, 20_000).includes(`"${missionId}"`)) return;
  throw new CannotRun(`--out: ${folder} is not empty; name a new folder.`);
}

/** Writes ledger, evidence packs and artifacts, and checks what was written as anybody could. Returns the ledger's head. */
export async function exportTo(folder: string, store: Store, missionId: string, signing: ExportSigning): Promise<string | null> {
  mkdirSync(folder, { recursive: true });
  const files = await writeMissionFiles(folder, exportMission(store, missionId, signing));
  if (files === 0) return null;
  const report = verifyMission(readMissionFiles(folder, { keys: signing.keys }));
  if (!report.valid) throw new Error(`what was written to ${folder} does not verify: ${report.faults.join('; ')}`);
  return report.head;
}
