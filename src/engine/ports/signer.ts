/** Signs what the installation vouches for; implemented where keys are kept. Null stands for an installation without a key. */
export type { Signer } from '../../core/ledger/signing.ts';
