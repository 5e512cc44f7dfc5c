import { join } from 'node:path';

import { exportMission } from '../engine/export-mission.ts';
import { systemClock } from '../kit/system-clock.ts';
import { openEmbeddedDatabase } from '../store/embedded-database.ts';
import { migrate } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { openPostgresDatabase } from '../store/postgres-database.ts';
import { createStore } from '../store/store.ts';
import { writeMissionFiles } from './mission-files.ts';
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

async function exportWith(settings: NonNullable<ReturnType<typeof processSettings>>, missionId: string, folder: string): Promise<number | null> {
  const database =
    settings.databaseUrl === null ? await openEmbeddedDatabase({ dataDir: join(settings.dataDir, 'database') }) : openPostgresDatabase({ url: settings.databaseUrl, applicationName: 'missiongate export' });
  const store = createStore(database, systemClock);
  try {
    await migrate(database, migrations);
    if ((await store.read(missionId)) === null) {
      const known = (await store.missions(20)).map((mission) => `  ${mission.missionId}  ${mission.owner}/${mission.repository}#${mission.issue}  ${mission.status}`);
      console.error([`missiongate export: there is no mission "${missionId}".`, ...(known.length > 0 ? ['Latest missions:', ...known] : [])].join('\n'));
      return null;
    }
    return await writeMissionFiles(folder, exportMission(store, missionId, exportSigning(settings)));
  } finally {
    await store.close();
  }
}
