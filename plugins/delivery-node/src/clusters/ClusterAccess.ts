// SPDX-License-Identifier: Apache-2.0
import type {
  AuthenticationStrategy,
  KubernetesClustersSupplier,
} from '@backstage/plugin-kubernetes-node';

/**
 * The clusters of the portal's own `kubernetes` configuration, with the ways to sign in to them:
 * the final supplier and strategies, those of other modules included.
 *
 * @public
 */
export interface PortalClusters {
  /** Lists the configured clusters; needs credentials of a Backstage service or user. */
  readonly clusterSupplier: KubernetesClustersSupplier;
  /** By the cluster's `authMetadata['kubernetes.io/auth-provider']`. */
  readonly authStrategyMap: Readonly<Record<string, AuthenticationStrategy>>;
}

/**
 * Where the Kubernetes plugin leaves the portal's clusters for the delivery plugin.
 *
 * Both plugins start side by side, and the Kubernetes plugin may be missing, unconfigured or
 * broken. So a plugin must not wait for `provided` while it starts: the promise may never settle.
 *
 * @public
 */
export interface ClusterAccess {
  /** Hands the clusters over. Only the first call counts. */
  provide(clusters: PortalClusters): void;
  /** Resolves when the clusters were handed over; never rejects. */
  provided(): Promise<PortalClusters>;
}

/**
 * An empty hand-over point. The service makes one per backend; tests make their own.
 *
 * @public
 */
export function createClusterAccess(): ClusterAccess {
  let provide: (clusters: PortalClusters) => void = () => {};
  const provided = new Promise<PortalClusters>(resolve => {
    provide = resolve;
  });
  return { provide: clusters => provide(clusters), provided: () => provided };
}
