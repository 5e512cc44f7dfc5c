import type { KeylessSigner } from '../engine/ports/signer.ts';
import { reasonOf } from '../kit/reason-of.ts';

export interface KeylessOptions {
  /** Null: sigstore's public instances. */
  readonly fulcioUrl: string | null;
  readonly rekorUrl: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A statement could not be signed without a key. */
export class KeylessUnavailable extends Error {
  override readonly name = 'KeylessUnavailable';
  readonly code = 'keyless_unavailable';
}

/**
 * Signs as the workflow this process runs in: its OIDC token becomes a certificate that lives for minutes, the signature is entered in a
 * public log. What is signed is then public: statements name people, commits and digests. The library is loaded when it is first needed.
 */
export function createKeylessSigner({ fulcioUrl, rekorUrl, env }: KeylessOptions): KeylessSigner {
  return {
    async attest(payloadType, payload) {
      const hasToken = (env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) || env.SIGSTORE_ID_TOKEN;
      if (!hasToken) {
        throw new KeylessUnavailable('signing through sigstore needs an OIDC token: run in GitHub Actions with `permissions: id-token: write`, or set SIGSTORE_ID_TOKEN; or unset MISSIONGATE_KEYLESS');
      }
      const { attest } = await import('./sigstore.ts');
      try {
        const bundle = await attest(Buffer.from(payload), payloadType, { ...(fulcioUrl === null ? {} : { fulcioURL: fulcioUrl }), ...(rekorUrl === null ? {} : { rekorURL: rekorUrl }) });
        return JSON.stringify(bundle, null, 2);
      } catch (error) {
        throw new KeylessUnavailable(`sigstore did not sign: ${reasonOf(error)}. Look at the status of its services, or unset MISSIONGATE_KEYLESS`, { cause: error });
      }
    },
  };
}
