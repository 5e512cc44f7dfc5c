import { createPublicKey, verify } from 'node:crypto';

import { isJsonObject } from '../../kit/json.ts';
import type { Millis } from '../../kit/time.ts';
import { APP_JWT_MAX_SECONDS } from '../model/limits.ts';
import type { App } from '../model/records.ts';
import { Problem } from './problem.ts';

function undecodable(): Problem {
  return new Problem(401, 'A JSON web token could not be decoded');
}

/** The App that a JSON Web Token proves, or the 401 GitHub answers. Messages matter: Octokit reads clock skew from them. */
export function verifyAppJwt(token: string, apps: ReadonlyMap<number, App>, now: Millis): App {
  const [head = '', payload = '', signature = '', ...rest] = token.split('.');
  const header = decode(head);
  const claims = decode(payload);
  if (rest.length > 0 || header === null || claims === null || header['alg'] !== 'RS256') throw undecodable();

  const issuer = claims['iss'];
  const app = [...apps.values()].find((one) => String(one.id) === String(issuer) || one.clientId === issuer);
  if (app === undefined) throw new Problem(404, 'Integration not found');
  const key = createPublicKey(app.publicKeyPem);
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'))) throw undecodable();

  const seconds = Math.floor(now / 1000);
  const { iat, exp } = claims;
  if (typeof exp !== 'number' || !Number.isInteger(exp) || exp <= seconds) {
    throw new Problem(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
  }
  if (exp > seconds + APP_JWT_MAX_SECONDS) throw new Problem(401, "'Expiration time' claim ('exp') is too far in the future");
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat > seconds) {
    throw new Problem(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  }
  return app;
}

function decode(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
