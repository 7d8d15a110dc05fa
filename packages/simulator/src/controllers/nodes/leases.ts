// SPDX-License-Identifier: Apache-2.0
import { KubernetesObject, Resource } from '../runtime/resources';

/** The sign of life of a node. */
export interface Lease extends KubernetesObject {
  readonly spec?: { readonly renewTime?: string };
}

export const leases: Resource<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** A lease lasts so many heartbeats: 40 seconds of the usual ones. */
const heartbeatsPerLease = 4;

/** Where the leases of nodes are kept, each under the name of its node. */
export const leaseNamespace = 'kube-node-lease';

/**
 * The lease that a kubelet makes for its node. `heartbeatInterval` is in
 * milliseconds, `renewTime` as of {@link microTimestamp}.
 */
export function firstLease(
  { name, uid }: { readonly name: string; readonly uid: string },
  heartbeatInterval: number,
  renewTime: string,
) {
  return {
    metadata: {
      name,
      namespace: leaseNamespace,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: Math.ceil(
        (heartbeatInterval * heartbeatsPerLease) / 1000,
      ),
      renewTime,
    },
  };
}
