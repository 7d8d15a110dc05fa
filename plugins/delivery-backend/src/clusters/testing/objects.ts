// SPDX-License-Identifier: Apache-2.0
import type { Target } from '@causeway/plugin-delivery-common';

/** Objects as an API server sends them, with the ballast that must not be kept. */

const ballast = {
  managedFields: [{ manager: 'kustomize-controller', operation: 'Apply' }],
  annotations: {
    'kubectl.kubernetes.io/last-applied-configuration': '{"secret":"ballast"}',
  },
};

export function aDeployment(name = 'parcel-vision', tag = '2.8.1') {
  return {
    metadata: { name, namespace: 'sorting', generation: 1, ...ballast },
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: 'app',
              image: `registry.norden.example/${name}:${tag}`,
              env: [{ name: 'PASSWORD', value: 'ballast' }],
            },
          ],
        },
      },
    },
    status: {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      conditions: [
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
        },
      ],
    },
  };
}

const revision = `main@sha1:${'a'.repeat(40)}`;

export function aKustomization(name = 'parcel-vision') {
  return {
    metadata: { name, namespace: 'flux-system', generation: 1, ...ballast },
    spec: {
      sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: 'sources' },
    },
    status: {
      lastAppliedRevision: revision,
      conditions: [
        { type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded' },
      ],
    },
  };
}

export function aGitRepository() {
  return {
    metadata: {
      name: 'fleet',
      namespace: 'sources',
      generation: 1,
      ...ballast,
    },
    spec: { url: 'http://forge.norden.example/norden/fleet' },
    status: {
      artifact: { revision },
      conditions: [{ type: 'Ready', status: 'True', reason: 'Succeeded' }],
    },
  };
}

export function aTarget(cluster: string, name = 'parcel-vision'): Target {
  return {
    cluster,
    path: `services/${name}/overlays/${cluster}`,
    kustomization: { namespace: 'flux-system', name },
    workload: { kind: 'Deployment', namespace: 'sorting', name },
  };
}
