import type { PublicKey } from '../../kit/ed25519.ts';

/** Whoever can sign for this installation. The private key stays behind it; it answers at once. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** Ed25519 over these bytes, as base64. */
  sign(data: Uint8Array): string;
}

/**
 * The bytes that are signed for a payload of some type (DSSE's pre-authentication encoding): type and length are part of them,
 * so that a signature given for one kind of statement is worth nothing for another.
 */
export function signedBytes(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}
