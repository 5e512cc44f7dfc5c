// oxlint-disable-next-line import/no-unassigned-import -- the library of certificates wants it loaded before itself
import 'reflect-metadata';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { X509Certificate } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 60 * 60 * 1000;

/** What a TLS server needs, in PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that exists for one test, and signs what it is asked to. */
export class CertificateAuthority {
  readonly #keys: CryptoKeyPair;
  readonly #certificate: X509Certificate;

  private constructor(keys: CryptoKeyPair, certificate: X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
  }

  static async create(): Promise<CertificateAuthority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({ serialNumber: '01', name: 'CN=Authority of a test', ...validity(1), signingAlgorithm: algorithm, keys, extensions: [new BasicConstraintsExtension(true, 1, true)] }, webcrypto as Crypto);
    return new CertificateAuthority(keys, certificate);
  }

  /** Its own certificate: who trusts it trusts what it signed. */
  get pem(): string {
    return this.#certificate.toString('pem');
  }

  /** For a host name; with `days` below nothing it has run out. */
  async sign(host: string, days = 1): Promise<ServerCertificate> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({ serialNumber: '02', subject: `CN=${host}`, issuer: this.#certificate.subject, ...validity(days), signingAlgorithm: algorithm, publicKey: keys.publicKey, signingKey: this.#keys.privateKey, extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: host }])] }, webcrypto as Crypto);
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
  }
}

async function newKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - 10 * day), notAfter: new Date(Date.now() + days * day) };
}
