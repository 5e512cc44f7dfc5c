import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { readAnchor } from '../core/ledger/anchor.ts';
import type { Anchor } from '../core/ledger/anchor.ts';
import { readKeyRing } from '../core/ledger/key-ring.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';
import { verifyMission } from '../core/ledger/verify.ts';
import type { MissionFiles, VerificationReport } from '../core/ledger/verify.ts';
import { describeDossier, verifyDossierFile } from './dossier/verify-dossier-file.ts';
import { fileLines } from './file-lines.ts';
import { keysBeside, NoMissionFolder, readMissionFiles } from './mission-files.ts';
import { verifyFile } from './verify-file.ts';
import type { FileReport } from './verify-file.ts';
import { describeFile, describeVerification } from './verify-words.ts';

export interface VerifyOptions {
  readonly key: readonly string[];
  readonly anchor: readonly string[];
  readonly head?: string;
  readonly format: string;
}

/** What was asked for cannot be read. */
export class WrongCall extends Error {
  override readonly name = 'WrongCall';
}

/** `missiongate verify`: 0 valid, 1 invalid with every reason, 2 called wrongly. */
export function verifyPath(path: string, options: VerifyOptions): number {
  if (options.format !== 'text' && options.format !== 'json') return usage(`--format: found "${options.format}", expected text or json`);
  if (options.head !== undefined && !/^[0-9a-f]{8,64}$/.test(options.head)) return usage('--head: expected 8 to 64 hex digits, as a gate check shows them');
  try {
    const { valid, data, words } = verification(path, options);
    for (const line of options.format === 'json' ? [JSON.stringify(data, null, 2)] : words) console.log(line);
    return valid ? 0 : 1;
  } catch (error) {
    if (error instanceof NoMissionFolder || error instanceof WrongCall) return usage(error.message);
    throw error;
  }
}

/** What a verification found, whatever was verified. */
export interface Verification {
  readonly valid: boolean;
  /** `valid`, `tampered`, `truncated`, `forked`, `wrong-key`; `unsigned` for a dossier that is whole and signed by nobody. */
  readonly verdict: string;
  /** Mission, ledger head and entries, where there is a ledger. */
  readonly ledger: Pick<VerificationReport, 'mission' | 'head' | 'entries'> | null;
  /** For programs. */
  readonly data: object;
  /** For people: the verdict first. */
  readonly words: readonly string[];
}

/** Verifies what lies at a path. Throws `WrongCall` or `NoMissionFolder`. */
export function verification(path: string, options: Pick<VerifyOptions, 'key' | 'anchor' | 'head'>): Verification {
  const dossier = existsSync(path) && statSync(path).isFile() ? verifyDossierFile(path, givenKeys(options)) : null;
  if (dossier !== null) return { valid: dossier.valid, verdict: dossier.verdict, ledger: null, data: dossier, words: describeDossier(dossier) };
  const alone = verifyAlone(path, options);
  if (alone !== null) return { valid: alone.valid, verdict: alone.verdict.kind, ledger: null, data: alone, words: describeFile(alone) };
  const report = verifyMission(filesToVerify(path, options));
  return { valid: report.valid, verdict: report.verdict.kind, ledger: report, data: report, words: describeVerification(report, options) };
}

/** A single file that is no ledger; null for a folder or a ledger. */
function verifyAlone(path: string, options: Pick<VerifyOptions, 'key' | 'anchor' | 'head'>): FileReport | null {
  if (!existsSync(path) || statSync(path).isDirectory() || path.endsWith('.jsonl')) return null;
  const { keys = [], keysAreGiven = false, anchors = [] } = filesToVerify(path, options);
  const report = verifyFile(path, { keys, keysAreGiven, anchors });
  if ((report?.what === 'statement' || report?.what === 'proof') && keys.length === 0) throw new WrongCall(`${path} is signed, and nothing but a public key can check it: name your installation's with --key`);
  return report;
}

/** What lies at a path, with what its reader knows. Throws `WrongCall` or `NoMissionFolder`. */
export function filesToVerify(path: string, options: Pick<VerifyOptions, 'key' | 'anchor' | 'head'>): MissionFiles {
  const keys = givenKeys(options);
  const anchors = options.anchor.map((one) => anchorAt(one));
  const expectedHead = options.head ?? null;
  if (!existsSync(path)) throw new WrongCall(`${path} does not exist`);
  if (statSync(path).isDirectory()) return readMissionFiles(path, { expectedHead, anchors, keys });
  return { ledger: fileLines(path), packs: [], artifacts: [], ledgerOnly: true, expectedHead, anchors, keys: keys ?? keysNear(path), keysAreGiven: keys !== null };
}

/** The keys that lie beside a file of an export, or beside the folder it is in (`evidence/`, `statements/`). */
function keysNear(path: string): KeyRing {
  const beside = keysBeside(dirname(path));
  return beside.length > 0 ? beside : keysBeside(join(dirname(path), '..'));
}

function givenKeys({ key }: Pick<VerifyOptions, 'key'>): KeyRing | null {
  return key.length === 0 ? null : key.flatMap((one) => keysAt(one));
}

/** Public keys of a file, or of all files `*.pem`, `*.pub` and `*.json` of a folder. */
function keysAt(path: string): KeyRing {
  if (!existsSync(path)) throw new WrongCall(`--key: ${path} does not exist`);
  if (statSync(path).isDirectory()) {
    const files = readdirSync(path).filter((name) => /\.(pem|pub|json)$/.test(name)).sort();
    if (files.length === 0) throw new WrongCall(`--key: ${path} holds no .pem, .pub or .json file`);
    return files.flatMap((name) => keysAt(join(path, name)));
  }
  const reading = readKeyRing(readFileSync(path, 'utf8'));
  if (!reading.ok) throw new WrongCall(`--key: ${path}: ${reading.problems.join('; ')}`);
  return reading.keys;
}

/** A file that holds a signed head or a gate check's text, or the hash itself. */
function anchorAt(value: string): Anchor {
  const isFile = existsSync(value);
  const anchor = readAnchor(isFile ? value : '--anchor', isFile ? readFileSync(value, 'utf8') : value);
  if (anchor === null) throw new WrongCall(`--anchor: ${isFile ? `${value} holds no signed head and no line "ledger <entries>:<hash>"` : `found "${value}", expected a file, <entries>:<hash> as a gate check shows it, or a hash`}`);
  return anchor;
}

function usage(message: string): number {
  console.error(`missiongate verify: ${message}`);
  return 2;
}
