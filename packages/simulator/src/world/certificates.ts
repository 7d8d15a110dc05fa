// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** PEM of a certificate and its private key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What the clusters serve with, and whom clients must trust. */
export interface Certificates {
  readonly serving: KeyPair;
  readonly caFile: string;
  /** PEM of the certificate authority. */
  readonly ca: string;
}

const day = 24 * 60 * 60 * 1000;
const validDays = 3650;
/** A certificate that ends within this time is made anew. */
const renewBefore = 30 * day;

/**
 * The certificate authority of the simulated clusters and their serving
 * certificate for `localhost` and `127.0.0.1`. Both are made once and kept
 * below `directory`, so that clients which trust `ca.crt` go on trusting it.
 */
export async function certificates(
  directory: string,
  now: Date,
): Promise<Certificates> {
  await mkdir(directory, { recursive: true });
  const ca = await keptPair(directory, 'ca', now, () => authority(now));
  const serving = await keptPair(
    directory,
    'serving',
    now,
    () => servingPair(ca, now),
    ca,
  );
  return { serving, caFile: join(directory, 'ca.crt'), ca: ca.cert };
}

async function keptPair(
  directory: string,
  name: string,
  now: Date,
  make: () => Promise<KeyPair>,
  issuer?: KeyPair,
): Promise<KeyPair> {
  const [certFile, keyFile] = [
    join(directory, `${name}.crt`),
    join(directory, `${name}.key`),
  ];
  const kept = await readPair(certFile, keyFile);
  if (kept && isUsable(kept, now, issuer)) return kept;
  const pair = await make();
  await writeFile(keyFile, pair.key, { mode: 0o600 });
  await chmod(keyFile, 0o600);
  await writeFile(certFile, pair.cert);
  return pair;
}

async function readPair(
  certFile: string,
  keyFile: string,
): Promise<KeyPair | undefined> {
  try {
    return {
      cert: await readFile(certFile, 'utf8'),
      key: await readFile(keyFile, 'utf8'),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isUsable(
  { cert }: KeyPair,
  now: Date,
  issuer: KeyPair | undefined,
): boolean {
  const certificate = new X509Certificate(cert);
  const lasts = Date.parse(certificate.validTo) - now.getTime() > renewBefore;
  return (
    lasts &&
    (!issuer || certificate.verify(new X509Certificate(issuer.cert).publicKey))
  );
}

function period(now: Date) {
  // An hour back, so that a clock that is a little late does not refuse it.
  return {
    notBeforeDate: new Date(now.getTime() - 60 * 60 * 1000),
    notAfterDate: new Date(now.getTime() + validDays * day),
  };
}

async function authority(now: Date): Promise<KeyPair> {
  const made = await generate(
    [{ name: 'commonName', value: 'Causeway simulator' }],
    {
      ...period(now),
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    },
  );
  return { cert: made.cert, key: made.private };
}

async function servingPair(ca: KeyPair, now: Date): Promise<KeyPair> {
  const made = await generate(
    [{ name: 'commonName', value: 'kube-apiserver' }],
    {
      ...period(now),
      keyType: 'ec',
      algorithm: 'sha256',
      ca,
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        {
          name: 'keyUsage',
          digitalSignature: true,
          keyEncipherment: true,
          critical: true,
        },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    },
  );
  return { cert: made.cert, key: made.private };
}
