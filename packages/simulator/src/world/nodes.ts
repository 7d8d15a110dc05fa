// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { bootId } from '../controllers/nodes/nodeStatus';
import { simulatedNodeLabel } from '../controllers/workloads/kubeletController';
import type { Device, HardwareClass, Site } from '../devices/Device';
import { hardware as models } from '../devices/hardware';
import type { FleetPlan } from '../devices/planFleet';

/** What makes nodes of devices. */
export type EdgePlatform = 'k3s' | 'kubeedge';

/** A machine of a simulated cluster: a server of a cloud, or a device of the fleet. */
export interface Machine {
  readonly name: string;
  readonly hardware: 'server' | HardwareClass;
  readonly site?: Site;
  /** Of a device. Default `k3s`. */
  readonly platform?: EdgePlatform;
}

/** Clusters that are not at the edge have three servers. */
const serverNumbers = [1, 2, 3];

/** The machines of a cluster. The same plan gives the same machines. */
export function machinesOf(
  cluster: string,
  plan: Pick<FleetPlan, 'devicesOf'>,
  platform: EdgePlatform = 'k3s',
): readonly Machine[] {
  const devices: readonly Device[] = plan.devicesOf(cluster);
  if (devices.length > 0)
    return devices.map(device => ({ ...device, platform }));
  return serverNumbers.map(number => ({
    name: `${cluster}-${number}`,
    hardware: 'server',
  }));
}

/** The labels of a machine's node: what every kubelet sets, and where and what it is at the edge. */
export function labelsOf({
  name,
  hardware,
  site,
  platform = 'k3s',
}: Machine): Readonly<Record<string, string>> {
  return {
    'kubernetes.io/arch': hardware === 'server' ? 'amd64' : 'arm64',
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': name,
    ...(site && {
      'causeway.dev/site': site.name,
      'node-role.kubernetes.io/edge': '',
      'topology.kubernetes.io/region': site.country.toLowerCase(),
      'topology.kubernetes.io/zone': site.name,
    }),
    ...(hardware !== 'server' && {
      'causeway.dev/hardware': hardware,
      'causeway.dev/device':
        hardware === 'jetson-orin-nx' ? 'jetson' : 'raspberry-pi',
      ...(platform === 'k3s'
        ? { 'node.kubernetes.io/instance-type': 'k3s' }
        : { 'node-role.kubernetes.io/agent': '' }),
    }),
  };
}

/** Where a machine is, for maps: label values cannot hold it. Degrees north and east. */
function annotationsOf({ site }: Machine): Readonly<Record<string, string>> {
  if (!site) return {};
  const { latitude, longitude, title } = site;
  return {
    'causeway.dev/coordinates': `${latitude},${longitude}`,
    'causeway.dev/site-title': title,
  };
}

interface Shape {
  readonly cpu: string;
  readonly memory: string;
  readonly storage: string;
  readonly graphicsProcessors: number;
  readonly system: string;
  readonly kernel: string;
  readonly kubelet: string;
}

const server: Shape = {
  cpu: '8',
  memory: '32Gi',
  storage: '100Gi',
  graphicsProcessors: 0,
  system: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0-25-amd64',
  kubelet: 'v1.36.3',
};

/** Devices are a release behind their API servers. KubeEdge names the kubelet that it is built from, and itself. */
const kubelets: Readonly<Record<EdgePlatform, string>> = {
  k3s: 'v1.35.6+k3s1',
  kubeedge: 'v1.32.10-kubeedge-v1.23.0',
};

function shapeOf({ hardware, platform = 'k3s' }: Machine): Shape {
  if (hardware === 'server') return server;
  const { processors, memory, storage, ...model } = models[hardware];
  return {
    ...model,
    cpu: String(processors),
    memory: `${memory / 2 ** 30}Gi`,
    storage: `${storage / 2 ** 30}Gi`,
    kubelet: kubelets[platform],
  };
}

/** The address of the `index`-th machine of a cluster. */
function addressOf(index: number): string {
  const [a, b] = [Math.floor(index / 62_500), Math.floor(index / 250) % 250];
  return `10.${20 + a}.${b}.${(index % 250) + 1}`;
}

/** A machine as the node its kubelet registers. `index` makes its address. */
export function nodeOf(
  machine: Machine,
  index: number,
  bootedAt: Date,
): { metadata: object; status: object } {
  const { name } = machine;
  const labels = labelsOf(machine);
  const shape = shapeOf(machine);
  const room = {
    cpu: shape.cpu,
    memory: shape.memory,
    pods: '110',
    'ephemeral-storage': shape.storage,
    ...(shape.graphicsProcessors > 0 && {
      'nvidia.com/gpu': String(shape.graphicsProcessors),
    }),
  };
  return {
    metadata: {
      name,
      labels: { [simulatedNodeLabel]: 'true', ...labels },
      annotations: annotationsOf(machine),
    },
    status: {
      capacity: room,
      allocatable: room,
      addresses: [
        { type: 'InternalIP', address: addressOf(index) },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        architecture: labels['kubernetes.io/arch'],
        operatingSystem: 'linux',
        osImage: shape.system,
        kernelVersion: shape.kernel,
        kubeletVersion: shape.kubelet,
        kubeProxyVersion: shape.kubelet,
        containerRuntimeVersion: 'containerd://2.1.0',
        machineID: createHash('sha256').update(name).digest('hex').slice(0, 32),
        systemUUID: '',
        bootID: bootId(name, bootedAt),
      },
    },
  };
}
