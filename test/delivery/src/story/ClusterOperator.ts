// SPDX-License-Identifier: Apache-2.0
import {
  KubernetesObjectApi,
  PatchStrategy,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { kubeConfigOf } from '../surroundings/kubeConfigOf';
import type { ClusterAddress } from '../surroundings/Surroundings';

/** What an operator does to a cluster by kubectl and the flux command line, past the portal. */
export class ClusterOperator {
  readonly #api: KubernetesObjectApi;

  constructor(cluster: ClusterAddress) {
    this.#api = KubernetesObjectApi.makeApiClient(kubeConfigOf(cluster));
  }

  /** `flux suspend kustomization` and `flux resume kustomization`. */
  async suspend(kustomization: string, suspend: boolean): Promise<void> {
    await this.#patch({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: kustomization, namespace: 'flux-system' },
      spec: { suspend },
    });
  }

  /** `flux reconcile source git fleet`: looks at Git now instead of at the next interval. */
  async fetchNow(): Promise<void> {
    await this.#patch({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: {
        name: 'fleet',
        namespace: 'flux-system',
        annotations: {
          'reconcile.fluxcd.io/requestedAt': new Date().toISOString(),
        },
      },
    });
  }

  #patch(
    object: KubernetesObject & { readonly spec?: object },
  ): Promise<KubernetesObject> {
    return this.#api.patch(
      object,
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    );
  }
}
