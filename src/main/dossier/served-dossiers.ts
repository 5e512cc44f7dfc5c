import { dossierOfStore } from '../../engine/dossier-of-store.ts';
import { signDossier } from '../../engine/dossier.ts';
import type { ExportSigning } from '../../engine/export-mission.ts';
import type { Store } from '../../engine/ports/store.ts';
import type { Dossiers } from '../../http/dossier/answer.ts';

/** Dossiers of a store's missions. */
export function servedDossiers(store: Store, signing: ExportSigning | null): Dossiers {
  return {
    head: async (missionId) => (await store.read(missionId))?.headHash ?? null,
    of: (missionId) => dossierOfStore(store, missionId, signing),
    sign: (dossier) => (signing === null ? null : signDossier(dossier, signing.signer)),
  };
}
