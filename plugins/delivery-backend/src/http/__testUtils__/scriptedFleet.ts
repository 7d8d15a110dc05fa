// SPDX-License-Identifier: Apache-2.0
import { usualLimits, type Telemetry } from '@causeway/plugin-delivery-common';
import { ScriptedCluster } from '../../clusters/testing/ScriptedCluster';
import { WatchedFleet } from '../../fleet/__testUtils__/WatchedFleet';

const leaseDuration = 40;
const paths = {
  nodes: '/api/v1/nodes',
  leases: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
  listedLeases: '/apis/coordination.k8s.io/v1/leases',
  pods: '/api/v1/pods',
  daemonSets: '/apis/apps/v1/daemonsets',
  devices: '/apis/devices.kubeedge.io/v1beta1/devices',
  models: '/apis/devices.kubeedge.io/v1beta1/devicemodels',
};

/** A device as its cluster tells of it. What is left out is not told. */
export interface ToldDevice {
  readonly cluster: string;
  readonly name: string;
  readonly site?: string;
  readonly title?: string;
  readonly hardware?: string;
  readonly version?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cordoned?: boolean;
  readonly quarantine?: string;
  /** Conditions that are true beside `Ready`, with their messages. */
  readonly troubles?: Readonly<Record<string, string>>;
  /** Seconds since it was heard of; `never` for one that has no lease and no conditions. */
  readonly silent?: number | 'never';
  /** Degrees. */
  readonly temperature?: number;
  /** Version of `belt` that runs on it, where one does. */
  readonly belt?: string;
  /** Since when that is ready. */
  readonly beltReady?: Date;
  /** KubeEdge holds it back until somebody at the device lets go. */
  readonly beltHeld?: boolean;
  /** Whether its voltage is too low now. */
  readonly undervolted?: boolean;
  /** What its twin reports. */
  readonly twin?: string;
}

/** Devices in clusters that say what a test wants, seen at one moment that does not go on. */
export class ScriptedFleet {
  readonly now = new Date();
  readonly #clusters: Readonly<Record<string, ScriptedCluster>>;
  readonly watched: WatchedFleet;

  private constructor(clusters: Readonly<Record<string, ScriptedCluster>>) {
    this.#clusters = clusters;
    this.watched = this.watch();
  }

  /**
   * The clusters as another portal sees them, with nothing in memory.
   * @param interval - milliseconds between two looks
   */
  watch(interval: number = 20): WatchedFleet {
    return WatchedFleet.start(
      Object.entries(this.#clusters).map(([name, cluster]) => ({
        ...cluster.details(name),
        token: cluster.token,
      })),
      {
        clock: () => this.now,
        interval,
        looksUntilSearch: 1,
        hardware: () => usualLimits,
      },
    );
  }

  /**
   * The workload `belt` is wanted in version 2 everywhere.
   * @param wanted - on how many nodes; not told when left out
   */
  static async start(
    devices: readonly ToldDevice[],
    wanted?: number,
  ): Promise<ScriptedFleet> {
    const clusters: Record<string, ScriptedCluster> = {};
    for (const { cluster } of devices) {
      clusters[cluster] ??= await ScriptedCluster.start(Object.values(paths));
    }
    for (const cluster of Object.values(clusters)) {
      cluster.put(paths.daemonSets, aBelt(wanted));
    }
    const fleet = new ScriptedFleet(clusters);
    for (const device of devices) fleet.tell(device);
    await fleet.watched.until(
      () => fleet.watched.fleet.size === devices.length,
    );
    for (const device of devices) fleet.#measure(device);
    return fleet;
  }

  /** What a cluster says of a device from now on. */
  tell(device: ToldDevice): void {
    const cluster = this.#clusters[device.cluster];
    cluster.put(paths.nodes, aNode(device));
    if (device.silent !== 'never') {
      const heard = this.now.getTime() - (device.silent ?? 0) * 1000;
      cluster.put(paths.leases, aLease(device.name, new Date(heard)));
    }
    if (device.belt !== undefined) {
      cluster.put(paths.pods, aPod(device));
    }
    if (device.twin !== undefined) {
      cluster.put(paths.devices, aTwin(device.name, device.twin));
    }
  }

  async stop(): Promise<void> {
    await this.watched.stop();
    await Promise.all(
      Object.values(this.#clusters).map(cluster => cluster.close()),
    );
  }

  #measure({ cluster, name, temperature, undervolted }: ToldDevice): void {
    if (temperature === undefined && undervolted === undefined) return;
    const told = { at: this.now.toISOString(), source: 'test' };
    const telemetry: Telemetry = {
      readings: {
        ...(temperature !== undefined && {
          temperature: { value: temperature, unit: '°C', ...told },
        }),
      },
      ...(undervolted !== undefined && {
        undervoltage: { now: undervolted, ...told },
      }),
    };
    this.watched.fleet.report(cluster, new Map([[name, telemetry]]));
  }
}

function aNode(device: ToldDevice) {
  const { name, site, title, hardware, version, quarantine } = device;
  const conditions = [
    { type: 'Ready', status: 'True' },
    ...Object.entries(device.troubles ?? {}).map(([type, message]) => ({
      type,
      status: 'True',
      message,
    })),
  ];
  return {
    metadata: {
      name,
      namespace: '',
      labels: {
        'node.kubernetes.io/instance-type': 'k3s',
        ...(site !== undefined && { 'causeway.dev/site': site }),
        ...(hardware !== undefined && { 'causeway.dev/hardware': hardware }),
        ...device.labels,
      },
      annotations: {
        ...(title !== undefined && { 'causeway.dev/site-title': title }),
        ...device.annotations,
      },
    },
    spec: {
      unschedulable: device.cordoned ?? false,
      ...(quarantine !== undefined && {
        taints: [{ key: 'causeway.dev/quarantine', value: quarantine }],
      }),
    },
    status: {
      conditions: device.silent === undefined ? conditions : [],
      nodeInfo: { kubeletVersion: version ?? 'v1.36.3+k3s1' },
    },
  };
}

function aLease(name: string, renewed: Date) {
  return {
    metadata: { name, namespace: 'kube-node-lease' },
    spec: {
      leaseDurationSeconds: leaseDuration,
      renewTime: renewed.toISOString(),
    },
  };
}

function aBelt(desiredNumberScheduled: number | undefined) {
  return {
    metadata: { name: 'belt', namespace: 'sorting' },
    spec: { template: { spec: { containers: [{ image: beltImage('2') }] } } },
    status: { desiredNumberScheduled },
  };
}

function aPod({ name: node, belt = '', beltReady, beltHeld }: ToldDevice) {
  return {
    metadata: {
      name: `belt-${node}`,
      namespace: 'sorting',
      ownerReferences: [{ kind: 'DaemonSet', name: 'belt' }],
    },
    spec: { nodeName: node, containers: [{ image: beltImage(belt) }] },
    status: beltHeld
      ? {
          phase: 'Pending',
          conditions: [
            {
              type: 'HeldUpgrade',
              status: 'True',
              reason: 'HoldUpgradeEnabled',
            },
          ],
        }
      : {
          phase: 'Running',
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              ...(beltReady && { lastTransitionTime: beltReady.toISOString() }),
            },
          ],
        },
  };
}

function aTwin(node: string, reported: string) {
  return {
    metadata: { name: node, namespace: 'sorting' },
    spec: { nodeName: node, properties: [{ name: 'lamp' }] },
    status: {
      twins: [{ propertyName: 'lamp', reported: { value: reported } }],
    },
  };
}

function beltImage(version: string): string {
  return `registry.norden.example/belt:${version}`;
}
