import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readSigning } from '../../config/signing-settings.ts';
import { dossierDigest } from '../../core/dossier/dossier-statement.ts';
import { dossierOfStore } from '../../engine/dossier-of-store.ts';
import type { DossierOutcome } from '../../engine/dossier.ts';
import type { Signer } from '../../engine/ports/signer.ts';
import { signingKeyFromPem } from '../../store/signing-key.ts';
import { NoMissionFolder } from '../mission-files.ts';
import { withMissionStore } from '../mission-store.ts';
import { processSettings } from '../process-settings.ts';
import { exportSigning } from '../signing.ts';
import { dossierOfFolder } from './dossier-of-folder.ts';
import { dossierFormats, writeDossier } from './write-dossier.ts';
import type { DossierFormat } from './write-dossier.ts';

export interface DossierOptions {
  readonly mission?: string;
  readonly format: string;
  readonly out?: string;
}

interface Found {
  readonly outcome: DossierOutcome;
  readonly signer: Signer | null;
}

/** `missiongate dossier`: 0 written, 1 there is none to write or its record does not verify, 2 called wrongly. */
export async function dossierCommand(folder: string | undefined, options: DossierOptions): Promise<number> {
  const formats = formatsOf(options.format);
  if (formats === null) return usage(`--format: found "${options.format}", expected ${dossierFormats.join(', ')} or all`);
  if ((folder === undefined) === (options.mission === undefined)) return usage('name either the folder of an export, or a mission with --mission <id>');
  try {
    const found = folder === undefined ? await ofMission(options.mission ?? '') : ofFolder(folder);
    if (typeof found === 'number') return found;
    if (!found.outcome.ok) {
      console.error(`missiongate dossier: ${found.outcome.reason}`);
      return 1;
    }
    const { dossier } = found.outcome;
    const out = options.out ?? folder ?? '.';
    const files = await writeDossier(out, dossier, formats, found.signer);
    for (const file of files) console.log(`written: ${join(out, file)}`);
    console.log(`dossier ${dossierDigest(dossier)} of mission ${dossier.mission.id}, ${found.signer === null ? notSigned : `signed by key ${found.signer.publicKey.keyId.slice(0, 16)}; check it with: missiongate verify ${join(out, 'dossier.json')}`}`);
    const { verdict, faults } = dossier.signatures.verification;
    if (verdict === 'valid') return 0;
    console.error([`missiongate dossier: the record it was made from does not verify (${verdict}); the dossier says so on its first page:`, ...faults.map((fault) => `  ${fault}`)].join('\n'));
    return 1;
  } catch (error) {
    if (error instanceof NoMissionFolder) return usage(error.message);
    throw error;
  }
}

const notSigned = 'not signed: there is no key (set MISSIONGATE_SIGNING_KEY). It proves nothing by itself; it can be made again from the export and compared';

function formatsOf(format: string): readonly DossierFormat[] | null {
  if (format === 'all') return dossierFormats;
  const one = dossierFormats.find((known) => known === format);
  return one === undefined ? null : [one];
}

/** Without the database there is only a key where one was set. */
function ofFolder(folder: string): Found | number {
  const problems: string[] = [];
  const { privateKey } = readSigning(process.env, (path) => readFileSync(path, 'utf8'), (name, message) => problems.push(`${name}: ${message}`));
  if (problems.length > 0) return usage(problems.join('; '));
  return { outcome: dossierOfFolder(folder), signer: privateKey === null ? null : signingKeyFromPem(privateKey, 'MISSIONGATE_SIGNING_KEY').signer };
}

async function ofMission(missionId: string): Promise<Found | number> {
  const settings = processSettings();
  if (settings === null) return 2;
  const signing = exportSigning(settings);
  const found = await withMissionStore(settings, 'dossier', missionId, async (store) => ({ outcome: await dossierOfStore(store, missionId, signing), signer: signing?.signer ?? null }));
  return found ?? 1;
}

function usage(message: string): number {
  console.error(`missiongate dossier: ${message}`);
  return 2;
}
