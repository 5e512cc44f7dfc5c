import type { MissionFiles } from '../core/ledger/verify.ts';
import { makeDossier } from './dossier.ts';
import type { DossierOutcome } from './dossier.ts';
import { exportMission } from './export-mission.ts';
import type { ExportSigning } from './export-mission.ts';
import type { Store } from './ports/store.ts';

/** The dossier of a mission in a store: that of its export, which is made for it and not kept. */
export async function dossierOfStore(store: Store, missionId: string, signing: ExportSigning | null): Promise<DossierOutcome> {
  const texts = new Map<string, string[]>();
  for await (const { path, text } of exportMission(store, missionId, signing)) {
    const before = texts.get(path);
    if (before) before.push(text);
    else texts.set(path, [text]);
  }
  const textOf = (path: string): string | null => texts.get(path)?.join('') ?? null;
  const below = (folder: string) => [...texts.keys()].filter((path) => path.startsWith(folder)).sort().map((file) => ({ file, text: textOf(file) ?? '' }));
  return makeDossier({
    files: (): MissionFiles => ({
      ledger: (textOf('ledger.jsonl') ?? '').split('\n'),
      heads: textOf('heads.jsonl'),
      packs: below('evidence/'),
      artifacts: below('artifacts/').map((one) => ({ ...one, digest: one.file.slice('artifacts/'.length, -'.txt'.length) })),
      statements: below('statements/'),
      keys: signing?.keys ?? [],
      expectedHead: null,
    }),
    artifact: (digest) => textOf(`artifacts/${digest}.txt`),
  });
}
