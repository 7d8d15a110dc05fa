// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = [
  'clusterToken',
  'forgePassword',
  'webhookSecret',
  'releaseSecret',
  'canarySecret',
  'postgresPassword',
];

/** The random credentials of this embedded default, made at its first start and kept beside its data. */
export function readSecrets(dataDirectory) {
  const file = join(dataDirectory, 'secrets.json');
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const secrets = Object.fromEntries(
    NAMES.map(name => [
      name,
      known[name] ?? randomBytes(32).toString('base64url'),
    ]),
  );
  mkdirSync(dataDirectory, { recursive: true });
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
