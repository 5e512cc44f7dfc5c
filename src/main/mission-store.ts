import { join } from 'node:path';

import type { Settings } from '../config/settings.ts';
import type { Store } from '../engine/ports/store.ts';
import { systemClock } from '../kit/system-clock.ts';
import type { Database } from '../store/database.ts';
import { openEmbeddedDatabase } from '../store/embedded-database.ts';
import { migrate } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { openPostgresDatabase } from '../store/postgres-database.ts';
import { createStore } from '../store/store.ts';

/** Does something with the store of a mission that is in it; otherwise says which missions are, and gives null. */
export async function withMissionStore<T>(settings: Settings, command: string, missionId: string, work: (store: Store) => Promise<T>): Promise<T | null> {
  const database = await openDatabase(settings, command);
  const store = createStore(database, systemClock);
  try {
    await migrate(database, migrations);
    if ((await store.read(missionId)) !== null) return await work(store);
    const known = (await store.missions(20)).map((mission) => `  ${mission.missionId}  ${mission.owner}/${mission.repository}#${mission.issue}  ${mission.status}`);
    console.error([`missiongate ${command}: there is no mission "${missionId}".`, ...(known.length > 0 ? ['Latest missions:', ...known] : [])].join('\n'));
    return null;
  } finally {
    await store.close();
  }
}

export async function openDatabase({ databaseUrl, dataDir }: Settings, command: string): Promise<Database> {
  return databaseUrl === null ? openEmbeddedDatabase({ dataDir: join(dataDir, 'database') }) : openPostgresDatabase({ url: databaseUrl, applicationName: `missiongate ${command}` });
}
