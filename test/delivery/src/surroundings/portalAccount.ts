// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CoreV1Api,
  KubernetesObjectApi,
  loadAllYaml,
  type KubeConfig,
  type KubernetesObject,
  type V1ClusterRoleBinding,
} from '@kubernetes/client-node';
import { repository } from './NodeProcess';

const NAMESPACE = 'causeway';
const ACCOUNT = 'portal';
/** Longer than any story; a cluster gives an hour when nobody asks. Seconds. */
const TOKEN_LIFE = 6 * 3600;

/** The account's name as the API server sees who asks. */
export const portalUser = `system:serviceaccount:${NAMESPACE}:${ACCOUNT}`;

/**
 * Makes the service account that docs/production.md asks for, with exactly the rights written there,
 * so that the page is known to be true. Returns its token.
 */
export async function createPortalAccount(config: KubeConfig): Promise<string> {
  const core = config.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(config);
  await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
  await core.createNamespacedServiceAccount({
    namespace: NAMESPACE,
    body: { metadata: { name: ACCOUNT } },
  });
  const role = await documentedRole();
  await objects.create(role);
  const roleName = role.metadata?.name ?? '';
  await objects.create(roleBinding(roleName, roleName));
  const { status } = await core.createNamespacedServiceAccountToken({
    namespace: NAMESPACE,
    name: ACCOUNT,
    body: { spec: { audiences: [], expirationSeconds: TOKEN_LIFE } },
  });
  if (!status) {
    throw new Error('The cluster gave no token for the service account');
  }
  return status.token;
}

/** The ClusterRole in the documentation. */
export async function documentedRole(): Promise<KubernetesObject> {
  const page = await readFile(join(repository, 'docs/production.md'), 'utf8');
  for (const [, yaml] of page.matchAll(/```yaml\n(.*?)```/gs)) {
    const found = loadAllYaml(yaml).find(
      (object: KubernetesObject) => object.kind === 'ClusterRole',
    );
    if (found) return found;
  }
  throw new Error('docs/production.md holds no ClusterRole');
}

/** Gives the account a ClusterRole. */
export function roleBinding(name: string, role: string): KubernetesObject {
  const group = 'rbac.authorization.k8s.io';
  const binding: V1ClusterRoleBinding = {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: NAMESPACE }],
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
  };
  return binding;
}
