import { join } from 'node:path';

import { makeDossier } from '../../engine/dossier.ts';
import type { DossierOutcome } from '../../engine/dossier.ts';
import { readMissionFiles } from '../mission-files.ts';
import { readRecord } from '../read-record.ts';

/** The dossier of an export in a folder. Throws `NoMissionFolder` when it is none. */
export function dossierOfFolder(folder: string): DossierOutcome {
  return makeDossier({
    files: () => readMissionFiles(folder),
    artifact(digest) {
      const file = join(folder, 'artifacts', `${digest}.txt`);
      const found = /^[0-9a-f]{64}$/.test(digest) ? readRecord(file) : null;
      return found === null || found.unreadable !== undefined ? null : found.text;
    },
  });
}
