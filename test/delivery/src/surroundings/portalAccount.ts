// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CoreV1Api,
  KubernetesObjectApi,
  loadAllYaml,
  type KubeConfig,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { repository } from './NodeProcess';

const NAMESPACE = 'causeway';
const ACCOUNT = 'portal';

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
  await objects.create(bindingOf(role));
  const { status } = await core.createNamespacedServiceAccountToken({
    namespace: NAMESPACE,
    name: ACCOUNT,
    body: { spec: { audiences: [] } },
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

function bindingOf({ metadata, kind }: KubernetesObject): KubernetesObject {
  const subject = {
    kind: 'ServiceAccount',
    name: ACCOUNT,
    namespace: NAMESPACE,
  };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: metadata?.name },
    subjects: [subject],
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind,
      name: metadata?.name,
    },
  };
  return binding;
}
