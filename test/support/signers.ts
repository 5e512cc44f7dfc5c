import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { Signer } from '../../src/core/ledger/signing.ts';
import { describeKey } from '../../src/kit/ed25519.ts';

/** A signer with a fresh key. */
export function newSigner(): Signer {
  return signerOf(generateKeyPairSync('ed25519').privateKey);
}

/** A signer with the same key every time. */
export function knownSigner(): Signer {
  return signerOf(createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]), format: 'der', type: 'pkcs8' }));
}

function signerOf(privateKey: KeyObject): Signer {
  return { publicKey: describeKey(createPublicKey(privateKey)), sign: (data) => sign(null, data, privateKey).toString('base64') };
}
