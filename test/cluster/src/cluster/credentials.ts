// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const OWNER_ONLY = 0o600;

/** Users that the API server knows by token, with their groups. */
const USERS = {
  admin: { user: 'admin', groups: ['system:masters'] },
  controllerManager: { user: 'system:kube-controller-manager', groups: [] },
  scheduler: { user: 'system:kube-scheduler', groups: [] },
  kwok: { user: 'kwok', groups: ['system:masters'] },
  flux: { user: 'flux', groups: ['system:masters'] },
} as const;

export type Role = keyof typeof USERS;
export const ROLES = Object.keys(USERS) as readonly Role[];

/** Secrets of one cluster, made anew for each start. */
export interface Credentials {
  readonly tokens: Readonly<Record<Role, string>>;
  /** CSV for `--token-auth-file`. */
  readonly tokenFile: string;
  /** RSA private key (PEM) that signs service account tokens. */
  readonly serviceAccountKeyFile: string;
}

export async function createCredentials(folder: string): Promise<Credentials> {
  const tokens = Object.fromEntries(
    ROLES.map(role => [role, randomBytes(24).toString('base64url')]),
  ) as Record<Role, string>;
  const tokenFile = join(folder, 'tokens.csv');
  const lines = ROLES.map(role => {
    const { user, groups } = USERS[role];
    return `${tokens[role]},${user},${user},"${groups.join(',')}"\n`;
  });
  await writeFile(tokenFile, lines.join(''), { mode: OWNER_ONLY });

  const serviceAccountKeyFile = join(folder, 'service-account.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(
    serviceAccountKeyFile,
    privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode: OWNER_ONLY },
  );
  return { tokens, tokenFile, serviceAccountKeyFile };
}

/** Where and how to reach the API server as somebody. */
export interface Access {
  readonly clusterName: string;
  readonly url: string;
  /** PEM in base64, as kubeconfig files hold it. */
  readonly caData: string;
  readonly token: string;
}

/** Writes a self-contained kubeconfig (JSON, which every reader of YAML takes). */
export async function writeKubeconfig(
  file: string,
  { clusterName: name, url, caData, token }: Access,
): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server: url, 'certificate-authority-data': caData } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  await writeFile(file, JSON.stringify(config, undefined, 2), {
    mode: OWNER_ONLY,
  });
}
