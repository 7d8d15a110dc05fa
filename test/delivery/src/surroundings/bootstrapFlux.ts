// SPDX-License-Identifier: Apache-2.0
import {
  AppsV1Api,
  CustomObjectsApi,
  KubernetesObjectApi,
  loadAllYaml,
  PatchStrategy,
  type KubeConfig,
  type KubernetesObject,
  type V1Deployment,
} from '@kubernetes/client-node';

/** What this suite reads of a Flux Kustomization. */
interface Kustomization extends KubernetesObject {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
  };
}

/** Applies what `flux bootstrap` leaves in the fleet repository; from there Flux deploys the rest by itself. */
export async function bootstrapFlux(
  cluster: string,
  config: KubeConfig,
  forge: string,
): Promise<void> {
  const path = `clusters/${cluster}/flux-system/gotk-sync.yaml`;
  const response = await fetch(
    `${forge}/api/v1/repos/norden/fleet/raw/${path}?ref=main`,
  );
  if (!response.ok) {
    throw new Error(`The fleet repository has no ${path}: ${response.status}`);
  }
  const api = KubernetesObjectApi.makeApiClient(config);
  const objects: KubernetesObject[] = loadAllYaml(await response.text());
  for (const object of objects) {
    await api.patch(
      object,
      undefined,
      undefined,
      'flux',
      true,
      PatchStrategy.ServerSideApply,
    );
  }
}

/** What is not yet as the fleet repository wants it, one sentence each. */
export async function unsettled(
  config: KubeConfig,
): Promise<readonly string[]> {
  const list = await config
    .makeApiClient(CustomObjectsApi)
    .listNamespacedCustomObject({
      group: 'kustomize.toolkit.fluxcd.io',
      version: 'v1',
      namespace: 'flux-system',
      plural: 'kustomizations',
    });
  const kustomizations: readonly Kustomization[] = list.items;
  const { items: deployments } = await config
    .makeApiClient(AppsV1Api)
    .listDeploymentForAllNamespaces();
  return [
    ...(kustomizations.length < 2 ? ['Flux has not applied its folder'] : []),
    ...kustomizations.flatMap(kustomization => problemOf(kustomization) ?? []),
    ...deployments
      .filter(deployment => !isComplete(deployment))
      .map(
        ({ metadata, status }) =>
          `Deployment ${metadata?.name} is not complete: ${JSON.stringify(
            status,
          )}`,
      ),
  ];
}

function problemOf({ metadata, status }: Kustomization): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const isReady =
    ready?.status === 'True' &&
    status?.observedGeneration === metadata?.generation;
  return isReady
    ? undefined
    : `Kustomization ${metadata?.name} is not ready: ${ready?.message}`;
}

function isComplete({ metadata, spec, status }: V1Deployment): boolean {
  const counts = [
    status?.replicas,
    status?.updatedReplicas,
    status?.availableReplicas,
  ];
  return (
    status?.observedGeneration === metadata?.generation &&
    counts.every(count => (count ?? 0) === spec?.replicas)
  );
}
