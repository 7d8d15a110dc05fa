// SPDX-License-Identifier: Apache-2.0
import type { V1Node } from '@kubernetes/client-node';

/** What a fake node looks like from outside. */
export interface FakeNode {
  readonly name: string;
  /** `arm64` when left out, as on most edge devices. */
  readonly architecture?: 'amd64' | 'arm64';
  /** Labels beside those that every kubelet sets. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * A Node that kwok brings up: its label `type=kwok` hands it over. Taking that
 * label off stops the node's lease, and with it everything the node reports.
 */
export function fakeNode({
  name,
  architecture = 'arm64',
  labels,
}: FakeNode): V1Node {
  const resources = { cpu: '4', memory: '8Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...labels,
        type: 'kwok',
      },
    },
    status: {
      allocatable: resources,
      capacity: resources,
      nodeInfo: {
        architecture,
        bootID: '',
        containerRuntimeVersion: 'containerd://2.1.0',
        kernelVersion: '6.1.0',
        kubeletVersion: 'v1.36.3',
        kubeProxyVersion: '',
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 12',
        systemUUID: '',
      },
    },
  };
}
