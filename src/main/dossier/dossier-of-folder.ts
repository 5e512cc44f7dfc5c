import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeDossier } from '../../engine/dossier.ts';
import type { DossierOutcome } from '../../engine/dossier.ts';
import { readMissionFiles } from '../mission-files.ts';

/** The dossier of an export in a folder. Throws `NoMissionFolder` when it is none. */
export function dossierOfFolder(folder: string): DossierOutcome {
  return makeDossier({
    files: () => readMissionFiles(folder),
    artifact(digest) {
      const file = join(folder, 'artifacts', `${digest}.txt`);
      return /^[0-9a-f]{64}$/.test(digest) && existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
  });
}
