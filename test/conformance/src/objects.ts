// SPDX-License-Identifier: Apache-2.0

/** Objects the tests create, with no more in them than the API asks for. */

export function configMap(
  name: string,
  data: Readonly<Record<string, string>> = {},
  metadata: object = {},
) {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, ...metadata },
    data,
  };
}

/** A pod that no scheduler and no kubelet takes care of. */
export function pod(name: string, metadata: object = {}, spec: object = {}) {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, ...metadata },
    spec: {
      schedulerName: 'nobody',
      containers: [{ name: 'main', image: 'registry.example/app:1.0.0' }],
      ...spec,
    },
  };
}

/** A deployment without replicas, so that its controller has nothing to do. */
export function deployment(name: string, spec: object = {}) {
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'registry.example/app:1.0.0',
              env: [{ name: 'MODE', value: 'plain' }],
              ports: [{ containerPort: 8080, name: 'http' }],
            },
          ],
        },
      },
      ...spec,
    },
  };
}

/** A workload of any kind that has a selector, with pods that do nothing. */
export function workload(
  name: string,
  spec: object = {},
  podSpec: object = {},
) {
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: 'main', image: 'registry.example/app:1.0.0' }],
          ...podSpec,
        },
      },
      ...spec,
    },
  };
}
