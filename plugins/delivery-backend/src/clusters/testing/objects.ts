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
        metadata: { labels: { 'app.kubernetes.io/name': name } },
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

/** A Rollout in the middle of its second version, routed by a mesh. */
export function aRollout(name = 'parcel-vision', tag = '2.8.1') {
  const { image } = aDeployment(name, tag).spec.template.spec.containers[0];
  return {
    metadata: {
      name,
      namespace: 'sorting',
      generation: 3,
      ...ballast,
      annotations: {
        ...ballast.annotations,
        'rollout.argoproj.io/revision': '2',
      },
    },
    spec: {
      replicas: 2,
      template: { spec: { containers: [{ name: 'app', image }] } },
      strategy: {
        canary: {
          trafficRouting: { maxTrafficWeight: 1000, istio: {} },
          steps: [
            { setWeight: 50 },
            { pause: { duration: 30 } },
            { setCanaryScale: { weight: 25 } },
            { pause: { duration: '1h' } },
            { analysis: { templates: [{ templateName: 'errors' }] } },
            { experiment: { templates: [] } },
            { pause: {} },
          ],
        },
      },
    },
    status: {
      observedGeneration: '3',
      phase: 'Paused',
      message: 'CanaryPauseStep',
      controllerPause: true,
      pauseConditions: [
        { reason: 'CanaryPauseStep', startTime: '2026-08-20T14:00:00Z' },
      ],
      currentStepIndex: 1,
      currentPodHash: '5f8d7c',
      stableRS: '9b6c4d',
      canary: {
        weights: {
          canary: { weight: 50, podTemplateHash: '5f8d7c' },
          stable: { weight: 950, podTemplateHash: '9b6c4d' },
        },
        currentBackgroundAnalysisRunStatus: {
          name: 'parcel-vision-5f8d7c-2',
          status: 'Running',
        },
      },
      blueGreen: {},
      duration: { rolloutStartedAt: '2026-08-20T13:59:00Z' },
      replicas: 3,
      updatedReplicas: 1,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: [
        { type: 'Progressing', status: 'Unknown', reason: 'RolloutPaused' },
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
