import { publicKeyOf } from '../../kit/ed25519.ts';
import type { PublicKey } from '../../kit/ed25519.ts';
import { isJsonObject } from '../../kit/json.ts';

/** A key that is, or was, an installation's. */
export interface KnownKey extends PublicKey {
  /** First and last moment of its signatures, ISO 8601; absent: no bound. */
  readonly from?: string;
  readonly until?: string;
  /** `retired`: it signs nothing new, what it signed stands. `revoked`: what it signed from `until` on may be somebody else's. */
  readonly state: 'active' | 'retired' | 'revoked';
}

export type KeyRing = readonly KnownKey[];

/** What a key ring says of a signature by a key that was given at some moment. */
export type KeyVerdict = { readonly known: true; readonly key: KnownKey; /** Something a reader should know. */ readonly remark: string | null } | { readonly known: false; readonly reason: string };

export function findKey(ring: KeyRing, keyId: string, at: string): KeyVerdict {
  const key = ring.find((one) => one.keyId === keyId);
  const name = `key ${keyId.slice(0, 16)}`;
  if (!key) return { known: false, reason: ring.length === 0 ? `${name} is not known: no key was given` : `${name} is not among the keys given (${ring.map((one) => one.keyId.slice(0, 16)).join(', ')})` };
  const moment = Date.parse(at);
  if (Number.isNaN(moment)) return { known: false, reason: `${name} signed for no time` };
  if (key.from !== undefined && moment < Date.parse(key.from)) return { known: false, reason: `${name} was not in use before ${key.from}, but signed for ${at}` };
  if (key.until !== undefined && moment > Date.parse(key.until)) return { known: false, reason: `${name} was ${key.state === 'revoked' ? 'revoked' : 'out of use'} from ${key.until} on, but signed for ${at}` };
  if (key.state === 'revoked' && key.until === undefined) return { known: false, reason: `${name} is revoked` };
  const remark = key.state === 'revoked' ? `${name} was revoked on ${key.until ?? ''}: whoever has it can sign for an earlier time; compare with an anchor` : null;
  return { known: true, key, remark };
}

export type KeyRingReading = { readonly ok: true; readonly keys: KeyRing } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads public keys: one or more PEM blocks (`-----BEGIN PUBLIC KEY-----`), or a key ring
 * `{ "keys": [{ "publicKey": "<PEM>", "state": "active" | "retired" | "revoked", "from": "<time>", "until": "<time>" }] }`.
 */
export function readKeyRing(text: string): KeyRingReading {
  return /^\s*\{/.test(text) ? readRing(text) : readPems(text);
}

function readPems(text: string): KeyRingReading {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return { ok: false, problems: ['found a private key, expected a public one: who verifies needs no private key'] };
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  const keys = blocks.map((pem) => publicKeyOf(pem));
  if (blocks.length === 0) return { ok: false, problems: ['found neither a PEM block "-----BEGIN PUBLIC KEY-----" nor a JSON key ring'] };
  if (keys.includes(null)) return { ok: false, problems: [`key ${keys.indexOf(null) + 1}: expected an Ed25519 public key`] };
  return { ok: true, keys: keys.flatMap((key) => (key === null ? [] : [{ ...key, state: 'active' as const }])) };
}

function readRing(text: string): KeyRingReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problems: ['the key ring is no JSON'] };
  }
  if (!isJsonObject(value) || !Array.isArray(value.keys)) return { ok: false, problems: ['expected { "keys": [ … ] }'] };
  const problems: string[] = [];
  const keys = value.keys.flatMap((one: unknown, index) => {
    const read = readKnownKey(one, `keys[${index}]`, problems);
    return read === null ? [] : [read];
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, keys };
}

function readKnownKey(value: unknown, place: string, problems: string[]): KnownKey | null {
  const fields = isJsonObject(value) ? value : {};
  const key = typeof fields.publicKey === 'string' ? publicKeyOf(fields.publicKey) : null;
  if (key === null) problems.push(`${place}.publicKey: expected an Ed25519 public key in PEM`);
  if (fields.keyId !== undefined && key !== null && fields.keyId !== key.keyId) problems.push(`${place}.keyId: the public key gives ${key.keyId}`);
  const state = fields.state ?? 'active';
  if (state !== 'active' && state !== 'retired' && state !== 'revoked') problems.push(`${place}.state: found ${JSON.stringify(state)}, expected active, retired or revoked`);
  for (const name of ['from', 'until'] as const) {
    const moment = fields[name];
    if (moment !== undefined && (typeof moment !== 'string' || Number.isNaN(Date.parse(moment)))) problems.push(`${place}.${name}: found ${JSON.stringify(moment)}, expected a time such as 2026-03-01T00:00:00Z`);
  }
  if (key === null || (state !== 'active' && state !== 'retired' && state !== 'revoked')) return null;
  return { ...key, state, ...(typeof fields.from === 'string' ? { from: fields.from } : {}), ...(typeof fields.until === 'string' ? { until: fields.until } : {}) };
}

/** The key ring as a file: what an installation publishes, and what an export takes along. */
export function keyRingText(keys: KeyRing): string {
  const written = keys.map(({ keyId, pem, state, from, until }) => ({ keyId, state, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }), publicKey: pem }));
  return `${JSON.stringify({ keys: written }, null, 2)}\n`;
}
