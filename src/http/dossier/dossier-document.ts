import type { Dossier } from '../../core/dossier/dossier.ts';
import { dossierDigest } from '../../core/dossier/dossier-statement.ts';
import type { DossierDocument } from './document.ts';
import { asked } from './sections/asked.ts';
import { costs, decided } from './sections/decided.ts';
import { code, done } from './sections/done.ts';
import { opening } from './sections/opening.ts';
import { quality, waivers } from './sections/quality.ts';
import { release } from './sections/release.ts';
import { security } from './sections/security.ts';
import { signed } from './sections/signed.ts';
import { shown } from './words.ts';

/** What of a dossier is shown, in the order in which an auditor asks for it. */
export function dossierDocument(dossier: Dossier): DossierDocument {
  const { mission } = dossier;
  return {
    title: shown(mission.name, 300),
    place: `${shown(mission.repository, 200)}#${mission.issue.number}`,
    mission: mission.id,
    digest: dossierDigest(dossier),
    at: dossier.at,
    opening: opening(dossier),
    sections: [asked, done, code, quality, waivers, security, decided, costs, release, signed].map((section) => section(dossier)),
  };
}
