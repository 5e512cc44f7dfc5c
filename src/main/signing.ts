import type { Settings } from '../config/settings.ts';
import type { SigningSettings } from '../config/signing-settings.ts';
import type { KeyRing } from '../core/ledger/key-ring.ts';
import type { ExportSigning } from '../engine/export-mission.ts';
import { createKeylessSigner } from '../github/keyless-signer.ts';
import { signingKeyFromPem, signingKeyOf } from '../store/signing-key.ts';
import type { SigningKey } from '../store/signing-key.ts';

/**
 * The key of an installation: the one that was set, or, embedded, the data folder's own, made at the first call. Null where several hosts
 * share a database and none was set: each would sign with a key of its own, and lose it with its disk.
 */
export function signingFor(settings: Pick<Settings, 'signing' | 'dataDir'> & { readonly databaseUrl: null }): SigningKey;
export function signingFor(settings: Pick<Settings, 'signing' | 'dataDir' | 'databaseUrl'>): SigningKey | null;
export function signingFor({ signing, dataDir, databaseUrl }: Pick<Settings, 'signing' | 'dataDir' | 'databaseUrl'>): SigningKey | null {
  if (signing.privateKey !== null) return signingKeyFromPem(signing.privateKey, 'MISSIONGATE_SIGNING_KEY');
  return databaseUrl === null ? signingKeyOf(dataDir) : null;
}

/** Every key that may have signed here: the present one first. */
export function keysOf(key: SigningKey | null, { keyRing }: SigningSettings): KeyRing {
  const present = key === null ? [] : [{ ...key.signer.publicKey, state: 'active' as const }];
  return [...present, ...keyRing.filter(({ keyId }) => keyId !== present[0]?.keyId)];
}

/** With what exports of an installation are signed; null without a key. */
export function exportSigning(settings: Pick<Settings, 'signing' | 'dataDir'> & { readonly databaseUrl: null }): ExportSigning;
export function exportSigning(settings: Pick<Settings, 'signing' | 'dataDir' | 'databaseUrl'>): ExportSigning | null;
export function exportSigning(settings: Pick<Settings, 'signing' | 'dataDir' | 'databaseUrl'>): ExportSigning | null {
  const key = signingFor(settings);
  const { keyless } = settings.signing;
  return key === null ? null : { signer: key.signer, keys: keysOf(key, settings.signing), keyless: keyless === null ? null : createKeylessSigner({ ...keyless, env: process.env }) };
}
