import { createPrivateKey, createSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { Clock } from '../kit/time.ts';

/** GitHub accepts ten minutes; less leaves room for clocks that differ. */
const lifeSeconds = 9 * 60;
const backdateSeconds = 60;

/** Signs the App's JSON web tokens (RS256). The key is read once, so that a broken one is noticed at start. */
export function createJwtSigner(appId: number, privateKey: string | KeyObject, clock: Clock): () => string {
  const key = typeof privateKey === 'string' ? readKey(privateKey) : privateKey;
  return () => {
    const now = Math.floor(clock.now() / 1000);
    const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - backdateSeconds, exp: now + lifeSeconds, iss: String(appId) })}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
  };
}

/** Keys come as PEM, as PEM with `\n` for line ends, or as base64 of PEM. */
function readKey(privateKey: string): KeyObject {
  const text = privateKey.trim().replaceAll('\\n', '\n');
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8');
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause may quote the key.
    throw new Error("The App's private key cannot be read. Download a new one from the App's settings page and pass the whole PEM text, BEGIN and END lines included.");
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
