// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, listAt, objectAt, textAt } from '../objects';
import type { Json, JsonObject } from '../objects';

/** Fills in what the API server fills into every pod spec. */
export function podSpecDefaults(spec: JsonObject): JsonObject {
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...spec,
    ...(account !== undefined && {
      serviceAccountName: account,
      serviceAccount: account,
    }),
    ...(Array.isArray(spec.containers) && {
      containers: spec.containers.map(containerDefaults),
    }),
    ...(Array.isArray(spec.initContainers) && {
      initContainers: spec.initContainers.map(containerDefaults),
    }),
  };
}

/** The pod template of a workload, with the defaults of a pod. */
export function templateDefaults(template: Json | undefined): JsonObject {
  const given = objectAt(template);
  return {
    ...given,
    metadata: objectAt(given, 'metadata'),
    spec: podSpecDefaults(objectAt(given, 'spec')),
  };
}

function containerDefaults(container: Json): Json {
  if (!isJsonObject(container)) return container;
  const image = textAt(container, 'image');
  return {
    imagePullPolicy: pullPolicyOf(image),
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...(Array.isArray(container.ports) && {
      ports: listAt(container, 'ports').map(port =>
        isJsonObject(port) ? { protocol: 'TCP', ...port } : port,
      ),
    }),
    ...probeDefaults(container),
  };
}

/** `latest` and untagged images are pulled again, fixed ones are not. */
function pullPolicyOf(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function probeDefaults(container: JsonObject): JsonObject {
  const probes: JsonObject = {};
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = container[name];
    if (!isJsonObject(probe)) continue;
    probes[name] = {
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
      ...probe,
      ...(isJsonObject(probe.httpGet) && {
        httpGet: { scheme: 'HTTP', ...probe.httpGet },
      }),
    };
  }
  return probes;
}
