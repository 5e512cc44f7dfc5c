import { exportMission } from '../engine/export-mission.ts';
import { writeMissionFiles } from './mission-files.ts';
import { withMissionStore } from './mission-store.ts';
import { processSettings } from './process-settings.ts';
import { exportSigning } from './signing.ts';

/** `missiongate export`: what remains of a mission, as files that verify offline. */
export async function exportToFolder(missionId: string, folder: string): Promise<number> {
  const settings = processSettings();
  if (settings === null) return 2;
  return withMissionStore(settings, 'export', missionId, async (store) => {
    const files = await writeMissionFiles(folder, exportMission(store, missionId, exportSigning(settings)));
    console.log(`${files} files written to ${folder}; check them with: missiongate verify ${folder}`);
    return 0;
  });
}
