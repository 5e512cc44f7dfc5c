import { createPrivateKey } from 'node:crypto';

import { readKeyRing } from '../core/ledger/key-ring.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';

/** What ledgers, decisions and evidence packs are signed with. */
export interface SigningSettings {
  /** Ed25519, PEM; null: the embedded default makes one in the data folder. */
  readonly privateKey: string | null;
  /** Public keys of earlier times, which exports take along. */
  readonly keyRing: KeyRing;
  /** Exported statements are signed through sigstore as well; null: they are not. */
  readonly keyless: { readonly fulcioUrl: string | null; readonly rekorUrl: string | null } | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `MISSIONGATE_SIGNING_KEY`, `MISSIONGATE_SIGNING_KEY_PATH`, `MISSIONGATE_SIGNING_KEYRING` and the settings of keyless signing. The private key never appears in a problem. */
export function readSigning(env: Environment, readFile: (path: string) => string, note: (name: string, message: string) => void): SigningSettings {
  const name = env.MISSIONGATE_SIGNING_KEY ? 'MISSIONGATE_SIGNING_KEY' : 'MISSIONGATE_SIGNING_KEY_PATH';
  const text = env.MISSIONGATE_SIGNING_KEY || readNamed(env, 'MISSIONGATE_SIGNING_KEY_PATH', readFile, note);
  const privateKey = text === null ? null : privatePem(text);
  if (text !== null && privateKey === null) note(name, 'holds no Ed25519 private key: make one with `openssl genpkey -algorithm ed25519` (PEM; line breaks may be written as \\n, or the whole in base64)');
  const ring = readNamed(env, 'MISSIONGATE_SIGNING_KEYRING', readFile, note);
  const reading = ring === null ? null : readKeyRing(ring);
  if (reading?.ok === false) for (const problem of reading.problems) note('MISSIONGATE_SIGNING_KEYRING', problem);
  return { privateKey, keyRing: reading?.ok === true ? reading.keys : [], keyless: readKeyless(env, note) };
}

function readKeyless(env: Environment, note: (name: string, message: string) => void): SigningSettings['keyless'] {
  const way = env.MISSIONGATE_KEYLESS || 'off';
  if (way !== 'off' && way !== 'sigstore') note('MISSIONGATE_KEYLESS', `found ${JSON.stringify(way)}, expected off or sigstore`);
  const url = (name: string): string | null => {
    const text = env[name];
    if (!text) return null;
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) note(name, 'expected a URL that starts with https://');
    return text;
  };
  const fulcioUrl = url('MISSIONGATE_SIGSTORE_FULCIO_URL');
  const rekorUrl = url('MISSIONGATE_SIGSTORE_REKOR_URL');
  return way === 'sigstore' ? { fulcioUrl, rekorUrl } : null;
}

function readNamed(env: Environment, name: string, readFile: (path: string) => string, note: (name: string, message: string) => void): string | null {
  const path = env[name];
  if (!path) return null;
  try {
    return readFile(path);
  } catch (error) {
    note(name, `cannot read ${JSON.stringify(path)}: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'}`);
    return null;
  }
}

function privatePem(text: string): string | null {
  for (const candidate of [text.replaceAll('\\n', '\n'), Buffer.from(text, 'base64').toString()]) {
    try {
      if (createPrivateKey(candidate).asymmetricKeyType === 'ed25519') return candidate;
    } catch {
      // The other form may be one.
    }
  }
  return null;
}
