// SPDX-License-Identifier: Apache-2.0
import { Machines } from '../nodes/Machines';
import { Cluster, RunningController } from '../runtime/Cluster';
import { isStatus } from '../runtime/KubernetesError';
import { keyOf } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import {
  Device,
  deviceModels,
  devices,
  DeviceStatus,
  deviceStatuses,
  TwinStatus,
} from './deviceObjects';
import { reportCycleOf, reportTwins, twinDeviceOf } from './reportTwins';
import { TwinSource } from './TwinSource';

/** Where twins are kept: in the device, as up to KubeEdge 1.22, or in an object of their own, as from 1.23 on. */
export type TwinLayout = 'device' | 'deviceStatus';

/** What device twins are made from. */
export interface DeviceSettings {
  readonly twins: TwinSource;
  readonly twinLayout: TwinLayout;
  readonly machines: Machines;
}

class DeviceController {
  readonly #models;
  readonly #statuses;

  constructor(
    private readonly cluster: Cluster,
    private readonly settings: DeviceSettings,
    private readonly informer = cluster.informers.of(devices),
  ) {
    this.#models = cluster.informers.of(deviceModels);
    this.#statuses =
      settings.twinLayout === 'deviceStatus'
        ? cluster.informers.of(deviceStatuses)
        : undefined;
  }

  /** One report of a device, if its node can reach the cloud. */
  async report(key: string): Promise<NextVisit> {
    const device = this.informer.get(key);
    const place = device && twinDeviceOf(device);
    if (!device || !place) return undefined;
    const { machines, twins } = this.settings;
    const after = reportCycleOf(device);
    // What an unreachable node sees is said when it is back: its last state.
    if (!machines.isConnected(place.node)) return { after };
    const { namespace } = device.metadata;
    const model = this.#models.get(
      keyOf({ namespace, name: device.spec.deviceModelRef?.name ?? '' }),
    );
    const own = this.#statuses?.get(key);
    const said = this.#statuses ? own?.status : device.status;
    const now = this.cluster.scheduler.now();
    const skewed = new Date(now.getTime() + machines.clockSkew(place.node));
    const status = reportTwins(device, model, said, twins, skewed);
    await this.#send(device, own, status);
    return { after };
  }

  /** The kinds of devices have no status subresource: the object itself is patched. */
  async #send(
    device: Device,
    own: DeviceStatus | undefined,
    status: TwinStatus,
  ): Promise<void> {
    const { client } = this.cluster;
    if (!this.#statuses) {
      await client.patch(devices, device.metadata, { status });
      return;
    }
    if (own) {
      await client.patch(deviceStatuses, own.metadata, { status });
      return;
    }
    const { namespace, name, uid } = device.metadata;
    try {
      await client.create(deviceStatuses, namespace, {
        metadata: {
          name,
          ownerReferences: [
            {
              apiVersion: devices.apiVersion,
              kind: devices.kind,
              name,
              uid,
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        },
        spec: {},
        status,
      });
    } catch (error) {
      // The cache has not met what an earlier report has made.
      if (!isStatus(error, 409)) throw error;
    }
  }
}

/** Plays the device side of KubeEdge: what mappers and cloudcore write of device twins. */
export function startDeviceController(
  cluster: Cluster,
  settings: DeviceSettings,
): RunningController {
  const informer = cluster.informers.of(devices);
  const controller = new DeviceController(cluster, settings);
  const queue = new WorkQueue({
    name: 'device',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.report(key),
  });
  informer.onChange((device, previous) => {
    if (!device) {
      if (previous) queue.forget(keyOf(previous.metadata));
      return;
    }
    // Its own reports are no news.
    if (!sameWish(device, previous)) queue.add(keyOf(device.metadata));
  });
  return { stop: () => queue.stop() };
}

function sameWish(device: Device, previous: Device | undefined): boolean {
  return JSON.stringify(device.spec) === JSON.stringify(previous?.spec);
}
