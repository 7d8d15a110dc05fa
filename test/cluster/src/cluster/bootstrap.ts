// SPDX-License-Identifier: Apache-2.0
import {
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  V1CustomResourceDefinition,
} from '@kubernetes/client-node';
import { FakeNode, fakeNode } from './fakeNode';
import { ServerProcess } from './processes';
import { until } from './until';

/** Waits until pods may be created, which shows that the controllers work. */
export async function untilDefaultServiceAccount(
  kubeConfig: KubeConfig,
  server: ServerProcess,
): Promise<void> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  await until(
    () =>
      core.readNamespacedServiceAccount({
        name: 'default',
        namespace: 'default',
      }),
    { what: 'the default service account', server },
  );
}

/** Creates kinds and waits until the API server serves them. */
export async function installDefinitions(
  kubeConfig: KubeConfig,
  definitions: readonly V1CustomResourceDefinition[],
  server: ServerProcess,
): Promise<void> {
  const api = kubeConfig.makeApiClient(ApiextensionsV1Api);
  const objects = kubeConfig.makeApiClient(CustomObjectsApi);
  await Promise.all(
    definitions.map(body =>
      // As a custom object, because the client's own type for definitions
      // renames `default` and `enum`, and would drop them from what was read.
      objects.createClusterCustomObject({
        group: 'apiextensions.k8s.io',
        version: 'v1',
        plural: 'customresourcedefinitions',
        body,
      }),
    ),
  );
  await until(
    async () => {
      const { items } = await api.listCustomResourceDefinition();
      return items.every(isEstablished) ? true : undefined;
    },
    { what: 'the custom resource definitions to be established', server },
  );
  // Established is what is stored; the server serves a kind when its cache has heard of that.
  await Promise.all(
    definitions.flatMap(({ spec: { group, names, versions } }) =>
      versions
        .filter(({ served }) => served)
        .map(({ name: version }) =>
          until(
            () =>
              objects.listClusterCustomObject({
                group,
                version,
                plural: names.plural,
                limit: 1,
              }),
            {
              what: `${names.plural}.${group}/${version} to be served`,
              server,
            },
          ),
        ),
    ),
  );
}

function isEstablished({ status }: V1CustomResourceDefinition): boolean {
  const established = status?.conditions?.find(
    condition => condition.type === 'Established',
  );
  return established?.status === 'True';
}

export async function createNamespace(
  kubeConfig: KubeConfig,
  name: string,
): Promise<void> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name } } });
}

/** Creates fake nodes and waits until kwok has made all of them ready. */
export async function createNodes(
  kubeConfig: KubeConfig,
  nodes: readonly FakeNode[],
  server: ServerProcess,
): Promise<void> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  await Promise.all(
    nodes.map(node => core.createNode({ body: fakeNode(node) })),
  );
  await until(
    async () => {
      const { items } = await core.listNode({ labelSelector: 'type=kwok' });
      const ready = items.filter(({ status }) =>
        status?.conditions?.some(
          ({ type, status: value }) => type === 'Ready' && value === 'True',
        ),
      );
      return ready.length === nodes.length ? true : undefined;
    },
    { what: `${nodes.length} nodes to be ready`, server },
  );
}
