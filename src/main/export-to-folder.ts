import type { Settings } from '../config/settings.ts';
import { exportMission } from '../engine/export-mission.ts';
import type { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { writeMissionFiles } from './mission-files.ts';
import { openDatabase, withMissionStore } from './mission-store.ts';
import { processSettings } from './process-settings.ts';
import { exportSigning } from './signing.ts';

/** `missiongate export`: what remains of a mission, as files that verify offline. */
export async function exportToFolder(missionId: string, folder: string): Promise<number> {
  const settings = processSettings();
  if (settings === null) return 2;
  const files = await exportWith(settings, missionId, folder);
  if (files === null) return 1;
  console.log(`${files} files written to ${folder}; check them with: missiongate verify ${folder}`);
  return 0;
}

/** The same for a command that needs the files for something else. The number of files; null when there are none, and it has been said why. */
export async function exportQuietly(missionId: string, folder: string): Promise<number | null> {
  const settings = processSettings();
  return settings === null ? null : exportWith(settings, missionId, folder);
}

/** Hands the installation's database to `work`; null when its settings are not usable, and it has been said why. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T | null> {
  const settings = processSettings();
  if (settings === null) return null;
  const database = await openDatabase(settings, 'export');
  try {
    await migrate(database, migrations);
    return await work(database);
  } finally {
    await database.close();
  }
}

async function exportWith(settings: Settings, missionId: string, folder: string): Promise<number | null> {
  return withMissionStore(settings, 'export', missionId, (store) => writeMissionFiles(folder, exportMission(store, missionId, exportSigning(settings))));
}
