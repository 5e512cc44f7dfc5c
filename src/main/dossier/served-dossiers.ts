import { dossierOfStore } from '../../engine/dossier-of-store.ts';
import { signDossier } from '../../engine/dossier.ts';
import type { DossierOutcome } from '../../engine/dossier.ts';
import type { ExportSigning } from '../../engine/export-mission.ts';
import type { Store } from '../../engine/ports/store.ts';
import type { Dossiers } from '../../http/dossier/answer.ts';

/** Dossiers of a store's missions, one after the other: each is made of a whole export, and whoever has a link may ask as often as they like. */
export function servedDossiers(store: Store, signing: ExportSigning | null): Dossiers {
  let before: Promise<unknown> = Promise.resolve();
  return {
    of(missionId) {
      const next = before.then(() => dossierOfStore(store, missionId, signing));
      before = next.catch(() => undefined);
      return next satisfies Promise<DossierOutcome>;
    },
    sign: (dossier) => (signing === null ? null : signDossier(dossier, signing.signer)),
  };
}
