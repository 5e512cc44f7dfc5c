import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { readAnchor } from '../core/ledger/anchor.ts';
import type { Anchor } from '../core/ledger/anchor.ts';
import { readKeyRing } from '../core/ledger/key-ring.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';
import { readSignedHead } from '../core/ledger/signed-head.ts';
import { faultText } from '../core/ledger/verdict.ts';
import { verifyMission } from '../core/ledger/verify.ts';
import type { MissionFiles, VerificationReport } from '../core/ledger/verify.ts';
import { dossierEnvelopeFile } from '../core/dossier/dossier-statement.ts';
import { describeDossier, verifyDossierFile } from './dossier/verify-dossier-file.ts';
import { fileLines } from './file-lines.ts';
import { keysBeside, NoMissionFolder, readMissionFiles } from './mission-files.ts';
import { notARecord } from './read-record.ts';
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
  mustBeReadable(path);
  const isFolder = statSync(path).isDirectory();
  const dossier = isFolder ? null : verifyDossierFile(path, givenKeys(options));
  if (dossier !== null) return { valid: dossier.valid, verdict: dossier.verdict, ledger: null, data: dossier, words: describeDossier(dossier) };
  const alone = verifyAlone(path, options);
  if (alone !== null) return { valid: alone.valid, verdict: alone.verdict.kind, ledger: null, data: alone, words: describeFile(alone) };
  if (!isFolder) mustBeLedger(path);
  const own = verifyMission(filesToVerify(path, options));
  const report = isFolder ? withWhatLiesBeside(path, own, givenKeys(options)) : own;
  return { valid: report.valid, verdict: report.verdict.kind, ledger: report, data: report, words: describeVerification(report, options) };
}

function mustBeReadable(path: string): void {
  if (!existsSync(path)) throw new WrongCall(`${path} does not exist`);
  if (statSync(path).isDirectory()) return;
  const problem = notARecord(path, path.endsWith('.jsonl') ? Infinity : undefined);
  if (problem !== null) throw new WrongCall(`${path}: ${problem}`);
}

/** What is no ledger at all was not tampered with: the reader named another file than he meant. */
function mustBeLedger(path: string): void {
  const [first = ''] = fileLines(path);
  if (readSignedHead(first) !== null) throw new WrongCall(`${path} holds signed heads, which say where a ledger stands: name the folder or its ledger.jsonl, and this file with --anchor`);
  if (!path.endsWith('.jsonl') && !first.startsWith('{"at":')) throw new WrongCall(`${path} is nothing that can be verified by itself: expected a folder of an export, a ledger.jsonl, an evidence pack, a signed statement, a proof, or a dossier.json`);
}

/** A single file that is no ledger; null for a folder or a ledger. */
function verifyAlone(path: string, options: Pick<VerifyOptions, 'key' | 'anchor' | 'head'>): FileReport | null {
  if (statSync(path).isDirectory() || path.endsWith('.jsonl')) return null;
  const { keys = [], keysAreGiven = false, anchors = [] } = filesToVerify(path, options);
  const report = verifyFile(path, { keys, keysAreGiven, anchors });
  if ((report?.what === 'statement' || report?.what === 'proof') && keys.length === 0) throw new WrongCall(`${path} is signed, and nothing but a public key can check it: name your installation's with --key`);
  return report;
}

/** A dossier in the folder must be what was signed, or what the files give: who reads VALID hands it on. What nobody vouches for is named. */
function withWhatLiesBeside(folder: string, report: VerificationReport, keys: KeyRing | null): VerificationReport {
  const file = ['dossier.json', dossierEnvelopeFile].find((name) => existsSync(join(folder, name)));
  const problem = file === undefined ? null : notARecord(join(folder, file));
  const found = file === undefined || problem !== null ? null : verifyDossierFile(join(folder, file), keys);
  const faults = problem !== null ? [problem] : (found?.faults ?? (file === undefined ? [] : ['this is no release dossier']));
  const unsigned = ['dossier.html', 'dossier.pdf'].filter((name) => existsSync(join(folder, name)));
  const remarks = [
    ...(file !== undefined && found !== null ? found.remarks.filter((remark) => !report.remarks.includes(remark)).map((remark) => `${file}: ${remark}`) : []),
    ...(unsigned.length === 0 ? [] : [`${unsigned.join(' and ')}: nobody signs these; \`missiongate dossier\` makes the same again from the folder`]),
    ...strangersIn(folder).map((name) => `${name}: no part of the record, and not looked at`),
  ];
  const [first] = faults;
  if (file === undefined || first === undefined) return { ...report, remarks: [...report.remarks, ...remarks] };
  const fault = { kind: found?.verdict === 'wrong-key' ? 'wrong-key' : 'tampered', place: file, entry: null, message: first } as const;
  return { ...report, valid: false, verdict: report.verdict.kind === 'valid' ? fault : report.verdict, faults: [...report.faults, ...faults.map((message) => faultText({ ...fault, message }))], remarks: [...report.remarks, ...remarks] };
}

/** Files among those of an export that are none of them. */
function strangersIn(folder: string): readonly string[] {
  const ours: readonly (readonly [string, RegExp])[] = [['evidence', /\.json$/], ['artifacts', /\.txt$/], ['statements', /\.(?:dsse|sigstore)\.json$/]];
  return ours.flatMap(([name, pattern]) => {
    const below = join(folder, name);
    const isFolder = existsSync(below) && statSync(below).isDirectory();
    return isFolder ? readdirSync(below).filter((one) => !pattern.test(one)).sort().map((one) => `${name}/${one}`) : [];
  });
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
