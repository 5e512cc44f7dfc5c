/** Signs what the installation vouches for; implemented where keys are kept. Null stands for an installation without a key. */
export type { Signer } from '../../core/ledger/signing.ts';

/** Signs in the name of whoever runs this process (a workflow of GitHub Actions), with a key that lives for one signature. */
export interface KeylessSigner {
  /** The signed payload as a sigstore bundle, JSON. Rejects with a message that says what is missing. */
  attest(payloadType: string, payload: Uint8Array): Promise<string>;
}
