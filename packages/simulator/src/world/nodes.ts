// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { simulatedNodeLabel } from '../controllers/workloads/kubeletController';
import type { DemoCluster } from './demo/services';

/** The sites at the edge, in the order in which the company opened them. */
export const sites = [
  'venlo',
  'rotterdam',
  'hamburg',
  'gdansk',
  'oslo',
  'malmo',
  'lyon',
  'porto',
  'milan',
  'vienna',
  'leeds',
  'dublin',
] as const;

type Hardware =
  | 'server'
  | 'jetson-orin-nx'
  | 'raspberry-pi-4'
  | 'raspberry-pi-5';

/** A machine of a simulated cluster. */
export interface Machine {
  readonly name: string;
  readonly hardware: Hardware;
  readonly site?: string;
}

const shapes = {
  server: {
    architecture: 'amd64',
    cpu: '8',
    memory: '32Gi',
    device: undefined,
    system: 'Debian GNU/Linux 12 (bookworm)',
  },
  'jetson-orin-nx': {
    architecture: 'arm64',
    cpu: '8',
    memory: '16Gi',
    device: 'jetson',
    system: 'Ubuntu 22.04.4 LTS',
  },
  'raspberry-pi-4': {
    architecture: 'arm64',
    cpu: '4',
    memory: '4Gi',
    device: 'raspberry-pi',
    system: 'Debian GNU/Linux 12 (bookworm)',
  },
  'raspberry-pi-5': {
    architecture: 'arm64',
    cpu: '4',
    memory: '8Gi',
    device: 'raspberry-pi',
    system: 'Debian GNU/Linux 12 (bookworm)',
  },
} satisfies Record<Hardware, object>;

/** Newer sites have the newer board; the seed decides where the change fell. */
function boardOf(site: string, seed: number): Hardware {
  const [byte] = createHash('sha256').update(`${seed} ${site}`).digest();
  return byte % 2 === 0 ? 'raspberry-pi-4' : 'raspberry-pi-5';
}

/** The machines of a demo cluster. The same seed gives the same machines. */
export function machinesOf(
  cluster: DemoCluster,
  seed: number,
): readonly Machine[] {
  if (cluster === 'edge-production') {
    return sites.flatMap(site => [
      { name: `${site}-jetson-01`, hardware: 'jetson-orin-nx', site },
      { name: `${site}-pi-01`, hardware: boardOf(site, seed), site },
    ]);
  }
  if (cluster === 'edge-staging') {
    return [
      { name: 'lab-jetson-01', hardware: 'jetson-orin-nx', site: 'lab' },
      { name: 'lab-pi-01', hardware: 'raspberry-pi-4', site: 'lab' },
      { name: 'lab-pi-02', hardware: 'raspberry-pi-5', site: 'lab' },
    ];
  }
  return [1, 2, 3].map(number => ({
    name: `${cluster}-${number}`,
    hardware: 'server',
  }));
}

/** The labels of a machine's node: what every kubelet sets, and where and what it is at the edge. */
export function labelsOf({
  name,
  hardware,
  site,
}: Machine): Readonly<Record<string, string>> {
  const { architecture, device } = shapes[hardware];
  return {
    'kubernetes.io/arch': architecture,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': name,
    ...(site
      ? { 'causeway.dev/site': site, 'node-role.kubernetes.io/edge': '' }
      : {}),
    ...(device
      ? { 'causeway.dev/hardware': hardware, 'causeway.dev/device': device }
      : {}),
  };
}

/** A machine as the node its kubelet registers. `index` makes its address. */
export function nodeOf(
  machine: Machine,
  index: number,
): { metadata: object; status: object } {
  const { name } = machine;
  const { architecture, cpu, memory, system } = shapes[machine.hardware];
  const room = { cpu, memory, pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    metadata: {
      name,
      labels: { [simulatedNodeLabel]: 'true', ...labelsOf(machine) },
    },
    status: {
      capacity: room,
      allocatable: room,
      addresses: [
        {
          type: 'InternalIP',
          address: `10.20.${Math.floor(index / 250)}.${(index % 250) + 1}`,
        },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        architecture,
        operatingSystem: 'linux',
        osImage: system,
        kernelVersion:
          architecture === 'arm64' ? '6.6.20-edge' : '6.1.0-25-amd64',
        kubeletVersion: 'v1.36.3',
        kubeProxyVersion: 'v1.36.3',
        containerRuntimeVersion: 'containerd://2.1.0',
        machineID: createHash('sha256').update(name).digest('hex').slice(0, 32),
        systemUUID: '',
        bootID: '',
      },
    },
  };
}
