// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { RestoredObject } from '../../src/apiserver';
import { healthyConditions } from '../../src/controllers/nodes/nodeStatus';
import type { FleetPlan } from '../../src/devices/planFleet';
import { nodeOf } from '../../src/world/nodes';

/** What runs on every device: two agents of the platform and one service. */
const DAEMONS = ['node-exporter', 'edge-agent', 'parcel-vision'];
export const PODS_PER_DEVICE = DAEMONS.length;
/** Node, lease and pods. */
export const OBJECTS_PER_DEVICE = 2 + PODS_PER_DEVICE;
export const LEASES =
  '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

const REGISTRY = 'registry.norden.example';

/** All objects of the devices of one cluster, as they are when everything runs. */
export function* objectsOf(
  plan: FleetPlan,
  cluster: string,
  now: Date,
): Iterable<RestoredObject> {
  yield { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } };
  for (const [index, device] of plan.devicesOf(cluster).entries()) {
    const { metadata, status } = nodeOf(device, index, now);
    const { name } = device;
    const uid = uidOf(`${cluster}/${name}`);
    yield Object.assign(
      { apiVersion: 'v1', kind: 'Node' },
      {
        metadata: { ...metadata, name, uid },
        status: { ...status, conditions: healthyConditions(now) },
      },
    );
    yield leaseOf(name, uid, now);
    for (const daemon of DAEMONS) yield podOf(daemon, name, index, now);
  }
}

/** The sign of life of a node, as its kubelet writes it. */
export function leaseOf(name: string, uid: string, now: Date) {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: 40,
      renewTime: `${now.toISOString().slice(0, -1)}000Z`,
    },
  };
}

function podOf(daemon: string, node: string, index: number, now: Date) {
  const started = `${now.toISOString().slice(0, -5)}Z`;
  const image = `${REGISTRY}/${daemon}:2.7.3@sha256:${digest(daemon)}`;
  const address = `10.42.${Math.floor(index / 250) % 250}.${(index % 250) + 1}`;
  const name = `${daemon}-${digest(node).slice(0, 5)}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${index}`,
      generateName: `${daemon}-`,
      namespace: 'edge',
      labels: {
        'app.kubernetes.io/name': daemon,
        'controller-revision-hash': digest(image).slice(0, 9),
        'pod-template-generation': '1',
      },
    },
    spec: {
      nodeName: node,
      containers: [
        {
          name: daemon,
          image,
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [{ name: 'BROKER', value: 'mqtt://broker.edge.svc:1883' }],
          resources: { requests: { cpu: '50m', memory: '64Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
        },
      ],
    },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      startTime: started,
      hostIP: address,
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [
        'PodScheduled',
        'Initialized',
        'ContainersReady',
        'Ready',
      ].map(type => ({ type, status: 'True', lastTransitionTime: started })),
      containerStatuses: [
        {
          name: daemon,
          image,
          imageID: image,
          containerID: `containerd://${digest(name)}`,
          ready: true,
          started: true,
          restartCount: 0,
          state: { running: { startedAt: started } },
          lastState: {},
        },
      ],
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function uidOf(text: string): string {
  const hex = digest(text);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
