// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { HostCluster } from '../../clusters/ClusterGuest';
import {
  failed,
  type Answer,
  type ClusterTransport,
  type ListPage,
  type WatchSign,
} from '../../clusters/ClusterTransport';
import { defaultWatchLimits } from '../../clusters/KindWatch';

const hardware = ['jetson-orin-nx', 'raspberry-pi-4', 'raspberry-pi-5'];
const podsPerNode = 4;

/** What a generated cluster is like. */
export interface GeneratedFleet {
  readonly devices: number;
  readonly clusters: number;
  readonly sites: number;
}

/**
 * An API server that holds nothing: it makes the objects of a cluster when they are listed, as JSON
 * that is parsed again, so that what is kept of them is what is kept of a real answer.
 */
export class GeneratedCluster implements ClusterTransport {
  readonly name: string;
  readonly #nodes: readonly string[];
  #push: ((sign: WatchSign) => void) | undefined;
  #version = 1;

  constructor(
    private readonly fleet: GeneratedFleet,
    private readonly index: number,
    private readonly clock: () => Date,
  ) {
    this.name = `edge-${index}`;
    const perCluster = Math.round(fleet.devices / fleet.clusters);
    this.#nodes = Array.from(
      { length: perCluster },
      (_, at) => `device-${index}-${at}`,
    );
  }

  host(): HostCluster {
    const deployments = new Map();
    return {
      name: this.name,
      title: this.name,
      transport: this,
      limits: { ...defaultWatchLimits, silence: 1e12 },
      clock: this.clock,
      deployments: () => deployments,
    };
  }

  /** Renews the leases of a share of the nodes, from the first on. */
  beat(share: number): number {
    const count = Math.round(this.#nodes.length * share);
    for (let at = 0; at < count; at++) {
      this.#version += 1;
      this.#push?.({ type: 'modified', object: parsed(this.#lease(at)) });
    }
    return count;
  }

  async list(path: string): Promise<Answer<ListPage>> {
    const items = this.#objects(path);
    return items
      ? { ok: true, value: { items, resourceVersion: '1' } }
      : failed('missing', 'The cluster does not serve it.');
  }

  async watch(
    path: string,
    _version: string,
    signal: AbortSignal,
  ): Promise<Answer<AsyncIterable<WatchSign>>> {
    return {
      ok: true,
      value: path.endsWith('/leases') ? this.#signs(signal) : silence(signal),
    };
  }

  async probe(): Promise<Answer<undefined>> {
    return { ok: true, value: undefined };
  }

  async get(): Promise<Answer<unknown>> {
    return failed('missing', 'Nothing is read one by one.');
  }

  async patch(): Promise<Answer<undefined>> {
    return failed('forbidden', 'Nothing is written.');
  }

  close(): void {
    this.#push = undefined;
  }

  async *#signs(signal: AbortSignal): AsyncGenerator<WatchSign> {
    const waiting: WatchSign[] = [];
    const bell = new EventTarget();
    this.#push = sign => {
      waiting.push(sign);
      bell.dispatchEvent(new Event('ring'));
    };
    signal.addEventListener('abort', () =>
      bell.dispatchEvent(new Event('ring')),
    );
    while (!signal.aborted) {
      yield* waiting.splice(0);
      if (waiting.length === 0) await once(bell, 'ring');
    }
  }

  #objects(path: string): readonly unknown[] | undefined {
    const each = (make: (at: number) => object) =>
      this.#nodes.map((_, at) => parsed(make(at)));
    if (path.endsWith('/nodes')) return each(at => this.#node(at));
    if (path.endsWith('/leases')) return each(at => this.#lease(at));
    if (path.endsWith('/daemonsets')) {
      return Array.from({ length: podsPerNode }, (_, at) =>
        parsed(daemonSet(at)),
      );
    }
    if (!path.endsWith('/pods')) return undefined;
    return this.#nodes.flatMap(node =>
      Array.from({ length: podsPerNode }, (_, at) => parsed(pod(node, at))),
    );
  }

  #lease(at: number): object {
    return {
      metadata: {
        name: this.#nodes[at],
        namespace: 'kube-node-lease',
        resourceVersion: String(this.#version),
      },
      spec: {
        holderIdentity: this.#nodes[at],
        leaseDurationSeconds: 40,
        renewTime: this.clock().toISOString(),
      },
    };
  }

  #node(at: number): object {
    const perCluster = Math.max(1, this.fleet.sites / this.fleet.clusters);
    const site = Math.floor(this.index * perCluster + (at % perCluster));
    const name = this.#nodes[at];
    const kind = hardware[at % hardware.length];
    return {
      metadata: {
        name,
        resourceVersion: '1',
        labels: {
          'beta.kubernetes.io/instance-type': 'k3s',
          'causeway.dev/hardware': kind,
          'causeway.dev/site': `site-${site}`,
          'kubernetes.io/arch': 'arm64',
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'node-role.kubernetes.io/edge': '',
          'node.kubernetes.io/instance-type': 'k3s',
          'topology.kubernetes.io/zone': `site-${site}`,
        },
        annotations: {
          'causeway.dev/coordinates': `${(site % 40) + 30}.${site % 97},${
            (site % 60) - 20
          }.${site % 89}`,
          'k3s.io/node-args': '["agent","--server","https://edge:6443"]',
          'k3s.io/internal-ip': '10.0.0.1',
        },
      },
      spec: {},
      status: {
        allocatable: kind === hardware[0] ? { 'nvidia.com/gpu': '1' } : {},
        conditions: [
          'MemoryPressure',
          'DiskPressure',
          'PIDPressure',
          'Ready',
        ].map(type => ({
          type,
          status: type === 'Ready' ? 'True' : 'False',
          reason: `Kubelet${type}`,
          message: `kubelet says ${type}`,
          lastHeartbeatTime: this.clock().toISOString(),
          lastTransitionTime: '2026-06-01T08:00:00Z',
        })),
        nodeInfo: {
          architecture: 'arm64',
          containerRuntimeVersion: 'containerd://2.1.0',
          kernelVersion: '6.6.62',
          kubeletVersion: 'v1.36.3+k3s1',
          osImage: 'Debian GNU/Linux 12 (bookworm)',
        },
      },
    };
  }
}

async function* silence(signal: AbortSignal): AsyncGenerator<WatchSign> {
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve());
  });
}

function imageOf(at: number): string {
  return `registry.example/service-${at}:1.0.${at}`;
}

function daemonSet(at: number): object {
  return {
    metadata: {
      name: `service-${at}`,
      namespace: 'edge',
      resourceVersion: '1',
    },
    spec: { template: { spec: { containers: [{ image: imageOf(at) }] } } },
  };
}

function pod(node: string, at: number): object {
  return {
    metadata: {
      name: `service-${at}-${node}`,
      namespace: 'edge',
      resourceVersion: '1',
      ownerReferences: [
        { kind: 'DaemonSet', name: `service-${at}`, controller: true },
      ],
    },
    spec: {
      nodeName: node,
      containers: [{ name: 'main', image: imageOf(at), env: [{ name: 'A' }] }],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        { name: 'main', restartCount: 0, state: { running: {} } },
      ],
    },
  };
}

function parsed(object: object): unknown {
  return JSON.parse(JSON.stringify(object));
}
